"""`ledger <verb>`: parse, call one thing, print.

What a verb ends with stands in `exits.py`; what is refused is told in a message that says what to
do, and never as a traceback.
"""

import signal
import sys

import typer
from pydantic import ValidationError

from ledger.cli import (
    actions,
    archive,
    ask,
    deliveries,
    demo,
    differing,
    fetch,
    findings,
    ingest,
    letters,
    looks,
    opening,
    pairings,
    policies,
    practices,
    rebuild,
    receipts,
    releases,
    replay,
    seal,
    serve,
    sharing,
    thresholds,
    webhooks,
)
from ledger.cli.exits import code_of
from ledger.domain.refusals import Refusal
from ledger.readers.engines import EngineUnavailable
from ledger.settings import settings
from ledger.store.engine import UNREACHABLE
from ledger.store.server import ServerUnavailable

app = typer.Typer(
    help="The objection ledger: what practices recorded, and what reached NHS Digital.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("open")(opening.open_ledger)
app.command("migrate")(opening.migrate)
app.command("demo")(demo.demo)
app.command("ingest")(ingest.ingest)
app.command("fetch")(fetch.fetch)
app.command("deliveries")(deliveries.deliveries)
app.add_typer(practices.app, name="practices")
app.add_typer(pairings.app, name="pairings")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(webhooks.feeds, name="feeds")
app.command("status")(ask.status)
app.add_typer(policies.app, name="policies")
app.command("sharing")(sharing.sharing)
app.add_typer(findings.app, name="findings")
app.add_typer(actions.app, name="actions")
app.command("letters")(letters.letters)
app.command("looks")(looks.looks)
app.command("replay")(replay.replay)
app.command("diff")(differing.diff)
app.command("transmission")(ask.transmission)
app.command("statistics")(ask.statistics)
app.command("vocabularies")(ask.vocabularies)
app.add_typer(thresholds.app, name="thresholds")
app.command("release")(releases.release)
app.command("releases")(releases.releases)
app.command("exposure")(releases.exposure)
app.command("rebuild")(rebuild.rebuild)
app.command("seal")(seal.seal)
app.command("verify")(seal.verify)
app.add_typer(receipts.app, name="receipt")
app.command("cosign")(seal.cosign)
app.command("prove")(seal.prove)
app.command("export")(seal.export)
app.command("archive")(archive.archive)
app.command("serve")(serve.serve)
app.command("work")(serve.work)
app.command("token")(serve.token)


def main() -> None:
    """Run a verb; what the ledger refuses is told in a sentence."""
    # Asked to end is asked to end well: the embedded server is stopped by who leaves last.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings()
    except ValidationError as wrong:
        # Its own message repeats what was set, which may be a secret.
        names = ", ".join(f"LEDGER_{'_'.join(map(str, e['loc']))}".upper() for e in wrong.errors())
        typer.echo(f"ledger: the environment has what cannot be: see {names}", err=True)
        sys.exit(2)
    try:
        app()
    except (Refusal, ServerUnavailable, EngineUnavailable) as refusal:
        typer.echo(f"ledger: {refusal}", err=True)
        sys.exit(code_of(refusal))
    except UNREACHABLE:
        # What PostgreSQL says may name hosts and users; where to look is all that helps here.
        typer.echo("ledger: the database cannot be reached: see LEDGER_DATABASE_URL", err=True)
        sys.exit(2)
