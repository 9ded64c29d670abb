"""Valid NHS numbers of the range kept for tests: 999 000 0000 to 999 999 9999, never issued (G2)."""

from collections.abc import Iterator
from itertools import islice

from nhs_number.validate import calculate_checksum

_NO_CHECK_DIGIT = 10


def _all() -> Iterator[str]:
    for stem in range(999_000_000, 1_000_000_000):
        check = calculate_checksum(str(stem))
        if check != _NO_CHECK_DIGIT:
            yield f"{stem}{check}"


def nhs_numbers(how_many: int) -> list[str]:
    """The first so many of them, the same each time."""
    return list(islice(_all(), how_many))


def nhs_number(which: int = 0) -> str:
    """The one in that place, counted from nought."""
    return next(islice(_all(), which, None))
