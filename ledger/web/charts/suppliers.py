"""Did what practices recorded reach NHS Digital? The numbers of the board as pictures."""

from collections.abc import Sequence
from functools import lru_cache

from ledger.application.records import TransmissionRecord
from ledger.domain.wording import code_system_in_words, counted, in_words, share
from ledger.web.charts.drawing import (
    BLUE,
    HEIGHT,
    LINE,
    PALE,
    WIDTH,
    altair,
    by_month,
    svg,
    told_apart,
)

Lines = tuple[TransmissionRecord, ...]

_RECORDED, _TRANSMITTED = "Newly recorded", "Of those, transmitted"
_HALF, _MOST = "Half within", "95 of 100 within"
_TOOK_PART, _MISSING = "Took part", "Missing"


@lru_cache(maxsize=16)
def recorded_and_transmitted(lines: Lines) -> str:
    """One row a supplier and code system: wide bars were recorded, narrow bars transmitted."""
    alt = altair()
    values = [
        {
            "of": _of(line),
            "month": line.period_end.isoformat(),
            _RECORDED: line.entered,
            _TRANSMITTED: line.transmitted,
            # What each bar is, for the legend.
            "wide": _RECORDED,
            "narrow": _TRANSMITTED,
        }
        for line in _since_the_first(lines)
    ]
    colours = alt.Scale(domain=[_RECORDED, _TRANSMITTED], range=[PALE, BLUE])
    base = alt.Chart().encode(x=by_month(alt))
    wide = base.mark_bar(size=16, stroke=LINE, strokeWidth=1).encode(
        y=alt.Y(_RECORDED, type="quantitative", title="Patients"),
        color=alt.Color("wide", type="nominal", scale=colours, title=None),
    )
    narrow = base.mark_bar(size=8).encode(
        y=alt.Y(_TRANSMITTED, type="quantitative", title="Patients"),
        color=alt.Color("narrow", type="nominal", scale=colours, title=None),
    )
    chart = (
        alt.layer(wide, narrow, data=alt.Data(values=values))
        .properties(width=WIDTH, height=HEIGHT)
        .facet(
            facet=alt.Facet("of", type="nominal", title=None, sort=_rows(lines)),
            columns=1,
            spacing=18,
        )
        .resolve_scale(y="independent")
    )
    return svg(
        chart,
        name="carried",
        title="Type 2 dissents newly recorded, and of those transmitted, by collection",
        description=" ".join(_told(lines)),
    )


@lru_cache(maxsize=16)
def backlog(lines: Lines) -> str:
    """One line a supplier and code system: dissents recorded that no collection has carried."""
    alt = altair()
    values = [
        {"of": _of(line), "month": line.period_end.isoformat(), "backlog": line.backlog}
        for line in lines
    ]
    rows = _rows(lines)
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_line(point=alt.OverlayMarkDef(size=40), strokeWidth=2.5)
        .encode(
            x=by_month(alt),
            y=alt.Y("backlog", type="quantitative", title="Patients"),
            **told_apart(alt, "of", rows),
        )
        .properties(width=WIDTH, height=220)
    )
    worst = max(lines, key=lambda line: line.backlog)
    return svg(
        chart,
        name="backlog",
        title="Type 2 dissents recorded that no collection has carried yet",
        description=(
            f"The most were {worst.backlog:,}, of {_of(worst)}, on {in_words(worst.period_end)}."
        ),
    )


