"""Which thresholds are in force, and what may be proposed in their place?"""

from datetime import date

import pytest

from ledger.domain.events import Kept, ThresholdsAdopted, ThresholdValue
from ledger.domain.refusals import NotAFact
from ledger.domain.streams import LEDGER
from ledger.domain.threshold_versions import NAMES, UNITS, adopt, in_force, proposed, text_of
from ledger.domain.thresholds import THRESHOLDS_1
from tests.builders import BY, FIRST_DAY, at_ten


def kept(*events: ThresholdsAdopted) -> list[Kept]:
    return [Kept(at, LEDGER, at, at_ten(FIRST_DAY), event) for at, event in enumerate(events, 2)]


def test_every_threshold_has_a_unit_and_a_reason() -> None:
    assert set(UNITS) == set(NAMES)
    assert all(type(THRESHOLDS_1).model_fields[name].description for name in NAMES)


def test_until_any_are_adopted_the_first_are_in_force() -> None:
    assert in_force([]) == THRESHOLDS_1


def test_what_was_adopted_last_is_in_force_to_the_last_digit() -> None:
    told = {
        "version": "thresholds-2",
        "late_entry_days": 35,
        "silent_cohort_chance": 1e-5,
        "scheme_began_on": date(2014, 1, 1),
    }
    wanted = proposed(told, now=THRESHOLDS_1)
    first = adopt([], wanted, reason="forms come late", by=BY)

    later = proposed({"version": "thresholds-3", "late_entry_days": 20}, now=wanted)
    second = adopt(kept(*first), later, reason="they no longer do", by=BY)

    assert in_force(kept(*first)) == wanted
    found = in_force(kept(*first, *second))
    assert (found.version, found.late_entry_days) == ("thresholds-3", 20)
    assert (found.silent_cohort_chance, found.scheme_began_on) == (0.00001, date(2014, 1, 1))


def test_a_threshold_younger_than_a_version_is_as_at_the_start_and_one_that_is_gone_is_left_out() -> (
    None
):
    values = (
        ThresholdValue(name="late_entry_days", value="35"),
        ThresholdValue(name="of_yesterday", value="7"),
    )
    old = ThresholdsAdopted(version="thresholds-2", values=values, reason="tried", by=BY)

    found = in_force(kept(old))

    assert found.late_entry_days == 35
    assert found.flapped_days == 7
    assert found.version == "thresholds-2"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"late_entry_days": 35}, "expected the version's name, found none"),
        ({"version": "Two!", "late_entry_days": 35}, "version: string should match pattern"),
        ({"version": "thresholds-2", "late_entries_days": 35}, "did you mean late_entry_days?"),
        ({"version": "thresholds-2", "severity": 1}, "the thresholds are missed_collections_for"),
        ({"version": "thresholds-2", "late_entry_days": 0}, "greater than or equal to 1; found 0"),
        ({"version": "thresholds-2", "late_entry_days": "35"}, "valid integer; found '35'"),
        ({"version": "thresholds-2", "late_entry_days": True}, "valid integer; found True"),
        ({"version": "thresholds-2", "backlog_share": 1.5}, "less than 1; found 1.5"),
        ({"version": "thresholds-2", "scheme_began_on": "soon"}, "scheme_began_on: "),
        ({"version": "thresholds-2", "late_entry_days": [28]}, "late_entry_days: "),
        ({"version": "thresholds-2"}, "every value is as it is now"),
        ({"version": "thresholds-2", "late_entry_days": 28}, "every value is as it is now"),
    ],
)
def test_what_cannot_be_a_version_is_refused_with_what_to_do(told: dict, said: str) -> None:
    with pytest.raises(NotAFact) as refusal:
        proposed(told, now=THRESHOLDS_1)

    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("version", "reason", "said"),
    [
        ("thresholds-2", " ", "say why they change"),
        ("thresholds-2", "as for 999 000 0018", "may not hold an NHS number"),
        ("thresholds-1", "again", "thresholds-1 has been in force since position 1"),
    ],
)
def test_no_version_is_adopted_without_a_reason_or_under_the_name_of_another(
    version: str, reason: str, said: str
) -> None:
    wanted = THRESHOLDS_1.model_copy(update={"version": version, "late_entry_days": 35})

    with pytest.raises(NotAFact, match=said):
        adopt([], wanted, reason=reason, by=BY)


def test_a_name_that_has_judged_is_not_used_again() -> None:
    wanted = THRESHOLDS_1.model_copy(update={"version": "thresholds-2", "late_entry_days": 35})
    [adopted] = adopt([], wanted, reason="forms come late", by=BY)
    assert isinstance(adopted, ThresholdsAdopted)

    with pytest.raises(NotAFact, match="thresholds-2 has been in force since position 2"):
        adopt(kept(adopted), wanted, reason="once more", by=BY)


@pytest.mark.parametrize(
    ("value", "text"), [(30, "30"), (0.5, "0.5"), (1e-6, "1e-06"), (date(2018, 3, 1), "2018-03-01")]
)
def test_a_value_is_written_as_it_can_be_read_again(value: object, text: str) -> None:
    assert text_of(value) == text
