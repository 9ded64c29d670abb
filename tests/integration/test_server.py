"""Is there a database whenever somebody needs one, and only then?"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ledger.store import postgres, server
from ledger.store.append import NewEvent, import_events
from ledger.store.engine import migrate, open_engine
from ledger.store.log import head, read_events

# Shares the server of a home, says so, and stays until its input ends.
GUEST = """
import sys
from pathlib import Path
from ledger.store import server
with server.start(Path(sys.argv[1])) as started:
    print(started.url, flush=True)
    sys.stdin.read()
"""

# Imports five thousand events a transaction, and says how many it was told are kept.
IMPORTER = """
import sys
from pathlib import Path
from ledger.store import server
from ledger.store.append import NewEvent, import_events
from ledger.store.engine import migrate, open_engine
started = server.start(Path(sys.argv[1]))
migrate(started.url)
engine = open_engine(started.url)
for batch in range(1_000):
    with engine.begin() as connection:
        events = (NewEvent(f"{batch}-{n}", 1, "t", b"{}") for n in range(5_000))
        positions = import_events(connection, events)
    print(positions.last, flush=True)
"""


def a_guest(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", GUEST, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def dismissed(process: "subprocess.Popen[str]") -> int:
    process.communicate()
    return process.returncode


def postmaster_of(home: Path) -> postgres.Postmaster | None:
    cluster = postgres.cluster_at(home / "postgres", server.embedded_programs())
    return postgres.postmaster(cluster)


def one(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        answer: int = connection.execute(text("SELECT 1")).scalar_one()
    engine.dispose()
    return answer


def test_it_starts_answers_and_stops_without_a_trace(tmp_path: Path) -> None:
    with server.start(tmp_path) as started:
        assert one(started.url) == 1
        running = postmaster_of(tmp_path)
        assert running is not None
        assert running.socket_folder.exists()

    assert postmaster_of(tmp_path) is None
    assert not running.socket_folder.exists()


def test_everything_on_disk_stands_under_home(tmp_path: Path) -> None:
    with server.start(tmp_path / "home") as started:
        migrate(started.url)

    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize("name", ["a b", "it's", 'say "$HOME" `id` \\ %', "ŵ", "x" * 150])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    with server.start(tmp_path / name) as started:
        assert one(started.url) == 1


def test_data_is_there_at_the_next_start(tmp_path: Path) -> None:
    with server.start(tmp_path) as started:
        engine = create_engine(started.url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept AS SELECT 42 AS n"))
        engine.dispose()

    with server.start(tmp_path) as started:
        engine = create_engine(started.url)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT n FROM kept")).scalar_one() == 42
        engine.dispose()


def test_two_processes_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    guests = [a_guest(tmp_path) for _ in range(3)]

    urls = {said(guest) for guest in guests}

    assert len(urls) == 1
    assert urls != {""}
    assert [dismissed(guest) for guest in guests] == [0, 0, 0]
    assert postmaster_of(tmp_path) is None


def test_one_that_leaves_does_not_stop_it_under_another(tmp_path: Path) -> None:
    with server.start(tmp_path) as mine:
        guest = a_guest(tmp_path)
        assert said(guest) == mine.url

        dismissed(guest)

        assert one(mine.url) == 1


def test_one_that_started_it_may_leave_first(tmp_path: Path) -> None:
    guest = a_guest(tmp_path)
    url = said(guest)
    with server.start(tmp_path):
        dismissed(guest)

        assert one(url) == 1
    assert postmaster_of(tmp_path) is None


def test_a_process_shares_it_with_itself(tmp_path: Path) -> None:
    with server.start(tmp_path) as outer:
        with server.start(tmp_path) as inner:
            assert inner.url == outer.url
        assert one(outer.url) == 1


def test_who_leaves_without_closing_stops_it_too(tmp_path: Path) -> None:
    code = "import sys, pathlib; from ledger.store import server; server.start(pathlib.Path(sys.argv[1]))"

    left = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (left.returncode, left.stderr) == (0, "")
    assert postmaster_of(tmp_path) is None


def test_a_forked_child_leaves_the_server_to_its_parent(tmp_path: Path) -> None:
    with server.start(tmp_path) as started:
        child = os.fork()
        if child == 0:
            started.close()
            os._exit(0)
        os.waitpid(child, 0)

        assert one(started.url) == 1


def test_closing_twice_does_no_harm(tmp_path: Path) -> None:
    started = server.start(tmp_path)

    started.close()
    started.close()


def test_after_a_kill_the_next_takes_the_running_server_over(tmp_path: Path) -> None:
    guest = a_guest(tmp_path)
    url = said(guest)
    guest.kill()
    dismissed(guest)

    with server.start(tmp_path) as mine:
        assert mine.url == url
        assert one(mine.url) == 1

    assert postmaster_of(tmp_path) is None


def test_a_server_that_was_killed_recovers(tmp_path: Path) -> None:
    with server.start(tmp_path) as first:
        engine = create_engine(first.url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept AS SELECT 42 AS n"))
        running = postmaster_of(tmp_path)
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        engine.dispose()

        with server.start(tmp_path) as second:
            again = create_engine(second.url)
            with again.connect() as connection:
                assert connection.execute(text("SELECT n FROM kept")).scalar_one() == 42
            again.dispose()


def test_a_process_id_that_is_somebody_elses_by_now_is_no_server(tmp_path: Path) -> None:
    """As after a container's restart, where the same small numbers are given again."""
    with server.start(tmp_path):
        pass
    data = tmp_path / "postgres"
    socket_folder = tmp_path / "ledger-gone"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n{socket_folder}\n")

    with server.start(tmp_path) as started:
        assert one(started.url) == 1


def test_what_a_half_made_cluster_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "new-killed" / "cluster").mkdir(parents=True)

    with server.start(tmp_path) as started:
        assert one(started.url) == 1


def test_a_home_that_cannot_be_written_to_is_told_kindly(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    with pytest.raises(server.ServerUnavailable, match="Give LEDGER_HOME a folder"):
        server.start(in_the_way / "home")


def test_a_cluster_that_cannot_start_is_told_with_its_reason(tmp_path: Path) -> None:
    with server.start(tmp_path):
        pass
    (tmp_path / "postgres" / "global" / "pg_control").unlink()

    with pytest.raises(server.ServerUnavailable, match="pg_control"):
        server.start(tmp_path)


def test_a_failing_statement_is_not_written_to_the_servers_log(tmp_path: Path) -> None:
    with server.start(tmp_path) as started:
        engine = create_engine(started.url)
        with pytest.raises(Exception, match="no_such"), engine.begin() as connection:
            connection.execute(text("SELECT '9990000018' FROM no_such"))
        engine.dispose()

    log = (tmp_path / "postgres" / postgres.LOG_NAME).read_text()
    assert "no_such" in log
    assert "9990000018" not in log


def test_a_kill_in_mid_import_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    importer = subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    said(importer)
    told = int(said(importer))
    time.sleep(0.03)
    importer.kill()
    importer.communicate()

    with server.start(tmp_path) as started:
        engine = open_engine(started.url)
        with engine.begin() as connection:
            newest = head(connection).position
            kept = read_events(connection, after=0, limit=1_000_000)
            went_on = import_events(connection, [NewEvent("next", 1, "t", b"{}")])
        engine.dispose()

    assert told >= 10_000
    assert newest >= told, "what was committed is there"
    assert newest % 5_000 == 0, "what was not committed is not there in part"
    assert [event.position for event in kept] == list(range(1, newest + 1))
    assert went_on == (newest + 1, newest + 1)
