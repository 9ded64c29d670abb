"""Who objects? The same answer as the ledger's, worked out a second time on one page of plain dictionaries.

Written from docs/adr/0006 and 0014 and the catalogue (docs/rules.md) alone, by somebody who had not
read the projection, so that a fault would have to be made twice to go unseen.

A fact is a dictionary with `position`, `recorded_at` and `delivery`, and one of these under `what`:

    entry      source (what tells its row from others), patient, purpose, says ("dissent" or
               "withdrawal"), near_miss (the code is only near ours), term_says_otherwise (the words
               beside the code say the opposite), effective_on (None where it is
               missing, unreadable or partial), entered_on (the day it became known where the system
               gives none: then `entered_unknown`), before_birth (told when it was kept: no date of
               birth is)
    removed    source
    dismissed  rule, entry (the position of the entry that the finding is about)
    reopened   rule, entry: from then on it is as if it had not been dismissed
    died       patient, on
    refused    patient, practice, at: it was asked for the record then, and withheld it
    sent       patient, practice, at: the moment of the record that it sent after all
    renumbered patient, by (the number of the one became that of the other)
"""

from datetime import date, datetime, timedelta
from typing import Any

Fact = dict[str, Any]

LAST_DAY_OF_TYPE_2 = date(2018, 10, 11)
SYSTEM_DEFAULTS = (date(1900, 1, 1), date(1970, 1, 1))
A_DAY = timedelta(days=1)


def status(
    facts: list[Fact], *, patient: Any, purpose: str, at: date, known_at: int | datetime
) -> tuple[str, set[int]]:
    """Whether the patient objects, and the positions of the entries that may be named as the reason.

    Of whom nobody can tell no entry is the reason.
    """
    known = [fact for fact in facts if is_known(fact, known_at)]
    answers = [
        status_of_one(known, family, purpose=purpose, at=at) for family in families(known, patient)
    ]
    told = [answer for answer, _ in answers]
    said = next(word for word in ("objecting", "cannot-tell", "not-objecting") if word in told)
    return said, {position for answer, because in answers if answer == said for position in because}


def families(known: list[Fact], patient: Any) -> list[set[Any]]:
    """With whom a patient is one: those whose number became, in the end, what the patient's did."""
    ends = [
        p for p in becomes(known, patient) if all(p in becomes(known, q) for q in becomes(known, p))
    ]
    everybody = {
        patient,
        *(f[who] for f in known if f["what"] == "renumbered" for who in ("patient", "by")),
    }
    return [{p for p in everybody if end in becomes(known, p)} for end in ends]


def becomes(known: list[Fact], patient: Any) -> set[Any]:
    """Whose number the patient's became, and theirs in turn; their own too."""
    met = {patient}
    while (
        more := {f["by"] for f in known if f["what"] == "renumbered" and f["patient"] in met} - met
    ):
        met |= more
    return met


