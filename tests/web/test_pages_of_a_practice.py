"""What a practice sees of itself, what it may say, and that nobody else sees it."""

import csv
import io
import re

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.domain.callers import Caller
from tests.pdf import pages
from tests.web.filled import COHORT, OF_OURS, OURS, UNDECIDED

HOME = f"/pages/practices/{OURS}"


def read_out(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def the_finding(ledger: Ledger, operator: Caller, rule: str) -> str:
    return ledger.findings(practice=OURS, rule=rule, state="all", by=operator)[0].id


def test_a_practice_sees_what_is_wrong_and_what_to_do(ours: TestClient) -> None:
    page = ours.get(HOME)

    assert page.status_code == 200
    assert f'href="{HOME}/findings?severity=breach"' in page.text
    assert "What to do next" in page.text
    assert "Due 25 May 2018" in page.text


def test_a_practice_sees_its_sharing_state_around_the_day_gdpr_applied(ours: TestClient) -> None:
    page = ours.get(HOME)

    for day in ("24 May 2018", "25 May 2018", "1 June 2018"):
        assert day in page.text
    assert "Those on neither list require verification" in page.text
    assert "1 organisation<" in page.text


def test_a_practice_sees_who_objects_and_what_was_delivered(ours: TestClient) -> None:
    page = ours.get(HOME)

    assert f"<strong>{COHORT}</strong> people say" in page.text
    assert "Nothing that identifies me leaves NHS Digital" in page.text
    assert "Sharing settings" in page.text


@pytest.mark.parametrize(
    "path",
    ["", "/findings", "/actions", "/actions.csv", "/sharing", f"/actions/SA09-{OURS}"],
)
def test_one_practice_cannot_see_another(theirs: TestClient, path: str) -> None:
    page = theirs.get(f"{HOME}{path}")

    assert page.status_code == 403
    assert "MARLOW" not in page.text


@pytest.mark.parametrize("path", ["/pages/suppliers", "/pages/suppliers.csv", "/pages/findings"])
def test_a_practice_cannot_see_what_is_for_auditors(ours: TestClient, path: str) -> None:
    assert ours.get(path).status_code == 403


def test_one_practice_cannot_see_or_dismiss_a_finding_of_another(
    theirs: TestClient, ledger: Ledger, operator: Caller
) -> None:
    finding = the_finding(ledger, operator, "CO01")

    seen = theirs.get(f"/pages/findings/{finding}")
    dismissed = theirs.post(f"/pages/findings/{finding}/dismissal", data={"reason": "no"})

    assert (seen.status_code, dismissed.status_code) == (403, 403)
    assert ledger.finding(finding, by=operator).state == "open"


def test_one_practice_cannot_mark_an_action_of_another(theirs: TestClient) -> None:
    assert theirs.post(f"{HOME}/actions/SA09-{OURS}", data={"note": "x"}).status_code == 403


def test_an_auditor_sees_a_practice_and_answers_nothing_for_it(auditor: TestClient) -> None:
    page = auditor.get(f"{HOME}/actions", params={"owner": "practice"})
    tried = auditor.post(f"{HOME}/actions/SA09-{OURS}", data={"note": "x"})

    assert page.status_code == 200
    assert "Mark as done" not in page.text
    assert tried.status_code == 403


def test_what_nhs_digital_has_to_do_is_marked_as_done_by_an_auditor_alone(
    ours: TestClient, auditor: TestClient, ledger: Ledger
) -> None:
    first = ledger.actions(practice=OURS, owner="NHS Digital")[0]
    path = f"{HOME}/actions/{first.id}"

    seen = ours.get(path)
    tried = ours.post(path, data={"note": "x"})

    assert "Mark as done" not in seen.text
    assert tried.status_code == 403
    assert "Mark as done" in auditor.get(path).text


def test_a_name_that_is_a_script_is_shown_and_never_run(
    ours: TestClient, auditor: TestClient
) -> None:
    for page in (ours.get(HOME), auditor.get("/pages/practices"), auditor.get("/pages/sign-in")):
        assert "&lt;SCRIPT&gt;ALERT(1)&lt;/SCRIPT&gt; &amp; SONS" in page.text
        assert "<SCRIPT>" not in page.text


def test_what_is_asked_for_is_shown_and_never_run(auditor: TestClient) -> None:
    page = auditor.get("/pages/practices", params={"q": '"><script>alert(1)</script>'})

    assert "<script>alert" not in page.text


# --- actions


def test_contradictory_advice_stands_side_by_side_with_its_source(ours: TestClient) -> None:
    page = ours.get(f"{HOME}/actions/SA01-{OURS}")

    assert page.text.count('class="advice__one"') == 4
    assert "do not switch sharing off wholesale" in page.text
    assert "Pulse, reporting the ICO" in page.text
    assert "consider switching sharing off" in page.text
    assert "Pulse, reporting the GPC IT lead" in page.text


def test_the_action_list_is_narrowed_by_state_owner_and_rule(ours: TestClient) -> None:
    by_rule = ours.get(f"{HOME}/actions", params={"rule": "CO01"})
    by_owner = ours.get(f"{HOME}/actions", params={"owner": "NHS Digital", "rule": "TX01"})
    none = ours.get(f"{HOME}/actions", params={"state": "taken", "rule": "CO01"})

    assert by_rule.text.count('class="task ') == 1
    assert "Ask the patient what they want" in by_rule.text
    assert f"Actions 1 to 25 of {COHORT}" in by_owner.text
    assert "No action matches" in none.text


def test_an_action_is_marked_as_done_with_a_note(ours: TestClient) -> None:
    page = ours.post(f"{HOME}/actions/SA11-{OURS}", data={"note": "Notice amended, J. Doe"})

    assert page.history[0].status_code == 303
    assert page.url.path == f"{HOME}/actions"
    assert "Marked as done: Amend your policies and your privacy notice" in page.text
    done = ours.get(f"{HOME}/actions", params={"state": "taken"})
    assert "Notice amended, J. Doe" in done.text


@pytest.mark.parametrize(
    ("note", "wrong"),
    [
        ("  ", "Say what was done"),
        (f"Spoke with {UNDECIDED}", "a note may not hold an NHS number"),
        ("x" * 2001, "Use 2,000 characters or fewer"),
    ],
)
def test_a_note_that_cannot_be_kept_is_told_at_once(
    ours: TestClient, note: str, wrong: str
) -> None:
    page = ours.post(f"{HOME}/actions/SA14-{OURS}", data={"note": note})

    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert wrong in page.text
    assert "To do" in ours.get(f"{HOME}/actions/SA14-{OURS}").text


def test_the_action_list_is_downloaded_with_the_field_names_of_the_api(ours: TestClient) -> None:
    answer = ours.get(f"{HOME}/actions.csv", params={"state": "all", "rule": "CO01"})

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer.headers["content-disposition"] == f'attachment; filename="actions_{OURS}.csv"'
    assert [row["rule"] for row in rows] == ["CO01"]
    assert rows[0]["advice"].endswith("(D4 [D])")
    assert {"id", "practice", "owner", "due", "state", "standing", "note"} <= rows[0].keys()


def test_a_note_that_would_be_a_formula_is_downloaded_as_text(ours: TestClient) -> None:
    ours.post(f"{HOME}/actions/SA15-{OURS}", data={"note": '=HYPERLINK("http://x","y")'})

    answer = ours.get(f"{HOME}/actions.csv", params={"state": "taken"})

    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert [row["note"] for row in rows if row["standing"] == "SA15"] == [
        '\'=HYPERLINK("http://x","y")'
    ]


def test_no_such_action_is_not_found(ours: TestClient) -> None:
    assert ours.get(f"{HOME}/actions/SA99-{OURS}").status_code == 404


# --- findings


def test_findings_are_leafed_through(ours: TestClient) -> None:
    first = ours.get(f"{HOME}/findings", params={"rule": "TX01"})
    second = ours.get(f"{HOME}/findings", params={"rule": "TX01", "page": 2})

    assert f"Findings 1 to 25 of {COHORT}" in first.text
    assert f"Findings 26 to {COHORT} of {COHORT}" in second.text
    assert 'rel="prev"' in second.text
    assert 'rel="next"' not in second.text


def test_findings_are_narrowed_by_severity_and_state(ours: TestClient) -> None:
    errors = ours.get(f"{HOME}/findings", params={"severity": "error", "rule": "CO01"})
    closed = ours.get(f"{HOME}/findings", params={"state": "closed", "rule": "CO01"})

    assert "Same day conflict" in errors.text
    assert "Nothing matches" in closed.text


def test_a_practice_reads_the_nhs_number_on_the_page_and_nowhere_else(
    ours: TestClient, ledger: Ledger, operator: Caller
) -> None:
    finding = the_finding(ledger, operator, "CO01")

    listed = ours.get(f"{HOME}/findings", params={"rule": "CO01"})
    page = ours.get(f"/pages/findings/{finding}")

    assert read_out(UNDECIDED) in listed.text
    assert read_out(UNDECIDED) in page.text
    title = re.search("<title>(.*)</title>", page.text)
    assert title is not None
    assert "999" not in title[1]
    assert not re.search(r'(?:href|action|src)="[^"]*999\d{7}', page.text + listed.text)


def test_the_list_for_auditors_shows_no_nhs_number(auditor: TestClient) -> None:
    page = auditor.get("/pages/findings")

    assert not any(number in page.text or read_out(number) in page.text for number in OF_OURS)


def test_a_findings_evidence_is_a_timeline_with_the_four_times(
    ours: TestClient, ledger: Ledger, operator: Caller
) -> None:
    page = ours.get(f"/pages/findings/{the_finding(ledger, operator, 'TX01')}")

    assert "Type 2 dissent recorded at X99901" in page.text
    for told in (
        "<dt>Effective</dt>",
        "<dt>Entered</dt>",
        "<dt>Transmitted</dt>",
        "<dt>Known</dt>",
    ):
        assert told in page.text
    assert "1 March 2016 at 10:00" in page.text
    assert re.search(r"From SRCode.csv, row \d+, delivery", page.text)
    assert (
        "4 collections, from 30 April 2016 to 31 July 2016, did not carry the patient" in page.text
    )


def test_a_finding_says_what_it_means_meanwhile(
    ours: TestClient, ledger: Ledger, operator: Caller
) -> None:
    upheld = ours.get(f"/pages/findings/{the_finding(ledger, operator, 'CO01')}")
    not_upheld = ours.get(f"/pages/findings/{the_finding(ledger, operator, 'TX01')}")
    setting = ours.get(f"/pages/findings/{the_finding(ledger, operator, 'SH01')}")

    assert "wish is upheld: they count as objecting until this is settled." in upheld.text
    assert "NHS Digital does not uphold the patient&#39;s wish" in not_upheld.text
    assert "Others may see what the practice records of its patients" in setting.text


def test_a_finding_says_what_would_close_it(
    ours: TestClient, ledger: Ledger, operator: Caller
) -> None:
    own = ours.get(f"/pages/findings/{the_finding(ledger, operator, 'CO01')}")

    assert (
        "It closes by itself when the patient&#39;s answer is coded with a later date" in own.text
    )
    assert 'Or you dismiss it, <a href="#dismiss">below</a>, with a reason.' in own.text


def test_the_evidence_leads_to_the_delivery_and_says_where_no_row_is_kept(
    ours: TestClient, ledger: Ledger, operator: Caller
) -> None:
    finding = ledger.explained(the_finding(ledger, operator, "TX01"), by=operator)
    page = ours.get(f"/pages/findings/{finding.id}")
    setting = ours.get(f"/pages/findings/{the_finding(ledger, operator, 'SH01')}")

    [entry] = [one for one in finding.evidence if one.event == "entry-recorded"]
    link = f'<a class="code" href="/pages/deliveries/{entry.delivery}">'
    assert f"From SRCode.csv, row {entry.row}, delivery {link}" in page.text
    assert ours.get(f"/pages/deliveries/{entry.delivery}").status_code == 200
    assert "of which no row is kept" in setting.text


def test_a_finding_is_dismissed_with_a_reason(
    ours: TestClient, ledger: Ledger, operator: Caller
) -> None:
    finding = the_finding(ledger, operator, "CO07")
    before = ours.get(f"/pages/findings/{finding}")

    without = ours.post(f"/pages/findings/{finding}/dismissal", data={"reason": " "})
    page = ours.post(f"/pages/findings/{finding}/dismissal", data={"reason": "entered in error"})

    assert "This one changes an answer" in before.text
    assert without.status_code == 422
    assert page.history[0].status_code == 303
    assert "The finding is dismissed" in page.text
    assert 'id="dismiss"' not in page.text


def test_a_dismissed_finding_is_taken_up_again_with_a_reason(
    ours: TestClient, auditor: TestClient, theirs: TestClient, ledger: Ledger, operator: Caller
) -> None:
    finding = the_finding(ledger, operator, "SH01")
    path = f"/pages/findings/{finding}"
    ours.post(f"{path}/dismissal", data={"reason": "asked at the desk"})

    others = [
        browser.post(f"{path}/reopening", data={"reason": "no"}) for browser in (auditor, theirs)
    ]
    without = ours.post(f"{path}/reopening", data={"reason": " "})
    page = ours.post(f"{path}/reopening", data={"reason": "nobody was asked"})
    again = ours.post(f"{path}/reopening", data={"reason": "nobody was asked"})

    assert [other.status_code for other in others] == [403, 403]
    assert 'id="reopen"' in without.text
    assert (without.status_code, again.status_code) == (422, 404)
    assert "The finding is taken up again" in page.text
    for said in ("asked at the desk", "nobody was asked", "What the practice said of it"):
        assert said in page.text
    assert ledger.finding(finding).state == "open"


def test_the_pages_say_what_the_ledger_sees_and_since_when(ours: TestClient) -> None:
    lists = ours.get(f"{HOME}/actions", params={"state": "not-needed"})
    overdue = ours.get(f"{HOME}/actions/SA02-{OURS}")

    assert "The ledger sees: the allowed list holds 1 organisation." in lists.text
    assert "Open for 882 days" in overdue.text


def test_turns_that_nobody_answered_are_missed(ours: TestClient) -> None:
    page = ours.get(f"{HOME}/actions", params={"state": "missed"})
    marked = ours.post(
        f"{HOME}/actions/SA08-{OURS}-2016-06", data={"note": "reviewed in June 2016"}
    )
    left = ours.get(f"{HOME}/actions", params={"state": "missed"})

    assert page.text.count('class="task ') == 9
    assert "Due 31 March 2016" in page.text
    assert "Marked as done: Review the access audit" in marked.text
    assert left.text.count('class="task ') == 8


# --- letters


def test_letters_are_downloaded_by_whoever_writes_them(
    ours: TestClient, theirs: TestClient, auditor: TestClient
) -> None:
    page = ours.get(f"{HOME}/letters")
    seen_by_an_auditor = auditor.get(f"{HOME}/letters")

    conflict = f"{HOME}/letters/CO01.csv"
    never_sent = f"{HOME}/letters/TX01.csv"
    assert f'href="{conflict}"' in page.text
    assert f'href="{never_sent}"' not in page.text
    assert "NHS Digital writes this letter." in page.text
    assert f'href="{never_sent}"' in seen_by_an_auditor.text
    assert f'href="{conflict}"' not in seen_by_an_auditor.text
    statuses = [
        [browser.get(path).status_code for browser in (ours, auditor, theirs)]
        for path in (conflict, never_sent)
    ]
    assert statuses == [[200, 403, 403], [403, 200, 403]]
    assert theirs.get(f"{HOME}/letters").status_code == 403


def test_letters_hold_nhs_numbers_and_their_page_and_names_none(ours: TestClient) -> None:
    page = ours.get(f"{HOME}/letters")
    lines = ours.get(f"{HOME}/letters/CO01.csv")
    printed = ours.get(f"{HOME}/letters/CO01.pdf")
    wording = ours.get(f"{HOME}/letters/CO01.txt")

    assert not any(n in page.text or read_out(n) in page.text for n in (*OF_OURS, UNDECIDED))
    rows = csv.DictReader(io.StringIO(lines.content.decode("utf-8-sig")))
    assert [row["nhs_number"] for row in rows] == [UNDECIDED]
    assert f"NHS number: {read_out(UNDECIDED)}" in pages(printed.content)[0]
    assert UNDECIDED not in wording.text
    for answer in (lines, printed, wording):
        assert answer.headers["cache-control"] == "no-store"
        assert UNDECIDED not in answer.headers["content-disposition"]


def test_a_letter_there_is_not_is_not_found(ours: TestClient) -> None:
    assert ours.get(f"{HOME}/letters/SH01.csv").status_code == 404
    assert ours.get(f"{HOME}/letters/CO01.doc").status_code == 422


def test_no_such_finding_is_not_found(ours: TestClient) -> None:
    assert ours.get("/pages/findings/none").status_code == 404


def test_a_practice_sees_in_which_vocabulary_it_enters(ours: TestClient) -> None:
    page = ours.get(f"/pages/practices/{OURS}")

    assert "No entry made since then is in Read v2 or CTV3." in page.text
    assert (
        '<th scope="row">March 2016</th><td>Type 2</td><td class="count">0</td>'
        f'<td class="count">{COHORT}</td>'
    ) in page.text


def test_the_page_of_all_vocabularies_is_an_auditors(ours: TestClient) -> None:
    assert ours.get("/pages/vocabularies").status_code == 403
