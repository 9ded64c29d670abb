"""How findings are worded: days, counts and entries in plain English, never a number or a name."""

from collections.abc import Sequence
from datetime import date

from ledger.domain.codes import CodeSystem
from ledger.domain.objections import KeptEntry
from ledger.domain.purposes import Neighbour, Purpose

# Not strftime: its month names follow the machine's language, and a summary must not.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_NEIGHBOURS = {
    Neighbour.SUMMARY_CARE_RECORD: "a Summary Care Record",
    Neighbour.SHARED_RECORD: "a shared record",
    Neighbour.RESEARCH: "research or audit",
}

_CODE_SYSTEMS = {
    CodeSystem.READ_V2: "Read v2",
    CodeSystem.CTV3: "CTV3",
    CodeSystem.SNOMED_CT: "SNOMED CT",
}


def in_words(day: date) -> str:
    """The day as a letter would write it: 3 March 2016."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_in_words(day: date) -> str:
    """The month of the day: March 2016."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """The number with its noun: 1 collection, 2 collections."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"


def share(part: int, whole: int) -> str:
    """The part of a whole as a percentage with one decimal: 4.4%."""
    return f"{part / whole:.1%}"


def purpose_in_words(purpose: Purpose) -> str:
    """The purpose as practices say it: type 1."""
    return purpose.value.replace("-", " ")


def neighbour_in_words(neighbour: Neighbour) -> str:
    """What was refused, with its article: a Summary Care Record."""
    return _NEIGHBOURS[neighbour]


def code_system_in_words(code_system: str) -> str:
    """A vocabulary as practices call it: Read v2."""
    return _CODE_SYSTEMS[CodeSystem(code_system)]


def upheld_in_words(*, upheld: bool) -> str:
    """What it means for a patient, while a finding is open, that they count as objecting or not."""
    if upheld:
        return "The patient's wish is upheld: they count as objecting until this is settled."
    return "No objection is upheld: by the entries that count, the patient does not object."


def entry_in_words(entry: KeptEntry) -> str:
    """What sort of entry it is, and when it was entered: type 1 dissent entered on 3 March 2016."""
    event = entry.event
    return (
        f"{purpose_in_words(event.purpose)} {event.statement} entered on "
        f"{in_words(entry.entered_on)}"
    )


def period_in_words(days: Sequence[date]) -> str:
    """One day, or from the first of several (given in order) to the last."""
    if len(days) == 1:
        return in_words(days[0])
    return f"{in_words(days[0])} to {in_words(days[-1])}"
