"""An organisation nobody had allowed opened a share-in here, and nothing verified that the patient agreed.

Once a practice requires verification, an organisation that is not on its allowed list gets a
share-in only with a code that went to the patient (C3). One that has it without can look into the
record although neither the practice nor the patient let it in.

The rule and the lists count as they stood when the share-in was created; lists that come later
leave it untouched (C3). Of a prohibited organisation another rule speaks, and of an overridden
dissent too.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.objections import practice_day
from ledger.domain.practices import NO_VERIFICATION
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.share_ins import UNVERIFIED, ShareIn, days_of_changes, share_ins
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "End the share-in, and ask the organisation why it was not verified",
        (
            Advice(
                "An organisation on neither list may share in only after the patient has passed on "
                "the code that was sent to them.",
                "C3",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the ledger is told that the share-in has ended, or that the "
    "organisation was on one of the lists when it was created. Listing the organisation now "
    "does not close it."
)
MEANWHILE = (
    "Patients' records can be looked into by an organisation that neither the practice nor the "
    "patients let in."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each organisation, while a share-in of its stands that should have been verified."""
    shares: dict[str, list[ShareIn]] = {}
    for share in share_ins(history.practice, history.today):
        if _is_wrong(share):
            shares.setdefault(share.organisation, []).append(share)
    for organisation, theirs in shares.items():
        since = practice_day(theirs[0].created.changed_at)
        rules = [share.rule for share in theirs if share.rule is not None]
        evidence = {change.position for change in (*rules, *(s.created for s in theirs))}
        yield Sighting(
            key=organisation,
            since=since,
            positions=tuple(sorted(evidence)),
            summary=(
                f"{organisation} created a share-in on {in_words(since)} without verification, and "
                "was on neither list."
            ),
            expected=(
                f"Verification has been required since {in_words(practice_day(rules[0].changed_at))} "
                "of every organisation that is not allowed."
            ),
            practice=history.code,
            purpose=Purpose.SHARE_IN,
        )


def days(history: PracticeHistory) -> list[date]:
    """When a change that is told ahead takes effect."""
    return days_of_changes(history.practice, history.today)


def _is_wrong(share: ShareIn) -> bool:
    required = share.rule is not None and share.rule.value != NO_VERIFICATION
    listed = share.allowed is not None or share.prohibited is not None
    return share.created.value == UNVERIFIED and required and not listed
