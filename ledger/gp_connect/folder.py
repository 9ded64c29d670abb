"""Where does what came back lie, until the readers take it?

Each run has a folder of its own below the one it was told, `<ods>_<yyyymmddThhmmssZ>`, so no run
touches another's files, on the same day either. Each answer is a file at once, whole or not at
all: who interrupts a run keeps what it had. Only the owner can read them, and no NHS number
stands in a name.
"""

import csv
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

_WITHHELD = ("PracticeCode", "NHSNumber", "AskedAt", "Answer")


class RunFolder:
    """The folder of one run; it is made with the first thing to keep."""

    def __init__(self, where: Path, practice: str, started: datetime) -> None:
        self._where = where
        self._practice = practice
        self._started = started.astimezone(UTC)
        self._records = 0
        self._withheld: list[tuple[str, str, str, str]] = []
        self.path: Path | None = None

    def keep_record(self, content: bytes) -> None:
        """One more record, byte for byte."""
        folder = self._made()
        self._records += 1
        name = f"gpconnect_{self._practice}_{_stamp(self._started)}_{self._records:04}.json"
        _write(folder / name, content)

    def keep_withheld(self, nhs_number: str, answer: str, *, asked_at: datetime) -> None:
        """One more record that was withheld; the file is written anew, so it is always whole."""
        folder = self._made()
        at = asked_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._withheld.append((self._practice, nhs_number, at, answer))
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([_WITHHELD, *self._withheld])
        name = f"withheld_{self._practice}_{self._started:%Y%m%d}.csv"
        _write(folder / name, out.getvalue().encode())

    def _made(self) -> Path:
        if self.path is None:
            self._where.mkdir(mode=0o700, parents=True, exist_ok=True)
        while self.path is None:
            path = self._where / f"{self._practice}_{_stamp(self._started)}"
            try:
                path.mkdir(mode=0o700)
            except FileExistsError:
                # Another run began in this second.
                self._started += timedelta(seconds=1)
            else:
                self.path = path
        return self.path


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _write(path: Path, content: bytes) -> None:
    # A name that begins with a full stop is no delivery's.
    partial = path.with_name(f".{path.name}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
