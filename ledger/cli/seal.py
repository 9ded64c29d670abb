"""`ledger seal`, `verify`, `cosign`, `prove` and `export`: the proof that history was not altered."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from ledger.application import Ledger, Seal
from ledger.application.archiving import verify_archive
from ledger.application.cosigning import cosigned, verifier_of
from ledger.application.records import SealRecord, VerificationRecord
from ledger.application.sealing import signer
from ledger.cli.exits import NOT_WHAT_WAS_SIGNED, TREE_BROKEN
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.domain.refusals import NotAFact
from ledger.settings import settings
from ledger.store.archive.manifest import finished
from ledger.store.own_keys import own_key

_TREES = ("tree", "tree-of-looks")

KeysOption = Annotated[
    Path | None,
    typer.Option(help="The public keys to trust, one a line; else those the ledger kept."),
]


class _Trust(TypedDict):
    """What a verification trusts besides what it goes through."""

    held: str | None
    keys: list[str] | None
    cosigners: Sequence[str]


def the_seal(ledger: Ledger) -> Seal:
    """The seal over this ledger, with the key under LEDGER_HOME."""
    told = settings()
    return Seal(ledger.engine, signer(told.home, told.origin))


LooksOption = Annotated[
    bool, typer.Option("--looks", help="Of the log of who looked, rather than of the events.")
]


def seal(looks: LooksOption = False, format_: FormatOption = Format.TABLE) -> None:
    """Bring the trees over both logs up to their heads, sign them and print the checkpoint."""
    with the_ledger() as ledger:
        ledger.ensure_open()
        own = the_seal(ledger)
        sealed = own.follow()
        if looks:
            sealed = own.looks()
    if format_ is Format.TABLE:
        typer.echo(sealed.checkpoint, nl=False)
    else:
        show([sealed], SealRecord, format_, columns=(), empty="")


def verify(
    held: Annotated[Path | None, typer.Option(help="A checkpoint that was kept elsewhere.")] = None,
    held_looks: Annotated[
        Path | None, typer.Option(help="One of the log of looks, as `ledger seal --looks` prints.")
    ] = None,
    keys: KeysOption = None,
    cosigner: Annotated[
        Path | None,
        typer.Option(help="Public keys of cosigners: each has to have signed the one --held."),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(help="Go through this archive instead, which needs no ledger."),
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Go through the whole log, and that of looks, and name the first position not as signed.

    An archive brings its own keys: without --keys compare those that are told with ones kept
    elsewhere. It holds the events and no looks.

    Ends with 0: all holds. 1: an event or a look is not what was signed. 5: they stand, and a tree
    over them was altered, or does not lead to the checkpoint held. 6: no trusted key signed that:
    it is another log's. 7: it is no checkpoint, or was altered.
    """
    if cosigner is not None and held is None:
        raise typer.BadParameter("--cosigner goes with --held: a checkpoint that was cosigned")
    if archive is not None and held_looks is not None:
        raise typer.BadParameter("--held-looks goes with a ledger: an archive holds no looks")
    asked: _Trust = {
        "held": None if held is None else text_of(held),
        "keys": keys_in(keys),
        "cosigners": keys_in(cosigner) or (),
    }
    if archive is not None:
        found = verify_archive(archive, **asked)
        if keys is None:
            for key in finished(archive).keys:
                typer.echo(f"by a key that the archive brings: {key}", err=True)
    else:
        with the_ledger() as ledger:
            own = the_seal(ledger)
            found = own.verify(**asked)
            if found.holds:
                looked = own.verify_looks(
                    held=None if held_looks is None else text_of(held_looks), keys=asked["keys"]
                )
                found = looked.model_copy(
                    update={
                        "events": found.events,
                        "checkpoints": found.checkpoints + looked.checkpoints,
                    }
                )
    if format_ is not Format.TABLE:
        show([found], VerificationRecord, format_, columns=(), empty="")
    elif found.holds:
        typer.echo(f"{found.events} events are what was signed, in {found.checkpoints} checkpoints")
        if archive is None:
            typer.echo(f"{found.looks} looks too")
    else:
        log = "look at " if found.part == "look" else ""
        where = "" if found.position is None else f"{log}position {found.position}: "
        typer.echo(f"DOES NOT HOLD: {where}{found.reason}")
    if not found.holds:
        raise typer.Exit(TREE_BROKEN if found.part in _TREES else NOT_WHAT_WAS_SIGNED)


def cosign(
    checkpoint: Annotated[Path, typer.Argument(help="The log's newest, from its /checkpoint.")],
    name: Annotated[str, typer.Option(help="Who cosigns, as its signatures will bear.")],
    key: Annotated[Path, typer.Option(help="The cosigner's own key; made at first use.")],
    keys: Annotated[Path, typer.Option(help="The log's public keys, one a line.")],
    last: Annotated[
        Path, typer.Option(help="Where the checkpoint cosigned last is kept, and kept anew.")
    ],
    proof: Annotated[
        Path | None, typer.Option(help="The answer of /proof/consistency between the two.")
    ] = None,
) -> None:
    """Sign another organisation's checkpoint, if it continues the one cosigned last.

    Needs no ledger. Prints the checkpoint with the signature added, and keeps it as --last.
    Ends with 0: cosigned. 5: it does not continue the last one, and nothing was signed. 6: no
    trusted key signed it: it is another log's. 7: it is no checkpoint, or was altered.
    """
    own = own_key(key)
    told = cosigned(
        text_of(checkpoint),
        name=name,
        key=own,
        trusted=keys_in(keys) or (),
        last=text_of(last) if last.exists() else None,
        proof=None if proof is None else text_of(proof),
        now=datetime.now(UTC),
    )
    if not last.exists():
        typer.echo(f"the first of this log: kept in {last.name} to compare with", err=True)
    draft = last.with_name(f"{last.name}.new")
    draft.write_text(told, encoding="utf-8")
    draft.replace(last)
    typer.echo(f"cosigned as {verifier_of(name, own)}", err=True)
    typer.echo(told, nl=False)


def prove(
    position: Annotated[int, typer.Argument(min=1, help="The position of the event.")],
) -> None:
    """Print a proof that the event stands in the signed log: it needs nothing else to be checked."""
    with the_ledger() as ledger:
        typer.echo(the_seal(ledger).prove(position), nl=False)


def export(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.")],
) -> None:
    """Write the signed log, its tiles and keys, for `verify_ledger.py` to go through elsewhere."""
    with the_ledger() as ledger:
        events = the_seal(ledger).export(folder)
    typer.echo(f"{events} events in {folder}")


def keys_in(path: Path | None) -> list[str] | None:
    """The public keys in a file, one a line; None where none is named."""
    return None if path is None else text_of(path).split()


def text_of(path: Path) -> str:
    """What a file of text says."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        reason = "cannot be read as text"
        raise NotAFact(f"{path.name}: {reason}") from why
