"""Do the projections follow the log, whoever else is at work at the same time?"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest
from sqlalchemy import Connection, Engine, text

from ledger import projector
from ledger.application import Ledger
from ledger.domain import practices
from ledger.domain.callers import OPERATOR
from ledger.domain.entries import Setting, SettingChange
from ledger.domain.events import Event as Kind
from ledger.domain.events import Mode
from ledger.domain.practices import Practice
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import Conflict
from ledger.projections import PROJECTIONS
from ledger.projections.statements import STATEMENTS
from ledger.store.tables import projection_positions
from tests.files import (
    PRACTICE,
    Carried,
    a_collection_file,
    a_setting_change,
    a_sharing_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    an_emis_delivery,
    an_emis_observation,
    an_emis_patient,
    found_in,
    the_delivery,
)
from tests.nhs_numbers import nhs_number, nhs_numbers
from tests.projected import assert_the_same, everything

FIRST_NIGHT = datetime(2017, 3, 2, 22, 45)  # noqa: DTZ001
NUMBERS = nhs_numbers(12)


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    return opened


def nightly(where: Path, nights: int) -> list[Path]:
    """A bulk and then deltas, a dissent of somebody else's in each."""
    patients = [a_systmone_patient(person, number) for person, number in enumerate(NUMBERS)]
    return [
        a_systmone_delivery(
            where,
            begins=None if night == 0 else FIRST_NIGHT + timedelta(days=night - 1),
            ends=FIRST_NIGHT + timedelta(days=night),
            entries=[a_systmone_entry(night, patient=night % len(NUMBERS), code="XaaVL")],
            patients=patients,
        )
        for night in range(nights)
    ]


def monthly(where: Path, months: int) -> list[Path]:
    return [
        a_collection_file(
            where,
            period_end=date(2017, 3 + month, 28),
            members=[*(Carried(number) for number in NUMBERS[: 3 * month]), Carried()],
        )
        for month in range(months)
    ]


def test_whoever_has_caught_up_has_nothing_more_to_do(ledger: Ledger, tmp_path: Path) -> None:
    for delivery in found_in(*nightly(tmp_path, 2)):
        ledger.ingest(delivery)

    applied = ledger.catch_up()

    head = ledger.positions()["log"]
    assert applied == head * len(PROJECTIONS)
    assert set(ledger.positions().values()) == {head}
    assert ledger.catch_up() == 0


