"""`ledger demo`: the TPP type 2 issue re-enacted, from files in the suppliers' own formats."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from ledger.application import Ledger
from ledger.application.records import DeliveryRecord, FindingRecord
from ledger.application.releasing import Told
from ledger.cli.ingest import look, take
from ledger.cli.opening import the_ledger
from ledger.cli.printing import console
from ledger.cli.serve import HostOption, PortOption, run
from ledger.domain.entries import Setting
from ledger.domain.events import Mode
from ledger.domain.exposure import Failure
from ledger.domain.objections import practice_day
from ledger.domain.refusals import AlreadyOpen
from ledger.domain.sharing import GDPR_APPLIED_ON
from ledger.readers.cohort import CohortList
from ledger.region import ToldOf, build_region, read_releases, read_truth
from ledger.region.truth import Expected
from ledger.settings import settings

NAME = "Fictional region, 2014 to 2018"
BEGINS = date(2014, 1, 1)
# TPP diagnosed the fault on this day (B3).
DIAGNOSED = date(2018, 6, 26)


def demo(
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Compare the findings with what was planted, and serve nothing."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed is another region.")] = 2018,
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
    serve: Annotated[bool, typer.Option(help="Serve the pages when done.")] = True,
) -> None:
    """Build a fictional region, re-enact 2014 to 2018 and show what the ledger would have raised."""
    began = time.monotonic()
    out = console()
    with the_ledger(many_callers=True) as ledger:
        _open(ledger)
        region = settings().home / f"region-{seed}"
        if not (region / "truth").exists():
            out.print(f"writing a fictional region's deliveries to {region}")
            build_region(region, seed=seed)
        records = _take_in(ledger, region)
        findings = ledger.findings(state="all")
        _summary(ledger, findings)
        _routes(records)
        out.print(f"done in {time.monotonic() - began:.0f} s")
        if check:
            raise typer.Exit(0 if _check(findings, region) else 1)
        if serve:
            out.print(f"\nThe pages are at http://{host}:{port}/  (stop with Ctrl+C)")
            run(ledger, host=host, port=port, work_too=True)


def _open(ledger: Ledger) -> None:
    try:
        ledger.open(NAME, mode=Mode.RE_ENACTMENT, as_of=BEGINS)
    except AlreadyOpen:
        opened = ledger.opened()
        if opened.name != NAME:
            raise AlreadyOpen(
                f"LEDGER_HOME holds another ledger ({opened.name}): name an empty folder"
            ) from None


def _take_in(ledger: Ledger, region: Path) -> list[DeliveryRecord]:
    ledger.import_practices(
        region / "register" / "epraccur.csv", systems=region / "register" / "systems.csv"
    )
    folders = [region / name for name in ("deliveries", "sharing", "collections", "conversions")]
    here = [folder for folder in folders if folder.exists()]
    found, left, problems = look(here, region / "scratch")
    assert not left + problems, "the region holds nothing but deliveries"
    records: list[DeliveryRecord] = []
    for told in read_releases(region / "releases"):
        before = [one for one in found if one.dated <= told.released_at]
        found = found[len(before) :]
        records += take(ledger, before)
        _release(ledger, told)
    records += take(ledger, found)
    ledger.catch_up()
    return records


def _release(ledger: Ledger, told: ToldOf) -> None:
    """What NHS Digital released between two deliveries."""
    release = Told(
        recipient=told.recipient,
        purpose=told.purpose,
        released_at=told.released_at,
        receipt=told.receipt,
        relied_on=told.relied_on,
        max_age_days=told.max_age,
    )
    with told.path.open(encoding="utf-8") as lines:
        ledger.release(release, CohortList(told.path.name, lines))


def _summary(ledger: Ledger, findings: Sequence[FindingRecord]) -> None:
    out = console()
    _incident(findings)
    _exposures(ledger)
    out.print("\n[bold]What each practice has to do[/bold]")
    table = Table("practice", "name", "system", "open findings", "actions", "overdue", box=None)
    for line in ledger.practices():
        asked = ledger.actions(practice=line.code, owner="practice")
        overdue = sum(action.state == "overdue" for action in asked)
        system = line.clinical_system.full_name if line.clinical_system else ""
        open_ = sum(f.practice == line.code and f.state == "open" for f in findings)
        table.add_row(line.code, line.name, system, str(open_), str(len(asked)), str(overdue))
    out.print(table)
    out.print("\n[bold]Automatic sharing before and after 25 May 2018[/bold] (SystmOne practices)")
    table = Table("practice", "share-out before", "after", "share-in before", "after", "", box=None)
    for line in ledger.practices():
        then = ledger.sharing(line.code, at=date.fromordinal(GDPR_APPLIED_ON.toordinal() - 1))
        now = ledger.sharing(line.code)
        if not now.history:
            continue
        before = {setting.setting: setting.value or "never set" for setting in then.settings}
        after = {setting.setting: setting.value or "never set" for setting in now.settings}
        out_, in_ = Setting.AUTO_SHARE_OUT, Setting.AUTO_SHARE_IN
        table.add_row(
            line.code, before[out_], after[out_], before[in_], after[in_],
            "breach" if "on" in (after[out_], after[in_]) else "",
        )  # fmt: skip
    out.print(table)


def _routes(records: Sequence[DeliveryRecord]) -> None:
    """By which routes all this came, from practices on all four systems."""
    out = console()
    out.print("\n[bold]How it came[/bold]")
    table = Table("format", "deliveries", "rows read", "kept", "removed", box=None)
    for format_ in sorted({record.format for record in records}):
        of_format = [record for record in records if record.format == format_]
        counts = (
            len(of_format),
            sum(record.rows_read for record in of_format),
            sum(record.entries_kept for record in of_format),
            sum(record.removed for record in of_format),
        )
        table.add_row(format_, *(f"{count:,}" for count in counts))
    out.print(table)


def _incident(findings: Sequence[FindingRecord]) -> None:
    """The day the ledger would have raised it, beside the day it was found."""
    out = console()
    silent = sorted((f for f in findings if f.rule == "TX02"), key=lambda f: f.found_at)
    lost = [f for f in findings if f.rule == "TX01"]
    out.print("\n[bold]The TPP type 2 issue, re-enacted[/bold]")
    if not silent:
        out.print("The ledger raised no TX02: no supplier's new objections failed to arrive.")
        return
    first = silent[0]
    raised = practice_day(first.found_at)
    out.print(f"{raised:%-d %B %Y}: TX02 raised with the first collection. {first.summary}")
    out.print(
        f"{DIAGNOSED:%-d %B %Y}: the supplier diagnosed the fault. "
        f"[bold]{(DIAGNOSED - raised).days} days later.[/bold]"
    )
    states = Counter(f.state for f in lost)
    out.print(
        f"{len(lost)} patients had an objection that no collection carried when it should "
        f"(TX01): {states['closed']} put right since, {states['open']} still open."
    )


def _exposures(ledger: Ledger) -> None:
    """Who was in each release against their wish, and through whose failure."""
    out = console()
    out.print("\n[bold]Who was released while objecting[/bold] (type 2)")
    failures = [failure.value for failure in Failure]
    table = Table("left on", "recipient", "patients", "objecting", *failures, box=None)
    for record in reversed(ledger.releases()):
        exposure = ledger.exposure(UUID(record.id))
        counts = Counter[str]()
        for line in exposure.counts:
            counts[line.failure] += line.patients
        by_failure = (str(counts[failure] or "") for failure in failures)
        day = f"{practice_day(record.released_at):%-d %B %Y}"
        numbers = (f"{record.members:,}", f"{exposure.exposed:,}")
        table.add_row(day, record.recipient, *numbers, *by_failure)
    out.print(table)


def _check(findings: Sequence[FindingRecord], region: Path) -> bool:
    """Every planted error found, and no other: recall and precision against the truth."""
    out = console()
    expected = Counter(map(_of_truth, read_truth(region).findings))
    found = Counter(map(_of_finding, findings))
    hits = sum((expected & found).values())
    recall = hits / max(1, sum(expected.values()))
    precision = hits / max(1, sum(found.values()))
    for title, rest in (("missed", expected - found), ("false alarms", found - expected)):
        if rest:
            out.print(f"\n[bold]{title}[/bold]")
            # No NHS number, not even a made-up one, on a screen somebody may copy from.
            for (rule, practice, supplier, _, purpose, state), count in sorted(
                Counter((*key[:3], "", *key[4:]) for key in rest.elements()).items()
            ):
                out.print(f"  {count} x {rule} {practice}{supplier} {purpose} {state}")
    by_rule = Counter(key[0] for key in expected.elements())
    out.print("\nplanted: " + ", ".join(f"{rule} {n}" for rule, n in sorted(by_rule.items())))
    out.print(
        f"recall {recall:.3f}, precision {precision:.3f} over {sum(expected.values())} findings"
    )
    return expected == found


Key = tuple[str, str, str, str, str, str]


def _of_truth(told: Expected) -> Key:
    return (told.rule, told.practice, told.supplier, told.nhs_number, told.purpose, told.state)


def _of_finding(found: FindingRecord) -> Key:
    return (
        found.rule,
        found.practice or "",
        found.supplier or "",
        found.nhs_number or "",
        found.purpose or "",
        found.state,
    )
