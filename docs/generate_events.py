"""Write docs/events.md from the events themselves, with what each field means.

`python docs/generate_events.py` writes the page; `--check` says whether it is stale. A field
without a meaning here, or an event without a stream, is an error: nothing is kept untold.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from annotated_types import MaxLen
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it runs without the package being installed

from ledger.domain.clinical_systems import ClinicalSystem  # noqa: E402
from ledger.domain.codes import CodeSystem  # noqa: E402
from ledger.domain.entries import Precision, RefusedRow, Route  # noqa: E402
from ledger.domain.events import (  # noqa: E402
    EVENTS,
    EntryRecorded,
    Event,
    PatientCount,
    Succession,
    ThresholdValue,
)
from ledger.domain.identifiers import ODS_CODE_PATTERN, SYSTEM_ID_PATTERN  # noqa: E402
from ledger.domain.purposes import Purpose, Statement  # noqa: E402
from ledger.store import codec  # noqa: E402
from ledger.store.leaf import leaf_bytes  # noqa: E402
from ledger.store.log import KeptEvent  # noqa: E402

PAGE = ROOT / "docs" / "events.md"

# The stream each event stands in, by topic, in the order of the page.
STREAMS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "The ledger": ("`ledger`", ("ledger-opened", "thresholds-adopted")),
    "A patient": (
        "`patient-` and a random id",
        (
            "entry-recorded",
            "neighbour-recorded",
            "entry-removed",
            "objection-transmitted",
            "objection-converted",
            "transmission-unconfirmed",
            "registered",
            "deregistered",
            "registration-removed",
            "died",
            "death-removed",
            "number-superseded",
            "turned-thirteen",
            "record-withheld",
            "record-answered",
        ),
    ),
    "A practice": (
        "`practice-` and its ODS code",
        (
            "practice-listed",
            "practice-closed",
            "practice-reopened",
            "system-changed",
            "sharing-setting-changed",
            "organisation-listed",
            "organisation-unlisted",
            "share-in-created",
            "share-in-ended",
            "agreement-changed",
            "pairing-approved",
            "pairing-revoked",
            "webhook-registered",
            "webhook-revoked",
            "feed-token-issued",
            "feed-token-revoked",
            "action-taken",
            "finding-dismissed",
            "finding-reopened",
        ),
    ),
    "A delivery": (
        "`delivery-` and the SHA-256 of its files",
        (
            "entry-unmatched",
            "code-map-disagreed",
            "code-map-settled",
            "rows-refused",
            "delivery-noted",
            "delivery-received",
            "delivery-refused",
        ),
    ),
    "A parcel": ("`parcel-` and a random id", ("parcel-taken", "parcel-refused")),
    "A collection": ("`collection-` and its id", ("collection-received",)),
    "A release": ("`release-` and its id", ("extract-released",)),
}
# What stands elsewhere too.
ASIDES: Mapping[str, str] = {
    "action-taken": (
        "What NHS Digital or a supplier was asked for about a supplier stands in a stream of that "
        "supplier's: `supplier-` and its name."
    ),
    "rows-refused": "Those of a release's list stand in its own stream, before its event.",
    "entry-removed": (
        "An entry that was waiting for a usable NHS number is removed in the stream of the "
        "delivery that removed it, for it has no patient."
    ),
}
MEANINGS: Mapping[str, str] = {
    "by": "who or what made it so: the name of a caller or of a third-party system, `delivery`, "
    "`register` or `operator`",
    "delivery": "the delivery it came in; absent if it was handed in by itself",
    "practice": "the practice's ODS code",
    "clinical_system": "where the practice keeps its records",
    "entry_id": "the clinical system's own id of the row",
    "purpose": "what is objected to",
    "about": "what is refused: none of our purposes, but close to one",
    "statement": "whether it starts an objection or ends one",
    "code_system": "the vocabulary of `code`",
    "code": "the code as it was entered",
    "near": "whether `code` is not one of ours but nearly (CO07)",
    "also_coded": "the row's other code, where it carries two of ours",
    "term_says": "what its term says, where that is the opposite of its code (CO08)",
    "effective_on": "the day the patient meant it from; absent where no whole day is known",
    "effective_precision": "how much of that date the system gave",
    "effective_partial": "the year or month, where that is all it gave",
    "entered_at": "when the practice's system recorded it; absent where the format does not say",
    "entered_by": "the system's own id of whoever recorded it",
    "route": "how it came to the ledger",
    "source": "the file and row it was read from",
    "content_hash": "a hash of the row and its NHS number, keyed with the ledger's own secret",
    "replaces": "the position of what the same row said before",
    "was_unmatched": "the position at which it waited for a usable NHS number",
    "before_birth": "whether its effective date lies before the patient's birth",
    "under_thirteen": "whether the patient was under thirteen when it was entered",
    "number_kind": "what the NHS number is if it can be nobody's: a dummy, or one kept for tests",
    "still_borne": "the practices that have the old number for somebody born on another day",
    "removes": "the position of the entry that was deleted",
    "collection": "the collection's id",
    "period_end": "the last day, or the moment, up to which it bears witness",
    "supplier": "who made the clinical system that sent it",
    "converted_on": "the day of the conversion",
    "registered_on": "the first day of the registration",
    "deregistered_on": "the last day of the registration",
    "died_on": "the day of death",
    "asked_at": "when the practice was asked for the record",
    "answer": "how it refused: `NO_PATIENT_CONSENT`",
    "answered_at": "the moment of the record that it sent after all",
    "registration": (
        "what tells the row from the practice's others: a hash, keyed with the ledger's own secret"
    ),
    "superseded_by": "the random id of the patient whose number took this one's place",
    "name": "what it is called",
    "version": "what findings call this version of the thresholds",
    "values": "every threshold, by `name`, its `value` as it is written",
    "mode": "whether the ledger keeps the present or loads an archive",
    "as_of": "the day a re-enactment begins on",
    "status": "the register's word for its state",
    "gp_practice": "whether the register calls it a GP practice",
    "postcode": "its postcode",
    "commissioner": "the ODS code of its commissioner",
    "opened_on": "the day it opened",
    "closed_on": "the day it closed",
    "successors": "who has its patients, each from which day (`since`), and whose line of the register says so (`told_by`)",
    "inferred": "whether only a successor's line tells it, and `closed_on` is the day it took over",
    "past": "the successions that count no more",
    "since": "the day from which, where it is known",
    "setting": "which setting or list",
    "value": "what it was changed to",
    "changed_at": "when the practice changed it, which may be long before it was known",
    "organisation": "the other organisation's ODS code",
    "verified": "whether the patient's agreement was verified",
    "overridden": "whether a dissent was overridden",
    "reason_given": "of an override, whether a reason was recorded; absent: nobody says",
    "activated": "whether the agreement is activated",
    "disabled": "whether it is disabled",
    "deleted": "whether it is deleted",
    "modified_at": "when it was changed, as the file says",
    "system": "the third-party system, as its tokens name it",
    "webhook": "its random id, from which its secret is derived",
    "url": "where breaches are told",
    "token": "its random id, from which its password is derived",
    "action": "the action's id",
    "note": "what was done, in the words of whoever did it",
    "finding": "the finding's id",
    "rule": "its rule's code",
    "entries": "the positions it was about",
    "reason": "why",
    "format": "the format it was read as",
    "path": "the name of the file or folder",
    "dated": "the moment it bears, by which deliveries are taken in order",
    "practices": "who published in it, or took part",
    "period_start": "the moment from which a delta tells",
    "rows_read": "how many rows were read",
    "entries_kept": "how many facts were new",
    "unchanged": "how many were known already",
    "removed": "how many entries it removed",
    "unmatched": "how many came without a usable NHS number",
    "left_out": "how many were of test or dummy patients",
    "refused": "how many rows cannot be facts",
    "bulk": "the practices of which it has every coded entry",
    "patients": "how many patients it has of a practice, where it has every one of them",
    "complete": "of a register: that it lists everybody it is about",
    "rows": "each with its file, its number counted from 1 below the header, its column and why",
    "notes": "each a sentence",
    "deliveries": "the deliveries that were found, each by its digest",
    "file": "the file in which the reason lies",
    "why": "what was wrong with the NHS number",
    "feed": "what the deliveries of one source have in common: `tpp`, or an EMIS sharing agreement",
    "table": "the table that holds the map",
    "row_id": "the line's own id within the table",
    "mapped_code_system": "the vocabulary the code is mapped to",
    "mapped_code": "the code it is mapped to",
    "our_code_system": "the vocabulary of the one that our table has otherwise",
    "our_code": "what our table has in its place",
    "suppliers": "the suppliers that took part",
    "members": "how many patients it carried",
    "recipient": "who was given the data",
    "released_at": "when the data left; absent only in the first version",
    "receipt": "the receipt of the check that it relied on, where it names one",
    "relied_on": "the practices whose evidence it says that it relied on",
    "max_age_days": "how many days old that evidence might be, by the release's own word",
    "cohort": "a keyed hash over the random ids of the patients in it",
}
# Where a name means something else than it usually does.
PARTICULAR: Mapping[tuple[str, str], str] = {
    ("objection-converted", "source"): "the source of the conversion, `MG`",
    ("extract-released", "purpose"): "what the data is for",
    ("extract-released", "members"): "how many patients were in it, each counted once",
    ("extract-released", "refused"): "how many rows of its list are no NHS number",
    ("parcel-taken", "practices"): "for whom its sender wrote when it was handed in",
    ("parcel-refused", "practices"): "for whom its sender wrote when it was handed in",
    ("parcel-taken", "system"): "the third-party system that handed it in; absent: a controller",
    ("parcel-refused", "system"): "the third-party system that handed it in; absent: a controller",
}

# The labels of sources in the events' docstrings, where docs/rules.md does not list them already.
SOURCES: Mapping[str, str] = {
    "E4": "https://digital.nhs.uk/services/national-data-opt-out/compliance-with-the-national-data-opt-out/check-for-national-data-opt-outs-service/licence (opening only)",
}

INTRODUCTION = """\
<!-- Written by docs/generate_events.py from ledger/domain/events.py: change those, not this page. -->

