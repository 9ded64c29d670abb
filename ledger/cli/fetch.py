"""`ledger fetch`: ask a practice's system for its patients' records, and take in what comes."""

import ssl
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.ingest import take_in
from ledger.cli.printing import Format, FormatOption, progress
from ledger.domain.identifiers import ods_code
from ledger.domain.refusals import Refusal
from ledger.gp_connect import fetching
from ledger.gp_connect.asking import Asker
from ledger.gp_connect.folder import RunFolder
from ledger.settings import Settings, settings


def fetch(
    numbers: Annotated[
        str,
        typer.Argument(
            metavar="NUMBERS_FILE",
            help="A file with NHS numbers, one a line; - reads them from standard input.",
            show_default=False,
        ),
    ],
    gp_connect: Annotated[
        str, typer.Option("--gp-connect", metavar="URL", help="The service root to ask.")
    ],
    practice: Annotated[str, typer.Option(help="The ODS code of the practice asked.")],
    to: Annotated[
        Path | None,
        typer.Option(help="Below which folder to keep it.  [default: gp-connect in LEDGER_HOME]"),
    ] = None,
    ingest: Annotated[
        bool, typer.Option("--ingest/--no-ingest", help="Whether to take it in at once.")
    ] = True,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Ask another machine without encryption.")
    ] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Ask GP Connect for the record of each patient in NUMBERS_FILE, and take in what comes."""
    # An HTTP library takes a while to load, and no other verb wants one.
    from ledger.gp_connect.client import GPConnect, Limits

    told = settings()
    code = ods_code(practice)
    if code is None:
        raise typer.BadParameter("expected an ODS code: three to ten letters and digits")
    asker = _asker(told)
    lines = fetching.read_list(_text(numbers))
    if not lines:
        raise Refusal("expected NHS numbers, one a line, found none")
    folder = RunFolder(to or told.home / "gp-connect", code, datetime.now(UTC))
    try:
        with (
            GPConnect(
                gp_connect,
                asker,
                tls=_tls(told),
                limits=Limits(timeout=told.gp_connect_timeout),
                plain_http=plain_http,
            ) as service,
            progress("fetching", len(lines)) as step,
        ):
            fetched = fetching.fetch(
                lines, service.ask, folder, clock=lambda: datetime.now(UTC), tell=step.done
            )
    except BaseException as stopped:
        if folder.path is not None:
            typer.echo(
                f"ledger: stopped; what was fetched is kept: ledger ingest {folder.path}", err=True
            )
        if isinstance(stopped, OSError):
            raise Refusal(f"cannot keep what was fetched: {stopped.strerror}") from None
        raise
    _say(fetched, folder)
    useful = folder.path is None or not ingest or take_in([folder.path], format_)
    if fetched.failed or not useful:
        raise typer.Exit(2)


def _say(fetched: fetching.Fetched, folder: RunFolder) -> None:
    """What became of the list; on standard error, where what became of the deliveries is not."""
    failed = sum(map(len, fetched.failed.values()))
    typer.echo(
        f"{fetched.asked} asked, {fetched.answered} answered, {fetched.withheld} withheld, "
        f"{failed} failed",
        err=True,
    )
    if fetched.repeated:
        typer.echo(f"{fetched.repeated} lines repeat a number and were not asked again", err=True)
    for reason, lines in fetched.failed.items():
        word = "line" if len(lines) == 1 else "lines"
        typer.echo(f"{word} {fetching.spans(lines)}: {reason}", err=True)
    if folder.path is not None:
        typer.echo(f"kept in {folder.path}", err=True)


def _text(numbers: str) -> str:
    if numbers == "-":
        return typer.get_binary_stream("stdin").read().decode("utf-8-sig", "replace")
    try:
        return Path(numbers).read_bytes().decode("utf-8-sig", "replace")
    except (OSError, ValueError):
        # It is not repeated: somebody may have written a number where the file was to be.
        raise Refusal(
            "expected a file with NHS numbers, one a line, found none that can be read; "
            "numbers themselves do not go on the command line"
        ) from None


def _asker(told: Settings) -> Asker:
    """Who asks, as the environment tells it."""
    needed = {
        "from_asid": told.gp_connect_from_asid,
        "to_asid": told.gp_connect_to_asid,
        "issuer": told.gp_connect_issuer,
        "organisation": told.gp_connect_organisation,
        "organisation_name": told.gp_connect_organisation_name,
        "user_id": told.gp_connect_user_id,
        "user_family_name": told.gp_connect_user_family_name,
        "user_given_name": told.gp_connect_user_given_name,
    }
    given = {name: value for name, value in needed.items() if value is not None}
    if missing := [f"LEDGER_GP_CONNECT_{name.upper()}" for name in needed if name not in given]:
        raise Refusal(f"expected who asks, found nothing in {', '.join(missing)}: set them")
    return Asker(
        from_asid=given["from_asid"],
        to_asid=given["to_asid"],
        issuer=given["issuer"],
        organisation=given["organisation"],
        organisation_name=given["organisation_name"],
        user_id=given["user_id"],
        family_name=given["user_family_name"],
        given_name=given["user_given_name"],
        title=told.gp_connect_user_title,
        sds_user_id=told.gp_connect_sds_user_id,
        sds_role_profile_id=told.gp_connect_sds_role_profile_id,
        reason=told.gp_connect_reason,
        version=version("objection-ledger"),
    )


def _tls(told: Settings) -> ssl.SSLContext:
    """Whom to trust, and what to show: GP Connect wants certificates of both ends."""
    try:
        context = ssl.create_default_context(cafile=told.gp_connect_authorities)
        if told.gp_connect_certificate is not None:
            context.load_cert_chain(told.gp_connect_certificate, told.gp_connect_key)
    except (OSError, ssl.SSLError):
        raise Refusal(
            "expected certificates in PEM, found none that can be read: see "
            "LEDGER_GP_CONNECT_CERTIFICATE, _KEY and _AUTHORITIES"
        ) from None
    return context
