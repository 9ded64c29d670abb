"""With which words and colours do the pages speak?

The field's words, as a practice says them; what a word means stands here once.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem, Supplier
from ledger.domain.entries import Setting
from ledger.domain.exposure import Failure
from ledger.domain.looks import Shown, Way
from ledger.domain.objections import PRACTICE_CLOCK
from ledger.domain.purposes import Purpose
from ledger.domain.recording_errors import RULES, by_code
from ledger.domain.rule import Owner, Severity
from ledger.domain.said import SETTING_VALUES, SETTINGS, purpose_name
from ledger.domain.sharing import GDPR_APPLIED_ON
from ledger.domain.wording import code_system_in_words, in_words

NOT_KNOWN = "not known"


class Word(NamedTuple):
    """How a value is called, how it is coloured, and what it means."""

    text: str
    colour: str
    means: str


SEVERITIES: Mapping[str, Word] = {
    Severity.BREACH: Word("Breach", "red", "Someone’s wish was not honoured, or is not now."),
    Severity.ERROR: Word("Error", "orange", "The record is wrong, or will mislead."),
    Severity.REVIEW: Word("To review", "yellow", "A person has to look at it."),
    Severity.NOTE: Word("Note", "grey", "Kept and counted. There is nothing to do."),
}
FINDING_STATES: Mapping[str, Word] = {
    "open": Word("Open", "blue", "It still holds."),
    "closed": Word("Closed", "green", "The evidence no longer shows it."),
    "dismissed": Word("Dismissed", "grey", "The practice said why it is no error."),
}
ACTION_STATES: Mapping[str, Word] = {
    "overdue": Word("Overdue", "red", "Its day has passed."),
    "open": Word("To do", "blue", "Nobody has said yet that it is done."),
    "missed": Word("Missed", "orange", "Its turn went by, and nobody said that it was done."),
    "taken": Word("Done", "green", "Somebody said that it is done."),
    "not-needed": Word(
        "Not needed now", "grey", "What asked for it no longer holds, or the ledger sees it done."
    ),
}
DELIVERY_STATES: Mapping[str, Word] = {
    "accepted": Word("Accepted", "green", "All of it was taken in."),
    "accepted-in-part": Word("Accepted in part", "yellow", "Some rows could not be taken in."),
    "refused": Word("Refused", "red", "Nothing of it was taken in."),
}
PAIRING_STATES: Mapping[str, Word] = {
    "standing": Word("Stands", "green", "The system may write for the practice."),
    "revoked": Word("Revoked", "grey", "Whatever the system sends is refused."),
}
SUBSCRIPTION_STATES: Mapping[str, Word] = {
    "standing": Word("Stands", "green", "It is told of new breaches."),
    "revoked": Word("Revoked", "grey", "It is told nothing more."),
}
ATTENDANCE: Mapping[str, Word] = {
    "took-part": Word("Took part", "green", "It stands in the collection."),
    "missing": Word("Missing", "red", "It stood in an earlier one, and has not closed."),
    "not-yet": Word("Not yet", "yellow", "No collection has had it, and dissents are waiting."),
}
LOOKS: Mapping[str, str] = {
    Shown.STATUS: "Whether they object",
    Shown.FINDINGS: "A list of findings",
    Shown.FINDING: "One finding and what proves it",
    Shown.EXPOSURE: "Who was released while objecting",
    Shown.LETTERS: "Letters to them",
    Shown.TIMELINE: "What became known of them, event by event",
    Shown.REPLAY: "Who objected, as known then",
    Shown.DIFFERENCES: "What differs between two points",
    Shown.POLICIES: "Whom two policies answer differently",
    Shown.RECEIPT: "Whether a receipt's answer still comes out",
    Shown.LOOKS: "Who looked at them",
}
WAYS: Mapping[str, str] = {
    Way.API: "a program",
    Way.PAGE: "these pages",
    Way.COMMAND: "the command line",
}
OWNERS: Mapping[str, str] = {
    Owner.PRACTICE: "The practice",
    Owner.SUPPLIER: "The supplier",
    Owner.NHS_DIGITAL: "NHS Digital",
    Owner.EXTRACT_SERVICE: "The extract service",
}
FAILURES: Mapping[str, Word] = {
    Failure.PRACTICE: Word("The practice", "orange", "It was entered late, deleted, or unknown."),
    Failure.SUPPLIER: Word("The supplier", "red", "A collection should have carried it."),
    Failure.NHS_DIGITAL: Word("NHS Digital", "red", "It had arrived, and was not applied."),
    Failure.EXTRACT_SERVICE: Word("The extract service", "red", "The ledger knew, unasked."),
    Failure.US: Word("The ledger", "red", "The ledger knew, and a check of it is named."),
    Failure.NOBODY: Word("Nobody", "grey", "It was on its way: no collection was due yet."),
}
SETTING_MEANS: Mapping[str, str] = {
    Setting.AUTO_SHARE_OUT: "Others may see what the practice records, without asking the patient.",
    Setting.AUTO_SHARE_IN: "The practice may see what others recorded, without asking the patient.",
    Setting.SHARE_IN_RULE: "Which organisations need a code from the patient first.",
}
_FORMATS = {
    "systmone-sre": "SystmOne extract",
    "emis-extract": "EMIS extract",
    "vision-extract": "Vision extract",
    "collection": "Type 2 collection",
    "conversion": "Conversions to the national opt-out",
    "sharing": "Sharing settings",
    "practice-register": "Register of practices",
    "parcel": "A zip in which no delivery could be taken in",
}
# What events bear where no caller handed the files in.
_SENDERS = {"delivery": "the ledger’s operator", "register": "the ledger’s operator"}


def rule_name(code: str) -> str:
    """The name of a rule as a heading: Same day conflict."""
    return by_code(code).name.replace("-", " ").capitalize().replace("nhs", "NHS")


def purpose_sentence(purpose: str) -> str:
    """What a patient who objects to it says."""
    return Purpose(purpose).sentence


def setting_value(value: str | None) -> str:
    """The value of a setting, in words."""
    return "Not told to the ledger" if value is None else SETTING_VALUES.get(value, value)


def format_name(name: str) -> str:
    """What sort of delivery it is."""
    return _FORMATS.get(name, name.capitalize())


def sender(by: str) -> str:
    """Who handed a delivery in."""
    return _SENDERS.get(by, by)


def day(value: date | datetime | None) -> str:
    """A day as a letter would write it: 3 March 2016."""
    if value is None:
        return NOT_KNOWN
    return in_words(value.astimezone(PRACTICE_CLOCK) if isinstance(value, datetime) else value)


def month(value: date) -> str:
    """A month: March 2018."""
    return in_words(value).partition(" ")[2]


def system_name(value: str) -> str:
    """A clinical system as practices call it: EMIS Web."""
    return ClinicalSystem(value).full_name


def moment(value: datetime | None) -> str:
    """A moment on the practice's own clock: 3 March 2016 at 10:04."""
    return (
        NOT_KNOWN if value is None else f"{day(value)} at {value.astimezone(PRACTICE_CLOCK):%H:%M}"
    )


