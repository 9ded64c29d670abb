"""`ledger letters`: letters to patients, to print or to merge."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.application.letter_pages import as_pdf, as_wording
from ledger.application.letters import Letters
from ledger.cli.opening import the_ledger
from ledger.domain.callers import OPERATOR, on_the_word_of
from ledger.domain.identifiers import ods_code
from ledger.domain.letters import LETTERS
from ledger.domain.rule import Owner
from ledger.domain.wording import counted

# Who may read a file that holds NHS numbers: whoever made it.
_OWN = 0o600


def letters(
    out_folder: Annotated[Path, typer.Argument(help="Where to write them.", file_okay=False)],
    practice: Annotated[str, typer.Option(help="The practice, by ODS code.")],
    rule: Annotated[str, typer.Option(help=f"The rule that asks: {', '.join(LETTERS)}.")],
) -> None:
    """Write the letters that findings ask for: pages to print, lines to merge, and the wording.

    On the word of whoever writes them: the practice's controller, or NHS Digital.
    """
    code = ods_code(practice)
    if code is None:
        raise typer.BadParameter("--practice takes an ODS code, such as A81001")
    known = LETTERS.get(rule.upper())
    own = known is None or known.writer is Owner.PRACTICE
    with the_ledger() as ledger:
        ledger.catch_up()
        found = ledger.letters(code, rule.upper(), by=on_the_word_of(code) if own else OPERATOR)
    if not found.addressees:
        typer.echo(f"nobody is to be written to{_without(found)}")
        return
    files = {
        "pdf": as_pdf(found),
        "csv": "".join(found.merge_lines()).encode("utf-8-sig"),
        "txt": as_wording(found).encode(),
    }
    try:
        out_folder.mkdir(parents=True, exist_ok=True)
        for suffix, content in files.items():
            path = out_folder / f"{found.name}.{suffix}"
            path.touch(mode=_OWN)
            path.write_bytes(content)
            typer.echo(str(path))
    except OSError as wrong:
        raise typer.BadParameter(
            f"cannot write there ({wrong.strerror}): name a folder that can be written to"
        ) from wrong
    typer.echo(f"{counted(len(found.addressees), 'letter')}{_without(found)}")


def _without(found: Letters) -> str:
    """Who gets none, and why."""
    left = (
        (found.dead, "dead"),
        (found.unknown, "of a number that is not known any more"),
        (found.withdrawing, "for a withdrawal, of which the letter does not speak"),
    )
    told = ", ".join(f"{number:,} {why}" for number, why in left if number)
    return f"; none to: {told}" if told else ""
