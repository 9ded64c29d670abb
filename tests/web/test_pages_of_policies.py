"""By which rules one can ask who objects, and on whom two of them differ: an auditor's page."""

from fastapi.testclient import TestClient

from ledger.domain.policies import POLICIES


def test_every_policy_is_told_with_its_sources(auditor: TestClient) -> None:
    page = auditor.get("/pages/policies")

    assert all(f'<h3 id="{policy.name}">' in page.text for policy in POLICIES)
    assert "What no source tells" in page.text
    assert "NCL ICB, analytics warehouse" in page.text
    assert "answered differently" not in page.text


def test_two_are_compared_in_numbers_that_name_nobody(auditor: TestClient) -> None:
    asked = {"a": "precedence-1", "b": "vision", "at": "2018-06-01"}
    page = auditor.get("/pages/policies", params=asked)
    sheet = auditor.get("/pages/policies.csv", params=asked)

    assert "patients are answered differently" in page.text
    assert "What precedence-1 and vision answer" in page.text
    assert sheet.text.splitlines()[0].endswith("practice,a,b,patients")


def test_a_form_without_a_day_asks_about_today(auditor: TestClient) -> None:
    page = auditor.get("/pages/policies", params={"a": "precedence-1", "b": "ncl-2025", "at": ""})

    assert page.status_code == 200


def test_a_policy_nobody_knows_is_told_in_plain_english(auditor: TestClient) -> None:
    page = auditor.get("/pages/policies", params={"a": "precedence-1", "b": "kindness"})

    assert page.status_code == 404
    assert "kindness" not in page.text


def test_the_page_is_for_auditors(ours: TestClient) -> None:
    assert ours.get("/pages/policies").status_code == 403
    assert ours.get("/pages/policies.csv", params={"b": "vision"}).status_code == 403
