"""Is a practice's program told of each new breach, once it can be, and of nobody's data?"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, text

from ledger.application import Ledger
from ledger.application.records import NewWebhookRecord
from ledger.application.sending import GIVEN_UP_AFTER, LONGEST_PAUSE, Sender
from ledger.cli.serve import follow
from ledger.domain.callers import Caller, Role
from ledger.domain.entries import Setting, SettingChange
from ledger.domain.refusals import NotAFact, NotAllowed, UnknownThing
from ledger.settings import settings
from ledger.webhooks.client import Client
from tests.files import (
    Carried,
    a_collection_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    found_in,
)
from tests.gp_connect_server import a_certificate
from tests.nhs_numbers import nhs_number
from tests.webhook_receiver import Message, Receiver, Reply, a_receiver, is_genuine

OURS, THEIRS = "X99901", "X99902"
MANAGER = Caller("the manager", Role.CONTROLLER, frozenset({OURS}))
NEIGHBOUR = Caller("the neighbour", Role.CONTROLLER, frozenset({THEIRS}))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_certificate(tmp_path_factory.mktemp("certificate"))


class World:
    """A ledger that follows its log, a receiver, and a clock of its own for what is sent."""

    def __init__(self, engine: Engine, receiver: Receiver) -> None:
        self.receiver = receiver
        self.ledger = Ledger(engine, outgoing=receiver.outgoing())
        self.ledger.ensure_open()
        self.now = datetime.now(UTC)
        self.changes = 0

    def register(self, path: str = "/breaches") -> NewWebhookRecord:
        return self.ledger.register_webhook(OURS, self.receiver.url(path), by=MANAGER)

    def switch(self, value: str, setting: Setting = Setting.AUTO_SHARE_OUT) -> None:
        """Automatic share-out is a breach while it is on (SH01), share-in too (SH02)."""
        self.changes += 1
        changed_at = datetime(2019, 1, 1, 9, tzinfo=UTC) + timedelta(minutes=self.changes)
        change = SettingChange(
            practice=OURS, changed_at=changed_at, changed_by="m", setting=setting, value=value
        )
        self.ledger.change_setting(change, by=MANAGER)

    def follow(self) -> int:
        """What `ledger work` does each time it comes round."""
        self.ledger.catch_up()
        return self.ledger.take_notices()

    def breach(self, setting: Setting = Setting.AUTO_SHARE_OUT) -> None:
        self.switch("on", setting)
        self.follow()

    def sender(self) -> Sender:
        client = Client(self.ledger.outgoing)
        return Sender(self.ledger, client, clock=lambda: self.now, random=Random(1))

    def send(self, *, after: timedelta = timedelta(0)) -> int:
        self.now = max(self.now, datetime.now(UTC)) + after
        return self.sender().send_due()

    def hook(self) -> tuple[str, int, int, int]:
        [told] = self.ledger.webhooks(OURS, by=MANAGER)
        return told.state, told.waiting, told.delivered, told.dead


class Answering(NamedTuple):
    """What the receiver answers, until a test has it answer otherwise."""

    replies: list[Reply]

    def __call__(self, _message: Message, _came: int) -> Reply:
        return self.replies[-1]


@pytest.fixture
def answering() -> Answering:
    return Answering([Reply()])


@pytest.fixture
def world(engine: Engine, certificate: Path, answering: Answering) -> Iterator[World]:
    with a_receiver(certificate, answering) as receiver:
        yield World(engine, receiver)


# --- what is told


def test_a_new_breach_is_told_once_and_signed(world: World) -> None:
    made = world.register()

    world.breach()
    tries = [world.send(), world.send()]

    assert tries == [1, 0]
    [message] = world.receiver.messages
    [finding] = world.ledger.findings(practice=OURS, by=MANAGER)
    assert is_genuine(message, made.secret, now=time.time())
    told = json.loads(message.body)
    assert told.pop("timestamp").endswith("+00:00")
    assert told == {
        "type": "finding.opened",
        "data": {
            "finding": finding.id,
            "turn": 1,
            "practice": OURS,
            "rule": "SH01",
            "severity": "breach",
            "since": "2019-01-01",
            "link": f"/pages/findings/{finding.id}",
            "mode": "live",
        },
    }
    assert world.hook() == ("standing", 0, 1, 0)


def test_what_was_a_breach_before_is_none_of_those_to_come(world: World) -> None:
    world.switch("on")

    world.register()
    world.follow()

    assert world.send() == 0
    assert len(world.ledger.notices(OURS, limit=10, by=MANAGER)) == 1


def test_each_webhook_is_told_and_the_next_practices_is_not(world: World) -> None:
    world.register("/one")
    world.register("/two")
    world.ledger.register_webhook(THEIRS, world.receiver.url("/theirs"), by=NEIGHBOUR)

    world.breach()
    world.send()

    assert sorted(m.path for m in world.receiver.messages) == ["/one", "/two"]
    assert world.ledger.notices(THEIRS, limit=10, by=NEIGHBOUR) == []


def test_findings_made_anew_tell_nobody_again(world: World) -> None:
    world.register()
    world.breach()
    world.send()

    world.ledger.rebuild("findings")
    made = world.ledger.take_notices(again=True)

    assert (made, world.send(), len(world.receiver.messages)) == (0, 0, 1)


def test_findings_that_are_being_made_anew_end_nothing(world: World) -> None:
    world.register()
    world.breach()
    world.send()
    with world.ledger.engine.begin() as connection:
        connection.execute(text("DELETE FROM projection.findings"))
        connection.execute(
            text("UPDATE log.projection_positions SET position = 0 WHERE name = 'findings'")
        )

    world.ledger.take_notices(again=True)
    world.follow()

    assert [n.turn for n in world.ledger.notices(OURS, limit=10)] == [1]
    assert world.send() == 0


def test_what_stands_where_nobody_knows_what_was_told_is_no_news(world: World) -> None:
    world.register()
    world.breach()
    with world.ledger.engine.begin() as connection:
        connection.execute(text("SET LOCAL role none"))
        connection.execute(text("TRUNCATE outbox.sendings, outbox.notices, outbox.noticed_up_to"))

    made = world.follow()

    assert (made, world.send()) == (0, 0)
    assert [n.turn for n in world.ledger.notices(OURS, limit=10)] == [1]


def test_a_breach_that_closed_and_came_back_is_told_again(world: World) -> None:
    world.register()
    world.breach()
    world.switch("off")
    world.follow()

    world.breach()
    world.send()

    first, second = world.receiver.messages
    assert first.data["finding"] == second.data["finding"]
    assert (first.data["turn"], second.data["turn"]) == (1, 2)
    assert first.id != second.id


def test_what_opened_and_closed_between_two_looks_is_told_to_nobody(world: World) -> None:
    world.register()

    world.switch("on")
    world.ledger.catch_up()
    world.switch("off")
    world.follow()

    assert [f.state for f in world.ledger.findings(practice=OURS, state="all")] == ["closed"]
    assert world.ledger.notices(OURS, limit=10) == []
    assert world.send() == 0


def test_what_the_practice_dismissed_and_took_up_again_is_no_news(world: World) -> None:
    world.register()
    world.breach()
    [finding] = world.ledger.findings(practice=OURS)
    world.ledger.dismiss_finding(OURS, finding.id, reason="asked", by=MANAGER)
    world.follow()
    world.ledger.reopen_finding(OURS, finding.id, reason="not asked", by=MANAGER)
    world.follow()

    world.send()

    assert len(world.receiver.messages) == 1


def test_what_is_no_breach_is_not_told(world: World) -> None:
    world.register()
    # SH03 is an error.
    world.switch("none-require-verification", Setting.SHARE_IN_RULE)
    world.follow()

    assert [f.severity for f in world.ledger.findings(practice=OURS)] == ["error"]
    assert world.send() == 0


def test_nothing_told_says_whose_data_it_is(
    engine: Engine, certificate: Path, tmp_path: Path
) -> None:
    night = datetime(2016, 4, 1, 22, 45)  # noqa: DTZ001  clinical systems write their clock without zone
    anna, other = nhs_number(1), nhs_number(2)
    ends = [date(2016, 4, 30), date(2016, 5, 31), date(2016, 6, 30)]
    files = [
        a_systmone_delivery(
            tmp_path / "systmone",
            ends=night,
            entries=[a_systmone_entry(code="XaaVL", entered_at=datetime(2016, 3, 1, 10))],  # noqa: DTZ001
            patients=[a_systmone_patient(1, anna)],
        ),
        *(
            a_collection_file(
                tmp_path / "collections", period_end=end, members=[Carried(other, OURS)]
            )
            for end in ends
        ),
    ]
    with a_receiver(certificate) as receiver:
        world = World(engine, receiver)
        world.register()
        for found in found_in(*files):
            world.ledger.ingest(found)
        world.follow()
        world.send()

    found = world.ledger.findings(practice=OURS, severity="breach")
    assert {(finding.rule, finding.nhs_number) for finding in found} >= {("TX01", anna)}
    with engine.connect() as connection:
        patients = connection.execute(text("SELECT patient::text FROM guarded.patients"))
        identifiers = [anna, other, *patients.scalars()]
    assert {message.data["finding"] for message in receiver.messages} == {f.id for f in found}
    for message in receiver.messages:
        told = f"{message.path} {message.headers} {message.body.decode()}"
        assert [who for who in identifiers if who in told] == []
        assert set(message.data) == {
            "finding", "turn", "practice", "rule", "severity", "since", "link", "mode",
        }  # fmt: skip


# --- when it cannot be told


def test_a_receiver_that_is_down_is_told_when_it_is_up(world: World, answering: Answering) -> None:
    world.register()
    world.breach()
    answering.replies.append(Reply(500))
    down = [world.send(), world.send(), world.send(after=timedelta(seconds=7))]

    answering.replies.append(Reply())
    up = [world.send(), world.send(after=timedelta(seconds=30))]

    assert (down, up) == ([1, 0, 1], [0, 1])
    assert len({message.id for message in world.receiver.messages}) == 1
    assert world.hook() == ("standing", 0, 1, 0)


def test_what_cannot_be_told_within_a_day_is_given_up_and_sent_again_when_asked(
    world: World, answering: Answering
) -> None:
    made = world.register()
    world.breach()
    answering.replies.append(Reply(302, (("Location", world.receiver.url("/elsewhere")),)))
    tries, began = 0, world.now
    while world.hook()[3] == 0:
        assert world.now - began < GIVEN_UP_AFTER + 2 * LONGEST_PAUSE
        tries += world.send(after=timedelta(minutes=30))

    [letter] = world.ledger.dead_letters(OURS, by=MANAGER)
    assert (letter.webhook, letter.rule, letter.last_error) == (made.webhook, "SH01", "redirect")
    assert letter.attempts == tries
    assert 6 <= tries <= 14
    assert {message.path for message in world.receiver.messages} == {"/breaches"}

    answering.replies.append(Reply())
    assert world.send(after=timedelta(days=1)) == 0
    assert world.ledger.retry_webhook(OURS, made.webhook, by=MANAGER) == 1
    assert world.send() == 1
    assert world.hook() == ("standing", 0, 1, 0)
    assert len({message.id for message in world.receiver.messages}) == 1


def test_whoever_says_that_they_are_gone_is_not_asked_again(
    world: World, answering: Answering
) -> None:
    world.register()
    world.breach()
    world.breach(Setting.AUTO_SHARE_IN)
    answering.replies.append(Reply(410))

    tries = [world.send(), world.send(after=timedelta(days=2))]

    assert tries == [1, 0]
    assert world.hook() == ("standing", 0, 0, 2)


def test_a_receiver_that_asks_for_time_is_given_it(world: World, answering: Answering) -> None:
    world.register()
    world.breach()
    answering.replies.append(Reply(503, (("Retry-After", "3600"),)))

    tries = [world.send(after=timedelta(seconds=s)) for s in (0, 60, 3000, 600)]

    assert tries == [1, 0, 0, 1]


def test_one_notice_that_a_receiver_chokes_on_keeps_no_other_from_it(
    engine: Engine, certificate: Path
) -> None:
    def chokes(message: Message, _came: int) -> Reply:
        return Reply(500 if message.data["rule"] == "SH01" else 204)

    with a_receiver(certificate, chokes) as receiver:
        world = World(engine, receiver)
        world.register()
        world.breach()
        world.breach(Setting.AUTO_SHARE_IN)
        tries = [world.send(), world.send(after=timedelta(seconds=7))]

    assert tries == [1, 2]
    assert world.hook() == ("standing", 1, 1, 0)


def test_one_receiver_that_is_down_keeps_no_other_from_being_told(
    engine: Engine, certificate: Path
) -> None:
    with a_receiver(certificate, lambda m, _: Reply(500 if m.path == "/a" else 204)) as receiver:
        world = World(engine, receiver)
        world.register("/a")
        world.register("/b")
        world.breach()
        world.breach(Setting.AUTO_SHARE_IN)

        world.send()

    assert [message.path for message in receiver.messages].count("/b") == 2
    assert [message.path for message in receiver.messages].count("/a") == 1


def test_what_waits_for_a_revoked_webhook_is_not_sent(world: World) -> None:
    made = world.register()
    world.breach()

    world.ledger.revoke_webhook(OURS, made.webhook, by=MANAGER)
    world.breach(Setting.AUTO_SHARE_IN)

    assert (world.send(), world.receiver.messages) == (0, [])
    assert world.hook() == ("revoked", 0, 0, 0)
    with pytest.raises(UnknownThing):
        world.ledger.retry_webhook(OURS, made.webhook, by=MANAGER)


def test_a_host_that_is_listed_no_more_is_sent_nothing(world: World) -> None:
    world.register()
    world.breach()
    world.ledger.outgoing = world.receiver.outgoing(hosts=frozenset())

    assert world.send() == 1

    assert world.receiver.messages == []
    assert world.hook() == ("standing", 1, 0, 0)


# --- one sender at a time


def test_of_two_senders_each_notice_is_sent_by_one(engine: Engine, certificate: Path) -> None:
    with a_receiver(certificate, lambda *_: Reply(after=0.1)) as receiver:
        world = World(engine, receiver)
        world.register("/a")
        world.register("/b")
        world.breach()
        world.breach(Setting.AUTO_SHARE_IN)
        together = threading.Barrier(2)
        world.now = datetime.now(UTC)

        def send() -> int:
            sender = world.sender()
            together.wait(timeout=5)
            return sender.send_due()

        with ThreadPoolExecutor(2) as senders:
            tries = [f.result(timeout=20) for f in [senders.submit(send) for _ in range(2)]]

    assert sum(tries) == 4
    sent = sorted((message.path, message.data["rule"]) for message in receiver.messages)
    assert sent == [("/a", "SH01"), ("/a", "SH02"), ("/b", "SH01"), ("/b", "SH02")]


# Sends what is due, and stays where it is when the receiver has taken it.
SENDER = """
import logging.config, sys, time
from pathlib import Path
from ledger.api.logs import LOGGING
from ledger.application import Ledger
from ledger.application.sending import Sender
from ledger.store.engine import open_engine
from ledger.webhooks.client import Client
from ledger.webhooks.outgoing import Outgoing
url, host, authorities = sys.argv[1:]
outgoing = Outgoing(frozenset({host}), True, Path(authorities))
class Staying(Client):
    def send(self, *told):
        outcome = super().send(*told)
        logging.getLogger("tests").info("tried")
        print(outcome.error, flush=True)
        time.sleep(600)
        return outcome
