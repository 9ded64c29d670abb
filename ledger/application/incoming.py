"""What was handed in over HTTP, and waits for its turn?

A parcel is a folder of its own under `LEDGER_HOME/incoming`, which is all the queue there is. It
is complete, and known to the disk, before its sender is answered; it goes only once what became
of it stands in the log. In between, a parcel that is met again after a crash is taken again,
which adds nothing that is there already.
"""

import fcntl
import json
import logging
import os
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import ascii_lowercase
from types import TracebackType
from typing import IO, Self

from sqlalchemy.exc import DBAPIError

from ledger.application.commands import Ledger
from ledger.application.delivered import must_see_parcel
from ledger.application.records import DeliveryRecord, ParcelRecord
from ledger.domain.callers import Caller, Role
from ledger.domain.identifiers import without_numbers
from ledger.domain.refusals import Conflict, DeliveryRefused, UnknownThing
from ledger.projections import PROMPT
from ledger.projections.deliveries import DELIVERIES
from ledger.readers import finding
from ledger.readers.finding import NotRecognised
from ledger.store.engine import UNREACHABLE

logger = logging.getLogger(__name__)

_TOLD, _TRIES, _SCRATCH = "parcel.json", "tries", "unpacked"
_ARRIVING, _DONE = ".arriving", ".done"
_LOCK = ".lock"
# A parcel's id: letters only, for logs hide whatever could be an NHS number.
_LETTERS = 24
# A parcel at which the ledger itself died so often is not tried again.
_MOST_TRIES = 3
# Nobody sends nothing for so long and then goes on.
_GIVEN_UP = timedelta(days=1)
# What has to stay free: the ledger's own database may live on the same disk.
_SPARE = 256 << 20
_PAUSE = 1.0


class TooLarge(Exception):
    """A parcel is larger than the ledger takes."""


class NoRoom(Exception):
    """There is no room on the disk for what is being handed in."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel that was handed in whole: by whom and when."""

    id: str
    by: Caller
    handed_in_at: datetime


