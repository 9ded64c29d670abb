"""Who was shown what of which patient? It is kept before they are answered, or they are not.

`keep_look` is for every method that answers with something of a patient whose number the caller
sent or is shown: it comes last, so that what is refused is no look (docs/adr/0035).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import Engine

from ledger.application.records import LookRecord
from ledger.application.standpoint import Standpoint
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.identifiers import usable_nhs_number, without_nhs_numbers
from ledger.domain.looks import Errand, Shown, Way
from ledger.domain.refusals import NotAFact, NotAllowed
from ledger.projections.statements import practices_that_told
from ledger.store.identities import met
from ledger.store.log import head
from ledger.store.looks import (
    KeptLook,
    LooksTogether,
    NewLook,
    WantedLooks,
    append_looks,
    found_looks,
    is_stranger,
    strangers,
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
        own = by.practices if by.role is Role.CONTROLLER else None
        together: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
        for patient, practices in patients.items():
            # What else a controller's patient is known at is not theirs to see, nor whose look
            # this was the other practice's.
            concerned = practices if own is None else own.intersection(practices)
            together[tuple(sorted(concerned))].append(patient)
        errand = by.errand or self._command
        who = self._operator if by.errand is None else by.name
        looks = [
            NewLook(
                request=errand.request,
                way=errand.way.value,
                who=without_nhs_numbers(who),
                role=by.role.value,
                acting_for=sorted(by.practices),
                shown=shown.value,
                spoke_of=at,
                practices=practices,
                patients=seen,
                reason=errand.reason,
            )
            for practices, seen in sorted(together.items())
        ]
        if not looks:
            return
        if self._looks is not None:
            self._looks.append(looks)
            return
        with self.engine.begin() as connection:
            append_looks(connection, looks)

    def keep_look_by_number(
        self,
        shown: Shown,
        numbers: Mapping[str, Collection[str]],
        *,
        at: int,
        by: Caller,
    ) -> None:
        """The same of NHS numbers, known to the ledger or not, each with the practices that the
        answer names; those whose systems told of the number are added.
        """
        asked = self._met(numbers)
        seen = {patient: practices.union(numbers[n]) for n, (patient, practices) in asked.items()}
        self.keep_look(shown, seen, at=at, by=by)

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
        only = None if nhs_number is None else self._one(nhs_number, by)
        wanted = WantedLooks(
            practices=seen if practice is None else [practice],
            who=who,
            shown=shown,
            patients=only,
        )
        with self.engine.connect() as connection:
            at = head(connection).position
            found = found_looks(connection, wanted, limit=limit, offset=offset)
        if nhs_number is not None:
            self.keep_look_by_number(Shown.LOOKS, {_usable(nhs_number): ()}, at=at, by=by)
        return [_record(look, practices=seen, only=only) for look in found]

    def _one(self, number: str, by: Caller) -> frozenset[UUID]:
        """All that may stand in looks for the patient with this number."""
        usable = _usable(number)
        (patient, practices), *_ = self._met([usable]).values()
        if by.role is Role.CONTROLLER and not practices & by.practices:
            raise NotAllowed(
                "that is no patient of your practice: "
                "a controller may ask only who looked at their own patients"
            )
        with self.engine.begin() as connection:
            # The hash is for looks from before the ledger had heard of them.
            return frozenset({patient, *strangers(connection, [usable]).values()})

    def _met(self, numbers: Collection[str]) -> dict[str, tuple[UUID, set[str]]]:
        """What stands for these numbers, and the practices that told of the patient or an entry."""
        with self.engine.begin() as connection:
            asked = met(connection, numbers)
            unknown = strangers(connection, [n for n, known in asked.items() if not known.patient])
            patients = [known.patient for known in asked.values() if known.patient]
            told = practices_that_told(connection, patients)
        return {
            number: (known.patient, told.get(known.patient, set()).union(known.practices))
            if known.patient
            else (unknown[number], set(known.practices))
            for number, known in asked.items()
        }


def _usable(number: str) -> str:
    usable = usable_nhs_number(number)
    if usable is None:
        raise NotAFact("an NHS number has ten digits, the last of which checks the others")
    return usable


def _record(
    look: KeptLook, *, practices: Collection[str] | None, only: Collection[UUID] | None
) -> LookRecord:
    """A look as this caller may see it: of their practices, and of the patient they asked for."""
    seen: Sequence[UUID] = [p for p in look.patients if only is None or p in only]
    told = look._asdict() | {
        "practices": [p for p in look.practices if practices is None or p in practices],
        "patients": [patient for patient in seen if not is_stranger(patient)],
        "unknown": sum(is_stranger(patient) for patient in seen),
    }
    return LookRecord(**told)