# What the log holds

The log is a list of facts, each with a position; nothing in it is ever changed or taken out.
An event has a topic, a version of its own form, and the stream of whatever it is about.
None of them identifies a patient: a patient is a random id, and the guarded table `patients` alone
knows whose it is.

Four times are kept apart: *effective* (the patient meant it from), *entered* (the practice's system
recorded it), *transmitted* (it stood in a collection) and *known* (the ledger kept it: the event's
`position` and `recorded_at`, which are no part of the fields below).

| Topic | Stream | Version |
|---|---|---|
{index}

## How an event is stored

Its state is canonical JSON: keys sorted, no blanks, UTF-8, what is absent left out, and the version
of its form as `v`.

```json
{example}
```

`leaf_hash` is the SHA-256 of a zero byte and of these bytes, each field but the last ended by a
newline: position, stream, version in the stream, topic, `recorded_at` in microseconds since 1970,
and the state.

```text
{leaf}
```

An event is never edited.
A new meaning is a new event, or a new version with an upcast in `ledger/store/codec.py`.
"""

_EXAMPLE = EntryRecorded(
    by="delivery",
    delivery="9f2c",
    practice="X99901",
    clinical_system=ClinicalSystem.SYSTMONE,
    entry_id="17",
    purpose=Purpose.TYPE_2,
    statement=Statement.DISSENT,
    code_system=CodeSystem.CTV3,
    code="XaaVL",
    effective_on=date(2015, 4, 7),
    effective_precision=Precision.DAY,
    entered_at=datetime(2015, 4, 7, 9, 30, tzinfo=UTC),
    route=Route.DELIVERY,
    source="SRCode.csv:41",
    content_hash="5d0e",
)


def page() -> str:
    """The whole page."""
    by_topic = {event.TOPIC: event for event in EVENTS}
    told = [topic for _, topics in STREAMS.values() for topic in topics]
    if sorted(told) != sorted(by_topic):
        raise LookupError(f"STREAMS is to name each event once: {set(told) ^ set(by_topic)}")
    parts = [
        INTRODUCTION.format(
            index="\n".join(
                f"| [{topic}](#{topic}) | {stream} | {by_topic[topic].VERSION} |"
                for stream, topics in STREAMS.values()
                for topic in topics
            ),
            example=codec.to_bytes(_EXAMPLE).decode(),
            leaf=_leaf(),
        )
    ]
    for title, (stream, topics) in STREAMS.items():
        parts.append(f"## {title}\n\nStream: {stream}.\n")
        parts += [_event(by_topic[topic]) for topic in topics]
    sources = [f"- **{label}** {source}\n" for label, source in SOURCES.items()]
    return "\n".join([*parts, "## Sources\n", *sources])


def _leaf() -> str:
    kept = KeptEvent(
        position=2,
        stream="patient-3f0c7a52-0000-4000-8000-000000000001",
        version=1,
        topic=_EXAMPLE.TOPIC,
        state=b"{...}",
        recorded_at=datetime(2015, 4, 8, 2, tzinfo=UTC),
        leaf_hash=b"",
    )
    return leaf_bytes(kept).decode()


def _event(event: type[Event]) -> str:
    topic = event.TOPIC
    why = [" ".join(part.split()) for part in (event.__doc__ or "").split("\n\n")]
    why += [ASIDES[topic]] if topic in ASIDES else []
    return "\n".join(
        [
            f"### {topic}\n",
            *(f"{paragraph}\n" for paragraph in why),
            "| Field | | Type | Means |",
            "|---|---|---|---|",
            *_fields(event),
            "",
        ]
    )


def _fields(event: type[Event]) -> Iterator[str]:
    """The event's own fields first; those every event has, last."""
    common = list(Event.model_fields)
    own = [name for name in event.model_fields if name not in common]
    for name in [*own, *common]:
        field = event.model_fields[name]
        # Only what is None is left out of the bytes.
        needed = "always" if field.is_required() or field.default is not None else ""
        means = PARTICULAR.get((event.TOPIC, name), MEANINGS[name])
        yield f"| `{name}` | {needed} | {_type(field)} | {means} |"


