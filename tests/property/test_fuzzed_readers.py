"""No file can hurt a reader: sound deliveries spoilt at random, by Hypothesis and by atheris.

Hypothesis spoils what it understands: a byte, a piece, a cell. atheris follows which lines of a
reader have run, and looks for bytes that reach the others.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.fuzzing import DATA, SOUND, read_register, read_whole, sound_files

pytestmark = pytest.mark.slow

NASTY = (
    b"", b"\0", b'"', b'""', b",", b"\r", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x85",
    b"=cmd|' /C calc'!A0", b"9.99E+09", b"8.27241E+14", b"-1", b"99999999999999999999", b"00",
    b"31 Feb 2018", b"20180230", b"2018-13-01", b"{" * 10_000, b"[" * 10_000, b"<a>" * 10_000,
    b'<!DOCTYPE a [<!ENTITY b "c">]>', b"x" * 100_000, b"\xc3\x28", b"../../etc/passwd", b"NaN",
)  # fmt: skip
REGISTERS = (
    b'"A81001","THE DENSHAM SURGERY"' + b',""' * 10 + b',"A"' + b',""' * 12 + b',"4",""\r\n',
    b"ODSCode,Supplier\nA81001,TPP\n",
    (
        b'{"Organisation": {"Name": "THE DENSHAM SURGERY", "Status": "Active", "OrgId": {"extension": '
        b'"A81001"}, "Roles": {"Role": [{"id": "RO76", "primaryRole": true, "Status": "Active"}]}, '
        b'"Succs": {"Succ": [{"Type": "Successor", "Target": {"OrgId": {"extension": "A81002"}}}]}}}'
    ),
)
# About a minute a reader on two cores.
ROUNDS = settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
SECONDS = 60


@st.composite
def spoilt(draw: st.DrawFn, content: bytes) -> bytes:
    """The content after one to four accidents."""
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(content)))
        end = draw(st.integers(begin, min(len(content), begin + 200)))
        piece = content[begin:end]
        middle = draw(
            st.one_of(
                st.sampled_from(NASTY),
                st.binary(max_size=20),
                st.integers(2, 50).map(piece.__mul__),
            )
        )
        content = content[:begin] + middle + content[end:]
        if draw(st.booleans()) and draw(st.booleans()):
            content = content[: draw(st.integers(0, len(content)))]
    return content


@pytest.mark.parametrize("name", SOUND)
def test_a_spoilt_delivery_is_read_or_refused(name: str) -> None:
    sound = sound_files(name)

    @ROUNDS
    @given(st.data())
    def check(data: st.DataObject) -> None:
        victim = data.draw(st.sampled_from(sorted(sound)))
        files = {**sound, victim: data.draw(spoilt(sound[victim]))}
        with TemporaryDirectory() as folder:
            read_whole(files, Path(folder) / "delivery")

    check()


@ROUNDS
@given(st.data())
def test_a_spoilt_register_is_read_or_refused(data: st.DataObject) -> None:
    sound = (
        b'"A81001","THE DENSHAM SURGERY"' + b',"Y54"' * 25 + b"\r\nODSCode,Supplier\nA81001,TPP\n"
    )
    with TemporaryDirectory() as folder:
        read_register(data.draw(spoilt(sound)), Path(folder))


@pytest.mark.parametrize("name", SOUND)
def test_no_bytes_that_reach_a_new_line_of_a_reader_hurt_it(name: str, tmp_path: Path) -> None:
    if reason := os.environ.get("LEDGER_NO_FUZZ"):
        pytest.skip(f"not run, no atheris: {reason}")

    done = subprocess.run(
        [
            sys.executable, "-m", "tests.property.atheris_target", name, str(tmp_path),
            f"-max_total_time={SECONDS}", "-timeout=30", "-rss_limit_mb=2048", "-max_len=20000", "-len_control=0",
            f"-artifact_prefix={tmp_path}/",
        ],
        cwd=DATA.parents[1],
        capture_output=True,
        text=True,
        timeout=SECONDS * 5,
        check=False,
    )  # fmt: skip

    # Python's own trace goes to standard output, what libFuzzer says of it to the other.
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-1000:]}"
