"""How are PostgreSQL's own programs run?

One cluster is one folder, driven by the programs themselves rather than by `pg_ctl`, which
hands its arguments to a shell and so trips over a `$` or a quote in a path.

PostgreSQL refuses to run as root. As root we run it as an account without privileges, and
do only two things for that account: it owns the cluster's folder, and it may pass through
(not list) the folders above it.
"""

import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

import psycopg2
from psycopg2.extensions import connection

OWNER = "ledger"
LOG_NAME = "server.log"
_SOCKET_PREFIX = "ledger-"
_SHORT = 60  # bytes, which leaves enough for our own folder and the socket's name

# "nobody" is everywhere; the others are better, because no other daemon runs as them.
_ACCOUNTS = ("postgres", "pgserver", "nobody")

# PostgreSQL writes a failing statement, and the values of a violated key, into its log. Ours
# hold NHS numbers, so neither is written.
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class Account(NamedTuple):
    """Whom a server runs as; nobody else (None) where we are not root."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        """None of root's own groups."""
        return None if self.uid is None else []


class Cluster(NamedTuple):
    """A folder of PostgreSQL's, the programs that serve it, and whom they run as."""

    data: Path
    programs: Path
    account: Account


class Postmaster(NamedTuple):
    """What a running server says of itself in `postmaster.pid`."""

    pid: int
    socket_folder: Path


def cluster_at(data: Path, programs: Path) -> Cluster:
    """The cluster in a folder, whether or not it exists yet."""
    return Cluster(data, programs, _account(data))


def initialise(cluster: Cluster) -> None:
    """Make a new cluster: all of it or, if we are killed half-way, none of it."""
    _let_pass(cluster.programs / "postgres", cluster.account)
    _let_pass(cluster.data, cluster.account)
    with tempfile.TemporaryDirectory(dir=cluster.data.parent, prefix="new-") as folder:
        Path(folder).chmod(0o711)  # to pass through; the cluster itself is closed
        new = Path(folder) / "cluster"
        new.mkdir(mode=0o700)
        _give(new, cluster.account)
        _run(
            cluster,
            [
                "initdb",
                f"--pgdata={new}",
                f"--username={OWNER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-instructions",
                "--no-sync",
            ],
        )
        # Once for the whole cluster, rather than for each of its thousand files in turn.
        os.sync()
        new.rename(cluster.data)


def launch(cluster: Cluster, socket_folder: Path) -> "subprocess.Popen[bytes]":
    """Start the server in the background, in a session of its own.

    A session of its own, so that Ctrl-C in a terminal does not reach it: the process that
    was interrupted still has work to undo.
    """
    _let_pass(cluster.programs / "postgres", cluster.account)
    _let_pass(cluster.data, cluster.account)
    options = [f"{name}={value}" for name, value in _SETTINGS.items()]
    arguments = ["-D", str(cluster.data), "-k", str(socket_folder), "-p", "5432"]
    for option in options:
        arguments += ["-c", option]
    log_path = cluster.data / LOG_NAME
    with log_path.open("ab") as log:
        _give(log_path, cluster.account)
        return subprocess.Popen(  # noqa: S603  a list, no shell: nothing to inject into
            [str(cluster.programs / "postgres"), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=cluster.data,
            env=_environment(),
            start_new_session=True,
            user=cluster.account.uid,
            group=cluster.account.gid,
            extra_groups=cluster.account.groups,
        )


def new_socket_folder(cluster: Cluster) -> Path:
    """A short folder only the server's account can enter: what guards the server.

    A Unix socket's path ends at 107 bytes, which the cluster's own folder may exceed.
    """
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        if len(os.fsencode(parent)) < _SHORT and os.access(parent, os.W_OK | os.X_OK):
            folder = Path(tempfile.mkdtemp(prefix=_SOCKET_PREFIX, dir=parent))
            _let_pass(folder, cluster.account)
            _give(folder, cluster.account)
            return folder
    raise FileNotFoundError("no folder with a short path can be written to; set TMPDIR to one")


def remove_socket_folder(folder: Path) -> None:
    """Leave nothing in the temporary folder; a folder in use by somebody is left alone."""
    if not folder.name.startswith(_SOCKET_PREFIX):
        return
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (folder / name).unlink(missing_ok=True)
    try:
        folder.rmdir()
    except OSError:
        return


def postmaster(cluster: Cluster) -> Postmaster | None:
    """Who serves this cluster, or did before it was killed; None if it was shut down."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), Path(lines[4]))
    except (FileNotFoundError, IndexError, ValueError):
        return None


def forget_postmaster(cluster: Cluster) -> None:
    """Remove what a killed server left, where its process id is somebody else's by now.

    PostgreSQL itself still refuses to start over a living backend: it recognises the shared
    memory by the folder's inode.
    """
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)


class Answer(Enum):
    """What comes back from behind a socket."""

    READY = auto()
    NOT_YET = auto()
    NONE = auto()


def answer(socket_folder: Path) -> Answer:
    """Whether a server behind this socket takes connections now."""
    try:
        connect(socket_folder, "postgres").close()
    except psycopg2.OperationalError as error:
        # "the database system is starting up", "... is in recovery mode", "... is shutting down"
        return Answer.NOT_YET if "the database system is" in str(error) else Answer.NONE
    return Answer.READY


def connect(socket_folder: Path, database: str) -> connection:
    """A bare connection as the cluster's owner."""
    return psycopg2.connect(host=str(socket_folder), port=5432, user=OWNER, dbname=database)


def url_of(socket_folder: Path, database: str) -> str:
    """The address in the form SQLAlchemy takes."""
    return f"postgresql+psycopg2://{OWNER}@/{database}?host={socket_folder}&port=5432"


def last_words(cluster: Cluster, lines: int = 3) -> str:
    """The end of the server's log, for a person who has to find out why it did not start."""
    try:
        log = (cluster.data / LOG_NAME).read_text(errors="replace")
    except OSError:
        return ""
    # What it says as a matter of course, or said to us while we asked, is not the reason.
    asides = ("LOG:", "the database system is ")
    words = [line for line in log.splitlines() if not any(aside in line for aside in asides)]
    return "\n".join(words[-lines:])


def _account(data: Path) -> Account:
    if os.geteuid() != 0:
        return Account()
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in _ACCOUNTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_uid, found.pw_gid)
    raise PermissionError(f"root may not run PostgreSQL, and there is no account {_ACCOUNTS}")


def _give(path: Path, account: Account) -> None:
    if account.uid is not None and account.gid is not None:
        os.chown(path, account.uid, account.gid)


def _let_pass(path: Path, account: Account) -> None:
    """Let the account pass through every folder above a path: to search, not to list."""
    if account.uid is None:
        return
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH and folder.stat().st_uid != account.uid:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _run(cluster: Cluster, command: Sequence[str]) -> None:
    subprocess.run(  # noqa: S603  a list, no shell: nothing to inject into
        [str(cluster.programs / command[0]), *command[1:]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        cwd=cluster.data.parent,
        env=_environment(),
        user=cluster.account.uid,
        group=cluster.account.gid,
        extra_groups=cluster.account.groups,
    )


def _environment() -> dict[str, str]:
    # PGPORT, PGDATA and their kin would change what we ask for.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}