class Incoming:
    """The parcels that wait under `folder`, each of at most `largest` bytes.

    None for `folder`: nothing can be handed in here, and what became of earlier parcels is told.
    """

    def __init__(
        self,
        ledger: Ledger,
        folder: Path | None,
        *,
        largest: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.largest = largest
        self._ledger = ledger
        self._folder = folder
        self._clock = clock
        self._arrived = threading.Event()

    def arriving(self, by: Caller) -> "Arriving":
        """A parcel that is about to be written, byte by byte; refuses who may not hand any in."""
        by = self._ledger.handing_in(by)
        return Arriving(self._home(), by, self.largest, now=self._clock, then=self._arrived.set)

    def waiting(self, parcel: str) -> Waiting | None:
        """The parcel of this id, as long as it waits or is being taken in."""
        return None if self._folder is None else _told_in(self._folder / parcel)

    def what_became_of(self, id_: str, *, by: Caller) -> ParcelRecord | DeliveryRecord:
        """What became of a parcel, or of a delivery, by its id."""
        # The folder is looked at first: it goes only once the read model tells what became of it.
        waiting = self.waiting(id_)
        if waiting is not None:
            system = waiting.by.name if waiting.by.role is Role.SYSTEM else None
            must_see_parcel(system, waiting.by.practices, by=by)
            return ParcelRecord(
                id=waiting.id,
                state="waiting",
                by=waiting.by.name,
                handed_in_at=waiting.handed_in_at,
            )
        return self._ledger.parcel(id_, by=by) or self._ledger.delivery(id_, by=by)

    def all_waiting(self) -> list[Waiting]:
        """Every parcel that waits, in the order in which they were handed in."""
        waiting = [
            parcel for folder in self._home().iterdir() if (parcel := _told_in(folder)) is not None
        ]
        return sorted(waiting, key=lambda parcel: (parcel.handed_in_at, parcel.id))

    def follow(self, stop: threading.Event) -> None:
        """Take in what was handed in, one parcel at a time, until somebody says stop."""
        while not stop.is_set():
            self._arrived.clear()
            try:
                with self._alone() as alone:
                    if alone:
                        self._clear_away()
                        self.take_all(stop)
            except Exception:
                logger.exception("taking in parcels failed, trying again")
                stop.wait(_PAUSE)
            self._arrived.wait(_PAUSE)

    def take_all(self, stop: threading.Event | None = None) -> None:
        """Take in every parcel that waits; what cannot be now, because nobody answers, waits on."""
        for parcel in self.all_waiting():
            if stop is not None and stop.is_set():
                return
            folder = self._home() / parcel.id
            tries = _one_more(folder / _TRIES)
            try:
                self._take(parcel, folder, tries)
                # Whoever asks once the folder is gone asks the read model.
                self._ledger.catch_up((DELIVERIES, *PROMPT))
            except (*UNREACHABLE, Conflict) as error:
                (folder / _TRIES).unlink()
                told = {"parcel": parcel.id, "error": type(error).__name__}
                logger.warning("a parcel could not be taken in now, trying again", extra=told)
                return
            _remove(folder)

    def _take(self, parcel: Waiting, folder: Path, tries: int) -> None:
        if tries > _MOST_TRIES:
            reason = "the ledger stopped each time it was read: tell whoever runs it"
            self._ledger.refuse_parcel(parcel.id, reason, by=parcel.by)
            return
        scratch = folder / _SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        began = time.perf_counter()
        try:
            found, left = finding.find(folder / f"{parcel.id}.zip", scratch=scratch)
            self._ledger.take_parcel(parcel.id, found, left=in_short(left), by=parcel.by)
        except DeliveryRefused as refusal:
            self._ledger.refuse_parcel(parcel.id, refusal.reason, by=parcel.by)
        except (*UNREACHABLE, Conflict):
            raise
        except OSError:
            reason = "it could not be unpacked here, for want of room perhaps: hand it in again"
            self._ledger.refuse_parcel(parcel.id, reason, by=parcel.by)
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise Conflict("the database went away: try again") from error
            # Another parcel is not to wait for what nobody foresaw in this one.
            logger.exception("a parcel could not be read", extra={"parcel": parcel.id})
            reason = "the ledger failed to read it, and nobody knows why: tell whoever runs it"
            self._ledger.refuse_parcel(parcel.id, reason, by=parcel.by)
        told = {
            "parcel": parcel.id,
            "count": len(parcel.by.practices),
            "ms": round((time.perf_counter() - began) * 1000),
        }
        logger.info("a parcel was taken in or refused", extra=told)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether nobody else takes parcels from this folder; the lock dies with its process."""
        with (self._home() / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _clear_away(self) -> None:
        """Remove what somebody began to send and gave up, and what was being removed."""
        for path in self._home().iterdir():
            given_up = path.suffix == _ARRIVING and self._silent(path) > _GIVEN_UP
            if path.suffix == _DONE or given_up:
                shutil.rmtree(path, ignore_errors=True)

    def _home(self) -> Path:
        if self._folder is None:
            raise UnknownThing("no deliveries are handed in here")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder

    def _silent(self, folder: Path) -> timedelta:
        """For how long no byte has come."""
        newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
        return self._clock() - datetime.fromtimestamp(newest, UTC)


class Arriving:
    """A parcel on its way to the disk: not there for anybody until it is kept."""

    def __init__(
        self,
        home: Path,
        by: Caller,
        largest: int,
        *,
        now: Callable[[], datetime],
        then: Callable[[], None],
    ) -> None:
        self._id = "".join(secrets.choice(ascii_lowercase) for _ in range(_LETTERS))
        self._home = home
        self._by = by
        self._folder = home / f"{self._id}{_ARRIVING}"
        self._largest = largest
        self._now = now
        self._then = then
        self._written = 0
        self._folder.mkdir(mode=0o700)
        path = self._folder / f"{self._id}.zip"
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def __enter__(self) -> Self:
        """Write for the length of a block; what was not kept by its end is removed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove it, unless it was kept."""
        self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def write(self, block: bytes) -> None:
        """The next bytes; refused where they are too many, or have no room."""
        self._written += len(block)
        if self._written > self._largest:
            raise TooLarge(f"a delivery may be {self._largest:,} bytes long: send it in parts")
        if shutil.disk_usage(self._home).free < _SPARE + len(block):
            raise NoRoom("there is no room for the delivery just now")
        self._file.write(block)

    def keep(self) -> Waiting:
        """It is whole: from now on it waits, and no crash loses it."""
        parcel = Waiting(self._id, self._by, self._now())
        told = {
            "by": self._by.name,
            "role": self._by.role,
            "practices": sorted(self._by.practices),
            "handed_in_at": parcel.handed_in_at.isoformat(),
        }
        _to_disk(self._file)
        with (self._folder / _TOLD).open("x") as file:
            json.dump(told, file)
            _to_disk(file)
        _folder_to_disk(self._folder)
        self._folder.rename(self._home / self._id)
        _folder_to_disk(self._home)
        self._then()
        return parcel


def in_short(left: Sequence[NotRecognised]) -> list[str]:
    """What lay beside the deliveries: why and how often, for names from outside may name people."""
    reasons = Counter(other.reason for other in left)
    return [
        without_numbers(f"{count} file{'s' if count > 1 else ''} not taken: {reason}")
        for reason, count in sorted(reasons.items())
    ]


def _told_in(folder: Path) -> Waiting | None:
    """Whose parcel a folder is; None where there is none, or it is coming or going."""
    if folder.suffix in (_ARRIVING, _DONE):
        return None
    try:
        told = json.loads((folder / _TOLD).read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None
    by = Caller(told["by"], Role(told["role"]), frozenset(told["practices"]))
    return Waiting(folder.name, by, datetime.fromisoformat(told["handed_in_at"]))


def _one_more(path: Path) -> int:
    """One more mark in a file; how many there are. A crash right after leaves it there."""
    with path.open("ab") as file:
        file.write(b".")
        _to_disk(file)
        return file.tell()


def _remove(folder: Path) -> None:
    """Remove a folder; out of the queue first, so that half of one is never met there."""
    away = folder.with_name(f"{folder.name}{_DONE}")
    folder.rename(away)
    shutil.rmtree(away, ignore_errors=True)


def _to_disk(file: IO[bytes] | IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
