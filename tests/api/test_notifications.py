"""Can a practice have its programs and feed readers told over HTTP, and nobody else's?"""

import base64
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from defusedxml.ElementTree import fromstring
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from ledger.api.atom import Feed, as_atom
from ledger.application import Ledger
from ledger.application.records import NoticeRecord
from ledger.domain.callers import Caller, Role
from ledger.domain.entries import Setting, SettingChange
from ledger.domain.events import Mode
from ledger.webhooks.outgoing import Outgoing
from tests.api.conftest import OURS, THEIRS, Headers

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = f"/practices/{OURS}/notifications.atom"
WEBHOOKS, TOKENS = f"/practices/{OURS}/webhooks", f"/practices/{OURS}/feed-tokens"
URL = "https://receiver.example/breaches"
NOBODYS = "z" * 20


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """A ledger whose pages and receivers are known."""
    outgoing = Outgoing(frozenset({"receiver.example"}), root="https://ledger.example/")
    return Ledger(engine, outgoing=outgoing)


@pytest.fixture
def breach(ledger: Ledger) -> str:
    """The id of a breach that has been noticed: automatic share-out (SH01)."""
    change = SettingChange(
        practice=OURS,
        changed_at=datetime(2019, 1, 1, 9, tzinfo=UTC),
        changed_by="m",
        setting=Setting.AUTO_SHARE_OUT,
        value="on",
    )
    ledger.change_setting(change, by=Caller("m", Role.CONTROLLER, frozenset({OURS})))
    ledger.catch_up()
    ledger.take_notices()
    [finding] = ledger.findings(practice=OURS, severity="breach")
    return finding.id


def basic(user: str, password: str) -> Headers:
    shown = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {shown}"}


@pytest.fixture
def reader(client: TestClient, controller: Headers) -> Headers:
    """A feed reader's headers."""
    made = client.post(TOKENS, headers=controller).json()
    return basic(made["token"], made["password"])


# --- webhooks


def test_a_webhook_is_registered_listed_and_revoked(
    client: TestClient, controller: Headers, auditor: Headers
) -> None:
    made = client.post(WEBHOOKS, json={"url": URL}, headers=controller)
    again = client.post(WEBHOOKS, json={"url": URL}, headers=controller)
    listed = client.get(WEBHOOKS, headers=auditor)
    webhook = made.json()["webhook"]
    revoked = client.delete(f"{WEBHOOKS}/{webhook}", headers=controller)
    twice = client.delete(f"{WEBHOOKS}/{webhook}", headers=controller)

    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    assert made.headers["Ledger-Position"] == str(made.json()["position"])
    assert made.headers["Cache-Control"] == "no-store"
    assert (again.status_code, again.json()["type"]) == (422, "/problems/not-a-fact")
    [line] = listed.json()["webhooks"]
    assert (line["webhook"], line["url"], line["state"]) == (webhook, URL, "standing")
    assert made.json()["secret"] not in listed.text
    assert (revoked.status_code, twice.status_code) == (200, 404)


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "http://receiver.example/", ""])
def test_where_nothing_may_be_sent_is_refused(
    client: TestClient, controller: Headers, url: str
) -> None:
    refused = client.post(WEBHOOKS, json={"url": url}, headers=controller)

    assert refused.status_code == 422
    assert client.get(WEBHOOKS, headers=controller).json()["webhooks"] == []


def test_only_the_practices_controller_registers_and_no_other_practice_looks(
    client: TestClient, stranger: Headers, auditor: Headers, system: Headers, extract: Headers
) -> None:
    wrote = [
        client.post(WEBHOOKS, json={"url": URL}, headers=h) for h in (stranger, auditor, system)
    ]
    looked = [
        client.get(path, headers=h) for path in (WEBHOOKS, TOKENS) for h in (stranger, extract)
    ]

    assert {answer.status_code for answer in [*wrote, *looked]} == {403}


