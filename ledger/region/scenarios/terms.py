"""Terms that say the opposite of their code (CO08), and refusals that may have been objections (CO10)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from ledger.domain.purposes import Purpose, Statement
from ledger.region.misspelling import OLD_NAME
from ledger.region.noise import AUDIT, SHARED_RECORD, SUMMARY_CARE_RECORD
from ledger.region.scene import Scene
from ledger.region.spelling import TERMS

_DISSENT = TERMS[Purpose.TYPE_1, Statement.DISSENT]
_WITHDRAWN = TERMS[Purpose.TYPE_1, Statement.WITHDRAWAL]


def withdrawal_in_the_words_of_a_dissent(s: Scene) -> None:
    s.dissent()
    s.withdrawal(term=_DISSENT, entered=s.later(months=3))
    s.find("CO08", "coded as a withdrawal, and the screen says dissent")
    s.quiet("a contradicted withdrawal", "CO01 CO02 CO03", "it counts as a dissent")


def dissent_in_the_words_of_a_withdrawal(s: Scene) -> None:
    s.dissent(term=_WITHDRAWN)
    s.find("CO08", "coded as a dissent, and the screen says withdrawn")


def contradiction_corrected(s: Scene) -> None:
    entry = s.withdrawal(term=_DISSENT)
    s.amend(entry, s.later(months=1), code=s.exact(Purpose.TYPE_1), statement=Statement.DISSENT)
    s.find("CO08", "the code was corrected a month later", closed=True)


def term_of_an_old_name(s: Scene) -> None:
    s.dissent(Purpose.TYPE_2, term=OLD_NAME)
    s.quiet("an old name of the body", "CO08", "the term says HSCIC, and it says dissent")


def refused_on_one_day(s: Scene) -> None:
    s.refuse(SUMMARY_CARE_RECORD, SHARED_RECORD)
    s.find("CO10", "a form was coded as everything but the objection", purpose=None)


def refused_and_asked(s: Scene) -> None:
    s.refuse(SUMMARY_CARE_RECORD, AUDIT)
    s.dissent(entered=s.later(months=1))
    s.find("CO10", "the patient was asked, and meant a type 1", purpose=None, closed=True)


def refused_beside_a_type_1(s: Scene) -> None:
    s.refuse(SUMMARY_CARE_RECORD, SHARED_RECORD)
    s.dissent()
    s.quiet("refused beside a type 1", "CO10", "the objection was entered the same day")


def refused_one_after_the_other(s: Scene) -> None:
    s.refuse(SUMMARY_CARE_RECORD)
    s.refuse(SHARED_RECORD, on=s.later(days=5))
    s.quiet("two refusals on two days", "CO10", "each by itself, and no form")
