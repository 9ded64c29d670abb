"""Is a message signed as Standard Webhooks says, and sent only where it may be?"""

import base64
import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.application.sending import pause_after
from ledger.domain.notifying import MOST_OF_A_PRACTICE, register_webhook, webhook_url
from ledger.domain.practices import Practice
from ledger.domain.refusals import NotAFact, Refusal
from ledger.webhooks.client import Client, Outcome
from ledger.webhooks.outgoing import NotSent, Outgoing, address_of, chosen, hosts
from ledger.webhooks.signing import feed_password, secret_of, signed, told_secret
from tests.gp_connect_server import a_certificate
from tests.nhs_numbers import nhs_number
from tests.webhook_receiver import Message, Receiver, Reply, a_receiver, is_genuine

KEY = b"k" * 32
WEBHOOK = "abcdefghijklmnopqrst"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_certificate(tmp_path_factory.mktemp("certificate"))


def send(receiver: Receiver, *, path: str = "/breaches", **told: object) -> Outcome:
    return Client(receiver.outgoing(**told)).send(receiver.url(path), b"{}", {"webhook-id": "m"})


# --- signing


def test_a_message_is_signed_as_the_published_example_is() -> None:
    # The example that the implementations of Standard Webhooks are tested with.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        secret=secret,
        now=datetime.fromtimestamp(1614265330, UTC),
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_whoever_was_shown_the_secret_can_tell_what_is_genuine() -> None:
    now = datetime.now(UTC)
    headers = signed("m", b"{}", secret=secret_of(WEBHOOK, KEY), now=now)
    told = told_secret(WEBHOOK, KEY)
    other = told_secret("z" * 20, KEY)

    assert is_genuine(Message("/", headers, b"{}"), told, now=now.timestamp())
    assert not is_genuine(Message("/", headers, b"{ }"), told, now=now.timestamp())
    assert not is_genuine(Message("/", headers, b"{}"), other, now=now.timestamp())
    assert not is_genuine(Message("/", headers, b"{}"), told, now=now.timestamp() + 301)


def test_no_two_secrets_are_alike() -> None:
    told = {told_secret(WEBHOOK, KEY), told_secret(WEBHOOK, b"l" * 32), feed_password(WEBHOOK, KEY)}

    assert len(told) == 3


# --- where a webhook may be


@pytest.mark.parametrize(
    "url",
    [
        "",
        "receiver.example",
        "http://receiver.example/",
        "ftp://receiver.example/",
        "https:///path",
        "https://receiver.example:port/",
        "https://receiver.example/a b",
        "https://receiver.example/é",
        "https://me:secret@receiver.example/",
        "https://receiver.example/?token=1",
        "https://receiver.example/?",
        "https://receiver.example/#a",
        f"https://receiver.example/{nhs_number(1)}",
        "https://receiver.example/" + "x" * 500,
    ],
)
def test_what_is_no_address_to_keep_is_refused(url: str) -> None:
    with pytest.raises(NotAFact, match="URL"):
        webhook_url(url)


def test_a_practice_has_room_for_ten_webhooks_and_each_url_once() -> None:
    full = Practice(webhooks={str(n): f"https://r.example/{n}" for n in range(MOST_OF_A_PRACTICE)})

    with pytest.raises(NotAFact, match="at most 10 webhooks"):
        register_webhook(full, webhook=WEBHOOK, url="https://r.example/new", by="m")
    with pytest.raises(NotAFact, match="registered already"):
        register_webhook(full, webhook=WEBHOOK, url="https://r.example/0", by="m")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://receiver.example/a", True),
        ("https://RECEIVER.example:443/", True),
        ("https://other.example:8443/", True),
        ("https://other.example/", False),
        ("https://receiver.example:8443/", False),
        ("https://receiver.example.evil.example/", False),
        ("https://evil.example/receiver.example", False),
        ("http://receiver.example/", False),
    ],
)
def test_only_listed_hosts_are_sent_to(url: str, allowed: bool) -> None:
    outgoing = Outgoing(hosts=hosts("Receiver.example, other.example:8443"))

    assert outgoing.allows(url) is allowed
    if allowed:
        outgoing.must_allow(url)
    else:
        with pytest.raises(NotAFact, match="LEDGER_WEBHOOK_HOSTS lists"):
            outgoing.must_allow(url)


def test_where_no_host_is_listed_there_are_no_webhooks() -> None:
    with pytest.raises(NotAFact, match="webhooks are off here"):
        Outgoing(hosts=hosts(" , ")).must_allow("https://receiver.example/")


PRIVATE = [
    "10.1.2.3",
    "192.168.0.1",
    "172.16.0.1",
    "127.0.0.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
]
NEVER = ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "::ffff:169.254.169.254"]
# By which a network may lead to any of those.
NEVER += ["64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"]


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_an_address_of_the_internet_is_sent_to(address: str) -> None:
    assert chosen([ipaddress.ip_address(address)], private=False) == address


