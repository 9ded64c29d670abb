"""What is the code in a Read code of 5+2 characters, as Vision, GP Connect and GP2GP write it?"""

import re

# A four-character code with its padding lost is no longer exact, but is not to be lost (CO07).
_TERM_CODE = re.compile(r"(.{5,}|[0-9A-Za-z]{4})[0-9]{2}(\s*)", re.ASCII)


def without_term_code(text: str) -> str:
    """A Read v2 code without its term code: `9Nu0.00` is the format's spelling of `9Nu0.`, no fault.

    Anything else is left as it is, blanks and case too, for CO07 to find.
    """
    parts = _TERM_CODE.fullmatch(text)
    return text if parts is None else parts[1] + parts[2]
