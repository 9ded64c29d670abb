"""How do the numbers of the boards look as pictures?

Drawn here, once for the same numbers, as SVG that a browser shows without any script. Each has a
title and a description for those who do not see it; the numbers stand in a table under it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ledger.application.records import TransmissionRecord, VocabularyRecord
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.wording import code_system_in_words, counted, in_words, share

Lines = tuple[TransmissionRecord, ...]

_BLUE, _INK, _PALE, _LINE = "#005eb8", "#212b32", "#d8dde0", "#4c6272"
_FONT = "Arial, sans-serif"
_WIDTH, _HEIGHT = 760, 130
_RECORDED, _TRANSMITTED = "Newly recorded", "Of those, transmitted"
# What a reader of the picture's parts would be told of each axis and mark: the picture is one.
_PARTS = re.compile(r'\s(?:role|aria-[a-z]+)="[^"]*"')


@lru_cache(maxsize=16)
def recorded_and_transmitted(lines: Lines) -> str:
    """One row a supplier and code system: wide bars were recorded, narrow bars transmitted."""
    alt = _altair()
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
    colours = alt.Scale(domain=[_RECORDED, _TRANSMITTED], range=[_PALE, _BLUE])
    base = alt.Chart().encode(x=_month(alt))
    wide = base.mark_bar(size=16, stroke=_LINE, strokeWidth=1).encode(
        y=alt.Y(_RECORDED, type="quantitative", title="Patients"),
        color=alt.Color("wide", type="nominal", scale=colours, title=None),
    )
    narrow = base.mark_bar(size=8).encode(
        y=alt.Y(_TRANSMITTED, type="quantitative", title="Patients"),
        color=alt.Color("narrow", type="nominal", scale=colours, title=None),
    )
    chart = (
        alt.layer(wide, narrow, data=alt.Data(values=values))
        .properties(width=_WIDTH, height=_HEIGHT)
        .facet(
            facet=alt.Facet("of", type="nominal", title=None, sort=_rows(lines)),
            columns=1,
            spacing=18,
        )
        .resolve_scale(y="independent")
    )
    return _svg(
        chart,
        name="carried",
        title="Type 2 dissents newly recorded, and of those transmitted, by collection",
        description=" ".join(_told(lines)),
    )


@lru_cache(maxsize=16)
def backlog(lines: Lines) -> str:
    """One line a supplier and code system: dissents recorded that no collection has carried."""
    alt = _altair()
    values = [
        {"of": _of(line), "month": line.period_end.isoformat(), "backlog": line.backlog}
        for line in lines
    ]
    rows = _rows(lines)
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_line(point=alt.OverlayMarkDef(size=40), strokeWidth=2.5)
        .encode(
            x=_month(alt),
            y=alt.Y("backlog", type="quantitative", title="Patients"),
            color=alt.Color(
                "of",
                type="nominal",
                title=None,
                sort=rows,
                scale=alt.Scale(
                    domain=rows,
                    range=["#005eb8", "#7c2855", "#00703c", "#8a5a00", "#330072", "#4c6272"],
                ),
            ),
            # Colour is never the only thing that tells one line from another.
            shape=alt.Shape(
                "of", type="nominal", title=None, sort=rows, scale=alt.Scale(domain=rows)
            ),
            strokeDash=alt.StrokeDash(
                "of", type="nominal", title=None, sort=rows, scale=alt.Scale(domain=rows)
            ),
        )
        .properties(width=_WIDTH, height=220)
    )
    worst = max(lines, key=lambda line: line.backlog)
    return _svg(
        chart,
        name="backlog",
        title="Type 2 dissents recorded that no collection has carried yet",
        description=(
            f"The most were {worst.backlog:,}, of {_of(worst)}, on {in_words(worst.period_end)}."
        ),
    )


@lru_cache(maxsize=64)
def vocabularies(lines: tuple[VocabularyRecord, ...]) -> str:
    """One row a clinical system: each month's entries, by the vocabulary they were entered in."""
    alt = _altair()
    counts: Counter[tuple[str, str, str]] = Counter()
    for line in lines:
        system = ClinicalSystem(line.clinical_system).full_name
        for vocabulary, entries in zip(
            CodeSystem, (line.readv2, line.ctv3, line.snomed_ct), strict=True
        ):
            counts[system, line.month.isoformat(), code_system_in_words(vocabulary)] += entries
    names = [code_system_in_words(vocabulary) for vocabulary in CodeSystem]
    values = [
        {"of": of, "month": month, "vocabulary": vocabulary, "entries": entries}
        for (of, month, vocabulary), entries in counts.items()
        if entries
    ]
    chart = (
        alt.Chart(alt.Data(values=values))
        # Colour is never the only thing that tells one bar from another: the table says it too.
        .mark_bar(size=8, stroke=_LINE, strokeWidth=0.5)
        .encode(
            x=_month(alt),
            y=alt.Y("entries", type="quantitative", title="Entries"),
            color=alt.Color(
                "vocabulary",
                type="nominal",
                title=None,
                scale=alt.Scale(domain=names, range=[_LINE, _PALE, _BLUE]),
            ),
        )
        .properties(width=_WIDTH, height=_HEIGHT)
        .facet(facet=alt.Facet("of", type="nominal", title=None), columns=1, spacing=18)
        .resolve_scale(y="independent")
    )
    return _svg(
        chart,
        name="vocabularies",
        title="Entries by month and by the vocabulary they were entered in",
        description=" ".join(
            f"{of}: "
            + ", ".join(
                f"{sum(n for (o, _, v), n in counts.items() if (o, v) == (of, name)):,} in {name}"
                for name in names
            )
            + "."
            for of in sorted({of for of, _, _ in counts})
        ),
    )


def _altair() -> Any:
    """Altair: it takes more than a second to import, for which only this page should wait."""
    import altair as alt

    return alt


def _month(alt: Any) -> Any:
    return alt.X(
        "yearmonth(month)",
        type="temporal",
        title=None,
        axis=alt.Axis(format="%b %Y", labelAngle=0, labelOverlap=True, grid=False, tickCount=12),
    )


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


def _svg(chart: Any, *, name: str, title: str, description: str) -> str:
    """The chart as one picture with a name, and nothing in it that a screen reader stops at."""
    from html import escape

    import vl_convert

    chart = (
        chart.configure(font=_FONT, background="white")
        .configure_axis(
            labelFontSize=13, titleFontSize=13, labelColor=_INK, titleColor=_INK, gridColor=_PALE
        )
        .configure_header(labelFontSize=15, labelFontWeight="bold", labelAnchor="start")
        .configure_legend(orient="top", labelFontSize=14, labelColor=_INK, symbolSize=160)
        .configure_view(stroke=None)
    )
    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict())
    _, _, inside = _PARTS.sub("", drawn).partition(">")
    size = re.search(r'viewBox="([^"]+)"', drawn)
    assert size is not None, "vl-convert gives every picture its size"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="{size[1]}" role="img" '
        f'aria-labelledby="{name}-title {name}-description">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(description)}</desc>{inside}'
    )
