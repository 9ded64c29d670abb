"""NHS numbers that nobody can have: 9000000000 and up are kept for tests (docs/formats.md 6.5)."""

from collections.abc import Iterator
from itertools import count
from random import Random

# Dummies whose check digit holds; a reader may rightly object to them (ID02).
_DUMMIES = frozenset({"9999999999", "9876543210", "9434765919"})
_BLOCK = 1_000_000
_STRIDE = 618_033  # Coprime to the block: each number comes up once, in no visible order.


def nhs_numbers(rng: Random) -> Iterator[str]:
    """Valid numbers, each once: those that begin with 999 first, then 998, and so on down."""
    start = rng.randrange(_BLOCK)
    for i in count():
        nine = f"{999 - i // _BLOCK}{(start + i * _STRIDE) % _BLOCK:06d}"
        assert nine >= "900", "ninety million patients are enough"
        check = check_digit(nine)
        if check is not None and nine + check not in _DUMMIES:
            yield nine + check


def check_digit(nine: str) -> str | None:
    """The Modulus 11 check digit of nine digits; None where it would be ten."""
    check = 11 - sum(int(digit) * (10 - i) for i, digit in enumerate(nine)) % 11
    return None if check == 10 else str(check % 11)  # noqa: PLR2004  no digit is ten


def mistyped(number: str) -> str:
    """The number with a wrong check digit."""
    return number[:9] + str((int(number[9]) + 1) % 10)
