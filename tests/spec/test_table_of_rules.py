"""What holds for every rule and standing action, whatever it looks for."""

import inspect
import re
from pathlib import Path

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.recording_errors import (
    PATIENT_RULES,
    PRACTICE_RULES,
    RELEASE_RULES,
    RULES,
    SUPPLIER_RULES,
    AnyRule,
    by_code,
)
from ledger.domain.rule import Scope, Severity
from ledger.domain.standing_actions import STANDING_ACTIONS, applying_to
from tests.nhs_numbers import nhs_number, nhs_numbers

BY_SCOPE = {
    Scope.PATIENT: PATIENT_RULES,
    Scope.PRACTICE: (*PRACTICE_RULES, *RELEASE_RULES),
    Scope.SUPPLIER: SUPPLIER_RULES,
}


def test_codes_and_names_are_used_once() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_rule_stands_in_the_table_of_its_scope() -> None:
    assert all(rule in BY_SCOPE[rule.scope] for rule in RULES)


def test_a_rule_is_found_by_its_code() -> None:
    assert by_code("CO01").name == "same-day-conflict"
    with pytest.raises(KeyError):
        by_code("XX01")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_spec(rule: AnyRule) -> None:
    name = f"test_{rule.code.lower()}_{rule.name.replace('-', '_')}.py"

    assert (Path(__file__).parent / name).is_file()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_says_what_closes_it_to_whoever_has_to_act(rule: AnyRule) -> None:
    assert re.search(r"\b(closes|close)\b", rule.closes)
    _is_plain(rule.closes)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_what_closes_it_is_tried_in_its_spec(rule: AnyRule) -> None:
    name = f"test_{rule.code.lower()}_{rule.name.replace('-', '_')}.py"
    spec = (Path(__file__).parent / name).read_text()

    assert re.search(r"^def test_\w*_(closes|does_not_close)_", spec, re.MULTILINE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_says_what_it_means_for_the_patient_meanwhile(rule: AnyRule) -> None:
    source = Path(inspect.getfile(rule.find)).read_text()

    # Either each finding says whether its patient counts as objecting, or the rule has a sentence.
    assert ("upheld_meanwhile=is_upheld(" in source) is (rule.meanwhile is None)
    if rule.meanwhile is not None:
        _is_plain(rule.meanwhile)


def _is_plain(sentence: str) -> None:
    """Words that a practice manager knows, and whole sentences."""
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert len(sentence) <= 320
    assert not re.search(r"[_`\[\]{}]|  |\b[A-Z]{2}\d\d\b", sentence), sentence
    assert not re.search(
        r"\b(cohort|debut|sighting|event|key|null|projection|stream|position|threshold|history)s?\b",
        sentence,
        re.IGNORECASE,
    ), sentence


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_only_what_needs_nothing_done_asks_for_nothing(rule: AnyRule) -> None:
    # A patient who turned thirteen is invited to confirm; nothing is wrong until then.
    asks = rule.severity is not Severity.NOTE or rule.code == "ID08"

    assert bool(rule.actions) is asks


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_advice_names_its_source(rule: AnyRule) -> None:
    sources = [advice.source for asked in rule.actions for advice in asked.advice]

    one = re.compile(r"([A-H]\d+ ?)*(\[D\])?|docs/formats\.md [\d.]+")
    assert all(one.fullmatch(source) for source in sources), sources


def test_every_owner_is_asked_once() -> None:
    for rule in RULES:
        owners = [asked.owner for asked in rule.actions]
        assert len(set(owners)) == len(owners), rule.code


def test_the_standing_actions_are_numbered_through() -> None:
    assert [action.code for action in STANDING_ACTIONS] == [f"SA{n:02}" for n in range(1, 16)]
    assert all(action.advice for action in STANDING_ACTIONS)


def test_what_concerns_edsm_is_asked_of_systmone_practices_only() -> None:
    of_systmone = {action.code for action in applying_to(ClinicalSystem.SYSTMONE)}
    of_emis_web = {action.code for action in applying_to(ClinicalSystem.EMIS_WEB)}

    assert of_systmone - of_emis_web == {f"SA{n:02}" for n in range(1, 9)}
    assert of_emis_web == {action.code for action in applying_to(None)}


def test_contradictory_advice_stands_side_by_side() -> None:
    (decide, *_) = STANDING_ACTIONS

    assert {"C9", "C10", "C13"} <= {advice.source for advice in decide.advice}


def test_the_numbers_for_tests_are_valid_and_never_issued() -> None:
    assert nhs_numbers(6) == [f"9990000{tail}" for tail in (
        "018", "026", "034", "042", "050", "069",
    )]  # fmt: skip
    assert nhs_number() == "9990000018"
    assert nhs_number(5) == "9990000069"
