"""What the words beside a code say, and how little is needed for them to say nothing."""

import pytest

from ledger.domain.purposes import Statement
from ledger.domain.terms import contradiction, said

SAYS = """
    term                                                                                 | says
    Dissent from secondary use of GP patient identifiable data                           | dissent
    Dissent from secondary use of general practitioner patient identifiable data         | dissent
    Dissent from disclosure of personal confidential data by Health and Social Care Information Centre | dissent
    Dissent frm disclosure personal confidential data by HSCIC                           | dissent
    DISSENT FROM DISCLOSURE OF PERSONAL CONFIDENTIAL DATA BY NHS DIGITAL                 | dissent
    Dissent withdrawn second use of GP patient identifiable data                         | withdrawal
    Dissent withdrawn from secondary use of GP patient identifiable data                 | withdrawal
    Dissent withdrawn disclosure personal confidential dta HSCIC                         | withdrawal
    Dissent withdrawn for disclosure of personal confidential data by Health and Social Care Information Centre | withdrawal
    Withdrawal of dissent from secondary use of GP patient identifiable data             | withdrawal
    Dissent from secondary use of GP patient identifiable data withdrawn                 | withdrawal
    dissent has been withdrawn                                                           | withdrawal
    Dissent - W/D                                                                        | withdrawal
    Dissent withdrwn                                                                     | withdrawal
    Patient withdrew their objection                                                     | withdrawal
    Type 2 objection cancelled                                                           | withdrawal
    Type 1 opt-out                                                                       | dissent
    Opted out of care.data                                                               | dissent
    OptOut HSCIC                                                                         | dissent
    Objects to data leaving the practice                                                 | dissent
    Opted back in                                                                        | withdrawal
    Type 1 opt-out revoked                                                               | withdrawal
    Opted in to care.data                                                                | withdrawal
    Opt-out withdrawn, happy to share                                                    | withdrawal
    No longer objects to secondary use                                                   | withdrawal
    No objection to secondary use                                                        | withdrawal
    Patient doesn't object                                                               | withdrawal
    Consent given for secondary use of data                                              | withdrawal
    Consents to secondary use of data                                                    | withdrawal
    Consent withdrawn for secondary use of data                                          | dissent
    Withdrawal of consent for data extraction                                            | dissent
    Does not consent to secondary use of data                                            | dissent
    Refused consent for data extraction                                                  | dissent
    Declined to share data with NHS Digital                                              | dissent
    Declined to opt in                                                                   | dissent
    Dissent not withdrawn                                                                | dissent
    Has not withdrawn the dissent                                                        | dissent
    Dissent was not yet withdrawn                                                        | dissent
    Refused to withdraw opt-out                                                          | dissent
"""
SAYS_NOTHING = """
    term
    Secondary use of GP patient identifiable data
    Health and Social Care Information Centre
    Declined
    Withdrawn
    Withdrawn from care.data
    Withdrawn from secondary use; dissents
    Opt-out declined
    Declined to opt out
    Dissent withdrawn?
    Dissent. Withdrawn.
    Opted out in 2014 and opted back in in 2016
    Dissent entered in error
    Opt-out form given
    Opt-out discussed
    Withdrawal of dissent offered
    Express dissent for Summary Care Record dataset upload
    Dissent withdrawn for SCR
    Opted back in to record sharing
    Refused consent for upload to local shared electronic record
    9Nu0.
"""


def table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


@pytest.mark.parametrize(("term", "says"), table(SAYS))
def test_what_a_term_plainly_says(term: str, says: str) -> None:
    assert said(term) == Statement(says)
    assert said(f"  {term.upper()} ") == Statement(says)


@pytest.mark.parametrize("term", ["", " ", *(line for (line,) in table(SAYS_NOTHING))])
def test_a_term_from_which_nothing_can_be_told(term: str) -> None:
    assert said(term) is None


def test_only_the_opposite_of_the_code_is_a_contradiction() -> None:
    dissent, withdrawn = "Dissent from secondary use", "Dissent withdrawn second use"

    assert contradiction(Statement.DISSENT, withdrawn) is Statement.WITHDRAWAL
    assert contradiction(Statement.WITHDRAWAL, dissent) is Statement.DISSENT
    assert contradiction(Statement.DISSENT, dissent) is None
    assert contradiction(Statement.WITHDRAWAL, withdrawn) is None
    assert contradiction(Statement.WITHDRAWAL, "", "Opt-out form given") is None


def test_a_second_term_that_says_nothing_takes_nothing_away() -> None:
    assert contradiction(Statement.WITHDRAWAL, "", "Type 1 opt-out") is Statement.DISSENT


def test_terms_that_contradict_each_other_say_nothing() -> None:
    assert contradiction(Statement.WITHDRAWAL, "Type 1 opt-out", "Dissent withdrawn") is None
