"""CO13: a supplier's own code map says of an objection's code something else than our table."""

import pytest

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO13",)


def test_a_code_of_ours_that_is_mapped_elsewhere_is_found(findings: Findings) -> None:
    history = """
        code  | mapped code
        XaaVL | 881561000000100
        XaaVM | 881561000000100
    """
    assert findings(history) == ["CO13 on line 2"]


def test_another_code_that_is_mapped_to_one_of_ours_is_found(findings: Findings) -> None:
    history = """
        code  | mapped code
        XaZ8a | 827261000000102
        XaXXX | 827241000000103
    """
    assert findings(history) == ["CO13 on line 1", "CO13 on line 2"]


def test_the_same_in_a_map_to_read_v2_is_found(findings: Findings) -> None:
    history = """
        code  | mapped to | mapped code
        XaZ89 | readv2    | 9Nu1.
        XaQVo | readv2    | 9Nu4.
    """
    assert findings(history) == ["CO13 on line 1", "CO13 on line 2"]


def test_a_map_that_says_what_our_table_says_is_no_matter(findings: Findings) -> None:
    history = """
        code system | code  | mapped to | mapped code
        ctv3        | XaZ89 | snomed-ct | 827241000000103
        ctv3        | XaZ8A | readv2    | 9Nu1.
        readv2      | 9Nu5. | snomed-ct | 881581000000109
    """
    assert findings(history) == []


def test_a_code_that_is_mapped_to_nothing_says_nothing(findings: Findings) -> None:
    history = """
        code  | mapped code
        XaZ8A |
              | 827241000000103
    """
    assert findings(history) == []


def test_what_is_about_other_codes_is_no_matter(findings: Findings) -> None:
    history = """
        code  | mapped code
        XaKII | 416409005
    """
    assert findings(history) == []


@pytest.mark.parametrize(
    ("line", "doubtful"),
    [
        ("XaaVM | 881561000000100", "881581000000109"),
        ("XaZ8A | 827241000000103", "827261000000102 and XaZ8A"),
        ("XaZ8a | 827261000000102", "XaZ8A and 827261000000102"),
    ],
)
def test_it_says_which_of_our_codes_nobody_confirms(line: str, doubtful: str) -> None:
    ((_, sighting),) = judged(f"\n code | mapped code\n {line}\n", *RULES)

    assert sighting.summary.endswith(
        f" Of the ledger's codes no public source confirms {doubtful}."
    )


def test_it_says_what_the_map_has_and_what_the_table_has_in_its_place() -> None:
    ((_, sighting),) = judged("\n code | mapped code\n XaaVL | 881581000000108\n", *RULES)

    assert sighting.summary == (
        "SRCtv3ToSnomed of TPP maps XaaVL (CTV3) to 881581000000108 (SNOMED CT), where the "
        "ledger's table has 881561000000100 (SNOMED CT)."
    )
    assert sighting.purpose == "type-2"


def test_it_closes_when_the_line_says_what_the_table_says_or_is_gone(findings: Findings) -> None:
    history = """
        code  | mapped code
        XaZ89 | 827241000000103
    """
    assert findings(history) == []
