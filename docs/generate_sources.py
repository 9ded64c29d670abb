"""Writes docs/sources.md from the table of sources, ledger/domain/sources.py.

python docs/generate_sources.py            writes the page
python docs/generate_sources.py --check    exits 1 if the page is not what would be written
"""

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it runs without the package being installed

from ledger.domain.sources import SOURCES, Source  # noqa: E402

PAGE = ROOT / "docs" / "sources.md"

SUBJECTS = {
    "A": "GP Systems of Choice",
    "B": "The type 2 failures",
    "C": "SystmOne's enhanced Data Sharing Model (eDSM)",
    "D": "Codes and objections",
    "E": "The national data opt-out",
    "F": "Published numbers",
    "G": "Identifiers",
    "H": "Practices",
}
INTRODUCTION = """\
<!-- Written by docs/generate_sources.py from ledger/domain/sources.py: change those, not this page. -->

# Who says so

Comments, rules and documents name their sources by label: `B3`, or `[D]` for what the ledger's
makers derived or calculated themselves.
Here each label has who says what, in our words, and the public page; some have moved since.
Of a page marked *opening only*, no more than the beginning was confirmed: what stands further down
it is not.
Sources contradict each other, and their claims stand side by side here.
Where the readers' formats come from is told in [formats.md](formats.md).

## What happened, 2014 to 2022

| When | What | Source |
|---|---|---|
| early 2014 | care.data offers type 1 (nothing identifiable leaves the practice) and type 2 (nothing identifiable leaves the HSCIC, later NHS Digital), both recorded at the practice; then it is paused | B11 B13 D28 |
| 1 April 2015 | from about here SystmOne does not send the type 2 objections that practices newly record; those recorded before evidently go on arriving [D] | B1 B3 |
| May 2015 | some 700,000 type 2 objections are reported as collected and not acted on | B11 |
| 20 April 2016 | the ICO publishes the HSCIC's undertaking to mend that | B12 |
| 29 April 2016 | the HSCIC begins to uphold type 2 | B13 B5 |
| April 2018 | SNOMED CT begins to replace Read v2 and CTV3, in phases | A1 |
| 25 May 2018 | the GDPR applies; the national data opt-out replaces type 2, and what is held of type 2 is converted to it | D38 D33 |
| June 2018 | after a change of TPP's coding system many objections arrive at once | B4 |
| 26 June 2018 | TPP diagnoses the fault: about 150,000 patients, a tenth of all type 2 objections | B3 B7 |
| 27 June 2018 | NHS Digital stops the flows in which type 2 should have been applied | B3 B2 |
| 2 July 2018 | statement to the Commons, public statement, letter to TPP practices: nothing is asked of them | B1 B3 B5 B6 |
| by 31 July 2018 | letters to the patients concerned; in September campaigners confirm that they came | B2 B9 |
| 11 October 2018 | last day of type 2: what is entered later has no effect (earlier announcements said 1 October) | D7 D8 D33 |
| 8 January 2019 | EMIS tells its users that it switched the type 2 codes off | D9 |
| March 2019 | letter to all practices about stray type 2 codes | D13 |
| 31 July 2022 | day by which everybody has to comply with the national data opt-out, moved several times | D33 |

Of the second failure the sources tell different spans, and none is taken for the truth:
recorded from 1 April 2015 (B1 B3), to 1 April 2018 (B2), or from March 2015 to June 2018 (B4 B5 B6);
not upheld from April 2016 to 26 June 2018 (B5).
Statistics dated 10 June 2018 say that they hold objections whose absence was diagnosed on 26 June
(B7 B3).
Which code or mapping was at fault is not public.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, "## Labels\n", *_labels()])


def _labels() -> Iterator[str]:
    apart = {label: source for label, source in SOURCES.items() if label[0] not in SUBJECTS}
    yield "".join(f"- **{label}** {source.says}\n" for label, source in apart.items())
    for letter, subject in SUBJECTS.items():
        yield f"### {letter}: {subject}\n"
        yield "| Label | Who | Says | Page |"
        yield "|---|---|---|---|"
        of_subject = [s for s in SOURCES.values() if s.label not in apart and s.label[0] == letter]
        for source in sorted(of_subject, key=lambda source: int(source.label[1:])):
            yield f"| {source.label} | {source.who} | {source.says} | {_page(source)} |"
        yield ""


def _page(source: Source) -> str:
    if source.page is None:
        return "none to open"
    return f"<{source.page}>{' (opening only)' if source.opening_only else ''}"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is stale."""
    text = page()
    if arguments != ["--check"]:
        PAGE.write_text(text)
        return 0
    if PAGE.is_file() and PAGE.read_text() == text:
        return 0
    sys.stderr.write("docs/sources.md is stale: run python docs/generate_sources.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
