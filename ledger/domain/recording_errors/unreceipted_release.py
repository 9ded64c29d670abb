"""A release names no check that it relied on, so nobody can tell how objections were applied.

A receipt proves which decisions a check used, by which policy and as known when. Without one a
release may be right, and cannot be shown to be.

Each practice whose evidence was relied on is told. A release that names none is told of without a
practice: whoever may see everything sees it.
"""

from collections.abc import Iterator

from ledger.domain.rule import ActionAsked, Advice, Owner, ReleaseHistory, Sighting
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.EXTRACT_SERVICE,
        "Attach the receipt of the check that this release relied on",
        (Advice("Tell the same release once more, with the receipt.", "[D]"),),
    ),
)
CLOSES = "It closes by itself when the receipt of the check is attached to the release."
MEANWHILE = (
    "Nobody can show that the patients who object were left out of the data that was released."
)


def find(history: ReleaseHistory) -> Iterator[Sighting]:
    """One for each practice relied on, or one of no practice, while no receipt is named."""
    release = history.release
    if release.receipt is not None:
        return
    for practice in release.relied_on or (None,):
        yield Sighting(
            key=practice or "release",
            since=release.day,
            positions=(release.position,),
            summary=(
                f"The release of {in_words(release.day)} to {release.recipient} names no receipt "
                "of a check."
            ),
            expected="A release names the check that it relied on.",
            practice=practice,
            purpose=release.purpose,
        )
