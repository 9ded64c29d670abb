"""CO06: the vocabulary of an entry is not one the practice's system used on the day it was entered."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO06",)


def test_read_v2_in_systmone_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system   | code system
        2016-03-01 | 2016-03-01 | dissent | systmone | readv2
    """
    assert findings(history) == ["CO06 on line 1"]


def test_ctv3_in_any_system_but_systmone_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | system    | code system
        2016-03-01 | 2016-03-01 | dissent    | emis-web  | ctv3
        2016-04-01 | 2016-04-01 | withdrawal | vision    | ctv3
        2016-05-01 | 2016-05-01 | dissent    | evolution | ctv3
    """
    assert findings(history) == ["CO06 on line 1", "CO06 on line 2", "CO06 on line 3"]


def test_snomed_ct_alone_is_found_until_31_march_2018(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system   | code system
        2018-03-31 | 2018-03-31 | dissent | systmone | snomed-ct
    """
    assert findings(history) == ["CO06 on line 1"]


def test_the_entered_day_decides_and_not_the_effective_one(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | system   | code system
        2018-04-02 | 2018-03-31 | dissent    | emis-web | snomed-ct
        2016-01-01 | 2018-04-01 | withdrawal | emis-web | snomed-ct
    """
    assert findings(history) == ["CO06 on line 1"]


def test_ctv3_in_emis_web_is_found_after_april_2018_too(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system   | code system
        2019-03-01 | 2019-03-01 | dissent | emis-web | ctv3
    """
    assert findings(history) == ["CO06 on line 1"]


def test_read_v2_entered_after_the_practice_had_left_emis_web_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | code system
                   | 2014-02-01 |            | uses emis-web |          |
                   | 2017-03-01 |            | uses systmone |          |
        2017-03-01 | 2017-03-01 | 2017-03-31 | dissent       | systmone | readv2
    """
    assert findings(history) == ["CO06 on line 3"]


def test_ctv3_in_vision_without_an_entered_time_is_found(findings: Findings) -> None:
    history = """
        effective  | entered | known      | entry   | system | code system
        2016-03-01 | none    | 2018-06-01 | dissent | vision | ctv3
    """
    assert findings(history) == ["CO06 on line 1"]


def test_snomed_ct_known_before_april_2018_is_found_without_an_entered_time(
    findings: Findings,
) -> None:
    history = """
        effective  | entered | known      | entry   | system | code system
        2016-03-01 | none    | 2018-03-31 | dissent | vision | snomed-ct
    """
    assert findings(history) == ["CO06 on line 1"]


def test_it_closes_when_the_row_is_coded_in_the_right_vocabulary(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry   | system   | code system | id
        2018-03-01 | 2018-03-01 |            | dissent | emis-web | ctv3        | a
        2018-03-01 | 2018-03-01 | 2018-05-01 | dissent | emis-web | readv2      | a
    """
    assert findings(history) == []


def test_ctv3_in_systmone_is_right(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system   | code system
        2016-03-01 | 2016-03-01 | dissent | systmone | ctv3
        2019-03-01 | 2019-03-01 | dissent | systmone | ctv3
    """
    assert findings(history) == []


def test_read_v2_is_right_in_every_system_but_systmone(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system    | code system
        2016-03-01 | 2016-03-01 | dissent | emis-web  | readv2
        2016-04-01 | none       | dissent | vision    | readv2
        2019-05-01 | 2019-05-01 | dissent | evolution | readv2
    """
    assert findings(history) == []


def test_snomed_ct_is_right_in_every_system_from_1_april_2018(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system    | code system
        2018-04-01 | 2018-04-01 | dissent | systmone  | snomed-ct
        2018-05-01 | 2018-05-01 | dissent | emis-web  | snomed-ct
        2018-06-01 | 2018-06-01 | dissent | vision    | snomed-ct
        2018-07-01 | 2018-07-01 | dissent | evolution | snomed-ct
    """
    assert findings(history) == []


def test_a_row_with_two_codes_one_of_them_native_is_right(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system   | code system | code            | also coded
        2016-03-01 | 2016-03-01 | dissent | systmone | ctv3        | XaZ89           | 827241000000103
        2016-04-01 | 2016-04-01 | dissent | emis-web | snomed-ct   | 827241000000103 | 9Nu1.
    """
    assert findings(history) == []


def test_a_statement_in_a_row_of_each_vocabulary_is_right(findings: Findings) -> None:
    history = """
        effective  | entered          | entry   | system   | code system
        2016-03-01 | 2016-03-01 09:30 | dissent | systmone | ctv3
        2016-03-01 | 2016-03-01 09:30 | dissent | systmone | snomed-ct
    """
    assert findings(history) == []


def test_what_came_by_gp2gp_is_left_alone(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system   | code system | route
        2016-03-01 | 2017-03-01 | dissent | systmone | readv2      | gp2gp
    """
    assert findings(history) == []


def test_snomed_ct_that_the_ledger_took_for_what_was_handed_in_is_left_alone(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry   | system   | code system | route
        2016-03-01 | 2017-03-01 | dissent | systmone | snomed-ct   | api
    """
    assert findings(history) == []


def test_a_code_that_was_handed_in_is_judged_like_any_other(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system   | code system | route
        2016-04-01 | 2017-04-01 | dissent | systmone | readv2      | api
    """
    assert findings(history) == ["CO06 on line 1"]


def test_what_is_older_than_a_registration_of_late_came_with_the_record(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | system   | code system
                   | 2017-02-01 | registered |          |
        2016-03-01 | 2017-03-01 | dissent    | systmone | readv2
    """
    assert findings(history) == []


def test_what_was_entered_before_the_practice_changed_systems_keeps_its_vocabulary(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | code system
                   | 2014-02-01 |            | uses emis-web |          |
                   | 2017-03-01 |            | uses systmone |          |
        2016-03-01 | 2016-03-01 | 2017-03-31 | dissent       | systmone | readv2
        2013-03-01 | 2013-03-01 | 2017-03-31 | dissent       | systmone | readv2
    """
    assert findings(history) == []


def test_what_was_translated_at_the_change_is_right_too(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | code system | practice
                   | 2014-02-01 |            | uses emis-web |          |             | X99901
                   | 2017-03-01 |            | uses systmone |          |             | X99901
                   | 2014-02-01 |            | uses emis-web |          |             | X99902
                   | 2018-06-01 |            | uses vision   |          |             | X99902
        2016-03-01 | 2016-03-01 | 2017-03-31 | dissent       | systmone | ctv3        | X99901
        2016-03-01 | 2016-03-01 | 2018-06-30 | dissent       | vision   | snomed-ct   | X99902
    """
    assert findings(history) == []


def test_a_change_of_system_at_another_practice_excuses_nothing_here(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | code system | practice
                   | 2014-02-01 |            | uses emis-web |          |             | X99902
                   | 2017-03-01 |            | uses systmone |          |             | X99902
        2016-03-01 | 2016-03-01 | 2017-03-31 | dissent       | systmone | readv2      | X99901
    """
    assert findings(history) == ["CO06 on line 3"]


def test_snomed_ct_known_later_may_have_been_entered_then(findings: Findings) -> None:
    history = """
        effective  | entered | known      | entry   | system | code system
        2016-03-01 | none    | 2018-06-01 | dissent | vision | snomed-ct
    """
    assert findings(history) == []


def test_a_code_that_is_merely_near_is_judged_by_another_rule(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | system   | code system
        2016-03-01 | 2016-03-01 | near dissent | emis-web | ctv3
    """
    assert findings(history) == []


def test_what_was_removed_or_replaced_is_in_no_record(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system   | code system | id
        2016-03-01 | 2016-03-01 | dissent | emis-web | ctv3        | a
                   | 2016-04-01 | removed |          |             | a
    """
    assert findings(history) == []


def test_the_wish_counts_and_the_practice_is_told_what_to_enter() -> None:
    history = """
        effective  | entered    | entry   | system   | code system
        2016-03-01 | 2016-03-01 | dissent | emis-web | ctv3
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "The type 1 dissent entered on 1 March 2016 is coded in CTV3, which was not in use in "
        "EMIS Web then."
    )
    assert sighting.expected == "The dissent is coded in SNOMED CT."


def test_nobody_is_asked_to_enter_a_type_2_code_after_its_end() -> None:
    history = """
        effective  | entered    | entry   | system   | code system | purpose
        2016-03-01 | 2016-03-01 | dissent | emis-web | ctv3        | type-2
    """
    ((_, sighting),) = judged(history, *RULES, today="2018-10-12")

    assert sighting.expected == (
        "Nothing: type 2 codes ended on 11 October 2018, and none is entered again."
    )
