"""Who was released while objecting, worked out a second time: day by day, on plain facts."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import objections
from ledger.domain.events import Event, FindingDismissed, Kept
from ledger.domain.exposure import exposure, objected
from ledger.domain.objections import PRACTICE_CLOCK
from ledger.domain.policies import DISMISSIBLE
from ledger.domain.purposes import Purpose
from ledger.domain.releases import Release
from ledger.domain.rule import PatientHistory
from ledger.domain.streams import patient_stream
from ledger.domain.survivors import merged
from tests.builders import (
    a_collection,
    a_dissent,
    a_patient_history,
    a_removal,
    a_transmission,
    at_ten,
    kept,
    the_survivors,
)
from tests.property import histories
from tests.property.histories import DAYS, PATIENTS, History
from tests.property.oracle import status
from tests.property.tries import tries

A_DAY = timedelta(days=1)
LAST_MOMENT = time(23, 59, 59)


def a_release(left_at: datetime, purpose: Purpose, *, receipt: str | None = None) -> Release:
    return Release(
        id=UUID(int=1),
        position=10_000,
        recorded_at=left_at,
        released_at=left_at,
        recipient="R",
        purpose=purpose,
        receipt=receipt,
        receipt_position=None,
        relied_on=(),
        max_age_days=None,
    )


# --- who, from when to when


@tries(40, shrink=False)
@given(
    history=histories.of_entries(patients=4, steps=40),
    day=st.sampled_from(DAYS),
    purpose=st.sampled_from([Purpose.TYPE_1, Purpose.TYPE_2]),
)
def test_the_exposed_are_whom_the_oracle_says_objected_on_the_day_and_the_days_around_it(
    history: History, day: date, purpose: Purpose
) -> None:
    # The day's last moment: nothing of the day itself came after it.
    release = a_release(datetime.combine(day, LAST_MOMENT, PRACTICE_CLOCK), purpose)

    def objects(patient: int, at: date) -> bool:
        answer, _ = status(
            history.facts, patient=patient, purpose=purpose, at=at, known_at=history.last
        )
        return answer == "objecting"

    for number, patient in enumerate(PATIENTS):
        together = the_survivors(history.log).answering_for(patient)
        found = [objected(_folded(history.log, family, day), release) for family in together]

        assert any(found) is objects(number, day)
        if len(together) == 1 and found[0] is not None:
            since, until = found[0].since, found[0].until
            before = [d for d in _days(day, -40) if not objects(number, d)]
            after = [d for d in _days(day, 40) if not objects(number, d)]
            assert (since > day - 40 * A_DAY) is bool(before)
            assert not before or since == before[0] + A_DAY
            assert until == (after[0] if after else None)


def _days(day: date, how_many: int) -> list[date]:
    step = 1 if how_many > 0 else -1
    return [day + step * A_DAY * n for n in range(1, abs(how_many) + 1)]


def _folded(log: list[Kept], family: frozenset[UUID], day: date) -> PatientHistory:
    dismissals: dict[int, set[str]] = {}
    for k in log:
        if isinstance(k.event, FindingDismissed) and k.event.rule in DISMISSIBLE:
            for entry in k.event.entries:
                dismissals.setdefault(entry, set()).add(k.event.rule)
    streams = ([k for k in log if k.stream == patient_stream(p)] for p in family)
    history = objections.fold(merged(streams))
    return PatientHistory(history, (), frozenset(), day, dismissals)


# --- through whose failure


class Dissent(NamedTuple):
    """A dissent meant from a day, entered on one, known on one, and perhaps deleted on one."""

    meant: int
    entered: int
    known: int
    deleted: int | None


class Collection(NamedTuple):
    """A collection that ended on a day, with this practice or without, and whom it carried."""

    ended: int
    took_part: bool
    carried: bool


# The release leaves on the tenth day; everything else happens around it.
LEFT = 10
BEGIN = date(2016, 4, 1)
a_day = st.integers(0, 20)


@st.composite
def dissents(draw: st.DrawFn) -> Dissent:
    entered = draw(a_day)
    known = entered + draw(st.integers(0, 6))
    deleted = draw(st.none() | st.integers(known, 26))
    return Dissent(draw(st.integers(0, entered)), entered, known, deleted)


collections = st.lists(
    st.builds(Collection, a_day, st.booleans(), st.booleans()),
    max_size=3,
    unique_by=lambda c: c.ended,
)


def whose_failure(dissent: Dissent, taken: list[Collection], *, type_2: bool, asked: bool) -> str:
    """Step by step, as an auditor would ask."""
    on_its_way = range(dissent.entered, LEFT)
    if type_2 and any(c.carried and c.ended in on_its_way for c in taken):
        return "NHS Digital"
    if dissent.entered > LEFT:
        return "practice"
    if dissent.deleted is not None and dissent.deleted <= LEFT:
        return "practice"
    if type_2 and any(c.took_part and c.ended in on_its_way for c in taken):
        return "supplier"
    if dissent.known <= LEFT:
        return "us" if asked else "extract service"
    return "nobody" if type_2 else "practice"


@tries(300)
@given(dissent=dissents(), taken=collections, type_2=st.booleans(), asked=st.booleans())
def test_the_failure_is_that_of_the_first_who_lost_it(
    dissent: Dissent, taken: list[Collection], *, type_2: bool, asked: bool
) -> None:
    purpose = Purpose.TYPE_2 if type_2 else Purpose.TYPE_1
    log = _log(dissent, taken, purpose)
    # At noon, when what is dated with a day has happened: all of it happens at ten.
    left_at = datetime.combine(BEGIN + LEFT * A_DAY, time(12), UTC)
    release = a_release(left_at, purpose, receipt="c1" if asked else None)
    history = a_patient_history(log)
    then = [k for k in log if k.recorded_at <= left_at]
    known = bool(then) and objected(a_patient_history(then), release) is not None

    found = exposure(history, release, known=known)

    assert (found is not None) is (dissent.meant <= LEFT)
    if found is not None:
        assert found.known is (dissent.known <= LEFT)
        assert found.objected.since == BEGIN + dissent.meant * A_DAY
        assert found.failure == whose_failure(dissent, taken, type_2=type_2, asked=asked)


def _log(dissent: Dissent, taken: list[Collection], purpose: Purpose) -> list[Kept]:
    """The events, by the day on which they became known; collections bear their own day."""
    entry = a_dissent(
        purpose=purpose,
        effective_on=BEGIN + dissent.meant * A_DAY,
        entered_at=at_ten(BEGIN + dissent.entered * A_DAY),
    )
    events: list[tuple[int, int, Event]] = [(dissent.known, 0, entry)]
    for c in taken:
        end = BEGIN + c.ended * A_DAY
        practices = ["X99901"] if c.took_part else ["X99999"]
        if c.carried:
            events.append((c.ended, 2, a_transmission(end)))
        events.append((c.ended, 3, a_collection(end, practices=practices)))
    if dissent.deleted is not None:
        events.append((dissent.deleted, 1, entry))
    events.sort(key=lambda told: told[:2])
    position = 1 + next(n for n, told in enumerate(events) if told[1] == 0)
    return kept(
        *(
            (
                a_removal(entry, removes=position) if order == 1 else event,
                at_ten(BEGIN + day * A_DAY),
            )
            for day, order, event in events
        )
    )
