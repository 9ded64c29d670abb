"""Which codes state or end an objection, and what a code that is nearly one of them means.

The table is docs/formats.md 7; where each id comes from stands beside it. Codes are
compared exactly: CTV3 is case-sensitive (OpenSAFELY reads it with a binary collation, D24).
A code that is one edit away is kept and judged (CO07), because a mistyped dissent is still a wish.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from ledger.domain.purposes import Neighbour, Purpose, Statement


class CodeSystem(StrEnum):
    """A vocabulary a code is taken from."""

    READ_V2 = "readv2"
    CTV3 = "ctv3"
    SNOMED_CT = "snomed-ct"


@dataclass(frozen=True, slots=True)
class Code:
    """One code of the table, and what an entry that carries it says."""

    system: CodeSystem
    code: str
    purpose: Purpose
    statement: Statement


def _rows(purpose: Purpose, statement: Statement, *codes: str) -> tuple[Code, ...]:
    return tuple(
        Code(system, code, purpose, statement)
        for system, code in zip(CodeSystem, codes, strict=True)
    )


CODES: tuple[Code, ...] = (
    # Read and CTV3 from two sources, the SNOMED CT id from one (D1 D2 D3 D4 D5).
    *_rows(Purpose.TYPE_1, Statement.DISSENT, "9Nu0.", "XaZ89", "827241000000103"),
    # XaZ8A: the one public source writes XaZ8a, which the order of CTV3 ids contradicts
    # (docs/formats.md 7). So XaZ8a is a near miss of a withdrawal: reviewed, and never counted.
    *_rows(Purpose.TYPE_1, Statement.WITHDRAWAL, "9Nu1.", "XaZ8A", "827261000000102"),
    *_rows(Purpose.TYPE_2, Statement.DISSENT, "9Nu4.", "XaaVL", "881561000000100"),
    *_rows(Purpose.TYPE_2, Statement.WITHDRAWAL, "9Nu5.", "XaaVM", "881581000000109"),
)

# Codes of other purposes that stand close to ours (docs/formats.md 7). Each is a fact about
# something else, so none may be taken for a misspelling: 9Nd1. is one letter from 9Nu1. and means
# "no consent for electronic record sharing".
NEIGHBOURS: frozenset[str] = frozenset(
    [
        "9Ndl.",
        "9Ndm.",
        "9Ndn.",
        "9Ndo.",
        "93C1.",
        "93C3.",
        "9Nd1.",
        "9Nd7.",
        "9NdH.",
        "9NdJ.",
        "9Nd9.",
        "9NdR.",
        "9Ndb.",
        "9Ndt.",
        "9M1..",
        "9NdS.",
        "9Ndy.",
        "9h12.",
        "XaXbY",
        "XaXbZ",
        "XaXj6",
        "XaKRw",
        "XaKRy",
        "XaKII",
        "XaNwR",
        "XaNwT",
        "XaNwU",
        "XaN25",
        "XaQxZ",
        "XaX1u",
        "XaY7Y",
        "XaJrC",
        "XaaDb",
        "416409005",
        "416308001",
        "417528008",
        "417370002",
        "425691002",
        "319951000000105",
        "320011000000108",
        "342591000000108",
        "705025004",
        "835231000000104",
        "1364731000000104",
        "1364751000000106",
        "1091881000000109",
    ]
)


class Refusal(NamedTuple):
    """A neighbour that refuses something, and what."""

    system: CodeSystem
    code: str
    about: Neighbour


def _refusals(
    about: Neighbour, *, read: str = "", ctv3: str = "", snomed: str = ""
) -> Iterator[Refusal]:
    for system, codes in zip(CodeSystem, (read, ctv3, snomed), strict=True):
        yield from (Refusal(system, code, about) for code in codes.split())


# Of the neighbours those that say no to something and have a plain meaning (D1 D14 D16 D17). The
# consents, which stand in most records, are read by nobody (docs/adr/0025).
REFUSALS: tuple[Refusal, ...] = (
    *_refusals(
        Neighbour.SUMMARY_CARE_RECORD, read="9Ndo. 93C3.", ctv3="XaXj6 XaKRy", snomed="416308001"
    ),
    *_refusals(
        Neighbour.SHARED_RECORD,
        read="93C1. 9Nd1. 9NdH.",
        ctv3="XaKRw XaKII XaNwT",
        snomed="416409005 320011000000108",
    ),
    *_refusals(Neighbour.RESEARCH, read="9M1..", ctv3="XaJrC XaaDb", snomed="1091881000000109"),
)
_REFUSED = {refusal.code: refusal for refusal in REFUSALS}

_EXACT = {code.code: code for code in CODES}
_FOLDED = {code.code.casefold(): code for code in CODES}
# How many places of a Read code say which chapter it is of.
_CHAPTER = 3
# Of a rounded number, how many digits have to be left to tell which of ours it was.
_TELLING_DIGITS = 3
# SNOMED CT RF2, 6: an id has six to eighteen digits.
_SNOMED_CT_LENGTHS = range(6, 19)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d{2}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a code as entered means: `code` exactly, or where `near` a code one edit away."""

    code: Code
    near: bool


