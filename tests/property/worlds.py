"""Practices at work: rows of a record written, changed, recoded and deleted, and now and then a delivery
of them, in the files of either supplier; and what the oracle needs to know of the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from tests.files import (
    EMIS_PRACTICE,
    PRACTICE,
    Carried,
    a_collection_file,
    a_deleted_emis_observation,
    a_deleted_systmone_entry,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    an_emis_delivery,
    an_emis_observation,
    an_emis_patient,
)
from tests.nhs_numbers import nhs_numbers
from tests.property.oracle import Fact

NUMBERS = nhs_numbers(3)
# What else each of them may be given: nobody's number is ever another's.
THEIRS = [(number, *nhs_numbers(9)[3 + 2 * i : 5 + 2 * i]) for i, number in enumerate(NUMBERS)]
UNUSABLE = NUMBERS[0][:-1] + str((int(NUMBERS[0][-1]) + 1) % 10)
FIRST_DAY = date(2018, 9, 28)
DAYS = [FIRST_DAY + timedelta(days=i) for i in range(30)]


class Saying(NamedTuple):
    """A way to say something in CTV3 and in Read v2, what its code says, and in which words.

    `otherwise`: the words say the opposite of the code.
    """

    ctv3: str
    read: str
    purpose: str = ""
    says: str = ""
    near: bool = False
    words: str = ""
    otherwise: bool = False


SAYINGS = {
    "type 1": Saying("XaZ89", "9Nu0.", "type-1", "dissent"),
    "type 1 withdrawn": Saying("XaZ8A", "9Nu1.", "type-1", "withdrawal"),
    "type 1 withdrawn, in the words of a dissent": Saying(
        "XaZ8A", "9Nu1.", "type-1", "withdrawal", words="Type 1 opt-out", otherwise=True
    ),
    "type 1 mistyped": Saying("xaz89", "9nu0.", "type-1", "dissent", near=True),
    "type 2": Saying("XaaVL", "9Nu4.", "type-2", "dissent"),
    "type 2 withdrawn": Saying("XaaVM", "9Nu5.", "type-2", "withdrawal"),
    "a refusal of something else": Saying("XaXj6", "9Ndo."),
    "a blood pressure": Saying("2469.", "2469."),
}


class Writes(NamedTuple):
    """A row says this from now on."""

    row: int
    person: int
    saying: str
    # Days from the day it is entered; None: no date was given.
    effective: int | None


class Deletes(NamedTuple):
    """A row goes, if it is there."""

    row: int


class Renumbers(NamedTuple):
    """A person's row bears another of their numbers from now on, or (None) one that is unusable."""

    person: int
    which: int | None


class Round(NamedTuple):
    """What happens in some days, at the end of which the practice's system delivers."""

    edits: Sequence[Writes | Deletes | Renumbers]
    bulk: bool
    days: int


class Line(NamedTuple):
    """A row as it stands in the practice's record."""

    person: int
    saying: str
    effective_on: date | None
    entered_on: date


edits = st.one_of(
    st.builds(
        Writes,
        row=st.integers(1, 3),
        person=st.integers(0, len(NUMBERS) - 1),
        saying=st.sampled_from(sorted(SAYINGS)),
        effective=st.integers(-4, 6) | st.none(),
    ),
    st.builds(Deletes, row=st.integers(1, 3)),
)
renumberings = st.builds(
    Renumbers,
    person=st.integers(0, len(NUMBERS) - 1),
    which=st.integers(0, 2) | st.none(),
)


def _rounds(
    edits: st.SearchStrategy[Writes | Deletes | Renumbers], *, at_least: int = 2
) -> st.SearchStrategy[list[Round]]:
    return st.lists(
        st.builds(
            Round, edits=st.lists(edits, max_size=4), bulk=st.booleans(), days=st.integers(1, 6)
        ),
        min_size=at_least,
        max_size=at_least + 2,
    )


rounds = _rounds(edits)
rounds_with_other_numbers = _rounds(edits | renumberings, at_least=3)


@dataclass
class Delivered:
    """The deliveries of one practice, in order, with what each tells as facts."""

    practice: str
    paths: list[Path] = field(default_factory=list)
    facts: list[list[Fact]] = field(default_factory=list)
    # The number that each person's row bears in each delivery.
    numbers: list[list[str]] = field(default_factory=list)


