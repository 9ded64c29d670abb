"""Does the house keep its own habits? What is said of it is so, and nothing is left unsaid."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from ledger.cli import app
from ledger.domain.events import EVENTS
from ledger.domain.recording_errors import RULES
from ledger.settings import Settings

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-spark.lock"]
NOT_OURS = {".git", ".venv", ".ledger", "__pycache__", ".hypothesis"}

# What nobody outside needs to be told: put together here, so that this file is no hit of its own.
UNSPEAKABLE = re.compile(
    "|".join(
        [
            r"(?<![\w.~-])/wor" + r"k\b",
            r"\.\./share" + r"d\b",
            r"\bpypi\.or" + "g",
            r"pythonhosted\.or" + "g",
            r"registry\.npmjs\.or" + "g",
            r"\bcrates\.i" + "o",
            r"proxy\.golang\.or" + "g",
            r"\bdocker\.i" + "o",
            r"\bghcr\.i" + "o",
            r"conda\.anaconda\.or" + "g",
        ]
    )
)


def tracked() -> list[Path]:
    """The files git knows; all there are where this is no checkout."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return [
            path
            for path in ROOT.rglob("*")
            if path.is_file() and NOT_OURS.isdisjoint(path.relative_to(ROOT).parts)
        ]
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def pages() -> list[Path]:
    """What people read of the project, but not what is said of data or of others' files."""
    folders = [ROOT, ROOT / "docs", ROOT / "docs" / "adr", ROOT / "docs" / "runbooks"]
    return [page for folder in folders for page in sorted(folder.glob("*.md"))]


def verbs() -> list[str]:
    command = typer.main.get_command(app)
    return sorted(command.commands)  # type: ignore[attr-defined]


# --- what is said


def test_the_readme_is_short_and_begins_with_the_two_commands() -> None:
    lines = README.read_text().splitlines()
    first_screen = "\n".join(lines[:24])

    assert len(lines) < 80
    assert "\nmake demo " in first_screen
    assert "\nmake test " in first_screen


@pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
def test_a_decision_has_its_four_headings_and_its_number(adr: Path) -> None:
    text = adr.read_text()

    headings = re.findall("^## (.*)$", text, re.MULTILINE)
    assert headings == ["Status", "Context", "Decision", "Consequences"]
    assert text.startswith(f"# {adr.name[:4]} ")
    assert len(text.splitlines()) < 90


def test_decisions_are_numbered_without_gaps() -> None:
    assert [adr.name[:4] for adr in ADRS] == [f"{number:04}" for number in range(len(ADRS))]


def test_every_rule_is_told() -> None:
    told = (ROOT / "docs" / "rules.md").read_text()

    assert [rule.code for rule in RULES if f"### {rule.code} " not in told] == []


def test_every_event_is_told() -> None:
    told = (ROOT / "docs" / "events.md").read_text()

    assert [event.TOPIC for event in EVENTS if f"### {event.TOPIC}\n" not in told] == []


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_is_in_the_readme(verb: str) -> None:
    assert re.search(rf"^\|.*`{verb}`.*\|", README.read_text(), re.MULTILINE)


def test_every_setting_is_in_the_sample_and_no_other() -> None:
    sample = (ROOT / "dotenv-sample").read_text()
    # What the tests and docker compose are told, and the ledger is not.
    others = {"LEDGER_TEST_DATABASE_URL", "LEDGER_DATABASE_PASSWORD", "LEDGER_PORT"}

    told = set(re.findall(r"^(?:# )?(LEDGER_\w+)=", sample, re.MULTILINE))
    assert told == {f"LEDGER_{name.upper()}" for name in Settings.model_fields} | others


def test_every_target_of_make_is_told_and_every_one_told_is_there() -> None:
    there = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    contributing = CONTRIBUTING.read_text()

    told = set(re.findall(r"\bmake ([a-z][a-z-]*)\b", _code(contributing)))
    assert there - told - {"help"} == set()
    assert told - there == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_whatever_a_page_points_to_is_there(page: Path) -> None:
    text = page.read_text()
    links = [
        (page.parent / link.split("#")[0]).resolve()
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text)
        if "://" not in link
    ]
    named = [
        ROOT / name
        for name in re.findall(r"`((?:ledger|docs|tests|migrations|\.github)/[\w./-]+)`", text)
    ]

    assert [str(path) for path in [*links, *named] if not path.exists()] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_source_a_page_names_is_listed(page: Path) -> None:
    sources = (ROOT / "docs" / "sources.md").read_text()
    listed = set(re.findall(r"(?m)^\| ([A-H]\d{1,2}) \|", sources))

    named = set(re.findall(r"(?<![\w/-])[A-H]\d{1,2}\b", page.read_text()))

    assert named - listed == set()


