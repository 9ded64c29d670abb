"""Histories as small tables: a line is what became known, in that order, and its position.

    effective  | entered    | entry      | practice | purpose
    2017-03-01 | 2017-03-01 | dissent    | X99901   | type-2
    2017-03-01 | 2017-03-02 | withdrawal | X99901   | type-2

A table becomes a list of events (`log`), and the events become what rules see. Between the two
stands nothing else, so the same tables can be put through a database.

`entry` is one of: dissent, withdrawal, near dissent, near withdrawal (a code that is a slip away),
unmatched dissent (no usable NHS number), matched dissent (the one with that `id`, at last with a
number), refusal of research (or of another neighbour), removed,
`CO07 dismissed` and `CO07 reopened` (of the entry with that `id`),
collection (the practices that took part), carried (the patient stood in the collection that ended
that day), `in a refused batch`, converted, registered, left (the practice), died, thirteen (the
ledger kept that the patient has turned thirteen), `renumbered b` (the practice's system gave its
patient the number of patient b), delivery, withheld (the practice refused the record when asked)
and answered (it sent it after all), released (the patient's data left, in a release that relied on
the practices named; `released others`: only others'), with its `max age` in days and its `receipt`;
told again under one `id` a receipt is attached; and of a practice: `auto-share-out on`,
`share-in-rule verify-all`, `agreement disabled`, `uses systmone`, `listed active` (dormant, closed,
or `listed other` for what is no GP practice), `closed X99902` (its successors), `allowed add X99C1`,
`share-in overridden X99C1` (with the `reason` yes or no, where the file says), `SH09 reviewed` (what
the rule asks for was done), bulk and `bulk of 900` (patients) of a `system`, `bulk of 900 alone`
(patients, and no entries). `register` is the import of a register that lists everybody, and
`register has closed` (active, dormant) its line about an organisation, named as the practice.

`patient` is a letter, a where nothing is said; `number` what kind of NHS number the entry came with,
and `child` that the patient was under thirteen when it was entered.

`born` is the patient's day of birth, as far as an entry's date is compared with it.

`entered` is the day it happened, with a time where one matters, or `none`; `known` the day the
ledger learnt of it, where that is later. `effective` may be a month, a year, `none` or
`unreadable`. Two lines with one `id` are one source record, changed; `also coded` is the row's other
code, `system` the clinical system that tells it, `user` who entered it, `term says` what its term
says where that is the opposite of its code, and `source` the row that says an entry is removed. What
a table leaves out takes the default of
tests/builders.py: type 1, practice X99901, CTV3, SystmOne.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from ledger.domain.clinical_systems import clinical_system
from ledger.domain.code_maps import Mapped, disagreement
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Precision, Route, Setting
from ledger.domain.events import (
    CollectionReceived,
    EntryRecorded,
    EntryRemoved,
    EntryUnmatched,
    Event,
    ExtractReleased,
    Kept,
    NeighbourRecorded,
    Unusable,
)
from ledger.domain.identifiers import NumberKind
from ledger.domain.objections import PRACTICE_CLOCK
from ledger.domain.purposes import Neighbour, Purpose, Statement
from ledger.domain.recording_errors import RELEASE_RULES, by_code
from ledger.domain.rule import (
    Cohort,
    Collected,
    Debut,
    DisagreeingMap,
    FromPractice,
    PracticeHistory,
    Scope,
    Sighting,
    SupplierHistory,
    seen_of,
)
from ledger.domain.streams import practice_of
from tests.builders import (
    FIRST_DAY,
    OTHERS,
    PATIENT,
    PRACTICE,
    THEIRS,
    a_bulk,
    a_change_of_a_list,
    a_closing,
    a_code,
    a_collection,
    a_conversion,
    a_death,
    a_delivery,
    a_deregistration,
    a_dismissal,
    a_line_of_the_register,
    a_listing,
    a_neighbour,
    a_new_number,
    a_patient_history,
    a_practice_history,
    a_refusal,
    a_refused_batch,
    a_register,
    a_registration,
    a_release,
    a_release_history,
    a_removal,
    a_reopening,
    a_review,
    a_setting,
    a_share_in,
    a_system,
    a_thirteenth_birthday,
    a_transmission,
    an_agreement,
    an_answer,
    an_entry,
    an_unmatched_entry,
    at_ten,
    folded,
    kept,
    patients_of,
)

Row = Mapping[str, str]
_STATEMENT = re.compile(r"(?P<how>near |unmatched |matched |)(?P<statement>dissent|withdrawal)")


def rows(table: str) -> list[Row]:
    """The lines of a table below its header, each as column -> cell."""
    header, *lines = [
        [cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()
    ]
    return [dict(zip(header, line, strict=True)) for line in lines]


def log(table: str) -> list[Kept]:
    """The events of a table, in order; the position of each is the number of its line."""
    known: list[tuple[Event, datetime, str, UUID]] = []
    for row in rows(table):
        patient = _patient(row.get("patient") or "a")
        # An id names an entry of the same patient's: somebody else's row is another event's place.
        own = [told if of == patient else a_thirteenth_birthday() for told, _, _, of in known]
        event = _event(row, own)
        known.append((event, _recorded_at(row), row.get("practice") or PRACTICE, patient))
    return kept(*known)


def judged(table: str, *rules: str, today: str | None = None) -> list[tuple[str, Sighting]]:
    """What these rules see in the history of a table, in their order."""
    return [(code, sighting) for code in rules for sighting in _sightings(table, code, today)]


def told(judgements: Iterable[tuple[str, Sighting]]) -> list[str]:
    """Findings as a spec writes them: `CO01 on lines 1, 2`, `TX01 (review) on line 3`."""
    return [
        f"{code}{f' ({sighting.severity})' if _is_other(code, sighting) else ''} on "
        f"line{'s' if len(sighting.positions) > 1 else ''} "
        f"{', '.join(str(position) for position in sighting.positions)}"
        for code, sighting in judgements
    ]


def _is_other(code: str, sighting: Sighting) -> bool:
    return sighting.severity not in (None, by_code(code).severity)


def _sightings(table: str, code: str, today: str | None) -> Iterator[Sighting]:
    rule, day = by_code(code), date.fromisoformat(today) if today else None
    if rule.scope is Scope.SUPPLIER:
        yield from rule.find(_supplier_history(table))
        return
    if "members" in rows(table)[0]:
        yield from rule.find(from_collections(table))
        return
    events = log(table)
    if rule in RELEASE_RULES:
        for release in folded(k for k in events if isinstance(k.event, ExtractReleased)).values():
            yield from rule.find(a_release_history(events, release))
        return
    if rule.scope is Scope.PATIENT:
        for patient in patients_of(events) or [PATIENT]:
            yield from rule.find(a_patient_history(events, today=day, patient=patient))
        return
    for practice in dict.fromkeys(_practices(events)):
        yield from seen_of(rule, a_practice_history(events, today=day, practice=practice))


def _practices(events: list[Kept]) -> Iterator[str]:
    for k in events:
        if isinstance(k.event, CollectionReceived):
            yield from k.event.practices
            continue
        yield practice_of(k.stream) or getattr(k.event, "practice", PRACTICE)


def _supplier_history(table: str) -> SupplierHistory:
    if "mapped code" in table.partition("\n")[2].partition("\n")[0]:
        return _with_code_maps(table)
    cohorts, debuts = [], []
    for position, row in enumerate(rows(table), 1):
        ends = date.fromisoformat(row["period end"])
        counts = {name.replace(" ", "_"): int(cell) for name, cell in row.items() if cell.isdigit()}
        named = {
            "collection": row["period end"],
            "period_end": ends,
            "position": position,
            "supplier": "TPP",
        }
        if "overdue" in row:
            debuts.append(Debut(**named, **counts))
        else:
            cohorts.append(Cohort(**named, code_system=row.get("code system", "ctv3"), **counts))
    return SupplierHistory("TPP", cohorts, debuts, today=FIRST_DAY)


def from_collections(table: str) -> PracticeHistory:
    """What collections had of a practice, each a line: `members` is their number and, after it,
    who they are; `none` took no part. The last line says what became of their dissents.
    """
    collections, told = [], rows(table)
    for position, row in enumerate(told, 1):
        number, _, who = row["members"].partition(" ")
        ends = date.fromisoformat(row["period end"])
        if number == "none":
            collections.append(FromPractice(ends, position, took_part=False))
            continue
        digest = sum(who.encode())
        members = {"members": int(number), "digest": digest}
        collections.append(FromPractice(ends, position, took_part=True, **members))
    last = told[-1]
    changed_on = date.fromisoformat(last["first on"]) if last.get("first on") else None
    between = (int(last.get("standing") or 0), int(last.get("changed") or 0), changed_on)
    collected = Collected(tuple(collections), *between)
    return replace(a_practice_history([], today=FIRST_DAY), collected=collected)


def _with_code_maps(table: str) -> SupplierHistory:
    """Lines of SystmOne's maps, as the reader compares them with our table."""
    lines = []
    for position, row in enumerate(rows(table), 1):
        mapped = Mapped(
            CodeSystem(row.get("code system") or "ctv3"),
            row["code"],
            CodeSystem(row.get("mapped to") or "snomed-ct"),
            row["mapped code"],
        )
        ours = disagreement(mapped)
        if ours is not None:
            where = ("tpp", "SRCtv3ToSnomed", str(position))
            lines.append(DisagreeingMap(*where, *mapped, *ours, FIRST_DAY, position))
    return SupplierHistory("TPP", (), (), today=FIRST_DAY, code_maps=lines)