def test_until_the_projection_has_seen_the_log_nobody_can_tell(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.catch_up()
    withdrawal = a_systmone_entry(code="XaZ8A")
    ledger.ingest(
        the_delivery(a_systmone_delivery(tmp_path, ends=FIRST_NIGHT, entries=[withdrawal]))
    )

    (before,) = ledger.statuses([nhs_number()], Purpose.TYPE_1)
    ledger.catch_up()
    (after,) = ledger.statuses([nhs_number()], Purpose.TYPE_1)

    assert (before.status, after.status) == ("cannot-tell", "not-objecting")


def test_a_projection_whose_tables_changed_is_made_anew_from_the_log(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.ingest(the_delivery(nightly(tmp_path, 1)[0]))
    ledger.catch_up()
    before = everything(ledger.engine)
    with ledger.engine.begin() as connection:
        connection.execute(text("delete from projection.statements"))
        connection.execute(
            projection_positions.update()
            .where(projection_positions.c.name == STATEMENTS.name)
            .values(fingerprint="of yesterday")
        )

    ledger.catch_up()

    assert_the_same(everything(ledger.engine), before)


def test_reads_and_deliveries_go_on_while_everything_is_rebuilt(
    ledger: Ledger, tmp_path: Path
) -> None:
    first, *rest = found_in(*nightly(tmp_path / "d", 6), *monthly(tmp_path / "c", 1))
    ledger.ingest(first)
    ledger.catch_up()
    done = Event()

    def read() -> set[str]:
        seen = set()
        while not done.is_set():
            (answer,) = ledger.statuses([NUMBERS[0]], Purpose.TYPE_2, at=date(2017, 12, 31))
            seen.add(answer.status)
            ledger.findings()
            ledger.actions(state="all")
        return seen

    def deliver() -> None:
        for delivery in rest:
            ledger.ingest(delivery)
            ledger.catch_up()

    with ThreadPoolExecutor() as people:
        readers = [people.submit(read) for _ in range(2)]
        delivering = people.submit(deliver)
        try:
            while not delivering.done():
                ledger.rebuild()
            delivering.result()
        finally:
            done.set()
        seen = set().union(*(reader.result() for reader in readers))

    assert seen == {"objecting"}
    ledger.catch_up()
    caught_up = everything(ledger.engine)
    ledger.rebuild()
    assert_the_same(caught_up, everything(ledger.engine))


def test_two_deliveries_at_once_are_both_taken_whole(ledger: Ledger, tmp_path: Path) -> None:
    patients = [a_systmone_patient(person, number) for person, number in enumerate(NUMBERS)]
    systmone = a_systmone_delivery(
        tmp_path,
        ends=FIRST_NIGHT,
        entries=[a_systmone_entry(row, patient=row) for row in range(len(NUMBERS))],
        patients=patients,
    )
    emis = an_emis_delivery(
        tmp_path,
        dated=FIRST_NIGHT,
        bulk=True,
        observations=[an_emis_observation(row, patient=row) for row in range(len(NUMBERS))],
        patients=[an_emis_patient(person, number) for person, number in enumerate(NUMBERS)],
    )

    records = at_once(
        *(lambda path=path: ledger.ingest(the_delivery(path)) for path in (systmone, emis))
    )

    assert [record.entries_kept for record in records] == [len(NUMBERS)] * 2
    ledger.catch_up()
    answers = ledger.statuses(NUMBERS, Purpose.TYPE_1)
    assert {answer.status for answer in answers} == {"objecting"}
    with ledger.engine.connect() as connection:
        gaps = "select max(position) - count(*) from log.events"
        assert connection.execute(text(gaps)).scalar() == 0


def test_the_same_delivery_at_once_is_taken_once(ledger: Ledger, tmp_path: Path) -> None:
    delivery = the_delivery(nightly(tmp_path, 1)[0])

    records = at_once(*[lambda: ledger.ingest(delivery)] * 3)

    assert sorted(record.already_taken for record in records) == [False, True, True]


def test_a_delivery_of_a_later_day_waits_until_a_refusal_is_kept(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _, after_a_gap = nightly(tmp_path / "d", 3)
    later = a_sharing_file(tmp_path / "s", dated=date(2018, 5, 25), changes=[a_setting_change()])
    ledger.ingest(the_delivery(first))
    dated_by = ledger._recorded_at

    with ThreadPoolExecutor() as people:
        others: list[Future[object]] = []

        def dated(connection: Connection, asked: datetime | None) -> datetime | None:
            found = dated_by(connection, asked)
            if not others:
                others.append(people.submit(ledger.ingest, the_delivery(later)))
                # Whoever has to wait for us is still waiting after that.
                wait(others, timeout=0.5)
            return found

        keeps = ledger._note_refusal

        def keep(*told: object, **named: object) -> object:
            monkeypatch.setattr(ledger, "_recorded_at", dated)
            return keeps(*told, **named)

        monkeypatch.setattr(ledger, "_note_refusal", keep)
        record = ledger.ingest(the_delivery(after_a_gap))

    assert record.state == "refused"
    assert others[0].result().state == "accepted"


def test_who_was_outrun_decides_again_on_what_is_there_now(ledger: Ledger) -> None:
    known_versions = []

    def outrun_twice(known: Practice) -> list[Kind]:
        known_versions.append(known.version)
        if len(known_versions) < 3:
            change_a_setting(ledger, "on" if known.version % 2 else "off", minute=known.version)
        return practices.change_setting(known, a_change("off", minute=59), by="a test")

    ledger._of_practice(PRACTICE, outrun_twice, by=OPERATOR)

    assert known_versions == [0, 1, 2]
    ledger.catch_up()
    assert len(ledger.sharing(PRACTICE).history) == 3


def test_who_is_outrun_each_time_is_told_to_try_again(ledger: Ledger) -> None:
    def always_outrun(known: Practice) -> list[Kind]:
        change_a_setting(ledger, "on" if known.version % 2 else "off", minute=known.version)
        return practices.change_setting(known, a_change("off", minute=59), by="a test")

    with pytest.raises(Conflict, match="try again"):
        ledger._of_practice(PRACTICE, always_outrun, by=OPERATOR)


def a_change(value: str, *, minute: int) -> SettingChange:
    return SettingChange(
        practice=PRACTICE,
        changed_at=datetime(2018, 5, 25, 9, minute, tzinfo=UTC),
        changed_by="a test",
        setting=Setting.AUTO_SHARE_OUT,
        value=value,
    )


def change_a_setting(ledger: Ledger, value: str, *, minute: int) -> None:
    change = a_change(value, minute=minute)
    ledger._of_practice(
        PRACTICE,
        lambda known: practices.change_setting(known, change, by="another"),
        by=OPERATOR,
    )


def at_once(*doing: Callable[[], object]) -> list:
    """Several people do something, and all begin at the same moment."""
    ready = Barrier(len(doing))

    def begin(does: Callable[[], object]) -> object:
        ready.wait()
        return does()

    with ThreadPoolExecutor(len(doing)) as people:
        futures: list[Future[object]] = [people.submit(begin, does) for does in doing]
        return [future.result() for future in futures]


def test_what_one_batch_did_is_undone_with_it(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for delivery in found_in(*nightly(tmp_path, 3)):
        ledger.ingest(delivery)
    executed = _counting(projector._execute)

    with monkeypatch.context() as patched:
        patched.setattr(projector, "_execute", executed)
        with pytest.raises(_PowerCutError):
            projector.catch_up(ledger.engine, PROJECTIONS, batch=2)
    ledger.catch_up()

    caught_up = everything(ledger.engine)
    ledger.rebuild()
    assert_the_same(caught_up, everything(ledger.engine))


class _PowerCutError(Exception):
    """What nobody reckons with."""


def _counting(execute: Callable[..., None]) -> Callable[..., None]:
    calls: Iterator[int] = iter(range(1_000))

    def does(*told: object) -> None:
        execute(*told)
        if next(calls) == 24:
            raise _PowerCutError

    return does