def test_dead_letters_are_listed_and_sent_again(
    client: TestClient, ledger: Ledger, controller: Headers
) -> None:
    made = client.post(WEBHOOKS, json={"url": URL}, headers=controller).json()
    retry = f"{WEBHOOKS}/{made['webhook']}/retry"
    with ledger.engine.begin() as connection:
        connection.execute(
            text("""
                WITH n AS (
                    INSERT INTO outbox.notices (finding, turn, practice, rule, severity, since,
                        found_at, noticed_at)
                    VALUES ('f', 1, :practice, 'SH01', 'breach', '2019-01-01', now(), now())
                    RETURNING number
                )
                INSERT INTO outbox.sendings
                SELECT number, :webhook, 'dead', 9, now(), now(), now(), 'status-500' FROM n
            """),
            {"practice": OURS, "webhook": made["webhook"]},
        )

    [letter] = client.get(f"/practices/{OURS}/dead-letters", headers=controller).json()[
        "dead_letters"
    ]
    retried = [client.post(retry, headers=controller).json() for _ in range(2)]
    left = client.get(f"/practices/{OURS}/dead-letters", headers=controller).json()["dead_letters"]

    assert (letter["finding"], letter["attempts"], letter["last_error"]) == ("f", 9, "status-500")
    assert (retried, left) == ([{"retried": 1}, {"retried": 0}], [])
    assert client.post(f"{WEBHOOKS}/{NOBODYS}/retry", headers=controller).status_code == 404


def test_what_waits_is_told_to_operations(client: TestClient) -> None:
    told = client.get("/metrics").text

    assert "\nledger_webhooks_waiting 0\n" in told
    assert "\nledger_webhooks_waiting_seconds 0.0\n" in told
    assert "\nledger_webhooks_dead 0\n" in told


# --- the feed


def test_a_feed_reader_is_told_of_a_breach_and_of_nobodys_data(
    client: TestClient, ledger: Ledger, breach: str, reader: Headers
) -> None:
    answer = client.get(FEED, headers=reader)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml"
    assert answer.headers["cache-control"] == "private, no-cache"
    feed = fromstring(answer.content)
    [entry] = feed.findall(f"{ATOM}entry")
    told = {name: entry.findtext(f"{ATOM}{name}") for name in ("id", "title", "summary")}
    [notice] = ledger.notices(OURS, limit=10)
    assert told == {
        "id": f"urn:uuid:{notice.id}",
        "title": "SH01 implied share out",
        "summary": f"A breach at practice {OURS}, true since 2019-01-01. "
        "The page of the finding has its evidence.",
    }
    assert [link.get("href") for link in entry.findall(f"{ATOM}link")] == [
        f"https://ledger.example/pages/findings/{breach}"
    ]
    assert [c.get("term") for c in entry.findall(f"{ATOM}category")] == ["breach"]


def test_a_feed_has_all_that_rfc_4287_asks_for(
    client: TestClient, breach: str, reader: Headers
) -> None:
    feed = fromstring(client.get(FEED, headers=reader).content)

    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        moment = datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "")
        assert moment.tzinfo is not None
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "The objection ledger"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links.keys() == {"self", "alternate", "first"}
    assert links["self"] == f"https://ledger.example{FEED}"
    ids = [feed.findtext(f"{ATOM}id"), feed.findtext(f"{ATOM}entry/{ATOM}id")]
    assert len(set(ids)) == 2


