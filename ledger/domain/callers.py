"""Who is asking, and what they may see or do."""

from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.looks import Errand
from ledger.domain.refusals import NotAllowed


class Role(StrEnum):
    """What a caller is to the ledger; the scope of a bearer token."""

    CONTROLLER = "controller"
    AUDITOR = "auditor"
    EXTRACT = "extract"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a role; `practices` are the ODS codes they may act for.

    A third-party system's `name` is its id: what practices pair with, and what its events bear.
    `errand` is None at the command line, where the ledger knows by itself who has the machine.
    """

    name: str
    role: Role
    practices: frozenset[str] = frozenset()
    errand: Errand | None = None

    def must_be(self, *roles: Role) -> None:
        """Refuse a caller of any other role."""
        if self.role not in roles:
            wanted = " or ".join(roles)
            raise NotAllowed(f"this needs the role {wanted}; the token's is {self.role}")

    def must_see(self, practice: str) -> None:
        """Refuse who may not see this practice: an auditor sees all, a controller their own."""
        self.must_be(Role.CONTROLLER, Role.AUDITOR)
        if self.role is Role.CONTROLLER and practice not in self.practices:
            raise NotAllowed(f"the token does not act for practice {practice}")

    def must_act_for(self, practice: str) -> None:
        """Refuse who may not write for this practice."""
        self.must_be(Role.CONTROLLER, Role.SYSTEM)
        if practice not in self.practices:
            raise NotAllowed(f"the token does not act for practice {practice}")

    def must_control(self, practice: str) -> None:
        """Refuse whoever is not the practice's data controller: no system answers for it."""
        self.must_be(Role.CONTROLLER)
        self.must_act_for(practice)

    def sees_patients_of(self, practice: str | None) -> bool:
        """Whether the NHS numbers in a practice's findings may be shown to this caller."""
        return self.role is Role.AUDITOR or (
            self.role is Role.CONTROLLER and practice in self.practices
        )


# Whoever has the machine: the command line sees all, as the database's owner does.
OPERATOR = Caller("operator", Role.AUDITOR)


def on_the_word_of(practice: str) -> Caller:
    """The operator, when they do at the command line what the practice's controller asked for."""
    return Caller(OPERATOR.name, Role.CONTROLLER, frozenset({practice}))
