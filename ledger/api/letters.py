"""Which letters are to be written to a practice's patients, and what is in them?

NHS numbers stand in these answers and nowhere else: whoever writes the letters has them, and no
cache keeps them.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Asking
from ledger.api.practices import Ods, RuleCode
from ledger.application.letter_pages import as_pdf, as_wording
from ledger.application.letters import Letters
from ledger.application.records import LettersRecord

router = APIRouter(responses=problems.responses(401, 403, 404, 422, 500, 503))

Rule = Annotated[RuleCode, Path(description="The rule that asks for the letter", examples=["CO04"])]


class LettersWaiting(Answer):
    """Letters that nobody has said are written, by the rule that asks for them."""

    letters: list[LettersRecord]


class Pages(Response):
    """Letters to print."""

    media_type = "application/pdf"


class MergeFile(Response):
    """A line a letter."""

    media_type = "text/csv"


class Wording(Response):
    """Plain text."""

    media_type = "text/plain"


@router.get("/practices/{ods}/letters")
def letters_waiting(ods: Ods, asking: Asked) -> LettersWaiting:
    """Which letters are to be written, by whom, and how many findings ask for each."""
    waiting = asking.ledger.letters_waiting(ods, by=asking.by)
    at = asking.ledger.reached("findings")
    answer = LettersWaiting(letters=waiting, **asking.as_of(at))
    return asking.answer(answer, count=len(waiting))


@router.get("/practices/{ods}/letters/{rule}/pages.pdf", response_class=Pages)
def letter_pages(ods: Ods, rule: Rule, asking: Asked) -> Pages:
    """The letters to print, a page a patient. For whoever writes them: the practice's controller,
    or an auditor for NHS Digital.
    """
    letters = _letters(ods, rule, asking)
    return Pages(as_pdf(letters), headers=_headers(letters, "pdf"))


@router.get("/practices/{ods}/letters/{rule}/merge.csv", response_class=MergeFile)
def letter_merge(ods: Ods, rule: Rule, asking: Asked) -> MergeFile:
    """The same as lines for a mail merge by NHS number. For whoever writes them."""
    letters = _letters(ods, rule, asking)
    return MergeFile("".join(letters.merge_lines()), headers=_headers(letters, "csv"))


@router.get("/practices/{ods}/letters/{rule}/wording.txt", response_class=Wording)
def letter_wording(ods: Ods, rule: Rule, asking: Asked) -> Wording:
    """What they say, with merge fields named as the columns of the lines. For whoever writes them."""
    letters = _letters(ods, rule, asking)
    return Wording(as_wording(letters), headers=_headers(letters, "txt"))


def _letters(ods: str, rule: str, asking: Asking) -> Letters:
    letters = asking.ledger.letters(ods, rule, by=asking.by)
    asking.request.state.position = asking.ledger.reached("findings").position
    asking.request.state.count = len(letters.addressees)
    return letters


def _headers(letters: Letters, suffix: str) -> dict[str, str]:
    return {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{letters.name}.{suffix}"',
    }