def _event(row: Row, earlier: list[Event]) -> Event:
    what = row.get("entry", "")
    if stated := _STATEMENT.fullmatch(what):
        return _stated(row, earlier, how=stated["how"].strip(), statement=stated["statement"])
    day, practice = _day(row), row.get("practice", "") or PRACTICE
    match what.split():
        case ["refusal", "of", about]:
            return _neighbour(row, earlier, about=Neighbour(about))
        case ["removed"]:
            position, entry = _entry_named(row["id"], earlier)
            delivery, source = row.get("delivery") or None, row.get("source", "")
            return a_removal(entry, removes=position, delivery=delivery, source=source)
        case [rule, "dismissed"]:
            return a_dismissal(rule, _entry_named(row["id"], earlier)[0])
        case [rule, "reopened"]:
            return a_reopening(rule, _entry_named(row["id"], earlier)[0])
        case ["collection"]:
            return a_collection(day, practices=practice.split())
        case ["carried"]:
            return a_transmission(day, practice=practice)
        case ["in", "a", "refused", "batch"]:
            return a_refused_batch(practice=practice, collection=row.get("collection") or None)
        case ["converted"]:
            return a_conversion(day)
        case ["died"]:
            return a_death(day, practice=practice)
        case ["registered"]:
            system = _known(clinical_system(row.get("system") or "systmone"))
            return a_registration(day, practice=practice, clinical_system=system)
        case ["withheld"]:
            return a_refusal(_known(_moment(row)), practice=practice)
        case ["answered"]:
            return an_answer(_known(_moment(row)), practice=practice)
        case ["left"]:
            return a_deregistration(day, practice=practice)
        case ["died"]:
            return a_death(day, practice=practice)
        case ["thirteen"]:
            return a_thirteenth_birthday()
        case ["renumbered", letter]:
            borne = row.get("still borne", "").split()
            return a_new_number(_patient(letter), practice=practice, still_borne=borne)
        case ["delivery"]:
            return a_delivery(day, practice=practice)
        case ["released", *whose]:
            return _released(row, len(earlier) + 1, whose=OTHERS if whose else THEIRS)
        case ["bulk", *many]:
            return _bulk(row, many)
        case _:
            return _of_a_practice(row)


