"""In which vocabulary do practices enter objections?"""

from typing import Annotated

from fastapi import APIRouter, Query

from ledger.api import problems
from ledger.api.asking import Answer, Asked
from ledger.api.practices import Ods
from ledger.api.saying import CalendarDay, Line, Said
from ledger.application.records import StillOldRecord, VocabularyRecord

router = APIRouter(responses=problems.responses(401, 403, 422, 500, 503))


class PracticesVocabularies(Said):
    """From which day's month on; by default from the first."""

    since: CalendarDay | None = None


class VocabulariesQuestion(PracticesVocabularies):
    """Of which clinical system, by its name or its supplier's; by default of all."""

    system: Line | None = None


class Vocabularies(Answer):
    """Entries by vocabulary, the newest month first, and who has entered an old one since April 2018."""

    vocabularies: list[VocabularyRecord]
    still_old: list[StillOldRecord]


@router.get("/vocabularies")
def vocabularies(asked: Annotated[VocabulariesQuestion, Query()], asking: Asked) -> Vocabularies:
    """Entries by vocabulary, of all practices together. For auditors."""
    return _answer(asking, None, asked.system, asked)


@router.get("/practices/{ods}/vocabularies")
def of_practice(
    ods: Ods, asked: Annotated[PracticesVocabularies, Query()], asking: Asked
) -> Vocabularies:
    """Entries by vocabulary, of one practice."""
    return _answer(asking, ods, None, asked)


def _answer(
    asking: Asked, practice: str | None, system: str | None, asked: PracticesVocabularies
) -> Vocabularies:
    ledger, since, by = asking.ledger, asked.since, asking.by
    answer = Vocabularies(
        vocabularies=ledger.vocabularies(practice=practice, system=system, since=since, by=by),
        still_old=ledger.still_old(practice=practice, system=system, since=since, by=by),
        **asking.as_of(asking.ledger.reached("vocabularies")),
    )
    return asking.answer(answer, count=len(answer.vocabularies))