def read_code(text: str) -> Reading | None:
    """What `text` means once the reader has undone its format's own spelling; None: not ours.

    A difference of case or of a blank alone is judged before any other edit; among several codes
    one edit away the dissent is taken, which errs towards the patient's wish.
    """
    if (exact := _EXACT.get(text)) is not None:
        return Reading(exact, near=False)
    trimmed = text.strip()
    closed_up = "".join(trimmed.split())
    if not trimmed or closed_up in NEIGHBOURS or len(trimmed) > _LONGEST + 1:
        return None
    # More than one blank within is more than one edit, and the scan would not find it.
    if (
        len(trimmed) - len(closed_up) <= 1
        and (folded := _FOLDED.get(closed_up.casefold())) is not None
    ):
        return Reading(folded, near=True)
    near = _near(trimmed)
    return None if near is None else Reading(near, near=True)


_LONGEST = max(len(code.code) for code in CODES)


def _near(text: str) -> Code | None:
    candidates = [code for code in CODES if _is_near(text, code)]
    dissents = [code for code in candidates if code.statement is Statement.DISSENT]
    return next(iter(dissents or candidates), None)


def _is_near(text: str, code: Code) -> bool:
    if code.system is CodeSystem.READ_V2 and _in_another_chapter(text, code.code):
        return False
    if code.system is not CodeSystem.SNOMED_CT:
        return one_edit_apart(text, code.code)
    if _SCIENTIFIC.fullmatch(text):
        # What a spreadsheet makes of a long number: 8.27241E+14.
        digits = len(text.split("E", maxsplit=1)[0].split("e", maxsplit=1)[0].replace(".", ""))
        return (
            digits >= _TELLING_DIGITS
            and f"{float(text):.14E}" == f"{float(f'{int(code.code):.{digits - 1}E}'):.14E}"
        )
    if not (text.isascii() and text.isdigit()):
        return False
    if text.endswith("000") and len(text) == len(code.code):
        # Rounded to fewer digits: 881561000000100 -> 881561000000000.
        kept = text.rstrip("0")
        if len(kept) >= 6 and code.code.startswith(kept):  # noqa: PLR2004  the concept's own part
            return True
    # An id whose check digit holds is some other concept, however close.
    return one_edit_apart(text, code.code) and not verhoeff_holds(text)


def _in_another_chapter(text: str, ours: str) -> bool:
    """Whether `text` is a Read code of another chapter: its first three places say which, so one of
    them replaced is no slip. 9N11. ("seen in GP's surgery" and its kin) stands in every record.
    """
    same_length = len(text) == len(ours)
    return same_length and text[:_CHAPTER] != ours[:_CHAPTER] and text[_CHAPTER:] == ours[_CHAPTER:]


def one_edit_apart(a: str, b: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours turns `a` into `b`."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    start = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    rest_a, rest_b = a[start:], b[start:]
    if len(rest_a) != len(rest_b):
        longer, shorter = (rest_a, rest_b) if len(rest_a) > len(rest_b) else (rest_b, rest_a)
        return longer[1:] == shorter
    swapped = rest_a[1:2] + rest_a[:1] + rest_a[2:]
    return rest_a[1:] == rest_b[1:] or swapped == rest_b


_D = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_P = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901",
      "2793806415", "7046913258")  # fmt: skip


def verhoeff_holds(digits: str) -> bool:
    """Whether the last digit of a SNOMED CT id is its Verhoeff check digit (SNOMED CT RF2, 6.3)."""
    check = 0
    for i, digit in enumerate(reversed(digits)):
        check = int(_D[check][int(_P[i % 8][int(digit)])])
    return check == 0


@dataclass(frozen=True, slots=True)
class CodedStatement:
    """What one row states for one purpose: the code it was entered in, and its twin if it has two.

    Or what it refuses, where that is no purpose of ours but close to one.
    """

    code_system: CodeSystem
    code: str
    purpose: Purpose | Neighbour
    statement: Statement
    near: bool
    also_coded: str | None

    def entry_id(self, row: str, place: int) -> str:
        """The id of the entry that this is, of all that the row states the one at this place.

        A row whose two codes are of two purposes is two entries, which the id must tell apart. A
        refusal of something else always says so: a row that becomes one is no entry of ours any
        more, and has not been changed into it.
        """
        named = place or isinstance(self.purpose, Neighbour)
        return f"{row}#{self.purpose}" if named else row