@pytest.mark.parametrize("address", [*PRIVATE, *NEVER])
def test_an_address_within_is_not_sent_to(address: str) -> None:
    among = [ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address(address)]

    with pytest.raises(NotSent, match="address-refused"):
        chosen(among, private=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_within_is_sent_to_where_the_setting_says_so(address: str) -> None:
    found = ipaddress.ip_address(address)

    assert ipaddress.ip_address(chosen([found], private=True)) == found


@pytest.mark.parametrize("address", NEVER)
def test_what_no_setting_opens_stays_closed(address: str) -> None:
    with pytest.raises(NotSent):
        chosen([ipaddress.ip_address(address)], private=True)


def test_a_host_without_an_address_is_told_as_such() -> None:
    with pytest.raises(NotSent, match="no-address"):
        address_of("nowhere.invalid", 443, private=True)


# --- what became of a try


def test_what_is_taken_is_delivered(certificate: Path) -> None:
    with a_receiver(certificate) as receiver:
        outcome = send(receiver, path="/a/path")

    assert outcome == Outcome()
    [message] = receiver.messages
    assert (message.path, message.body) == ("/a/path", b"{}")
    assert message.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert message.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(500), Outcome("status-500")),
        (Reply(404), Outcome("status-404")),
        (Reply(410), Outcome("status-410", gone=True)),
        (Reply(302, (("Location", "https://127.0.0.1:1/"),)), Outcome("redirect")),
        (
            Reply(429, (("Retry-After", "90"),)),
            Outcome("status-429", after=timedelta(seconds=90)),
        ),
        (Reply(503, (("Retry-After", "tomorrow"),)), Outcome("status-503")),
        (Reply(503, (("Retry-After", "9" * 50),)), Outcome("status-503")),
        (Reply(500, (("Retry-After", "90"),)), Outcome("status-500")),
    ],
)
def test_what_is_not_taken_says_why_in_a_word(
    certificate: Path, reply: Reply, outcome: Outcome
) -> None:
    with a_receiver(certificate, lambda *_: reply) as receiver:
        assert send(receiver) == outcome

    assert len(receiver.messages) == 1


def test_who_takes_too_long_to_answer_is_not_waited_for(certificate: Path) -> None:
    with a_receiver(certificate, lambda *_: Reply(after=1.0)) as receiver:
        assert send(receiver, timeout=0.2) == Outcome("timeout")


def test_nobody_is_kept_by_a_long_answer(certificate: Path) -> None:
    flood = Reply(200, parts=(b"x" * 20_000,) * 100, after=0.05)

    with a_receiver(certificate, lambda *_: flood) as receiver:
        before = datetime.now(UTC)
        outcome = send(receiver)

    assert outcome == Outcome()
    assert datetime.now(UTC) - before < timedelta(seconds=2)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"hosts": frozenset()}, "host-not-listed"),
        ({"private_addresses": False}, "address-refused"),
        ({"authorities": None}, "not-trusted"),
    ],
)
def test_nothing_is_sent_where_it_may_not_be(
    certificate: Path, told: dict[str, object], error: str
) -> None:
    with a_receiver(certificate) as receiver:
        assert send(receiver, **told) == Outcome(error)

    assert receiver.messages == []


def test_the_certificate_has_to_be_the_hosts(certificate: Path) -> None:
    # It is for 127.0.0.1, and this name leads to that address too.
    with a_receiver(certificate) as receiver:
        outgoing = receiver.outgoing(hosts=frozenset({f"localhost:{receiver.port}"}))
        url = receiver.url().replace("127.0.0.1", "localhost")

        assert Client(outgoing).send(url, b"{}", {}) in (
            Outcome("not-trusted"),
            # Where localhost is ::1 first.
            Outcome("unreachable"),
        )

    assert receiver.messages == []


def test_nobody_listening_is_told_as_such(certificate: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        nobody = Receiver(port, certificate, lambda *_: Reply())

        assert send(nobody) == Outcome("unreachable")


def test_no_proxy_of_the_environment_is_used(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    with a_receiver(certificate) as receiver:
        assert send(receiver) == Outcome()


def test_authorities_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="LEDGER_WEBHOOK_AUTHORITIES"):
        Client(Outgoing(authorities=tmp_path / "none.pem"))


# --- how often


@pytest.mark.parametrize(
    ("failures", "pause"),
    [
        (1, timedelta(seconds=5)),
        (2, timedelta(seconds=20)),
        (3, timedelta(seconds=80)),
        (6, timedelta(seconds=5120)),
        (7, timedelta(hours=4)),
        (1_000_000, timedelta(hours=4)),
    ],
)
def test_each_pause_is_four_times_the_one_before_up_to_four_hours(
    failures: int, pause: timedelta
) -> None:
    assert pause_after(failures) == pause
