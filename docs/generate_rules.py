"""Writes docs/rules.md from what the rules are: the table, their reasons, their actions, their specs.

    python docs/generate_rules.py            writes the page
    python docs/generate_rules.py --check    exits 1 if the page is not what would be written

What a rule finds and what it leaves alone is told by its spec's own sentences and tables, which
are read as source text and not run.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it runs without the package being installed

from ledger.domain.clinical_systems import ClinicalSystem  # noqa: E402
from ledger.domain.letters import LETTERS  # noqa: E402
from ledger.domain.recording_errors import RULES, AnyRule  # noqa: E402
from ledger.domain.rule import ActionAsked, Advice, Owner, Scope, Severity, StandingAction  # noqa: E402
from ledger.domain.sources import SOURCES, Source  # noqa: E402
from ledger.domain.standing_actions import STANDING_ACTIONS  # noqa: E402
from ledger.domain.wording import counted, in_words  # noqa: E402

PAGE = ROOT / "docs" / "rules.md"
SPECS = ROOT / "tests" / "spec"

CHAPTERS = {
    "TX": "Transmission: recorded here, never honoured there",
    "CO": "Coding",
    "DT": "Dates",
    "ID": "Identity and registration",
    "LC": "Lifecycle",
    "SH": "Sharing settings",
    "DS": "Releases",
}
SEVERITIES = {
    Severity.BREACH: "someone's wish was, or is, not honoured",
    Severity.ERROR: "the record is wrong or will mislead",
    Severity.REVIEW: "a person has to look",
    Severity.NOTE: "kept and counted, nothing to do",
}
SCOPES = {
    Scope.PATIENT: "one patient",
    Scope.PRACTICE: "one practice",
    Scope.SUPPLIER: "one supplier",
}
# Names that the sentences of the specs cannot spell as they should be spelt.
NAMES = {
    "snomed ct": "SNOMED CT",
    "snomed id": "SNOMED id",
    "ctv3": "CTV3",
    "read v2": "Read v2",
    "nhs": "NHS",
    "digital": "Digital",
    "systmone": "SystmOne",
    "emis": "EMIS",
    "EMIS web": "EMIS Web",
    "vision": "Vision",
    "evolution": "Evolution",
    "gp2gp": "GP2GP",
    "march": "March",
    "april": "April",
    "february": "February",
    "25 may": "25 May",
    "october": "October",
    "gp connect": "GP Connect",
    "back dated": "back-dated",
    "twenty eight": "twenty-eight",
    "twenty nine": "twenty-nine",
    "another practices": "another practice's",
    "the practices delivery": "the practice's delivery",
    "a live practices": "a live practice's",
    "a systems default": "a system's default",
    "the withdrawals day": "the withdrawal's day",
    "the patients life": "the patient's life",
    "its patients entries": "its patients' entries",
    "nobodys": "nobody's",
    "somebodys": "somebody's",
    "elses": "else's",
    "share in": "share-in",
    "share ins": "share-ins",
    "another organisations": "another organisation's",
    "no setting of the practices": "no setting of the practice's",
}
# How a spec's sentence begins that is about what closes a finding, or does not.
CLOSING = re.compile(r"\b(closes|does not close|is over when)\b")
# What is said of the rules whose every finding tells it of the patient at hand.
BY_PATIENT = (
    "Each finding says whether the patient counts as objecting until it is settled, and so whether "
    "their wish is upheld."
)
LABEL = re.compile(r"\b[A-H]\d{1,2}\b")

INTRODUCTION = """\
<!-- Written by docs/generate_rules.py from the rules and their specs: change those, not this page. -->

# What the ledger looks for

A rule looks at what is known of a patient, a practice, a supplier or a release and says what it saw: a
finding, with the entries that prove it and the day since when it has been true.
A finding may ask somebody to act, by a day.
Most close by themselves when the record is put right; each rule says what closes its findings.
A practice may also dismiss a finding about it, with a reason, and take that back.
The same thing is never found twice: what comes back is the same finding, open again.
Nothing here changes anybody's record.

While a finding about a patient is open, it says whether their wish is upheld: whether they count as
objecting until it is settled.

| Severity | Means |
|---|---|
{severities}

*Dissent* and *withdrawal* are the entries that start and end an objection.
*Effective* is the day the patient meant it from, *entered* the day the practice's system recorded
it, *known* the day the ledger learnt of it.
Labels such as `B3` name a source, listed at the end; `[D]` marks what the ledger's makers derived
themselves, and what begins with `docs/` are their notes.

Each rule has examples.
A line is one thing that became known, from the top to the bottom: an entry (a dissent or a withdrawal;
*near* means that its code is a slip away from one), or what happened besides.
*Collection* means that one reached NHS Digital with this practice in it, *carried* that the patient stood
in it, *delivery* that the practice's system sent something, *bulk* that it sent everything it had (of so
many patients).
*Uses* is the clinical system that the practice began to use, *register has* how an organisation stands in
the register, *reviewed* that the practice marked the rule's action as done.
Where nothing else is said, the practice is X99901, the purpose type 1, and the line became known on the
day it was entered.
Of *members*, a letter after their number stands for who they are.

