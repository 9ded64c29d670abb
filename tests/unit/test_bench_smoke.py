"""Does each measurement still run? At a tiny size, and without a word about how fast it was."""

from collections.abc import Iterator

import pytest

pytest.importorskip("psycopg_pool", reason="the peer needs psycopg 3 with its pool")

from bench.__main__ import PARTS
from bench.databases import Databases, a_server
from bench.reporting import HEADINGS, as_markdown, cells

# Even a tiny one takes more than ten seconds.
LONG = ("bulk", "demo", "findings", "looks", "past", "scan")


@pytest.fixture(scope="module")
def server() -> Iterator[Databases]:
    with a_server() as databases:
        yield databases


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in sorted(PARTS)],
)
def test_a_measurement_says_what_it_found(server: Databases, name: str) -> None:
    report = PARTS[name](server, scale=0.02)

    assert report.name == name
    assert all(len(cells(line)) == len(HEADINGS) for line in report.lines)
    assert f"`python -m bench {name}`" in as_markdown(report)


def test_a_reader_who_follows_the_log_misses_nothing(server: Databases) -> None:
    report = PARTS["tail"](server, scale=0.05)

    assert report.lines[0].holds
