"""Can a stranger open what a comment cites, with nothing but this repository?"""

import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ledger.domain.recording_errors import RULES
from ledger.domain.sources import SOURCES
from ledger.domain.standing_actions import STANDING_ACTIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GENERATOR = DOCS / "generate_sources.py"
ROOMS = ("ledger", "docs", "tests", "bench", "migrations", ".github", ".ci")
KINDS = {"", ".py", ".md", ".html", ".sql", ".mako", ".toml", ".ini", ".yml", ".css", ".js"}
# Somebody else's work, kept as it came.
NOT_OURS = ROOT / "ledger" / "web" / "static" / "nhsuk"

# What a command of ours writes, and may not have written yet.
WRITTEN = {"bench/RESULTS.md", "RESULTS.md"}

DOCUMENT = re.compile(r"[\w./-]*\w\.md\b")
ADDRESS = re.compile(r"https?://[^\s>)\"']+")
ADR = re.compile(r"\badr/(\d{4})")
# A document by its name and a section, without being a file: such names stood here once.
ELSEWHERE = re.compile(r"\b(?:DESIGN|formats|domain|rules),? (?:section )?\d[\d.]*")
# The citation may go on in the next line, of a comment too.
FORMATS = re.compile(r"docs/formats\.md\s+(?:# )?(\d+(?:\.\d+)?)(?:\s+(?:and|to) (\d+(?:\.\d+)?))?")
# Not `H33..`, which is a Read code.
LABEL = re.compile(r"\b[A-H]\d{1,2}\b(?!\.\.)")
CITED = re.compile(r"\(((?:[A-H]\d{1,2}|\[D\])(?:[ ,]+(?:[A-H]\d{1,2}|\[D\]))*)\)")


def written(*rooms: str) -> Iterator[tuple[Path, str]]:
    """Every text of ours in these rooms, or in all of them and beside them."""
    files = [path for room in rooms or ROOMS for path in sorted((ROOT / room).rglob("*"))]
    if not rooms:
        files += sorted(ROOT.iterdir())
    for path in files:
        ours = path.is_file() and path.suffix in KINDS and NOT_OURS not in path.parents
        if ours and "__pycache__" not in path.parts:
            yield path, path.read_text()


def told(path: Path, what: str) -> str:
    return f"{path.relative_to(ROOT)}: {what}"


def test_every_document_that_is_named_is_here() -> None:
    missing = [
        told(path, name)
        for path, text in written()
        for name in set(DOCUMENT.findall(ADDRESS.sub("", text))) - WRITTEN
        if not any((folder / name.lstrip("/")).is_file() for folder in (ROOT, path.parent, DOCS))
    ]

    assert missing == []


def test_every_decision_that_is_cited_is_here() -> None:
    decisions = {path.name[:4] for path in (DOCS / "adr").glob("*.md")}

    missing = [
        told(path, number)
        for path, text in written()
        for number in ADR.findall(text)
        if number not in decisions
    ]

    assert missing == []


def test_no_section_is_cited_of_what_is_no_file_here() -> None:
    cited = [told(path, found[0]) for path, text in written() for found in ELSEWHERE.finditer(text)]

    assert cited == []


def test_every_section_of_the_formats_that_is_cited_exists() -> None:
    page = (DOCS / "formats.md").read_text()
    sections = set(re.findall(r"^#+ (\d+(?:\.\d+)?) ", page, re.MULTILINE))
    within = re.findall(r"[Ss]ections? (\d+(?:\.\d+)?)", page)

    cited = [
        (path, number)
        for path, text in written()
        for found in FORMATS.findall(text)
        for number in found
        if number
    ]

    assert len(cited) > 30
    assert [told(path, number) for path, number in cited if number not in sections] == []
    assert [number for number in within if number not in sections] == []


def test_every_label_that_is_cited_is_in_the_table_of_sources() -> None:
    labels = [
        (path, label) for path, text in written("ledger", "docs") for label in LABEL.findall(text)
    ]
    labels += [
        (path, label)
        for path, text in written()
        for cited in CITED.findall(text)
        for label in re.split(r"[ ,]+", cited)
    ]

    assert [told(path, label) for path, label in labels if label not in SOURCES] == []


def test_every_source_of_advice_is_in_the_table() -> None:
    advice = [
        *(advice for rule in RULES for asked in rule.actions for advice in asked.advice),
        *(advice for standing in STANDING_ACTIONS for advice in standing.advice),
    ]

    named = {word for one in advice for word in one.source.split() if not word[0].isdigit()}

    assert named - set(SOURCES) == set()


def test_the_page_of_sources_names_them_all_and_is_not_stale() -> None:
    page = (DOCS / "sources.md").read_text()
    checked = subprocess.run(
        [sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr
    assert [s for s in SOURCES if f"| {s} |" not in page and f"**{s}**" not in page] == []


def test_a_stale_page_of_sources_is_noticed(tmp_path: Path) -> None:
    generator = runpy.run_path(str(GENERATOR))
    generator["main"].__globals__["PAGE"] = tmp_path / "sources.md"

    assert generator["main"](["--check"]) == 1
    assert generator["main"]([]) == 0
    assert generator["main"](["--check"]) == 0
