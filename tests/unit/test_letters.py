"""Are the letters to patients plain, sourced and whole, and does each fit its page?"""

import csv
import io
import re
from datetime import date

import pytest

from ledger.application.letter_pages import as_pdf, as_wording
from ledger.application.letters import MERGE_FIELDS, Addressee, Letters
from ledger.domain.letters import LETTERS, Letter
from ledger.domain.purposes import Purpose
from ledger.domain.recording_errors import by_code
from ledger.domain.sources import SOURCES
from tests.nhs_numbers import nhs_numbers
from tests.pdf import pages

ANNA, BEN = nhs_numbers(2)
MANY_DAYS = (date(2018, 10, 12), date(2018, 12, 31), date(2019, 2, 28))
_VOWELS = re.compile(r"[aeiouy]+", re.IGNORECASE)


def sentences(letter: Letter) -> list[str]:
    texts = [said.text for _, told in letter.parts for said in told]
    text = " ".join(texts).replace("{days}", "3 March").replace("{choice}”", "Yes.” ")
    return [one for one in re.split(r"(?<=[.?!])[”\s]+", text) if one.strip()]


def syllables(word: str) -> int:
    """Vowels in a row are one syllable; a silent e at the end is none."""
    found = len(_VOWELS.findall(re.sub(r"(?<=[^aeiou])e$", "", word.lower())))
    return max(1, found)


def some_letters(rule: str, *addressees: Addressee, name: str = "MARLOW SURGERY") -> Letters:
    return Letters(LETTERS[rule], "X99901", name, date(2019, 3, 1), addressees)


def to(number: str, *days: date) -> Addressee:
    return Addressee(number, Purpose.TYPE_2, days or MANY_DAYS, ("f1", "f2"))


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_a_reader_of_eleven_can_read_it(letter: Letter) -> None:
    told = sentences(letter)
    words = [word for one in told for word in re.findall(r"[A-Za-z]+", one)]
    a_sentence = len(words) / len(told)
    a_word = sum(map(syllables, words)) / len(words)

    # Flesch and Kincaid: the year of school in the United States; eleven-year-olds are in the sixth.
    assert 0.39 * a_sentence + 11.8 * a_word - 15.59 < 6
    assert max(len(re.findall(r"\w+", one)) for one in told) <= 22


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_each_sentence_says_who_says_so_and_its_rule_asks_its_writer(letter: Letter) -> None:
    said = [one for _, told in letter.parts for one in told]

    assert [one.source for one in said if set(one.source.split()) - set(SOURCES)] == []
    assert all(told for _, told in letter.parts)
    assert letter.writer in {asked.owner for asked in by_code(letter.rule).actions}


def test_no_telephone_number_is_in_a_letter_but_the_one_that_is_published() -> None:
    texts = " ".join(s.text for letter in LETTERS.values() for _, t in letter.parts for s in t)

    assert re.findall(r"\d[\d ]{6,}\d", texts) == ["0300 303 5678"]
    assert not re.search(r"@|https?:|www\.|\.uk", texts)


@pytest.mark.parametrize("rule", LETTERS)
def test_every_patient_has_one_page_with_everything_on_it(rule: str) -> None:
    letters = some_letters(rule, to(ANNA), to(BEN, date(2019, 1, 3)))

    first, second = pages(as_pdf(letters))

    for part in ("What happened", "What it means", "What we ask you to do", "Whom to ask", "Phone"):
        assert part in first
    assert LETTERS[rule].title in first
    assert f"NHS number: {ANNA[:3]} {ANNA[3:6]} {ANNA[6:]} " in first
    assert f"NHS number: {BEN[:3]} {BEN[3:6]} {BEN[6:]} " in second
    assert "12 October 2018, 31 December 2018 and 28 February 2019" in first
    assert "3 January 2019" in second
    assert "Nothing that identifies me leaves NHS Digital, except for my own care." in second
    assert {"name": "Name" in first, "address": "Address" in first} == {
        "name": True,
        "address": True,
    }


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("rule", LETTERS)
def test_a_letter_fits_its_page_whatever_the_purpose(rule: str, purpose: Purpose) -> None:
    name = "THE PRIMARY CARE CENTRE OF THE LONGEST NAME IN THE WHOLE REGISTER OF PRACTICES"
    letters = some_letters(rule, to(ANNA)._replace(purpose=purpose, days=MANY_DAYS * 3), name=name)

    assert len(pages(as_pdf(letters))) == 1


def test_what_a_register_says_is_text_and_never_a_command() -> None:
    name = '#read("/etc/passwd") <b> $x$ \\ [y]'
    letters = some_letters("CO04", to(ANNA), name=name)

    [page] = pages(as_pdf(letters))

    assert " ".join(name.split()) in page


def test_the_pages_are_the_same_whenever_they_are_made_and_can_be_read_aloud() -> None:
    letters = some_letters("CO04", to(ANNA))

    pdf = as_pdf(letters)

    assert pdf == as_pdf(letters)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/MarkInfo<</Marked true" in pdf
    assert b"pdfuaid" in pdf
    assert b"/Lang(en-GB)" in pdf


def test_where_there_is_nobody_the_page_says_so() -> None:
    assert pages(as_pdf(some_letters("CO04"))) == ["There is nobody to write to."]


def test_who_wrote_it_stands_on_it() -> None:
    [practice] = pages(as_pdf(some_letters("CO04", to(ANNA))))
    [nhs_digital] = pages(as_pdf(some_letters("TX01", to(ANNA))))

    assert "MARLOW SURGERY" in practice
    assert "MARLOW SURGERY" not in nhs_digital
    assert "NHS Digital Our address" in nhs_digital


def test_the_lines_to_merge_have_a_column_for_each_field_of_the_wording() -> None:
    letters = some_letters("CO04", to(ANNA), to(BEN), name="=cmd()")

    rows = list(csv.DictReader(io.StringIO("".join(letters.merge_lines()))))

    assert tuple(rows[0]) == MERGE_FIELDS
    assert [row["nhs_number"] for row in rows] == [ANNA, BEN]
    assert rows[0]["days"] == "12 October 2018, 31 December 2018 and 28 February 2019"
    assert (rows[0]["written_on"], rows[0]["findings"]) == ("2019-03-01", "f1 f2")
    assert rows[0]["practice_name"] == "'=cmd()"
    fields = set(re.findall("«(.*?)»", as_wording(letters)))
    assert fields - set(MERGE_FIELDS) == {"name", "address", "phone", "email"}


def test_the_wording_names_no_patient() -> None:
    assert not re.search(r"\d{3} ?\d{3} ?\d{4}(?!\d)", as_wording(some_letters("CO01", to(ANNA))))