def test_whoever_owns_something_owns_what_is_there() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    patterns = [line.split()[0] for line in lines if line and not line.startswith("#")]

    assert [p for p in patterns if not list(ROOT.glob(p.strip("/")))] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_are_spelt_as_the_british_do(page: Path) -> None:
    american = r"\b\w*(behavior|color|favor|center|ogniz|ganiz|summariz|analyz|artifact)\w*\b"
    text = re.sub(r"`[^`]*`|```.*?```|https?://\S+", "", page.read_text(), flags=re.DOTALL)

    assert [found[0] for found in re.finditer(american, text)] == []


# --- what is left unsaid


def test_no_file_speaks_of_where_it_was_made() -> None:
    hits = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        hits += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in UNSPEAKABLE.finditer(text)]

    assert hits == []


# --- what is installed


def test_every_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    project = tomllib.loads("\n".join(lines))["project"]
    # Of these the name is the reason.
    plain = re.compile(r"pytest|coverage|ruff|mypy|types-.*|.*-stubs")

    wanted = [
        *project["dependencies"],
        *(spec for extra in project["optional-dependencies"].values() for spec in extra),
    ]
    unexplained = [
        spec
        for spec in wanted
        if not plain.fullmatch(re.split(r"[<>=\[]", spec)[0])
        and not any(re.search(rf'"{re.escape(spec)}",\s+# \w', line) for line in lines)
    ]
    assert unexplained == []


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_locked_has_hashes_and_says_not_where_from(name: str) -> None:
    text = (ROOT / name).read_text()
    requirements = re.findall(r"^[\w.\[\],-]+==[^\n]*\n(?:    [^\n]*\n)+", text, re.MULTILINE)

    assert len(requirements) == len(re.findall(r"^\w", text, re.MULTILINE)) > 0
    assert all("--hash=sha256:" in requirement for requirement in requirements)
    assert "://" not in text


def test_what_is_locked_is_what_is_wanted() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        "requirements.lock": project["dependencies"],
        "requirements-dev.lock": [
            *project["dependencies"],
            *project["optional-dependencies"]["dev"],
        ],
        "requirements-spark.lock": [
            *project["dependencies"],
            *project["optional-dependencies"]["spark"],
        ],
    }
    for name, specs in wanted.items():
        locked = set(re.findall(r"^([\w.-]+)", (ROOT / name).read_text(), re.MULTILINE))
        assert {re.split(r"[<>=\[]", spec)[0] for spec in specs} <= locked


# --- what runs in containers


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """What docker-compose.yml says."""
    told: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return told


def test_every_service_that_stays_is_asked_how_it_is(compose: dict[str, Any]) -> None:
    stays = {
        name: service for name, service in compose["services"].items() if service["restart"] != "no"
    }

    assert stays.keys() == {"db", "api", "worker"}
    assert all(service["healthcheck"]["test"] for service in stays.values())


def test_compose_runs_verbs_that_are_there(compose: dict[str, Any]) -> None:
    ours = [s for s in compose["services"].values() if "build" in s]

    assert len(ours) == 3
    assert {service["command"][0] for service in ours} <= set(verbs())


def test_compose_holds_no_secret(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|SECRET|TOKEN|KEY$", name):
                assert value.startswith("${"), name
            assert not re.search(r"://[^/@]*:[^/@]*@", value), name


def test_compose_tells_the_ledger_only_what_it_listens_to(compose: dict[str, Any]) -> None:
    ours = [s for s in compose["services"].values() if "build" in s]
    told = {name for s in ours for name in s["environment"] if name.startswith("LEDGER_")}

    assert told <= {f"LEDGER_{name.upper()}" for name in Settings.model_fields}


def test_nobody_beyond_the_machine_reaches_it(compose: dict[str, Any]) -> None:
    ports = [port for s in compose["services"].values() for port in s.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    lines = list(_instructions((ROOT / "Dockerfile").read_text()))

    assert any("--require-hashes" in line for line in lines)
    [user] = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert user not in ("root", "0")
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"


def _instructions(dockerfile: str) -> Iterator[str]:
    for line in dockerfile.replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            yield line


def _code(markdown: str) -> str:
    """What stands between backticks."""
    return "\n".join(re.findall(r"`([^`\n]+)`", markdown))
