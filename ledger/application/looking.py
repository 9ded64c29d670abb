"""Who was shown what of which patient? It is kept before they are answered, or they are not.

`keep_look` is for every method that answers with something of a patient whose number the caller
sent or is shown: it comes last, so that what is refused is no look (docs/adr/0035).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine

from ledger.application.records import LookRecord
from ledger.application.scopes import checked_number
from ledger.application.standpoint import Standpoint
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.identifiers import without_nhs_numbers
from ledger.domain.looks import Errand, Shown, Way
from ledger.domain.refusals import NotAllowed
from ledger.projections.statements import practices_that_told
from ledger.store.bulk import chunks
from ledger.store.log import head
from ledger.store.looked_at import Met, is_stranger, met, sorted_once, stranger
from ledger.store.looks import (
    KeptLook,
    LooksTogether,
    NewLook,
    WantedLooks,
    append_looks,
    found_looks,
)


class Looking(Standpoint):
    """Keeps looks, and tells who looked."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        operator: str = OPERATOR.name,
        looks: LooksTogether | None = None,
    ) -> None:
        """`operator`: who has the machine, for what is asked at the command line. `looks` commits
        those of many callers at once; without it each commits alone.
        """
        super().__init__(engine, clock=clock)
        self._operator = operator
        self._looks = looks
        # A command is one request.
        self._command = Errand(Way.COMMAND, str(uuid4()))

    def keep_look(
        self, shown: Shown, patients: Mapping[UUID, Collection[str]], *, at: int, by: Caller
    ) -> None:
        """Keep that `by` is shown this of these patients, each with the practices that it concerns,
        as known at position `at`. Durable when it returns; nothing where there is nobody to see.
        """
        seen = {str(patient): sorted_once(told, ()) for patient, told in patients.items()}
        self._keep(shown, seen, at=at, by=by)

    def keep_look_by_number(
        self, shown: Shown, numbers: Mapping[str, Collection[str]], *, at: int, by: Caller
    ) -> None:
        """The same of NHS numbers, known to the ledger or not, each with the practices that the
        answer names; those whose systems told of the number are added.
        """
        if not numbers:
            return
        with self.engine.begin() as connection:
            asked = self.met(connection, numbers)
        self.keep_look_at_met(shown, asked, numbers, at=at, by=by)

    def keep_look_at_met(
        self,
        shown: Shown,
        asked: Met,
        numbers: Mapping[str, Collection[str]],
        *,
        at: int,
        by: Caller,
    ) -> None:
        """The same where it was asked already whose these numbers are."""
        told = asked.practices
        seen = {
            asked.stands_as(number): sorted_once(told.get(number, ()), named)
            if named
            else told.get(number, ())
            for number, named in numbers.items()
        }
        self._keep(shown, seen, at=at, by=by)

    def keep_look_at_all(
        self, shown: Shown, practices: Collection[str] | None, *, at: int, by: Caller
    ) -> None:
        """Keep that `by` is shown this of all patients whom these practices know; None: of everybody.

        It stands without the patients, who are as many as there are.
        """
        self._append([self._look(shown, practices or (), [], at=at, by=by)])

    def met(self, connection: Connection, numbers: Collection[str]) -> Met:
        """Whose these numbers are, with the practices that told of the patient or an entry. To be
        committed: what hashes unknown numbers is made when it is first asked for.
        """
        asked = met(connection, numbers)
        told = practices_that_told(connection, asked.patients.values())
        added = {
            number: sorted_once(asked.practices.get(number, ()), told[patient])
            for number, patient in asked.patients.items()
            if patient in told
        }
        return asked._replace(practices={**asked.practices, **added})

    def _keep(
        self, shown: Shown, patients: Mapping[str, tuple[str, ...]], *, at: int, by: Caller
    ) -> None:
        own = by.practices if by.role is Role.CONTROLLER else None
        together: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for patient, practices in patients.items():
            # What else a controller's patient is known at is not theirs to see, nor whose look
            # this was the other practice's.
            concerned = practices if own is None else tuple(p for p in practices if p in own)
            together[concerned].append(patient)
        looks = [
            self._look(shown, practices, seen, at=at, by=by)
            for practices, everyone in sorted(together.items())
            for seen in chunks(everyone)
        ]
        if looks:
            self._append(looks)

    def _look(
        self,
        shown: Shown,
        practices: Collection[str],
        patients: Sequence[str],
        *,
        at: int,
        by: Caller,
    ) -> NewLook:
        errand = by.errand or self._command
        who = self._operator if by.errand is None else by.name
        return NewLook(
            request=errand.request,
            way=errand.way.value,
            who=without_nhs_numbers(who),
            role=by.role.value,
            acting_for=sorted(by.practices),
            shown=shown.value,
            spoke_of=at,
            practices=sorted(practices),
            patients=patients,
            reason=errand.reason,
        )

    def _append(self, looks: Sequence[NewLook]) -> None:
        if self._looks is not None:
            self._looks.append(looks)
            return
        with self.engine.begin() as connection:
            append_looks(connection, looks)

    def looks(
        self,
        *,
        practice: str | None = None,
        who: str | None = None,
        shown: str | None = None,
        nhs_number: str | None = None,
        limit: int = 100_000,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[LookRecord]:
        """Who looked, the newest first. An auditor sees all; a controller the looks at patients of
        their own practices. Asking by a patient's number is a look at them too.
        """
        by.must_be(Role.CONTROLLER, Role.AUDITOR)
        by = self.acting_for(by)
        if practice is not None:
            by.must_see(practice)
        seen = by.practices if by.role is Role.CONTROLLER else None
        only, known_at = (None, ()) if nhs_number is None else self._one(nhs_number, by)
        wanted = WantedLooks(
            practices=seen if practice is None else [practice],
            who=who,
            shown=shown,
            patients=only,
            known_at=known_at,
        )
        with self.engine.connect() as connection:
            at = head(connection).position
            found = found_looks(connection, wanted, limit=limit, offset=offset)
        if nhs_number is not None:
            self.keep_look_by_number(Shown.LOOKS, {checked_number(nhs_number): ()}, at=at, by=by)
        return [_record(look, practices=seen, only=only) for look in found]

    def _one(self, number: str, by: Caller) -> tuple[frozenset[UUID], Collection[str]]:
        """All that may stand in looks for the patient with this number; and the practices that the
        number is known at.
        """
        usable = checked_number(number)
        with self.engine.begin() as connection:
            asked = self.met(connection, [usable])
        practices = asked.practices.get(usable, ())
        if by.role is Role.CONTROLLER and not by.practices.intersection(practices):
            raise NotAllowed(
                "that is no patient of your practice: "
                "a controller may ask only who looked at their own patients"
            )
        # The hash is for looks from before the ledger had heard of them.
        stands = {asked.stands_as(usable), stranger(usable, key=asked.key)}
        return frozenset(map(UUID, stands)), practices


def _record(
    look: KeptLook, *, practices: Collection[str] | None, only: Collection[UUID] | None
) -> LookRecord:
    """A look as this caller may see it: of their practices, and of the patient they asked for."""
    seen: Sequence[UUID] = [p for p in look.patients if only is None or p in only]
    told = look._asdict() | {
        "at_all": not look.patients,
        "practices": [p for p in look.practices if practices is None or p in practices],
        "patients": [patient for patient in seen if not is_stranger(patient)],
        "unknown": sum(is_stranger(patient) for patient in seen),
    }
    return LookRecord(**told)
