"""TX02: of the dissents newly entered at a supplier's practices, far fewer were sent."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("TX02",)


def test_new_dissents_left_out_while_others_are_sent_are_found(findings: Findings) -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 400     | 0           | 0       | 1000           | 980                | 980
    """
    assert findings(history) == ["TX02 on line 1"]


def test_each_collection_and_code_system_is_judged_by_itself(findings: Findings) -> None:
    history = """
        period end | code system | entered | transmitted | settled | others entered | others transmitted | others settled
        2018-04-30 | ctv3        | 200     | 3           | 5       | 1000           | 980                | 985
        2018-04-30 | snomed-ct   | 50      | 49          | 50      | 1150           | 934                | 940
        2018-05-31 | ctv3        | 180     | 0           | 0       | 1000           | 980                | 985
    """
    assert findings(history) == ["TX02 on line 1", "TX02 on line 3"]


def test_30_new_dissents_are_enough(findings: Findings) -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 30      | 0           | 0       | 1000           | 980                | 980
    """
    assert findings(history) == ["TX02 on line 1"]


def test_29_are_too_few_to_tell(findings: Findings) -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 29      | 0           | 0       | 1000           | 980                | 980
    """
    assert findings(history) == []


def test_where_every_supplier_is_low_nobody_is_silent(findings: Findings) -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 400     | 0           | 0       | 1000           | 0                  | 0
    """
    assert findings(history) == []


def test_a_little_less_than_the_others_may_be_chance(findings: Findings) -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 100     | 90          | 90      | 1000           | 980                | 980
    """
    assert findings(history) == []


def test_more_than_the_others_is_no_silence(findings: Findings) -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 400     | 400         | 400     | 1000           | 500                | 500
    """
    assert findings(history) == []


def test_without_others_there_is_nothing_to_compare_with(findings: Findings) -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 400     | 0           | 0       | 0              | 0                  | 0
    """
    assert findings(history) == []


def test_low_totals_with_new_entries_flowing_are_no_silence(findings: Findings) -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 40      | 39          | 40      | 5000           | 4950               | 4980
    """
    assert findings(history) == []


def test_it_closes_when_the_backlog_has_been_carried(findings: Findings) -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 400     | 0           | 396     | 1000           | 980                | 990
    """
    assert findings(history) == []


def test_it_says_how_many_and_compares() -> None:
    history = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2016-04-30 | 400     | 10          | 12      | 1000           | 980                | 980
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.key == "2016-04-30|ctv3"
    assert sighting.summary == (
        "Of 400 type 2 dissents newly entered in ctv3 at practices of TPP, the collection of "
        "30 April 2016 carried 10 (2.5%); of all others it carried 980 of 1,000 (98.0%)."
    )
