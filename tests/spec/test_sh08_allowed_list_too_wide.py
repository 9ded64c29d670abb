"""SH08: the allowed list is empty while all must verify, or has more than 200 organisations."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH08",)


def allowing(how_many: int) -> str:
    lines = [f"2018-03-19 | allowed add X99{n:03}" for n in range(how_many)]
    return "\n".join(["entered | entry", *lines])


def test_empty_while_verification_is_required_of_all_it_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-all
    """
    assert findings(history) == ["SH08 on line 1"]


def test_emptied_again_it_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-all
        2018-03-19 | allowed add X99C1
        2018-04-02 | allowed remove X99C1
    """
    assert findings(history) == ["SH08 on lines 1, 3"]


def test_with_one_organisation_it_is_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-all
        2018-03-19 | allowed add X99C1
    """
    assert findings(history) == []


def test_empty_it_is_no_finding_where_not_all_must_verify(findings: Findings) -> None:
    of_the_unlisted = """
        entered    | entry
        2018-03-19 | share-in-rule verify-unlisted
    """
    assert findings(of_the_unlisted) == []

    of_nobody = """
        entered    | entry
        2018-03-19 | share-in-rule none-require-verification
    """
    assert findings(of_nobody) == []


def test_a_prohibited_organisation_is_not_an_allowed_one(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-all
        2018-03-19 | prohibited add X99C1
    """
    assert findings(history) == ["SH08 on line 1"]


def test_it_closes_when_somebody_is_allowed_or_not_all_must_verify(findings: Findings) -> None:
    somebody = """
        entered    | entry
        2018-03-19 | share-in-rule verify-all
        2018-04-02 | allowed add X99C1
    """
    assert findings(somebody) == []

    not_all = """
        entered    | entry
        2018-03-19 | share-in-rule verify-all
        2018-04-02 | share-in-rule verify-unlisted
    """
    assert findings(not_all) == []


def test_too_long_it_closes_when_enough_are_taken_off() -> None:
    taken_off = "2018-04-02 | allowed remove X99000"

    assert judged("\n".join([allowing(201), taken_off]), *RULES) == []
    ((_, sighting),) = judged("\n".join([allowing(202), taken_off]), *RULES)
    assert sighting.summary == "201 organisations are on the allowed list."


def test_with_201_organisations_it_is_found_and_with_200_not() -> None:
    assert judged(allowing(200), *RULES) == []

    ((_, sighting),) = judged(allowing(201), *RULES)

    assert len(sighting.positions) == 201
    assert sighting.since == date(2018, 3, 19)
    assert sighting.summary == "201 organisations are on the allowed list."


def test_it_says_since_when_nobody_has_been_allowed() -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-all
        2018-03-19 | allowed add X99C1
        2018-04-02 | allowed remove X99C1
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2018, 4, 2)
    assert sighting.summary == (
        "Nobody is on the allowed list, while since 19 March 2018 all organisations need "
        "verification."
    )
