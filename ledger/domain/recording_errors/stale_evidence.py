"""A release relied on what a practice had sent, and that was older than the release itself allows.

Absence of data is not absence of objection. Whoever keeps the results of a check may do so only for
a time (E5), and an objection takes effect within so many days (E24): so a release says how old its
evidence may be, and is held to it. A practice of which nothing had come at all is older than any
limit. A release without a limit, or that names no practice, says nothing to test.
"""

from collections.abc import Iterator
from datetime import timedelta

from ledger.domain.rule import ActionAsked, Advice, Owner, ReleaseHistory, Reliance, Sighting
from ledger.domain.wording import counted, in_words

ACTIONS = (
    ActionAsked(
        Owner.EXTRACT_SERVICE,
        "Check the patients of this practice again, on evidence that is new enough",
        (
            Advice("A kept result of a check is a cache, and only for a time.", "E5"),
            Advice("An objection may take up to 21 days to take effect.", "E24"),
        ),
    ),
)
CLOSES = (
    "It does not close by itself: a newer delivery changes nothing in what the release relied on."
)
MEANWHILE = (
    "Patients who had objected since the practice's last delivery may be in the data that was"
    " released."
)


def find(history: ReleaseHistory) -> Iterator[Sighting]:
    """One for each practice relied on whose newest delivery was too old when the data left."""
    release = history.release
    if release.max_age_days is None:
        return
    limit = timedelta(days=release.max_age_days)
    for reliance in history.relied_on:
        at = reliance.evidence_at
        if at is not None and release.released_at - at <= limit:
            continue
        positions = {release.position, reliance.position or release.position}
        yield Sighting(
            key=reliance.practice,
            since=release.day,
            positions=tuple(sorted(positions)),
            summary=(
                f"The release of {in_words(release.day)} to {release.recipient} relied on this "
                f"practice, {_how_old(history, reliance)}; the release allows "
                f"{counted(release.max_age_days, 'day')}."
            ),
            expected="What a release relies on is no older than the release allows.",
            practice=reliance.practice,
            purpose=release.purpose,
        )


def _how_old(history: ReleaseHistory, reliance: Reliance) -> str:
    if reliance.evidence_at is None:
        return "of which nothing had been delivered"
    age = history.release.released_at - reliance.evidence_at
    return f"whose newest delivery was {counted(age.days, 'day')} old"