_OF_A_ROW = frozenset((*Purpose, *Neighbour))


def entry_ids(row: str) -> tuple[str, ...]:
    """Every id under which something that this row states may be kept."""
    return (row, *(f"{row}#{purpose}" for purpose in _OF_A_ROW))


def row_of(entry_id: str) -> str:
    """The row that an entry's id names."""
    row, _, purpose = entry_id.rpartition("#")
    return row if purpose in _OF_A_ROW else entry_id


def is_of_a_neighbour(entry_id: str) -> bool:
    """Whether the id is that of a refusal of something else, and of no objection."""
    return entry_id.rpartition("#")[2] in list(Neighbour)


# A supplier's file holds a few codes a million times, and 9N31. (a telephone encounter) is one edit
# from ours: worked out for every row it would take longer than reading the file.
@lru_cache(maxsize=10_000)
def read_row(codes: tuple[str, ...]) -> tuple[CodedStatement, ...]:
    """What a row with these codes (the native one first) states, at most once for each purpose.

    A row of SystmOne, EMIS Web or GP Connect carries its code twice, native and SNOMED CT: that is
    one entry. Where the two disagree, an exact code outweighs a near miss and a dissent outweighs
    a withdrawal, so that a contradiction never removes a protection. A row that states nothing of
    ours may refuse something close by.
    """
    readings = [(text, reading) for text in codes if text and (reading := read_code(text))]
    if any(_is_another_concept(text) for text in codes):
        # Its twin says what the row means, so a code that is merely near ours is near by chance.
        readings = [(text, reading) for text, reading in readings if not reading.near]
    statements = []
    for purpose in dict.fromkeys(reading.code.purpose for _, reading in readings):
        of_purpose = [(text, r) for text, r in readings if r.code.purpose is purpose]
        text, best = min(
            of_purpose,
            key=lambda pair: (pair[1].near, pair[1].code.statement is Statement.WITHDRAWAL),
        )
        others = [code for code in codes if code and code != text]
        statements.append(
            CodedStatement(
                code_system=best.code.system,
                code=text,
                purpose=purpose,
                statement=best.code.statement,
                near=best.near,
                also_coded=others[0] if others and read_code(others[0]) else None,
            )
        )
    return tuple(statements) or _refused(codes)


def _refused(codes: tuple[str, ...]) -> tuple[CodedStatement, ...]:
    refusal = next((_REFUSED[text] for text in codes if text in _REFUSED), None)
    if refusal is None:
        return ()
    system, code, about = refusal
    return (CodedStatement(system, code, about, Statement.DISSENT, near=False, also_coded=None),)


def _is_another_concept(text: str) -> bool:
    """Whether `text` is a sound SNOMED CT id, and not one of ours or nearly so."""
    sound = text.isascii() and text.isdigit() and len(text) in _SNOMED_CT_LENGTHS
    return sound and verhoeff_holds(text) and read_code(text) is None


@cache
def scan_pattern() -> str:
    """A regular expression that every text `read_row` knows matches, for a reader's bulk scan.

    It lets through a little more than ours (a scan only has to drop the rest of a practice's
    record); written in the subset that Polars, Spark and Python share, to be searched without case.
    """
    alternatives = [re.escape(refusal.code) for refusal in REFUSALS]
    for code in CODES:
        letters = [re.escape(letter) for letter in code.code]
        wild = ["", "."] if code.system is not CodeSystem.SNOMED_CT else ["", r"[0-9\s]"]
        for i in range(len(letters) + 1):
            before, after = "".join(letters[:i]), "".join(letters[i + 1 :])
            alternatives.append(before + wild[1] + "".join(letters[i:]))
            if i < len(letters):
                # One of a Read code's first three replaced is another chapter, and in every record.
                chapter = code.system is CodeSystem.READ_V2 and i < _CHAPTER
                alternatives.append(f"{before}{letters[i] if chapter else wild[1]}?{after}")
            if i + 1 < len(letters):
                alternatives.append(
                    before + letters[i + 1] + letters[i] + "".join(letters[i + 2 :])
                )
        if code.system is CodeSystem.SNOMED_CT:
            alternatives.append(code.code[:6] + "[0-9]*000")
            alternatives.append(code.code[0] + r"(?:\.[0-9]+)?e\+[0-9]+")
    blank = r"\s*"
    return f"^{blank}(?:{'|'.join(dict.fromkeys(alternatives))}){blank}$"
