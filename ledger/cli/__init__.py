"""`ledger <verb>`: parse, call one thing, print.

Exit codes: 0 done; 1 findings that were asked to count (`--fail-on`, `--check`); 2 bad usage or
bad input, with a message that says what to do and never a traceback.
"""

import os
import sys

import typer
from click.exceptions import Abort, ClickException, Exit

from ledger.cli import ask, demo, ingest, opening, practices, rebuild, serve
from ledger.domain.refusals import Refusal
from ledger.store.server import ServerUnavailable

app = typer.Typer(
    help="The objection ledger: what practices recorded, and what reached NHS Digital.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("open")(opening.open_ledger)
app.command("demo")(demo.demo)
app.command("ingest")(ingest.ingest)
app.add_typer(practices.app, name="practices")
app.command("status")(ask.status)
app.command("findings")(ask.findings)
app.command("actions")(ask.actions)
app.command("transmission")(ask.transmission)
app.command("rebuild")(rebuild.rebuild)
app.command("serve")(serve.serve)
app.command("work")(serve.work)
app.command("token")(serve.token)


def main() -> None:
    """Run a verb; what the ledger refuses is told in a sentence."""
    try:
        code = app(standalone_mode=False)
    except (Refusal, ServerUnavailable) as refusal:
        _say(str(refusal))
        code = 2
    except ClickException as error:
        error.show()
        code = error.exit_code
    except Exit as stop:
        code = stop.exit_code
    except (Abort, KeyboardInterrupt):
        _say("stopped")
        code = 130
    except BrokenPipeError:
        # Whoever read our output (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


def _say(message: str) -> None:
    typer.echo(f"ledger: {message}", err=True)