| Code | Rule | Severity | About | Asked to act |
|---|---|---|---|---|
{index}
"""


class Case(NamedTuple):
    """One sentence of a spec, with its tables: what is in them and what is expected."""

    sentence: str
    tables: tuple["Table", ...]

    def finds(self, code: str) -> bool:
        """Whether the sentence is about something this rule finds."""
        return any(line.startswith(code) for table in self.tables for line in table.expected)


class Table(NamedTuple):
    """A history of a spec, the day it is asked on if one is said, and what is found in it."""

    text: str
    today: str | None
    expected: tuple[str, ...]


def page() -> str:
    """The whole page."""
    parts = [
        INTRODUCTION.format(
            severities="\n".join(f"| {s} | {means} |" for s, means in SEVERITIES.items()),
            index="\n".join(_index_line(rule) for rule in _in_order()),
        )
    ]
    for prefix, title in CHAPTERS.items():
        parts.append(f"## {title}\n")
        parts += [_rule(rule) for rule in _in_order() if rule.code.startswith(prefix)]
    parts.append(_standing_actions())
    parts.append(_letters())
    text = "\n".join(parts)
    return f"{text}\n{_sources(text)}"


def _in_order() -> list[AnyRule]:
    chapters = list(CHAPTERS)
    return sorted(RULES, key=lambda rule: (chapters.index(rule.code[:2]), rule.code))


def _index_line(rule: AnyRule) -> str:
    owners = ", ".join(asked.owner for asked in rule.actions) or "nobody"
    anchor = f"{rule.code}-{rule.name}".lower()
    return (
        f"| {rule.code} | [{_title(rule)}](#{anchor}) | {rule.severity} | {rule.scope} | {owners} |"
    )


def _rule(rule: AnyRule) -> str:
    cases = list(_cases(rule))
    closing = [case for case in cases if CLOSING.search(case.sentence)]
    findings = [case for case in cases if case.finds(rule.code) and case not in closing]
    others = [case for case in cases if not case.finds(rule.code) and case not in closing]
    what, *why = _reason(rule)
    return "\n".join(
        [
            f"### {rule.code} {_title(rule)}\n",
            f"**{rule.severity.capitalize()}**, about {SCOPES[rule.scope]}.\n",
            f"{what}\n",
            *([f"**Why it matters.** {why[0]}\n"] if why else []),
            *(f"{paragraph}\n" for paragraph in why[1:]),
            f"**Meanwhile.** {rule.meanwhile or BY_PATIENT}\n",
            *(_asked(asked) for asked in rule.actions),
            *([] if rule.actions else ["**What to do.** Nothing: it is kept and counted.\n"]),
            f"**What closes it.** {rule.closes}\n",
            *_told("**It is found:**", findings),
            *_told("**It is left alone:**", others),
            *_sentences("**When it closes:**", closing),
        ]
    )


def _title(rule: AnyRule) -> str:
    return rule.name.replace("-", " ").capitalize().replace("nhs", "NHS")


def _reason(rule: AnyRule) -> Iterator[str]:
    """The rule's own docstring, a paragraph a line."""
    docstring = sys.modules[rule.find.__module__].__doc__ or ""
    for paragraph in docstring.strip().split("\n\n"):
        yield " ".join(paragraph.split())


def _asked(asked: ActionAsked) -> str:
    return f"**What to do: {_owner(asked)}** ({_due(asked)}). {asked.title}.\n\n{_advice(asked.advice)}"


def _owner(asked: ActionAsked) -> str:
    return asked.owner if asked.owner[0].isupper() else f"the {asked.owner}"


def _due(asked: ActionAsked) -> str:
    if asked.days is not None:
        return f"within {counted(asked.days, 'day')}"
    if asked.working_days is not None:
        return f"within {counted(asked.working_days, 'working day')}"
    return "no day is set"


def _advice(advice: Iterable[Advice]) -> str:
    return "".join(f"- {text} {_cited(source)}\n" for text, source in advice)


def _cited(source: str) -> str:
    return source if source.startswith("[") else f"({source})"


def _told(title: str, cases: list[Case]) -> Iterator[str]:
    """The sentences, and the tables of the first of them."""
    if not cases:
        return
    yield from _sentences(title, cases)
    yield f"For example, *{cases[0].sentence.removesuffix('.')}*:\n"
    for table in cases[0].tables:
        yield _table(table)


def _sentences(title: str, cases: list[Case]) -> Iterator[str]:
    if cases:
        yield f"{title}\n"
        yield "".join(f"- {case.sentence}\n" for case in cases)


def _table(table: Table) -> str:
    header, *lines = [
        [cell.strip() for cell in line.split("|")] for line in table.text.strip().splitlines()
    ]
    asked_on = f" (on {in_words(date.fromisoformat(table.today))})" if table.today else ""
    found = "; ".join(map(_found, table.expected)) or "nothing is found"
    return "\n".join(
        [
            _row("line", *header),
            _row(*("---" for _ in (0, *header))),
            *(_row(str(number), *cells) for number, cells in enumerate(lines, 1)),
            "",
            f"→ {found}{asked_on}\n",
        ]
    )


