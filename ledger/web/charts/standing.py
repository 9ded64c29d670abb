"""Who objected, and who was known to have: at two points, as a picture."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ledger.application.records import StandingRecord
from ledger.domain.wording import in_words
from ledger.web.charts.drawing import BLUE, LINE, PALE, WIDTH, altair, svg

_TRUE, _KNOWN = "Objecting, as practices recorded it", "Of those, known to NHS Digital"


class Then(NamedTuple):
    """Who stood on a day, as known at its end."""

    day: date
    lines: Sequence[StandingRecord]


def true_and_known(points: Sequence[Then]) -> str:
    """One row a day: for each supplier a wide bar of who objected, a narrow one of whom NHS Digital
    knew.
    """
    alt = altair()
    values = [
        {
            "day": in_words(point.day),
            "supplier": line.supplier,
            _TRUE: line.objecting,
            _KNOWN: line.transmitted,
            "wide": _TRUE,
            "narrow": _KNOWN,
        }
        for point in points
        for line in point.lines
    ]
    colours = alt.Scale(domain=[_TRUE, _KNOWN], range=[PALE, BLUE])
    suppliers = alt.Y("supplier", type="nominal", title=None)

    def bars(base: object, of: str, which: str, size: int) -> object:
        return base.mark_bar(size=size, stroke=LINE, strokeWidth=1).encode(  # type: ignore[attr-defined]
            x=alt.X(of, type="quantitative", title="Patients"),
            color=alt.Color(
                which,
                type="nominal",
                scale=colours,
                title=None,
                legend=alt.Legend(labelLimit=WIDTH),
            ),
        )

    base = alt.Chart().encode(y=suppliers)
    chart = (
        alt.layer(
            bars(base, _TRUE, "wide", 26),
            bars(base, _KNOWN, "narrow", 12),
            data=alt.Data(values=values),
        )
        .properties(width=WIDTH - 60, height=150)
        .facet(
            facet=alt.Facet(
                "day", type="nominal", title=None, sort=[in_words(point.day) for point in points]
            ),
            columns=1,
            spacing=18,
        )
    )
    return svg(
        chart,
        name="standing",
        title="Patients objecting to type 2, and those of them known to NHS Digital, by supplier",
        description=" ".join(_told(point) for point in points),
    )


def _told(point: Then) -> str:
    told = "; ".join(
        f"{line.supplier}: {line.transmitted:,} of {line.objecting:,} known" for line in point.lines
    )
    return f"On {in_words(point.day)}: {told or 'nobody objected'}."