def test_a_long_feed_leads_on_to_what_is_older(
    client: TestClient, ledger: Ledger, reader: Headers
) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO outbox.notices (finding, turn, practice, rule, severity, since,
                    found_at, noticed_at)
                SELECT n::text, 1, :practice, 'SH01', 'breach', '2019-01-01', now(), now()
                FROM generate_series(1, 101) n
            """),
            {"practice": OURS},
        )
    counts, ids, path = [], set(), FEED
    while path:
        feed = fromstring(client.get(path, headers=reader).content)
        entries = feed.findall(f"{ATOM}entry")
        counts.append(len(entries))
        ids |= {entry.findtext(f"{ATOM}id") for entry in entries}
        links = {link.get("rel"): link.get("href") or "" for link in feed.findall(f"{ATOM}link")}
        following = urlsplit(links.get("next", ""))
        path = f"{following.path}?{following.query}" if following.path else ""

    assert counts == [50, 50, 1]
    assert len(ids) == 101


def test_what_has_not_changed_is_not_sent_again(
    client: TestClient, ledger: Ledger, breach: str, reader: Headers
) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE outbox.notices SET noticed_at = '2026-01-05T12:00:00.5Z'"))
    first = client.get(FEED, headers=reader)
    etag, modified = first.headers["etag"], first.headers["last-modified"]

    def asked(**headers: str) -> int:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(FEED, headers={**reader, **told}).status_code

    assert modified == "Mon, 05 Jan 2026 12:00:00 GMT"
    assert asked(if_none_match=etag) == 304
    assert asked(if_none_match=f'"other", W/{etag}') == 304
    assert asked(if_none_match='"other"', if_modified_since=modified) == 200
    assert asked(if_modified_since=modified) == 304
    assert asked(if_modified_since="Mon, 05 Jan 2026 11:59:59 GMT") == 200
    assert asked(if_modified_since="yesterday") == 200


def test_a_breach_of_this_second_has_a_tag_and_no_time_yet(
    client: TestClient, breach: str, reader: Headers
) -> None:
    headers = client.get(FEED, headers=reader).headers

    assert "etag" in headers
    assert "last-modified" not in headers


def test_a_controller_and_an_auditor_read_it_too_and_nobody_else(
    client: TestClient,
    controller: Headers,
    auditor: Headers,
    stranger: Headers,
    extract: Headers,
    system: Headers,
) -> None:
    may = [client.get(FEED, headers=h).status_code for h in (controller, auditor)]
    may_not = [client.get(FEED, headers=h).status_code for h in (stranger, extract, system)]

    assert (may, may_not) == ([200, 200], [403, 403, 403])


def test_a_token_is_good_for_its_own_feed_alone_until_it_is_revoked(
    client: TestClient, controller: Headers
) -> None:
    made = client.post(TOKENS, headers=controller).json()
    shown = basic(made["token"], made["password"])
    theirs = f"/practices/{THEIRS}/notifications.atom"

    before = client.get(FEED, headers=shown).status_code
    elsewhere = client.get(theirs, headers=shown).status_code
    findings = client.get(f"/practices/{OURS}/findings", headers=shown).status_code
    client.delete(f"{TOKENS}/{made['token']}", headers=controller)
    after = client.get(FEED, headers=shown)
    [line] = client.get(TOKENS, headers=controller).json()["feed_tokens"]

    assert (before, elsewhere, findings, after.status_code) == (200, 401, 401, 401)
    assert after.headers["www-authenticate"].startswith("Basic realm=")
    assert after.headers["content-type"] == "application/problem+json"
    assert (line["token"], line["state"]) == (made["token"], "revoked")
    assert made["password"] not in str(line)


def test_a_webhooks_secret_opens_no_feed_and_a_wrong_password_neither(
    client: TestClient, controller: Headers
) -> None:
    hook = client.post(WEBHOOKS, json={"url": URL}, headers=controller).json()
    token = client.post(TOKENS, headers=controller).json()["token"]
    tries = [
        basic(hook["webhook"], hook["secret"]),
        basic(token, hook["secret"]),
        basic(token, ""),
        basic(NOBODYS, "x"),
        basic("", ""),
        {"Authorization": "Basic !"},
        {"Authorization": "Basic"},
        {"Authorization": "Bearer x"},
        {},
    ]

    assert {client.get(FEED, headers=shown).status_code for shown in tries} == {401}


def test_a_feed_of_a_re_enactment_says_so() -> None:
    now = datetime(2018, 6, 1, tzinfo=UTC)
    told = NoticeRecord(
        id="76eef762-bb9e-5c80-bd00-16e418c1d707", number=7, finding="f", turn=2, practice=OURS,
        rule="TX01", severity="breach", since=now.date(), found_at=now, noticed_at=now,
    )  # fmt: skip
    feed = Feed(told.id, OURS, Mode.RE_ENACTMENT, now, "http://l/", before=9, next=None)

    page = as_atom(feed, [told]).decode()

    assert "(a re-enactment, no live evidence)</title>" in page
    assert "<title>TX01 never transmitted, again</title>" in page
    assert f'rel="self" href="http://l{FEED}?before=9"' in page