def _neighbour(row: Row, earlier: list[Event], *, about: Neighbour) -> Event:
    entry_id = row.get("id") or f"line {len(earlier) + 1}"
    return a_neighbour(
        about,
        practice=row.get("practice") or PRACTICE,
        entry_id=entry_id,
        entered_at=_moment(row),
        replaces=_current(entry_id, earlier),
        **_effective(row.get("effective", "")),
    )


def _released(row: Row, position: int, *, whose: str) -> ExtractReleased:
    return a_release(
        _known(_moment(row)),
        recipient=f"R {row.get('id') or position}",
        purpose=Purpose(row.get("purpose") or Purpose.TYPE_1),
        cohort=whose,
        relied_on=tuple(row.get("practice", "").split()),
        max_age_days=int(row["max age"]) if row.get("max age") else None,
        receipt=row.get("receipt") or None,
    )


def _bulk(row: Row, many: list[str]) -> Event:
    return a_bulk(
        _day(row),
        practice=row.get("practice") or PRACTICE,
        clinical_system=_known(clinical_system(row.get("system") or "systmone")),
        entries="alone" not in many,
        patients=int(many[1]) if many else None,
    )


def _of_a_practice(row: Row) -> Event:
    match row["entry"].split():
        case ["register"]:
            return a_register(_day(row))
        case ["register", "has", status]:
            return a_line_of_the_register(status)
        case [rule, "reviewed"]:
            return a_review(rule)
        case ["share-in", value, organisation]:
            reason = {"yes": True, "no": False, "": None}[row.get("reason", "")]
            at = _known(_moment(row))
            return a_share_in(value, organisation, at, reason_given=reason)
        case ["allowed" | "prohibited" as setting, value, organisation]:
            return a_change_of_a_list(Setting(setting), value, organisation, _known(_moment(row)))
        case ["agreement", state]:
            return an_agreement(disabled=state == "disabled", modified_at=_moment(row))
        case ["listed", status]:
            status, gp_practice = ("active", False) if status == "other" else (status, True)
            return a_listing(status=status, gp_practice=gp_practice)
        case ["closed", *successors]:
            return a_closing(_day(row), *successors)
        case ["uses", system]:
            return a_system(_known(clinical_system(system)), since=_day(row))
        case [setting, value]:
            return a_setting(Setting(setting), value, _known(_moment(row)))
        case _:
            raise ValueError(f"no such line in a spec table: {row['entry']}")


