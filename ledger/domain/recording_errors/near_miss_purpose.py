"""On one day a practice coded refusals of several things close by, and no type 1 or type 2.

Forms differ in what they offer, and lists of codes throw the Summary Care Record, shared records,
research and our objections together (D1 H3). Whoever refused several of them at once may have
handed in an objection that was coded as its neighbours; and of those none keeps data from leaving
the practice.

One refusal says what it says, and so do several codes of one thing. Several things refused in one
consultation are all that coded data shows of a form: entered at one practice on one day, and meant
from one day, so that an old record which only looks newly entered (D9) makes no such day. A type 1
or type 2 in the record, whatever it says, shows that the patient was asked [D].
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from ledger.domain.evidence import current_entries, is_upheld
from ledger.domain.objections import KeptNeighbour, practice_day
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import in_words, neighbour_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Ask the patient which objection was meant",
        (
            Advice(
                "Look at what the patient handed in. If they object to their data leaving the "
                "practice, enter a type 1 dissent with the day they said so; if not, dismiss this "
                "finding and say so. Nothing is taken from what you have entered.",
                "D1 H3",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when a type 1 or type 2 entry of the patient is recorded, whatever "
    "it says, or when the refusals of that day are no longer of several things."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each day and practice, if nothing of type 1 or type 2 is recorded."""
    if current_entries(history) or any(history.standing(p) for p in history.purposes):
        return
    for (practice, day), refused in _consultations(history).items():
        about = sorted({one.event.about for one in refused})
        if len(about) > 1:
            yield Sighting(
                key=f"{practice}|{day.isoformat()}",
                since=day,
                positions=tuple(sorted(one.position for one in refused)),
                summary=(
                    f"On {in_words(day)} refusals of "
                    f"{' and of '.join(map(neighbour_in_words, about))} were entered, and no "
                    "type 1 or type 2 objection is recorded."
                ),
                expected="A type 1 dissent, if that is what the patient meant.",
                practice=practice,
                upheld_meanwhile=is_upheld(history, Purpose.TYPE_1),
            )


def _consultations(history: PatientHistory) -> dict[tuple[str, date], list[KeptNeighbour]]:
    """The refusals in the record that were meant from the day they were entered, by practice and day."""
    consultations: defaultdict[tuple[str, date], list[KeptNeighbour]] = defaultdict(list)
    for one in history.objections.neighbours:
        event = one.event
        if one.removed is None and one.replaced_by is None and event.entered_at is not None:
            entered_on = practice_day(event.entered_at)
            if event.effective_on == entered_on:
                consultations[event.practice, entered_on].append(one)
    return consultations
