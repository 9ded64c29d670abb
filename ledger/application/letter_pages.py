"""How do letters become pages to print, and the wording for a letter of one's own?

A PDF by Typst, with a page a patient: an NHS number, and places for the name and the address, which
the ledger does not hold. It is tagged (PDF/UA), so that a screen reader can read it. The fonts are
those that Typst brings: a letter looks the same wherever it is made.
"""

import json
from pathlib import Path

import typst

from ledger.application.letters import Addressee, Letters
from ledger.domain.letters import ASK_US
from ledger.domain.rule import Owner

TEMPLATE = Path(__file__).parent / "letter.typ"


def as_pdf(letters: Letters) -> bytes:
    """The letters, a page each; one page that says so where there is nobody to write to."""
    drawn = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs=as_inputs(letters),
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    assert isinstance(drawn, bytes), "one file was asked for"
    return drawn


def as_inputs(letters: Letters) -> dict[str, str]:
    """What the template is told."""
    told = {
        "title": letters.letter.title,
        "writer": writer(letters),
        "ask_us": ASK_US,
        "letters": [
            {
                "nhs_number": _read_out(one.nhs_number),
                "parts": [
                    {"heading": heading, "paragraphs": paragraphs}
                    for heading, paragraphs in _parts(letters, one)
                ],
            }
            for one in letters.addressees
        ],
    }
    return {"letters": json.dumps(told)}


def as_wording(letters: Letters) -> str:
    """The letter with merge fields, named as the columns of the CSV file, for the writer's paper."""
    lines = [
        "«name»",
        "«address»",
        "",
        "NHS number: «nhs_number»",
        "",
        letters.letter.title,
    ]
    for heading, sentences in letters.letter.parts:
        told = [one.text.format(days="«days»", choice="«choice»") for one in sentences]
        lines += ["", heading, *told]
    return "\n".join([*lines, "", "Whom to ask", ASK_US, "«phone»", "«email»", ""])


def writer(letters: Letters) -> str:
    """Whose letter it is."""
    practice = letters.letter.writer is Owner.PRACTICE
    return letters.practice_name if practice else letters.letter.writer.value


def _parts(letters: Letters, one: Addressee) -> list[tuple[str, list[str]]]:
    return [
        (heading, [s.text.format(days=one.in_words, choice=one.purpose.sentence) for s in said])
        for heading, said in letters.letter.parts
    ]


def _read_out(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}"