@lru_cache(maxsize=16)
def delay(lines: Lines) -> str:
    """One row a supplier and code system: days from entered to transmitted, half and 95 of 100."""
    alt = altair()
    there = {(_of(line), line.period_end): line for line in _since_the_first(lines)}
    # Where a collection carried nothing new the line is broken: nothing is told of that month.
    values = [
        {"of": of, "month": end.isoformat(), "days": days, "which": which}
        for of in _rows(lines)
        for end in sorted({end for _, end in there})
        for which, days in _delays(there.get((of, end)))
    ]
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_line(point=alt.OverlayMarkDef(size=40), strokeWidth=2.5)
        .encode(
            x=by_month(alt),
            y=alt.Y("days", type="quantitative", title="Days"),
            **told_apart(alt, "which", [_HALF, _MOST]),
        )
        .properties(width=WIDTH, height=HEIGHT)
        .facet(
            facet=alt.Facet("of", type="nominal", title=None, sort=_rows(lines)),
            columns=1,
            spacing=18,
        )
        .resolve_scale(y="independent")
    )
    slowest = max(there.values(), key=lambda line: line.median_days or -1)
    told = (
        f"The slowest was {_of(slowest)}: of what the collection of "
        f"{in_words(slowest.period_end)} first carried, half had been entered within "
        f"{counted(slowest.median_days or 0, 'day')} of its end."
    )
    return svg(
        chart,
        name="delay",
        title="Days from when a dissent was entered to when it was transmitted, by collection",
        description=told
        if slowest.median_days is not None
        else "No collection carried anything for the first time.",
    )


@lru_cache(maxsize=16)
def attendance(lines: Lines) -> str:
    """One row a supplier: how many of its practices took part in each collection, and how many were
    missing.
    """
    alt = altair()
    of_supplier = {(line.supplier, line.period_end): line for line in lines}.values()
    values = [
        {"of": line.supplier, "month": line.period_end.isoformat(), "what": what, "practices": n}
        for line in of_supplier
        for what, n in ((_TOOK_PART, line.practices), (_MISSING, line.missing))
    ]
    colours = alt.Scale(domain=[_TOOK_PART, _MISSING], range=[BLUE, PALE])
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_bar(size=10, stroke=LINE, strokeWidth=1)
        .encode(
            x=by_month(alt),
            y=alt.Y("practices", type="quantitative", title="Practices"),
            color=alt.Color("what", type="nominal", scale=colours, title=None),
        )
        .properties(width=WIDTH, height=HEIGHT)
        .facet(facet=alt.Facet("of", type="nominal", title=None), columns=1, spacing=18)
        .resolve_scale(y="independent")
    )
    gaps = [line for line in of_supplier if line.missing]
    return svg(
        chart,
        name="attendance",
        title="Practices that took part in each collection, and practices missing, by supplier",
        description=(
            f"In {counted(len({line.period_end for line in gaps}), 'collection')} a practice that "
            f"had taken part before was missing, of {', '.join(sorted({g.supplier for g in gaps}))}."
            if gaps
            else "No practice that had taken part before was missing from any collection."
        ),
    )


def _delays(line: TransmissionRecord | None) -> tuple[tuple[str, int | None], ...]:
    half, most = (line.median_days, line.p95_days) if line else (None, None)
    return ((_HALF, half), (_MOST, most))


def _since_the_first(lines: Lines) -> list[TransmissionRecord]:
    """The lines without the first collection's, if there are others.

    All that was ever recorded before counted as new in it: beside that no month could be seen.
    """
    first = min(line.period_end for line in lines)
    return [line for line in lines if line.period_end > first] or list(lines)


def _of(line: TransmissionRecord) -> str:
    return f"{line.supplier}, {code_system_in_words(line.code_system)}"


def _rows(lines: Sequence[TransmissionRecord]) -> list[str]:
    return sorted({_of(line) for line in lines})


def _told(lines: Lines) -> list[str]:
    told = []
    for row in _rows(lines):
        of = [line for line in lines if _of(line) == row]
        entered, transmitted = sum(o.entered for o in of), sum(o.transmitted for o in of)
        rate = f" ({share(transmitted, entered)})" if entered else ""
        told.append(
            f"{row}: {counted(entered, 'dissent')} recorded, {transmitted:,}{rate} transmitted in "
            "the collection that followed."
        )
    return told
