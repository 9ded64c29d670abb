"""NHS numbers and ODS codes: what they look like, and when they are usable.

NHS number: ten digits, the last a Modulus 11 check digit (E14 G3).
ODS code of a practice: a letter and five digits, sometimes other shapes (G4 G5).
A third-party system is named as its token's issuer names it; that shape is ours.
"""

import re
from enum import StrEnum
from typing import Annotated

from nhs_number.validate import calculate_checksum
from pydantic import AfterValidator, StringConstraints

_LENGTH = 10
_SEPARATORS = re.compile(r"[\s-]+")
# Ten digits by themselves, as people write an NHS number; a date with its time has others.
_WRITTEN = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)", flags=re.ASCII)
# Nine digits and more, however they are parted: an NHS number, or most of one.
_NUMBERS = re.compile(r"\d(?:[\s._/+-]*\d){8,}")


def usable_nhs_number(text: str) -> str | None:
    """The ten digits of `text`, or None where it is no NHS number or fails its check digit.

    Written 3-3-4 with blanks or hyphens is the same number. A dummy such as 1111111111 passes
    its check digit and is usable: that it is a dummy is rule ID02's to say.
    """
    digits = _SEPARATORS.sub("", text)
    if len(digits) != _LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    # calculate_checksum and not is_valid: the latter also judges Scottish birth dates.
    return digits if calculate_checksum(digits[:9]) == int(digits[9]) else None


def _checked(text: str) -> str:
    number = usable_nhs_number(text)
    if number is None:
        # The number itself must not travel in a message that may be logged.
        raise ValueError("expected ten digits whose last is the Modulus 11 check digit")
    return number


NHSNumber = Annotated[str, AfterValidator(_checked)]

# Letters and digits, three to ten of them, upper case: practices are letter plus five digits,
# but branches, out-of-hours services and test codes (T99999, X26) are not.
ODS_CODE_PATTERN = r"^[A-Z0-9]{3,10}$"
ODSCode = Annotated[str, StringConstraints(pattern=ODS_CODE_PATTERN)]


class NumberKind(StrEnum):
    """What an NHS number with a sound check digit may be instead of somebody's own."""

    DUMMY = "dummy"
    SYNTHETIC = "synthetic"


# Besides ten equal digits: dummies that pass the check digit (docs/formats.md 6.5).
_DUMMIES = frozenset({"9876543210", "9434765919"})
_SYNTHETIC = "9"


def kind_of_number(number: str) -> NumberKind | None:
    """What ten digits are that can be nobody's: a dummy, or a number kept for tests."""
    if number in _DUMMIES or len(set(number)) == 1:
        return NumberKind.DUMMY
    return NumberKind.SYNTHETIC if number.startswith(_SYNTHETIC) else None


def kind_to_keep(number: str | None, *, live: bool) -> NumberKind | None:
    """What is kept of a number's kind: in a ledger whose patients are not real, synthetic ones are
    in order.
    """
    kind = kind_of_number(number) if number else None
    return None if kind is NumberKind.SYNTHETIC and not live else kind


def ods_code(text: str) -> str | None:
    """`text` as an ODS code (trimmed, upper case), or None where it cannot be one."""
    code = text.strip().upper()
    return code if re.fullmatch(ODS_CODE_PATTERN, code) else None


# What fits into a path as it is: an issuer's client id, a UUID, a product's name.
SYSTEM_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$"
SystemId = Annotated[str, StringConstraints(pattern=SYSTEM_ID_PATTERN)]


def system_id(text: str) -> str | None:
    """`text` as the name of a third-party system, or None: it never holds an NHS number."""
    shaped = re.fullmatch(SYSTEM_ID_PATTERN, text) is not None
    return text if shaped and not holds_nhs_number(text) else None


# Letters alone, so that none is ever taken for a number, and at random, so that none is guessed.
NOTIFIER_ID_PATTERN = r"^[a-z]{20}$"
NotifierId = Annotated[str, StringConstraints(pattern=NOTIFIER_ID_PATTERN)]


def holds_nhs_number(text: str) -> bool:
    """Whether somebody's NHS number stands in `text`, parted or not."""
    digits = "".join(c if c.isdigit() else " " if c not in " -" else "" for c in text)
    return any(
        usable_nhs_number(run[i : i + _LENGTH])
        for run in digits.split()
        for i in range(len(run) - _LENGTH + 1)
    )


def without_nhs_numbers(text: str) -> str:
    """`text` fit for the log of events: the name of a file or folder, which people make up."""
    return _WRITTEN.sub(
        lambda found: "[number hidden]" if usable_nhs_number(found[0]) else found[0], text
    )


def without_numbers(text: str) -> str:
    """`text` fit to be logged or sent back: nothing in it could be an NHS number."""
    return _NUMBERS.sub("[number hidden]", text)
