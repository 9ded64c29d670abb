"""Does a page that shows a patient keep a look, and who reads of it?"""

import re

import pytest
from fastapi.testclient import TestClient

from ledger import web
from ledger.application import Ledger
from ledger.application.records import LookRecord
from ledger.domain.callers import Caller
from ledger.domain.looks import Shown, Way
from ledger.web import wording
from tests.web.filled import COHORT, OF_OURS, OF_THEIRS, OURS, THEIRS

# Of every page, by its name: whether it shows anything of patients whose number is sent or seen.
SHOWS = {
    "all_findings": "findings",
    "findings": "findings",
    "finding": "finding",
    "finding_dismissed": "finding",
    "finding_reopened": "finding",
    "letters_file": "letters",
    "release": "exposure",
    "exposed_sheet": "exposure",
    "looks_at_one": "looks",
    "differences": "differences",
    "patient_timeline": "timeline",
}
SHOWS_NOBODY = {
    "action", "action_counts_sheet", "action_taken", "actions", "actions_sheet", "all_actions",
    "all_actions_sheet", "deliveries", "delivery", "feed_token_issued", "feed_token_revoked",
    "letters", "looks", "looks_sheet", "notifications", "pairing_approved", "pairing_revoked",
    "pairings", "practice", "practices", "refused_sheet", "releases", "sharing", "sign_in",
    "sign_out", "signed_in", "start", "statistics", "statistics_sheet", "supplier_action",
    "supplier_action_taken", "suppliers", "suppliers_practices", "suppliers_practices_sheet",
    "suppliers_sheet", "untransmitted", "vocabularies", "vocabularies_sheet",
    "policies", "policies_sheet", "moved", "incident", "timeline", "patient",
    "webhook_registered", "webhook_retried", "webhook_revoked",
}  # fmt: skip


def of(ledger: Ledger) -> list[LookRecord]:
    return ledger.looks()


def the_finding(ledger: Ledger, operator: Caller, rule: str) -> str:
    return ledger.findings(practice=OURS, rule=rule, by=operator)[0].id


def test_it_is_said_of_every_page_whether_it_shows_patients() -> None:
    """A new page has to be put in one of the two, and if it shows patients, keep a look."""
    groups = [one.router for one in vars(web).values() if hasattr(one, "router")]
    names = {route.name for group in groups for route in group.routes}

    assert sorted(names) == sorted({*SHOWS, *SHOWS_NOBODY})


def test_whatever_a_look_can_say_has_words() -> None:
    assert (wording.LOOKS.keys(), wording.WAYS.keys()) == (set(Shown), set(Way))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/pages/practices/{OURS}/findings", "findings"),
        ("/pages/findings/{finding}", "finding"),
        (f"/pages/practices/{OURS}/letters/CO01.csv", "letters"),
    ],
)
def test_a_page_that_shows_a_patient_keeps_one_look(
    ours: TestClient, ledger: Ledger, operator: Caller, path: str, shown: str
) -> None:
    finding = the_finding(ledger, operator, "CO01")
    before = len(of(ledger))

    assert ours.get(path.format(finding=finding)).status_code == 200

    [look] = of(ledger)[: len(of(ledger)) - before]
    assert (look.shown, look.way, look.role) == (shown, "page", "controller")
    assert look.practices == [OURS]


def test_a_patients_timeline_is_a_look_and_so_are_the_answers_beside_it(
    auditor: TestClient, ledger: Ledger
) -> None:
    before = len(of(ledger))

    assert auditor.post("/pages/patient", data={"nhs_number": OF_OURS[0]}).status_code == 200

    looks = of(ledger)[: len(of(ledger)) - before]
    assert [look.shown for look in looks] == ["status", "status", "timeline"]
    assert len({look.request for look in looks}) == 1
    assert {tuple(look.practices) for look in looks} == {(OURS,)}


def test_differences_are_a_look_at_whom_they_name(ours: TestClient, ledger: Ledger) -> None:
    before = len(of(ledger))

    page = ours.get("/pages/differences?before=1&after=2016-05-01")

    [look] = of(ledger)[: len(of(ledger)) - before]
    assert (page.status_code, look.shown, look.practices) == (200, "differences", [OURS])
    # Those of the cohort, and the two who are in no collection.
    assert len(look.patients) == COHORT + 2


@pytest.mark.parametrize(
    "path",
    [
        f"/pages/practices/{OURS}",
        f"/pages/practices/{OURS}/actions",
        "/pages/deliveries",
        "/pages/looks",
    ],
)
def test_a_page_that_shows_nobody_keeps_none(ours: TestClient, ledger: Ledger, path: str) -> None:
    before = len(of(ledger))

    assert ours.get(path).status_code == 200

    assert len(of(ledger)) == before


def test_an_auditor_reads_who_looked_and_finds_a_patient_by_a_number_in_no_address(
    auditor: TestClient, ours: TestClient, ledger: Ledger, operator: Caller
) -> None:
    ours.get(f"/pages/findings/{the_finding(ledger, operator, 'TX01')}")

    listed = auditor.get("/pages/looks")
    of_one = auditor.post("/pages/looks", data={"nhs_number": OF_OURS[0]})

    assert "One finding and what proves it" in listed.text
    assert of_one.status_code == 200
    assert "Your asking is kept as well" in of_one.text
    numbers = [*OF_OURS, *OF_THEIRS]
    assert [n for n in numbers if n in listed.text + of_one.text + str(of_one.url)] == []


def test_a_practice_reads_of_its_own_patients_alone(ours: TestClient, theirs: TestClient) -> None:
    ours.get(f"/pages/practices/{OURS}/findings?state=all")
    theirs.get(f"/pages/practices/{THEIRS}/findings?state=all")

    rows = re.findall(
        r"<td>(X999\d\d[^<]*|No practice we know)</td>", theirs.get("/pages/looks").text
    )

    assert {code for row in rows for code in row.split(", ")} == {THEIRS}
    refused = theirs.get(f"/pages/looks?practice={OURS}")
    assert refused.status_code == 403
    not_theirs = theirs.post("/pages/looks", data={"nhs_number": OF_OURS[0]})
    assert not_theirs.status_code == 422
    assert "no patient of your practice" in not_theirs.text
    assert OF_OURS[0] not in not_theirs.text
    sheet = theirs.get("/pages/looks.csv").text
    assert (OURS in sheet, THEIRS in sheet) == (False, True)


def test_looks_are_leafed_through(auditor: TestClient, ours: TestClient, ledger: Ledger) -> None:
    while len(of(ledger)) <= 26:
        ours.get(f"/pages/practices/{OURS}/findings")

    first, second = auditor.get("/pages/looks"), auditor.get("/pages/looks?page=2")

    assert "Older looks" in first.text
    assert "Newer looks" not in first.text
    assert "Newer looks" in second.text
    assert auditor.get("/pages/looks?page=1000").status_code == 200