logging.config.dictConfig(LOGGING)
ledger = Ledger(open_engine(url), outgoing=outgoing)
Sender(ledger, Staying(outgoing)).send_due()
"""


def test_what_was_under_way_when_the_sender_was_killed_is_sent_again_as_the_same(
    world: World, database_url: str
) -> None:
    world.register()
    world.breach()
    [host] = world.receiver.outgoing().hosts
    program = [sys.executable, "-c", SENDER, database_url, host, str(world.receiver.certificate)]
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdout=pipe, stderr=pipe, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stderr is not None
        assert killed.stdout.readline() == "None\n"
        while_it_is_at_it = world.send()
        killed.kill()
        logged = killed.stderr.read()
    until = time.monotonic() + 10
    while not world.send():
        assert time.monotonic() < until, "its lock was never given up"
        time.sleep(0.05)

    assert while_it_is_at_it == 0
    # Its address may hold anything: not even the client's own log tells it.
    assert '"tried"' in logged
    assert "127.0.0.1" not in logged
    first, second = world.receiver.messages
    assert (first.id, first.body) == (second.id, second.body)
    assert world.hook() == ("standing", 0, 1, 0)


def test_who_takes_notices_at_once_takes_each_once(world: World) -> None:
    world.register()
    world.switch("on")
    world.ledger.catch_up()

    with ThreadPoolExecutor(4) as takers:
        made = list(takers.map(lambda _: world.ledger.take_notices(again=True), range(4)))

    assert sorted(made) == [0, 0, 0, 1]


def test_who_follows_the_log_notices_and_who_sends_sends(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_HOME", str(tmp_path))
    settings.cache_clear()
    world.register()
    stop = threading.Event()
    sender = Sender(world.ledger, Client(world.ledger.outgoing))
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(follow, world.ledger, stop), threads.submit(sender.follow, stop)]
        try:
            world.switch("on")
            until = time.monotonic() + 30
            while not world.receiver.messages:
                assert time.monotonic() < until, "nobody was told"
                time.sleep(0.02)
        finally:
            stop.set()
        for each in both:
            each.result(timeout=20)
    settings.cache_clear()

    assert [message.data["rule"] for message in world.receiver.messages] == ["SH01"]


# --- who may


@pytest.mark.parametrize(
    "by",
    [
        NEIGHBOUR,
        Caller("an auditor", Role.AUDITOR),
        Caller("acme-triage", Role.SYSTEM, frozenset({OURS})),
    ],
    ids=lambda by: by.role.value,
)
def test_only_the_practices_controller_has_anybody_told(world: World, by: Caller) -> None:
    made = world.register()
    before = world.ledger.known().position

    for ask in (
        lambda: world.ledger.register_webhook(OURS, world.receiver.url("/x"), by=by),
        lambda: world.ledger.revoke_webhook(OURS, made.webhook, by=by),
        lambda: world.ledger.retry_webhook(OURS, made.webhook, by=by),
        lambda: world.ledger.issue_feed_token(OURS, by=by),
    ):
        with pytest.raises(NotAllowed):
            ask()

    assert world.ledger.known().position == before


def test_a_url_is_registered_once_and_its_secret_is_in_no_event(world: World) -> None:
    made = world.register()

    with pytest.raises(NotAFact, match="registered already"):
        world.register()

    events = json.dumps([event.model_dump(mode="json") for event in world.ledger.events()])
    assert made.webhook in events
    assert made.secret not in events
    assert made.secret.removeprefix("whsec_") not in events


# --- how it is doing


def test_what_waits_and_what_was_given_up_is_counted(world: World, answering: Answering) -> None:
    world.register()
    world.breach()
    before = world.ledger.pulse()
    answering.replies.append(Reply(410))
    world.send()

    after = world.ledger.pulse()

    assert (before.unsent, before.given_up, after.unsent, after.given_up) == (1, 0, 0, 1)
    assert timedelta(0) < before.unsent_for < timedelta(minutes=1)
    assert after.unsent_for == timedelta(0)