def deliver(
    where: Path, work: Sequence[Round], *, practice: str = PRACTICE, emis: bool = False
) -> Delivered:
    """Write the deliveries of these rounds; the first is always a bulk."""
    delivered = Delivered(practice)
    lines: dict[int, Line] = {}
    # What the ledger was told last.
    before: dict[int, Line] = {}
    numbers = list(NUMBERS)
    ended = None
    day = FIRST_DAY
    for number, work_done in enumerate(work):
        day += timedelta(days=work_done.days)
        for edit in work_done.edits:
            if isinstance(edit, Deletes):
                lines.pop(edit.row, None)
            elif isinstance(edit, Renumbers):
                which = edit.which
                numbers[edit.person] = UNUSABLE if which is None else THEIRS[edit.person][which]
            else:
                effective = edit.effective
                on = None if effective is None else day + timedelta(days=effective)
                lines[edit.row] = Line(edit.person, edit.saying, on, day)
        ends = datetime(day.year, day.month, day.day, 22, 45)  # noqa: DTZ001  a practice's clock
        bulk = work_done.bulk or ended is None
        write = _write_emis if emis else _write_systmone
        delivered.paths.append(
            write(
                where,
                lines,
                before,
                begins=None if bulk else ended,
                ends=ends,
                practice=practice,
                numbers=numbers,
            )
        )
        delivered.numbers.append(list(numbers))
        delivered.facts.append(
            _facts(before, lines, delivery=f"{practice} {number}", practice=practice)
        )
        before = dict(lines)
        ended = ends
    return delivered


def _facts(
    before: dict[int, Line], after: dict[int, Line], *, delivery: str, practice: str
) -> list[Fact]:
    facts: list[Fact] = []
    for row in sorted({*before, *after}):
        was, is_now = _ours(before.get(row)), _ours(after.get(row))
        if was == is_now:
            continue
        if was is not None and (is_now is None or is_now.person != was.person):
            source = (practice, row, was.person)
            facts.append({"what": "removed", "delivery": delivery, "source": source})
        if is_now is not None:
            saying = SAYINGS[is_now.saying]
            facts.append(
                {
                    "what": "entry",
                    "delivery": delivery,
                    "source": (practice, row, is_now.person),
                    "patient": is_now.person,
                    "purpose": saying.purpose,
                    "says": saying.says,
                    "near_miss": saying.near,
                    "term_says_otherwise": saying.otherwise,
                    "effective_on": is_now.effective_on,
                    "entered_on": is_now.entered_on,
                    "entered_unknown": False,
                    "before_birth": False,
                }
            )
    return facts


def _ours(line: Line | None) -> Line | None:
    return line if line is not None and SAYINGS[line.saying].purpose else None


def _changed(lines: dict[int, Line], before: dict[int, Line], begins: datetime | None) -> set[int]:
    return {row for row, line in lines.items() if begins is None or before.get(row) != line}


def _clock(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10)  # noqa: DTZ001  a practice's clock


def _write_systmone(
    where: Path,
    lines: dict[int, Line],
    before: dict[int, Line],
    *,
    begins: datetime | None,
    ends: datetime,
    practice: str,
    numbers: Sequence[str],
) -> Path:
    changed = _changed(lines, before, begins)
    entries = [
        a_systmone_entry(
            row,
            code=SAYINGS[line.saying].ctv3,
            CTV3Text=SAYINGS[line.saying].words,
            patient=line.person,
            practice=practice,
            effective_on=line.effective_on,
            entered_at=_clock(line.entered_on),
        )
        for row, line in lines.items()
        if row in changed
    ]
    if begins is not None:
        gone = before.keys() - lines.keys()
        entries += [a_deleted_systmone_entry(row, practice=practice) for row in sorted(gone)]
    return a_systmone_delivery(
        where / practice,
        begins=begins,
        ends=ends,
        entries=entries,
        patients=[
            a_systmone_patient(person, number, practice=practice)
            for person, number in enumerate(numbers)
        ],
        practices=[practice],
    )


def _write_emis(
    where: Path,
    lines: dict[int, Line],
    before: dict[int, Line],
    *,
    begins: datetime | None,
    ends: datetime,
    practice: str,
    numbers: Sequence[str],
) -> Path:
    changed = _changed(lines, before, begins)
    observations = [
        an_emis_observation(
            row,
            code=SAYINGS[line.saying].read,
            term=SAYINGS[line.saying].words,
            patient=line.person,
            effective_on=line.effective_on,
            entered_at=_clock(line.entered_on),
        )
        for row, line in lines.items()
        if row in changed
    ]
    if begins is not None:
        gone = before.keys() - lines.keys()
        observations += [a_deleted_emis_observation(row) for row in sorted(gone)]
    return an_emis_delivery(
        where / practice,
        dated=ends,
        bulk=begins is None,
        observations=observations,
        patients=[an_emis_patient(person, number) for person, number in enumerate(numbers)],
        organisations={1: practice},
    )


def collected(where: Path, work: Sequence[Round]) -> list[Path]:
    """A collection on the day after each round, that carries one person more each time."""
    paths = []
    day = FIRST_DAY
    for number, work_done in enumerate(work):
        day += timedelta(days=work_done.days)
        members = [Carried(person, PRACTICE) for person in NUMBERS[:number]]
        practices = [Carried(practice=PRACTICE), Carried(practice=EMIS_PRACTICE, supplier="EMIS")]
        paths.append(
            a_collection_file(
                where, period_end=day, members=[*members, *practices], collection=day.isoformat()
            )
        )
    return paths


def noon(day: date) -> datetime:
    """A moment of that day that is known in the ledger's terms."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
