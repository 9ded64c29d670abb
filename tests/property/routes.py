"""One set of facts, told by every route by which a practice's record can come.

What a format cannot say is left out, and nothing else:

- SystmOne and Vision have no partial dates: a month or a year comes as no date at all.
- GP Connect has no day that never was: FHIR would not let it pass.
- Vision has the day on which something was entered, not the hour, and not by whom.
- GP Connect tells of a patient only when asked, so everybody is asked each time; and a row cannot
  move from one patient to another in one delivery, so none does.
- A list of entries has no bulk: it says what was recorded and what was removed.

None of this changes who objects from when: where a date is missing, partial or impossible the day
of entering stands in for it, and of that every format has the day.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from ledger.region.sheets import Cells, write_bare
from ledger.region.vision_columns import LIVE
from tests.files import (
    a_coding,
    a_deleted_emis_observation,
    a_deleted_systmone_entry,
    a_fhir_observation,
    a_gp_connect_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    an_emis_delivery,
    an_emis_observation,
    an_emis_patient,
    an_entries_file,
    an_entry_line,
)
from tests.nhs_numbers import nhs_numbers
from tests.property.worlds import FIRST_DAY, SAYINGS

PEOPLE = 3
_ROWS = 2
_CLOCK = ZoneInfo("Europe/London")
_MORNING, _NIGHT = time(10), time(22, 45)
MISSING, MONTH, YEAR, NEVER = "missing", "month", "year", "never"


class Writes(NamedTuple):
    """A row of its person says this from now on; `effective` in days from now, or how it is not."""

    row: int
    saying: str
    effective: int | str


class Deletes(NamedTuple):
    """A row goes, if it is there."""

    row: int


class Round(NamedTuple):
    """What happens in some days, at the end of which every route delivers, perhaps twice."""

    edits: Sequence[Writes | Deletes]
    bulk: bool
    again: bool
    days: int


_rows = st.integers(0, PEOPLE * _ROWS - 1)
_edits = st.one_of(
    st.builds(
        Writes,
        row=_rows,
        saying=st.sampled_from(sorted(SAYINGS)),
        effective=st.integers(-4, 3) | st.sampled_from([MISSING, MONTH, YEAR, NEVER]),
    ),
    st.builds(Deletes, row=_rows),
)
rounds = st.lists(
    st.builds(
        Round,
        edits=st.lists(_edits, min_size=2, max_size=7),
        bulk=st.booleans(),
        again=st.booleans(),
        days=st.integers(1, 6),
    ),
    min_size=3,
    max_size=4,
)


class Line(NamedTuple):
    """A row as it stands: `effective` as ISO 8601 has it, as far as it is known."""

    saying: str
    effective: str
    entered_at: datetime

    @property
    def native(self) -> tuple[str, str]:
        """Its code in CTV3 and in Read v2."""
        return SAYINGS[self.saying].ctv3, SAYINGS[self.saying].read

    @property
    def words(self) -> str:
        """What stands beside its code, if anything does."""
        return SAYINGS[self.saying].words

    @property
    def day(self) -> date | None:
        """The day it was meant from, where there is one."""
        whole = len(self.effective) == len("2018-10-11") and not self.is_never
        return date.fromisoformat(self.effective) if whole else None

    @property
    def is_never(self) -> bool:
        """Whether it bears a day that never was."""
        return self.effective.endswith("-02-31")


Lines = Mapping[int, Line]


class Delivery(NamedTuple):
    """What every route has to tell at the end of a round."""

    now: Lines
    before: Lines
    begins: datetime | None
    ends: datetime
    again: bool

    @property
    def changed(self) -> Lines:
        """The rows that are new or say something else; all of them in a bulk."""
        if self.begins is None:
            return self.now
        return {row: line for row, line in self.now.items() if self.before.get(row) != line}

    @property
    def gone(self) -> list[int]:
        """The rows that were deleted."""
        return sorted(self.before.keys() - self.now.keys())


def deliveries(work: Sequence[Round]) -> Iterator[Delivery]:
    """What stands and what changed at the end of each round; the first is a bulk."""
    lines: dict[int, Line] = {}
    before: Lines = {}
    ended: datetime | None = None
    day = FIRST_DAY
    for done in work:
        day += timedelta(days=done.days)
        for edit in done.edits:
            if isinstance(edit, Deletes):
                lines.pop(edit.row, None)
            else:
                entered_at = datetime.combine(day, _MORNING)
                lines[edit.row] = Line(edit.saying, _effective(edit.effective, day), entered_at)
        ends = datetime.combine(day, _NIGHT)
        yield Delivery(dict(lines), before, None if done.bulk else ended, ends, done.again)
        before, ended = dict(lines), ends


def _effective(told: int | str, today: date) -> str:
    match told:
        case int():
            return (today + timedelta(days=told)).isoformat()
        case "month":
            return f"{today:%Y-%m}"
        case "year":
            return f"{today:%Y}"
        case "never":
            return f"{today:%Y}-02-31"
        case _:
            return ""


def person(row: int) -> int:
    """Whose row it is."""
    return row // _ROWS


# --- by each route


class Route(NamedTuple):
    """A practice, how what it has to tell is written, and its patients' numbers."""

    practice: str
    write: Callable[[Path, Delivery, "Route"], None]
    numbers: Sequence[str]