def _found(expected: str) -> str:
    """`TX01 (review) on line 1`, as a person says it."""
    rule, _, where = expected.partition(" on ")
    code, _, severity = rule.partition(" ")
    return f"{code} is found{f', as a {severity[1:-1]}' if severity else ''}, by {where}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _cases(rule: AnyRule) -> Iterator[Case]:
    """The sentences of the rule's spec that are told by tables, or are about what closes it."""
    spec = SPECS / f"test_{rule.code.lower()}_{rule.name.replace('-', '_')}.py"
    for node in ast.parse(spec.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            tables, sentence = tuple(_tables(node)), _sentence(node.name)
            if tables or CLOSING.search(sentence):
                yield Case(sentence, tables)


def _tables(test: ast.FunctionDef) -> Iterator[Table]:
    """What the test says as `assert findings(history, today="…") == ["…"]`."""
    histories: dict[str, str] = {}
    for statement in test.body:
        match statement:
            case ast.Assign(targets=[ast.Name(name)], value=ast.Constant(str(text))):
                histories[name] = text
            case ast.Assert(
                test=ast.Compare(
                    left=ast.Call(func=ast.Name("findings"), args=[ast.Name(name)], keywords=said),
                    comparators=[ast.List() as expected],
                )
            ):
                days = {word.arg: ast.literal_eval(word.value) for word in said}
                found = tuple(ast.literal_eval(expected))
                yield Table(histories[name], days.get("today"), found)


def _sentence(name: str) -> str:
    words = name.removeprefix("test_").replace("_", " ")
    for plain, proper in NAMES.items():
        words = re.sub(rf"\b{plain}\b", proper, words)
    return f"{words[0].upper()}{words[1:]}."


def _standing_actions() -> str:
    lines = [
        "## Standing actions\n",
        "Besides what findings ask for, a practice owes these until it says that they are done.",
        "Where facts show it done (SA04, SA05, SA10, SA15), it is asked for no more.",
        "A turn of what recurs that nobody answered stays to be seen as missed.",
        "Advice that contradicts other advice stands side by side with its source.\n",
        "| Code | For | What | Due | Who says so |",
        "|---|---|---|---|---|",
        *(_standing_action(action) for action in STANDING_ACTIONS),
        "",
    ]
    return "\n".join(lines)


def _standing_action(action: StandingAction) -> str:
    every_system = action.systems == frozenset(ClinicalSystem)
    systems = "all" if every_system else ", ".join(s.full_name for s in sorted(action.systems))
    due = in_words(action.due_on) if action.due_on else ""
    if action.at_onboarding:
        due = "when the practice joins the ledger"
    if action.due_with is not None:
        due = f"{due}, with {action.due_with}"
    again = {None: "", 1: "at the end of every month"}.get(
        action.every_months, f"at the end of every {action.every_months} months"
    )
    when = ", then ".join(word for word in (due, again) if word) or "no day is set"
    advice = " <br> ".join(f"{text} {_cited(source)}" for text, source in action.advice)
    return _row(action.code, systems, action.title, when, advice)


def _letters() -> str:
    lines = [
        "## Letters to patients\n",
        "Some findings ask somebody to write to the patient.",
        "These are the letters, for a reader of eleven; `[days]` and `[choice]` are told to each.",
        "A rule's letter is a line of `ledger/domain/letters.py`.\n",
    ]
    for letter in LETTERS.values():
        lines += [
            f"### {letter.rule}: {letter.title}\n",
            f"Written by {'the practice' if letter.writer is Owner.PRACTICE else letter.writer}.\n",
            "| Part | Says | Who says so |",
            "|---|---|---|",
        ]
        for heading, told in letter.parts:
            for said in told:
                text = said.text.format(days="[days]", choice="[choice]")
                lines.append(_row(heading, text, _cited(said.source)))
        lines.append("")
    return "\n".join(lines)


def _sources(text: str) -> str:
    """The sources that the page cites, and no others."""
    cited = sorted(set(LABEL.findall(text)), key=lambda label: (label[0], int(label[1:])))
    lines = [
        "## Sources\n",
        "What each says, and what happened when, is told in [sources.md](sources.md).",
        "Some pages have moved since.",
        "Of those marked *opening only*, no more than the beginning was confirmed.\n",
        *(f"- **{label}** {_source(SOURCES[label])}" for label in cited),
    ]
    return "\n".join(lines) + "\n"


def _source(source: Source) -> str:
    page = source.page or "none to open"
    return f"{source.who}: {page}{' (opening only)' if source.opening_only else ''}"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is stale."""
    text = page()
    if arguments != ["--check"]:
        PAGE.write_text(text)
        return 0
    if PAGE.is_file() and PAGE.read_text() == text:
        return 0
    sys.stderr.write("docs/rules.md is stale: run python docs/generate_rules.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
