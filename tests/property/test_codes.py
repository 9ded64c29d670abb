"""What holds of every code that is nearly one of ours, however it was mistyped."""

import re
import string

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.codes import (
    CODES,
    NEIGHBOURS,
    Code,
    read_code,
    read_row,
    scan_pattern,
    verhoeff_holds,
)
from ledger.domain.purposes import Neighbour, Statement
from tests.property.tries import tries

OURS = {code.code: code for code in CODES}
# What a keyboard, a spreadsheet or a careless copy may put in; the last four are digits to Unicode.
LETTERS = string.ascii_letters + string.digits + " .+-\t\u00a0_\u00df\u0130\u00b2\u0663\uff18\u0661"


@st.composite
def mistyped(draw: st.DrawFn) -> str:
    """One of ours or a neighbour, after up to three edits."""
    text = draw(st.sampled_from(sorted({*OURS, *NEIGHBOURS})))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        letter = draw(st.sampled_from(LETTERS))
        text = draw(
            st.sampled_from(
                [
                    text[:at] + letter + text[at:],
                    text[:at] + letter + text[at + 1 :],
                    text[:at] + text[at + 1 :],
                    text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
                    text[:at] + text[at:].swapcase(),
                    text[:at] + "0" * len(text[at:]),
                    f"{text} ",
                    f" {text}",
                ]
            )
        )
    return text


@tries(500)
@given(mistyped())
def test_a_near_code_is_never_one_of_ours_or_a_neighbour(text: str) -> None:
    reading = read_code(text)

    if text in OURS:
        assert reading is not None
        assert reading.code is OURS[text]
        assert not reading.near
    elif text.strip() in NEIGHBOURS:
        assert reading is None
    elif reading is not None:
        assert reading.near


@tries(500)
@given(mistyped())
def test_the_scan_lets_through_whatever_can_be_read(text: str) -> None:
    if read_row((text,)):
        assert re.search(scan_pattern(), text, re.IGNORECASE)
        assert pl.Series([text]).str.contains(f"(?i){scan_pattern()}").all()


@tries(250)
@given(mistyped())
def test_a_snomed_id_whose_check_digit_holds_is_itself_or_nothing(text: str) -> None:
    if text.isascii() and text.isdigit() and verhoeff_holds(text):
        reading = read_code(text)

        assert reading is None or reading.code.code == text or text.endswith("000")


@tries(250)
@given(st.text(max_size=24))
def test_any_text_at_all_can_be_asked_for(text: str) -> None:
    reading = read_code(text)

    assert reading is None or isinstance(reading.code, Code)


@tries(250)
@given(st.tuples(mistyped(), mistyped()))
def test_of_two_codes_that_disagree_an_exact_one_is_taken_and_else_the_dissent(
    codes: tuple[str, str],
) -> None:
    readings = [reading for text in codes if (reading := read_code(text))]

    for stated in read_row(codes):
        if isinstance(stated.purpose, Neighbour):
            assert any(text in NEIGHBOURS for text in codes)
            assert not any(not reading.near for reading in readings)
            continue
        of_purpose = [r for r in readings if r.code.purpose is stated.purpose]
        exact = [r for r in of_purpose if not r.near]
        dissents = [r for r in exact or of_purpose if r.code.statement is Statement.DISSENT]
        assert stated.near is not bool(exact)
        assert (stated.statement is Statement.DISSENT) is bool(dissents)