def _systmone(where: Path, told: Delivery, route: Route) -> None:
    entries = [
        a_systmone_entry(
            row,
            code=line.native[0],
            CTV3Text=line.words,
            patient=person(row),
            practice=route.practice,
            effective_on=line.day,
            entered_at=line.entered_at,
            **({"DateEvent": "31 Feb 2018 00:00:00"} if line.is_never else {}),
        )
        for row, line in told.changed.items()
    ]
    if told.begins is not None:
        entries += [a_deleted_systmone_entry(row, practice=route.practice) for row in told.gone]
    a_systmone_delivery(
        where,
        begins=told.begins,
        ends=told.ends,
        entries=entries,
        patients=[
            a_systmone_patient(i, number, practice=route.practice)
            for i, number in enumerate(route.numbers)
        ],
        practices=[route.practice],
    )


def _emis(where: Path, told: Delivery, route: Route) -> None:
    observations = [
        an_emis_observation(
            row,
            code=line.native[1],
            term=line.words,
            patient=person(row),
            entered_at=line.entered_at,
            # A month or a year comes as its first day, with the precision beside it.
            EffectiveDate=line.effective + {4: "-01-01", 7: "-01"}.get(len(line.effective), ""),
            EffectiveDatePrecision={0: "U", 4: "Y", 7: "YM", 10: "YMD"}[len(line.effective)],
        )
        for row, line in told.changed.items()
    ]
    if told.begins is not None:
        observations += [a_deleted_emis_observation(row) for row in told.gone]
    an_emis_delivery(
        where,
        dated=told.ends,
        bulk=told.begins is None,
        observations=observations,
        patients=[an_emis_patient(i, number) for i, number in enumerate(route.numbers)],
        organisations={1: route.practice},
    )


def _vision(where: Path, told: Delivery, route: Route) -> None:
    # A practice's journal is never only objections.
    journal: list[Cells] = [{"PID": "1", "ID": "99", "CODE": "2469.00", "ACTION": "I"}]
    for row, line in told.changed.items():
        effective = line.effective if len(line.effective) == len("2018-10-11") else ""
        journal.append(
            {
                **_key(row),
                "DATE": effective.replace("-", ""),
                "RECORDED_DATE": f"{line.entered_at:%Y%m%d}",
                "CODE": f"{line.native[1]}00",
                "RUBRIC": line.words,
                "ACTION": "U" if row in told.before else "I",
            }
        )
    if told.begins is not None:
        journal += [{**_key(row), "ACTION": "D"} for row in told.gone]
    patients: list[Cells] = [
        {"PID": str(i), "NHS_NUMBER": number, "DATE_OF_BIRTH": "19500402", "ACTION": "I"}
        for i, number in enumerate(route.numbers)
    ]
    kind = "FULL" if told.begins is None else "INCREMENTAL"
    where.mkdir(parents=True, exist_ok=True)
    for table, content in (
        ("journal", write_bare(LIVE.journal, journal)),
        ("patient", write_bare(LIVE.patient, patients)),
    ):
        stamp = f"{told.ends:%Y-%m-%d-%H%M%S}"
        name = f"{kind}_{route.practice}_{table}_data_extract-{stamp}.csv"
        (where / name).write_bytes(content)


def _key(row: int) -> Cells:
    # A journal ID is unique only within its patient.
    return {"PID": str(person(row)), "ID": str(row % _ROWS)}


def _gp_connect(where: Path, told: Delivery, route: Route) -> None:
    for i, number in enumerate(route.numbers):
        subject = {"reference": f"Patient/patient-{i}"}
        observations = [
            a_fhir_observation(
                row,
                codings=[
                    a_coding("readv2", f"{line.native[1]}00", chosen=True, display=line.words)
                ],
                effective=None if line.is_never else line.effective,
                issued=_moment(line.entered_at),
                subject=subject,
            )
            for row, line in told.now.items()
            if person(row) == i
        ]
        a_gp_connect_file(
            where,
            dated=told.ends.replace(tzinfo=_CLOCK).astimezone(UTC),
            which=i + 1,
            practice=route.practice,
            number=number,
            id=f"patient-{i}",
            observations=observations,
        )


def _entries(where: Path, told: Delivery, route: Route) -> None:
    lines = [
        an_entry_line(
            row,
            route.numbers[person(row)],
            code=line.native[1],
            practice=route.practice,
            EffectiveDate=line.effective,
            EnteredAt=_moment(line.entered_at),
            ClinicalSystem="Evolution",
            Term=line.words,
        )
        for row, line in told.changed.items()
    ]
    lines += [
        an_entry_line(
            row, route.numbers[person(row)], practice=route.practice, Action="remove",
            ClinicalSystem="Evolution",
        )
        for row in told.gone
    ]  # fmt: skip
    if lines:
        an_entries_file(where, dated=told.ends.date(), lines=lines, practice=route.practice)


def _moment(local: datetime) -> str:
    return local.replace(tzinfo=_CLOCK).isoformat()


_WRITERS = {
    "SystmOne": _systmone,
    "EMIS Web": _emis,
    "Vision": _vision,
    "GP Connect": _gp_connect,
    "entries": _entries,
}
_NUMBERS = nhs_numbers(PEOPLE * len(_WRITERS))
ROUTES = {
    name: Route(f"X9990{i + 1}", write, _NUMBERS[i * PEOPLE : (i + 1) * PEOPLE])
    for i, (name, write) in enumerate(_WRITERS.items())
}