def _stated(row: Row, earlier: list[Event], *, how: str, statement: str) -> Event:
    position = len(earlier) + 1
    says, purpose = Statement(statement), Purpose(row.get("purpose") or Purpose.TYPE_1)
    system = CodeSystem(row.get("code system") or CodeSystem.CTV3)
    exact = a_code(purpose, says, system)
    fields: dict[str, Any] = {
        "purpose": purpose,
        "practice": row.get("practice") or PRACTICE,
        "clinical_system": _known(clinical_system(row.get("system") or "systmone")),
        "code_system": system,
        "also_coded": row.get("also coded") or None,
        "term_says": Statement(cell) if (cell := row.get("term says")) else None,
        "code": row.get("code") or (exact.lower() if how == "near" else exact),
        "near": how == "near",
        "entry_id": row.get("id") or f"line {position}",
        "entered_at": _moment(row),
        "delivery": row.get("delivery") or None,
        "number_kind": NumberKind(row["number"]) if row.get("number") else None,
        "under_thirteen": bool(row.get("child")),
        "entered_by": row.get("user") or None,
        "route": Route(row.get("route") or Route.DELIVERY),
        **_effective(row.get("effective", "")),
    }
    if how == "unmatched":
        told = {n: v for n, v in fields.items() if n not in ("number_kind", "under_thirteen")}
        return an_unmatched_entry(says, why=Unusable(row.get("why") or Unusable.MISSING), **told)
    if how == "matched":
        fields["was_unmatched"] = 1 + next(
            at
            for at, event in enumerate(earlier)
            if isinstance(event, EntryUnmatched) and event.entry_id == fields["entry_id"]
        )
    before_birth = row.get("born", "") > row.get("effective", "")
    replaces = _current(fields["entry_id"], earlier)
    return an_entry(says, replaces=replaces, before_birth=before_birth, **fields)


def _effective(cell: str) -> dict[str, Any]:
    match len(cell):
        case 10 if cell != "unreadable":
            return {
                "effective_on": date.fromisoformat(cell),
                "effective_precision": Precision.DAY,
            }
        case 7:
            precision, partial = Precision.MONTH, cell
        case 4 if cell != "none":
            precision, partial = Precision.YEAR, cell
        case _:
            precision, partial = Precision(cell if cell == "unreadable" else "missing"), None
    return {
        "effective_on": None,
        "effective_precision": precision,
        "effective_partial": partial,
    }


def _current(entry_id: str, earlier: list[Event]) -> int | None:
    """The position of the entry that a line with this id changes; None if there is none now."""
    removed = {event.removes for event in earlier if isinstance(event, EntryRemoved)}
    same = [
        at
        for at, event in enumerate(earlier, 1)
        if isinstance(event, EntryRecorded | NeighbourRecorded) and event.entry_id == entry_id
    ]
    return same[-1] if same and same[-1] not in removed else None


def _entry_named(
    entry_id: str, earlier: list[Event]
) -> tuple[int, EntryRecorded | NeighbourRecorded]:
    """The latest entry with that id, and its position."""
    return next(
        (at, event)
        for at, event in reversed(list(enumerate(earlier, 1)))
        if isinstance(event, EntryRecorded | NeighbourRecorded) and event.entry_id == entry_id
    )


def _patient(letter: str) -> UUID:
    """Patient a is the one of the builders, b the next, and so on."""
    return UUID(int=PATIENT.int + ord(letter) - ord("a"))


def _moment(row: Row) -> datetime | None:
    cell = row.get("entered", "")
    if cell in ("", "none"):
        return None
    if len(cell) == len("2017-03-01"):
        return at_ten(date.fromisoformat(cell))
    return datetime.fromisoformat(cell).replace(tzinfo=PRACTICE_CLOCK).astimezone(UTC)


def _recorded_at(row: Row) -> datetime:
    if row.get("known"):
        return at_ten(date.fromisoformat(row["known"]))
    return _moment(row) or at_ten(FIRST_DAY)


def _day(row: Row) -> date:
    moment = _moment(row)
    return FIRST_DAY if moment is None else moment.astimezone(PRACTICE_CLOCK).date()


def _known(value: Any) -> Any:
    assert value is not None
    return value
