"""Is what was handed in taken in once, whatever happens in between, and only if it may be?"""

import io
import stat
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from ledger.application import Ledger
from ledger.application import incoming as incoming_of
from ledger.application.incoming import Incoming, NoRoom, TooLarge
from ledger.application.records import DeliveryRecord, ParcelRecord
from ledger.domain.callers import Caller, Role
from ledger.domain.refusals import NotAllowed, PairingMissing, UnknownThing
from ledger.readers import finding
from tests.files import (
    EMIS_PRACTICE,
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
)

SYSTEM = "acme-triage"
MANAGER = Caller("the manager", Role.CONTROLLER, frozenset({PRACTICE}))
ACME = Caller(SYSTEM, Role.SYSTEM, frozenset({PRACTICE, EMIS_PRACTICE}))
STRANGER = Caller("a neighbour", Role.CONTROLLER, frozenset({EMIS_PRACTICE}))
NIGHT = datetime(2017, 3, 2, 22, 45)  # noqa: DTZ001  clinical systems write their clock without zone
NEXT_NIGHT = NIGHT + timedelta(days=1)
LARGEST = 1_000_000
BLOCK = 10_000


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    opened = Ledger(engine)
    opened.ensure_open()
    opened.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)
    return opened


@pytest.fixture
def incoming(ledger: Ledger, tmp_path: Path) -> Incoming:
    return Incoming(ledger, tmp_path / "incoming", largest=LARGEST)