def number(value: int) -> str:
    """A count: 1,234."""
    return f"{value:,}"


def percent(value: float | None) -> str:
    """A share with one decimal; a dash where there is nothing to share."""
    return "–" if value is None else f"{value:.1%}"


def nhs_number(value: str) -> str:
    """An NHS number as it is read out: 999 000 0018."""
    return f"{value[:3]} {value[3:6]} {value[6:]}"


FILTERS: dict[str, Callable[..., object]] = {
    "code_system_name": code_system_in_words,
    "day": day,
    "format_name": format_name,
    "moment": moment,
    "month": month,
    "nhs_number": nhs_number,
    "number": number,
    "percent": percent,
    "purpose_name": purpose_name,
    "purpose_sentence": purpose_sentence,
    "rule_name": rule_name,
    "sender": sender,
    "setting_value": setting_value,
    "system_name": system_name,
}
WORDS: dict[str, object] = {
    "ACTION_STATES": ACTION_STATES,
    "ATTENDANCE": ATTENDANCE,
    "CLINICAL_SYSTEMS": tuple(ClinicalSystem),
    "DELIVERY_STATES": DELIVERY_STATES,
    "GDPR_APPLIED_ON": GDPR_APPLIED_ON,
    "FAILURES": FAILURES,
    "FINDING_STATES": FINDING_STATES,
    "LOOKS": LOOKS,
    "OWNERS": OWNERS,
    "PAIRING_STATES": PAIRING_STATES,
    "SUBSCRIPTION_STATES": SUBSCRIPTION_STATES,
    "RULES": RULES,
    "SETTINGS": SETTINGS,
    "SETTING_MEANS": SETTING_MEANS,
    "SEVERITIES": SEVERITIES,
    "SUPPLIERS": tuple(Supplier),
    "WAYS": WAYS,
}
