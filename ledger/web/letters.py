"""Which patients have to be written to, and what do the letters say?

The pages to print and the lines to merge hold NHS numbers: whoever writes the letters gets them.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response

from ledger.application.letter_pages import as_pdf, as_wording
from ledger.domain.callers import Role
from ledger.domain.letters import LETTERS
from ledger.domain.rule import Owner
from ledger.web.practices import Ods
from ledger.web.visit import Visit, Visitor

router = APIRouter()

Rule = Annotated[str, Path(pattern=r"^[A-Z]{2}[0-9]{2}$")]
_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "txt": "text/plain"}


@router.get("/practices/{ods}/letters", name="letters")
def letters(visit: Visitor, ods: Ods) -> Response:
    """The letters that findings ask for, each with its wording and a way to have it."""
    return visit.page(
        "letters.html",
        practice=visit.practice(ods),
        waiting=visit.ledger.letters_waiting(ods, by=visit.caller),
        letters=LETTERS,
        may_write=[rule for rule in LETTERS if _may_write(visit, rule, ods)],
    )


@router.get("/practices/{ods}/letters/{rule}.{kind}", name="letters_file")
def letters_file(
    visit: Visitor, ods: Ods, rule: Rule, kind: Literal["pdf", "csv", "txt"]
) -> Response:
    """The letters of one rule: to print, to merge, or their wording."""
    found = visit.ledger.letters(ods, rule, by=visit.caller)
    match kind:
        case "pdf":
            content = as_pdf(found)
        case "csv":
            # The mark in front tells spreadsheet programs that it is UTF-8.
            content = "".join(found.merge_lines()).encode("utf-8-sig")
        case "txt":
            content = as_wording(found).encode()
    name = f'attachment; filename="{found.name}.{kind}"'
    return Response(content, media_type=_TYPES[kind], headers={"Content-Disposition": name})


def _may_write(visit: Visit, rule: str, ods: str) -> bool:
    if LETTERS[rule].writer is Owner.PRACTICE:
        return visit.acts_for(ods)
    return visit.acting.role is Role.AUDITOR
