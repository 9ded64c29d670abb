"""`ledger webhooks` and `ledger feeds`, as others script against them."""

import json

import pytest

from ledger.settings import settings
from tests.cli.conftest import Run
from tests.files import PRACTICE

URL = "https://receiver.example/breaches"
OF_OURS = ("--practice", PRACTICE)


@pytest.fixture
def told(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`ledger`, on a machine where that host is listed."""
    monkeypatch.setenv("LEDGER_WEBHOOK_HOSTS", "receiver.example")
    settings.cache_clear()
    return run


def test_the_operator_has_a_program_told_for_a_practice(told: Run) -> None:
    [made] = json.loads(told("webhooks", "add", URL, *OF_OURS, "--format", "json").out)
    again = told("webhooks", "add", URL, *OF_OURS)
    [line] = json.loads(told("webhooks", "list", *OF_OURS, "--format", "json").out)
    dead = told("webhooks", "dead", *OF_OURS)
    retried = told("webhooks", "retry", made["webhook"], *OF_OURS)
    revoked = told("webhooks", "revoke", made["webhook"], *OF_OURS)
    twice = told("webhooks", "revoke", made["webhook"], *OF_OURS)

    assert made["secret"].startswith("whsec_")
    assert (again.code, "registered already" in again.err) == (2, True)
    assert (line["webhook"], line["url"], line["registered_by"]) == (
        made["webhook"],
        URL,
        "operator",
    )
    assert (dead.out, retried.out) == ("no dead letters\n", "0 will be sent again\n")
    assert revoked.out == "revoked at position 3\n"
    assert (twice.code, "nothing to revoke" in twice.err) == (2, True)
    assert told("webhooks", "list", "--practice", "no code").code == 2


def test_where_no_host_is_listed_it_is_said_what_to_do(run: Run) -> None:
    refused = run("webhooks", "add", URL, *OF_OURS)

    assert (refused.code, refused.out) == (2, "")
    assert "LEDGER_WEBHOOK_HOSTS" in refused.err


def test_the_operator_lets_a_feed_reader_follow_for_a_practice(run: Run) -> None:
    [made] = json.loads(run("feeds", "add", *OF_OURS, "--format", "json").out)
    revoked = run("feeds", "revoke", made["token"], *OF_OURS)
    [line] = json.loads(run("feeds", "list", *OF_OURS, "--format", "json").out)

    assert len(made["password"]) == 43
    assert revoked.out == "revoked at position 3\n"
    assert (line["token"], line["state"], line["revoked_by"]) == (
        made["token"],
        "revoked",
        "operator",
    )
    assert run("feeds", "revoke", "z" * 20, *OF_OURS).code == 2