def status_of_one(
    known: list[Fact], family: set[Any], *, purpose: str, at: date
) -> tuple[str, set[int]]:
    died_on = next(
        (f["on"] for f in reversed(known) if f["what"] == "died" and f["patient"] in family), None
    )
    last_word = {
        (f["rule"], f["entry"]): f["what"] for f in known if f["what"] in ("dismissed", "reopened")
    }
    dismissed = {about for about, word in last_word.items() if word == "dismissed"}

    entries = entries_as_they_are(known)
    dissents, withdrawals = [], []
    for entry in entries:
        if entry["patient"] not in family or entry["purpose"] != purpose:
            continue
        if is_too_late(entry):
            continue
        on = entry["effective_on"]
        wrong = on is not None and (
            on > entry["entered_on"] + A_DAY
            or on in SYSTEM_DEFAULTS
            or entry["before_birth"]
            or (died_on is not None and on > died_on)
        )
        since = entry["entered_on"] if on is None or wrong else on
        if since > at:
            continue
        if is_contradicted_withdrawal(entry, dismissed):
            # A dissent as long as the finding is open; gone with the row, and not a removed dissent.
            if not (
                entry["removed"]
                or (entry["near_miss"] and ("CO07", entry["position"]) in dismissed)
            ):
                dissents.append((since, entry))
        elif entry["says"] == "withdrawal":
            if not (entry["removed"] or entry["near_miss"] or wrong):
                withdrawals.append((since, entry))
        elif (
            (entry["removed"] and ("LC01", entry["position"]) in dismissed)
            or (entry["removed"] and was_entered_anew(entry, entries, family))
            or (entry["near_miss"] and ("CO07", entry["position"]) in dismissed)
        ):
            pass
        else:
            dissents.append((since, entry))

    # A dissent that counts only until somebody speaks is ended by a withdrawal of its own day.
    withdrawn_on = max((since for since, _ in withdrawals), default=date.min)
    dissents = [
        (since, entry)
        for since, entry in dissents
        if not (entry["removed"] or entry["near_miss"] or entry["says"] == "withdrawal")
        or since > withdrawn_on
    ]
    dissented_on = max((since for since, _ in dissents), default=date.min)
    if dissents and dissented_on >= withdrawn_on:
        return "objecting", {e["position"] for since, e in dissents if since == dissented_on}
    if any(
        f["what"] == "refused" and f["patient"] in family and not made_good(f, known, family)
        for f in known
    ):
        return "cannot-tell", set()
    return "not-objecting", {e["position"] for since, e in withdrawals if since == withdrawn_on}


def made_good(refused: Fact, known: list[Fact], family: set[Any]) -> bool:
    """Whether the practice has since sent the record that it refused."""
    return any(
        fact["what"] == "sent"
        and fact["patient"] in family
        and fact["practice"] == refused["practice"]
        and fact["at"] > refused["at"]
        for fact in known
    )


def entries_as_they_are(known: list[Fact]) -> list[Fact]:
    """The entries that no changed row replaced, with what each said before and when it was removed."""
    kept: list[Fact] = []
    for fact in known:
        if fact["what"] not in ("entry", "removed"):
            continue
        there = [e for e in kept if e["source"] == fact["source"] and e["removed"] is None]
        if fact["what"] == "removed":
            for entry in there:
                entry["removed"] = fact
        else:
            kept = [e for e in kept if e not in there]
            kept.append({**fact, "removed": None, "before": there})
    return kept


def was_entered_anew(removed: Fact, entries: list[Fact], family: set[Any]) -> bool:
    """Whether the delivery that removed a dissent brought another for it: then LC01 is not found."""
    return removed["removed"]["delivery"] is not None and any(
        entry["removed"] is None
        and is_dissent_of(removed["purpose"], entry)
        and not is_too_late(entry)
        and entry["patient"] in family
        and any(
            is_dissent_of(removed["purpose"], version)
            and version["delivery"] == removed["removed"]["delivery"]
            for version in versions_of(entry)
        )
        for entry in entries
    )


def is_too_late(entry: Fact) -> bool:
    """A type 2 entered when it had ended; what old objection only became known then is not."""
    entered_on = entry["entered_on"]
    if entry["entered_unknown"] and entry["effective_on"] is not None:
        entered_on = min(entered_on, entry["effective_on"])
    return bool(entry["purpose"] == "type-2" and entered_on > LAST_DAY_OF_TYPE_2)


def is_contradicted_withdrawal(entry: Fact, dismissed: set[tuple[str, int]]) -> bool:
    """A withdrawal by its code and a dissent by its words, and nobody has said which was meant."""
    return bool(
        entry["says"] == "withdrawal"
        and entry["term_says_otherwise"]
        and ("CO08", entry["position"]) not in dismissed
    )


def is_dissent_of(purpose: str, entry: Fact) -> bool:
    return bool(entry["says"] == "dissent" and entry["purpose"] == purpose)


def versions_of(entry: Fact) -> list[Fact]:
    return [entry, *(version for earlier in entry["before"] for version in versions_of(earlier))]


def is_known(fact: Fact, known_at: int | datetime) -> bool:
    when = fact["position"] if isinstance(known_at, int) else fact["recorded_at"]
    return bool(when <= known_at)