def _type(field: FieldInfo) -> str:
    longest = next((m.max_length for m in field.metadata if isinstance(m, MaxLen)), None)
    told = _in_words(field.annotation, field.metadata)
    of_what = "of them" if get_origin(field.annotation) is tuple else "characters"
    return told if longest is None else f"{told}, at most {longest:,} {of_what}"


def _in_words(kind: Any, metadata: Any = ()) -> str:
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(_in_words(part) for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is tuple:
        return f"list of {_plural(_in_words(get_args(kind)[0]))}"
    if hasattr(kind, "__metadata__"):
        return _in_words(get_args(kind)[0], kind.__metadata__)
    if any(getattr(part, "pattern", None) == ODS_CODE_PATTERN for part in metadata):
        return "ODS code"
    if any(getattr(part, "pattern", None) == SYSTEM_ID_PATTERN for part in metadata):
        return "2 to 64 letters, digits, dots, hyphens and underscores"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " · ".join(f"`{member.value}`" for member in kind)
    return {
        RefusedRow: "row",
        str: "text",
        int: "whole number",
        bool: "true or false",
        date: "day",
        datetime: "moment with its offset",
        AwareDatetime: "moment with its offset",
        Succession: "succession",
        ThresholdValue: "threshold",
        PatientCount: "practice with its count",
    }[kind]


def _plural(word: str) -> str:
    return "practices, each with its count" if " with its " in word else f"{word}s"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is stale."""
    text = page()
    if arguments != ["--check"]:
        PAGE.write_text(text)
        return 0
    if PAGE.is_file() and PAGE.read_text() == text:
        return 0
    sys.stderr.write("docs/events.md is stale: run python docs/generate_events.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