def zipped(*paths: Path, **members: bytes) -> bytes:
    """A zip of these folders and files, as they lie, and of other members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                archive.write(file, file.relative_to(path.parents[1]))
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def a_night(
    where: Path, *, practice: str = PRACTICE, ends: datetime = NIGHT, row: int = 1, **columns: str
) -> Path:
    """A SystmOne delivery of one practice with one dissent."""
    return a_systmone_delivery(
        where / practice,
        ends=ends,
        entries=[a_systmone_entry(row, practice=practice, **columns)],
        patients=[a_systmone_patient(practice=practice)],
        practices=[practice],
    )


def hand_in(incoming: Incoming, content: bytes, *, by: Caller = ACME) -> str:
    with incoming.arriving(by) as arriving:
        for first in range(0, len(content), BLOCK):
            arriving.write(content[first : first + BLOCK])
        return arriving.keep().id


def outcome(incoming: Incoming, parcel: str, *, by: Caller = ACME) -> ParcelRecord:
    told = incoming.what_became_of(parcel, by=by)
    assert isinstance(told, ParcelRecord)
    return told


def topics(ledger: Ledger) -> list[str]:
    return [event.topic for event in ledger.events(limit=1000)]


def remains(incoming: Incoming) -> list[str]:
    folder = incoming._home()
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def guarded_rows(ledger: Ledger) -> int:
    tables = ("patients", "source_patients", "source_records", "source_references", "unmatched")
    with ledger.engine.connect() as connection:
        counts = [connection.scalar(text(f"SELECT count(*) FROM guarded.{t}")) for t in tables]
    return sum(count or 0 for count in counts)


# --- waiting, and taken in


def test_what_is_handed_in_waits_whole_and_for_its_owner_alone(
    incoming: Incoming, tmp_path: Path
) -> None:
    content = zipped(a_night(tmp_path))

    parcel = hand_in(incoming, content)

    folder = tmp_path / "incoming" / parcel
    assert (folder / f"{parcel}.zip").read_bytes() == content
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{parcel}.zip").stat().st_mode) == 0o600
    assert outcome(incoming, parcel).state == "waiting"


def test_it_is_taken_in_named_after_its_sender_and_removed(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    parcel = hand_in(incoming, zipped(a_night(tmp_path)))

    incoming.take_all()

    told = outcome(incoming, parcel)
    [delivery] = told.deliveries
    assert (told.state, told.by) == ("accepted", SYSTEM)
    assert (delivery.entries_kept, delivery.by, delivery.practices) == (1, SYSTEM, [PRACTICE])
    assert {e.state["by"] for e in ledger.events(limit=1000)[2:]} == {SYSTEM}
    assert topics(ledger)[-2:] == ["delivery-received", "parcel-taken"]
    assert remains(incoming) == []


def test_a_delivery_is_told_by_its_own_id_too(incoming: Incoming, tmp_path: Path) -> None:
    parcel = hand_in(incoming, zipped(a_night(tmp_path)))
    incoming.take_all()
    [line] = outcome(incoming, parcel).deliveries

    told = incoming.what_became_of(line.id, by=ACME)

    assert isinstance(told, DeliveryRecord)
    assert (told.id, told.state, told.rows_refused) == (line.id, "accepted", 0)


def test_several_deliveries_of_one_zip_are_taken_in_the_order_of_their_dates(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    nights = [a_night(tmp_path), a_night(tmp_path, ends=NEXT_NIGHT, row=2)]
    parcel = hand_in(incoming, zipped(*reversed(nights)))

    incoming.take_all()

    told = outcome(incoming, parcel)
    assert [d.path for d in told.deliveries] == ["20170302_2245", "20170303_2245"]
    assert [d.state for d in told.deliveries] == ["accepted", "accepted"]
    assert topics(ledger).count("parcel-taken") == 1


def test_parcels_are_taken_in_the_order_in_which_they_came(
    incoming: Incoming, tmp_path: Path
) -> None:
    later = hand_in(incoming, zipped(a_night(tmp_path, ends=NEXT_NIGHT)))
    earlier = hand_in(incoming, zipped(a_night(tmp_path)))

    incoming.take_all()

    # An older delivery behind a newer one is stale, whoever hands it in.
    assert outcome(incoming, later).state == "accepted"
    assert outcome(incoming, earlier).state == "refused"
    assert "was already delivered up to" in str(outcome(incoming, earlier).deliveries[0].reason)


def test_the_same_zip_again_adds_nothing(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    content = zipped(a_night(tmp_path))
    first, again = hand_in(incoming, content), hand_in(incoming, content)

    incoming.take_all()

    assert outcome(incoming, first).deliveries == outcome(incoming, again).deliveries
    assert topics(ledger).count("entry-recorded") == 1
    assert topics(ledger).count("delivery-received") == 1


def test_a_controller_hands_in_without_a_pairing(incoming: Incoming, tmp_path: Path) -> None:
    changes = [a_setting_change(changed_at="2017-03-01T09:30:00Z")]
    file = a_sharing_file(tmp_path / "sharing", dated=date(2017, 3, 2), changes=changes)

    parcel = hand_in(incoming, zipped(file), by=MANAGER)
    incoming.take_all()

    assert outcome(incoming, parcel, by=MANAGER).state == "accepted"


def test_a_rebuild_gives_back_what_became_of_everything(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    changes = [a_setting_change(), a_setting_change(value="perhaps")]
    broken = a_sharing_file(tmp_path / "sharing", dated=date(2018, 6, 1), changes=changes)
    parcels = [hand_in(incoming, content) for content in (zipped(broken), b"no zip")]
    incoming.take_all()
    before = [outcome(incoming, parcel) for parcel in parcels]
    rows = list(ledger.rows_refused(before[0].deliveries[0].id))

    ledger.rebuild("deliveries")

    assert [outcome(incoming, parcel) for parcel in parcels] == before
    assert list(ledger.rows_refused(before[0].deliveries[0].id)) == rows
    assert [(row.file, row.row, row.column) for row in rows] == [(broken.name, 2, "Value")]


# --- refused


def test_a_system_without_a_pairing_hands_nothing_in(incoming: Incoming, ledger: Ledger) -> None:
    ledger.revoke_pairing(PRACTICE, SYSTEM, by=MANAGER)

    with pytest.raises(PairingMissing):
        incoming.arriving(ACME)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EXTRACT])
def test_nobody_else_hands_anything_in(incoming: Incoming, role: Role) -> None:
    with pytest.raises(NotAllowed):
        incoming.arriving(Caller("x", role, frozenset({PRACTICE})))


def test_what_waits_when_the_pairing_is_revoked_is_refused(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    parcel = hand_in(incoming, zipped(a_night(tmp_path)))
    ledger.revoke_pairing(PRACTICE, SYSTEM, by=MANAGER)

    incoming.take_all()

    told = outcome(incoming, parcel)
    assert told.state == "refused"
    assert "no pairing of acme-triage" in str(told.deliveries[0].reason)
    assert guarded_rows(ledger) == 0


def test_what_names_a_practice_that_is_not_paired_is_refused_whole(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    ours, theirs = a_night(tmp_path), a_night(tmp_path, practice=EMIS_PRACTICE)
    parcel = hand_in(incoming, zipped(ours, theirs))

    incoming.take_all()

    told = outcome(incoming, parcel)
    assert (told.state, told.deliveries) == ("refused", [])
    assert f"no pairing of {SYSTEM} with practice {EMIS_PRACTICE} stands" in str(told.reason)
    assert topics(ledger)[2:] == ["parcel-refused"]
    assert guarded_rows(ledger) == 0


def test_a_row_about_another_practices_patient_refuses_the_delivery(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    folder = a_systmone_delivery(
        tmp_path / "20170302_2245",
        ends=NIGHT,
        entries=[a_systmone_entry()],
        patients=[a_systmone_patient(), a_systmone_patient(2, practice=EMIS_PRACTICE)],
    )
    parcel = hand_in(incoming, zipped(folder), by=MANAGER)

    incoming.take_all()

    told = outcome(incoming, parcel, by=MANAGER)
    assert told.state == "refused"
    assert guarded_rows(ledger) == 0


def test_a_code_list_under_which_others_publish_is_not_changed(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    theirs = an_emis_delivery(
        tmp_path / "theirs",
        dated=NIGHT,
        bulk=True,
        observations=[an_emis_observation()],
        patients=[an_emis_patient()],
    )
    [found], _ = finding.find(theirs, scratch=tmp_path / "scratch")
    assert ledger.ingest(found).state == "accepted"
    # Ours says it is EMIS too, under their agreement, and brings a list of codes of its own.
    ours = tmp_path / "ours"
    ours.mkdir()
    for file in theirs.iterdir():
        named = file.name.replace(f"{NIGHT:%Y%m%d}", f"{NEXT_NIGHT:%Y%m%d}")
        (ours / named).write_text(file.read_text().replace(EMIS_PRACTICE, PRACTICE))
    parcel = hand_in(incoming, zipped(ours), by=MANAGER)

    incoming.take_all()

    told = outcome(incoming, parcel, by=MANAGER)
    assert told.state == "refused"
    assert "under which other practices publish" in str(told.deliveries[0].reason)


def test_collections_come_from_no_practice(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    file = a_collection_file(tmp_path, period_end=date(2017, 3, 1), members=[Carried()])

    for by in (ACME, MANAGER):
        parcel = hand_in(incoming, zipped(file), by=by)
        incoming.take_all()
        told = outcome(incoming, parcel, by=by)
        assert told.state == "refused"
        assert "NHS Digital" in str(told.deliveries[0].reason)

    assert "collection-received" not in topics(ledger)


def a_bomb() -> bytes:
    return zipped(**{"SRCode.csv": bytes(80 << 20)})


def a_traversal() -> bytes:
    return zipped(**{"../SRCode.csv": b"x"})


def an_encrypted_zip() -> bytes:
    content = bytearray(zipped(**{"SRCode.csv": b"x"}))
    # The flag that says "encrypted", in the local header and in the directory.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (a_bomb, "expected at most"),
        (a_traversal, "leads out of the folder"),
        (an_encrypted_zip, "an encrypted file"),
        (lambda: b"", "damaged, cut off"),
        (lambda: b"no zip", "damaged, cut off"),
        (lambda: zipped(**{"notes.txt": b"x", "more.txt": b"x"}), "2 files not taken"),
        (zipped, "holds no delivery"),
    ],
    ids=["bomb", "traversal", "encrypted", "empty", "no zip", "no delivery", "nothing"],
)
def test_a_zip_that_is_no_delivery_is_refused_with_the_reason(
    incoming: Incoming, ledger: Ledger, content: Callable[[], bytes], why: str
) -> None:
    parcel = hand_in(incoming, content())

    incoming.take_all()

    told = outcome(incoming, parcel)
    assert told.state == "refused"
    assert why in str(told.reason)
    assert topics(ledger)[2:] == ["parcel-refused"]
    assert remains(incoming) == []
    assert [line.id for line in ledger.deliveries(by=ACME)] == [parcel]


def test_too_many_bytes_are_refused_and_nothing_of_them_stays(incoming: Incoming) -> None:
    with pytest.raises(TooLarge, match="1,000,000 bytes"):
        hand_in(incoming, bytes(LARGEST + 1))

    assert remains(incoming) == []


def test_a_full_disk_is_told_and_nothing_stays(
    incoming: Incoming, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming_of, "_SPARE", 1 << 60)

    with pytest.raises(NoRoom):
        hand_in(incoming, b"x")

    assert remains(incoming) == []


# --- whatever happens in between


def test_what_is_still_coming_is_nobodys_turn(incoming: Incoming, ledger: Ledger) -> None:
    with incoming.arriving(ACME) as arriving:
        arriving.write(b"half")
        incoming.take_all()

    assert topics(ledger) == ["ledger-opened", "pairing-approved"]
    assert remains(incoming) == []


def test_what_waited_when_the_ledger_stopped_is_taken_in_by_the_next(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    parcel = hand_in(incoming, zipped(a_night(tmp_path)))

    stop = threading.Event()
    another = Incoming(ledger, tmp_path / "incoming", largest=LARGEST)
    following = threading.Thread(target=another.follow, args=(stop,))
    following.start()
    try:
        later = hand_in(another, b"no zip")
        wait_until(lambda: outcome(another, later).state == "refused")
    finally:
        stop.set()
        following.join(timeout=10)

    assert outcome(incoming, parcel).state == "accepted"


def test_a_crash_between_the_log_and_the_queue_doubles_nothing(
    incoming: Incoming, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = hand_in(incoming, zipped(a_night(tmp_path)))

    def killed(_: Path) -> None:
        raise SystemExit

    with monkeypatch.context() as crashing:
        crashing.setattr(incoming_of, "_remove", killed)
        with pytest.raises(SystemExit):
            incoming.take_all()
    told = topics(ledger)
    incoming.take_all()

    assert topics(ledger) == told
    assert told[-2:] == ["delivery-received", "parcel-taken"]
    assert outcome(incoming, parcel).state == "accepted"
    assert remains(incoming) == []


def test_a_crash_between_two_deliveries_of_a_zip_loses_and_doubles_nothing(
    incoming: Incoming, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = [a_night(tmp_path), a_night(tmp_path, ends=NEXT_NIGHT, row=2)]
    parcel = hand_in(incoming, zipped(*nights))
    ingest = Ledger.ingest
    taken = []

    def dies_at_the_second(self: Ledger, found: Any, *, by: Caller) -> DeliveryRecord:
        if taken:
            raise SystemExit
        taken.append(found)
        return ingest(self, found, by=by)

    with monkeypatch.context() as crashing:
        crashing.setattr(Ledger, "ingest", dies_at_the_second)
        with pytest.raises(SystemExit):
            incoming.take_all()
    incoming.take_all()

    assert [d.state for d in outcome(incoming, parcel).deliveries] == ["accepted", "accepted"]
    assert topics(ledger).count("delivery-received") == 2


def test_a_parcel_at_which_the_ledger_dies_is_given_up_and_holds_up_no_other(
    incoming: Incoming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly = hand_in(incoming, zipped(a_night(tmp_path)))
    harmless = hand_in(incoming, b"no zip")

    def dies(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as crashing:
        crashing.setattr(finding, "find", dies)
        for _ in range(3):
            with pytest.raises(SystemExit):
                incoming.take_all()
    incoming.take_all()

    assert "stopped each time" in str(outcome(incoming, deadly).reason)
    assert "damaged" in str(outcome(incoming, harmless).reason)


def test_what_nobody_foresaw_is_an_outcome_without_its_cause(
    incoming: Incoming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = hand_in(incoming, zipped(a_night(tmp_path)))

    def fails(*_: object, **__: object) -> None:
        raise ValueError("of 999 000 0018")

    monkeypatch.setattr(finding, "read", fails)
    incoming.take_all()

    reason = str(outcome(incoming, parcel).reason)
    assert "tell whoever runs it" in reason
    assert "999" not in reason


def test_while_the_database_is_away_everything_waits(
    incoming: Incoming, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = hand_in(incoming, zipped(a_night(tmp_path)))

    def away(*_: object, **__: object) -> None:
        raise OperationalError("select 1", {}, Exception())

    with monkeypatch.context() as cut_off:
        cut_off.setattr(Ledger, "take_parcel", away)
        for _ in range(5):
            incoming.take_all()
    waited = outcome(incoming, parcel).state
    incoming.take_all()

    assert (waited, outcome(incoming, parcel).state) == ("waiting", "accepted")


def test_what_was_given_up_is_cleared_away_after_a_day(ledger: Ledger, tmp_path: Path) -> None:
    clock = [datetime.now(UTC)]
    incoming = Incoming(ledger, tmp_path / "incoming", largest=LARGEST, clock=lambda: clock[0])
    arriving = incoming.arriving(ACME)
    arriving.write(b"half")
    # Whoever wrote it is killed, and cannot clear away after itself.
    arriving._file.close()

    incoming._clear_away()
    kept = remains(incoming)
    clock[0] += timedelta(days=1, minutes=1)
    incoming._clear_away()

    assert len(kept) == 1
    assert remains(incoming) == []


# --- who sees it


def test_a_parcel_and_its_deliveries_are_for_those_they_concern(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    waiting = hand_in(incoming, b"no zip", by=MANAGER)
    nobody = Caller("other-system", Role.SYSTEM, frozenset({PRACTICE}))
    for by in (STRANGER, nobody, ACME):
        with pytest.raises(NotAllowed):
            incoming.what_became_of(waiting, by=by)
    parcel = hand_in(incoming, zipped(a_night(tmp_path)))
    incoming.take_all()
    [delivery] = outcome(incoming, parcel).deliveries

    for by in (STRANGER, nobody):
        for id_ in (parcel, delivery.id, waiting):
            with pytest.raises(NotAllowed):
                incoming.what_became_of(id_, by=by)
        with pytest.raises(NotAllowed):
            ledger.rows_refused(delivery.id, by=by)
        assert ledger.deliveries(by=by) == []
    assert [line.id for line in ledger.deliveries(by=MANAGER)] == [delivery.id, waiting]
    assert [line.id for line in ledger.deliveries(by=ACME)] == [delivery.id]
    with pytest.raises(UnknownThing):
        incoming.what_became_of("a" * 24, by=MANAGER)


def test_who_sends_anothers_delivery_again_learns_nothing_of_it_and_changes_nothing(
    incoming: Incoming, ledger: Ledger, tmp_path: Path
) -> None:
    folder = a_night(tmp_path, practice=EMIS_PRACTICE)
    [found], _ = finding.find(folder, scratch=tmp_path / "scratch")
    theirs = ledger.ingest(found)
    parcel = hand_in(incoming, zipped(folder))

    incoming.take_all()

    assert outcome(incoming, parcel).state == "refused"
    told = ledger.delivery(theirs.id, by=ACME)
    assert (told.state, told.rows_read, told.practices) == ("refused", 0, [])
    assert ledger.delivery(theirs.id, by=STRANGER).state == "accepted"


def wait_until(so: Callable[[], bool]) -> None:
    for _ in range(400):
        if so():
            return
        threading.Event().wait(0.05)
    pytest.fail("it never came to be")
