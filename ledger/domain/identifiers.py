"""NHS numbers and ODS codes: what they look like, and when they are usable.

NHS number: ten digits, the last a Modulus 11 check digit (E14 G3).
ODS code of a practice: a letter and five digits, sometimes other shapes (G4 G5).
"""

import re
from typing import Annotated

from nhs_number.validate import calculate_checksum
from pydantic import AfterValidator, StringConstraints

_LENGTH = 10
_SEPARATORS = re.compile(r"[\s-]+")
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


def ods_code(text: str) -> str | None:
    """`text` as an ODS code (trimmed, upper case), or None where it cannot be one."""
    code = text.strip().upper()
    return code if re.fullmatch(ODS_CODE_PATTERN, code) else None


def without_numbers(text: str) -> str:
    """`text` fit to be logged or sent back: nothing in it could be an NHS number."""
    return _NUMBERS.sub("[number hidden]", text)
