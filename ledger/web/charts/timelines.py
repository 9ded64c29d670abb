"""From which day was each thing so, and since when was it known? Events as a picture."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ledger.domain.wording import counted, in_words
from ledger.web.charts.drawing import BLUE, LINE, WIDTH, altair, svg

_SO, _KNOWN = "So from", "Known from"


class Span(NamedTuple):
    """One event: its position, from which day it is so, and on which day it became known."""

    position: int
    so_from: date
    known_on: date


def both_times(spans: Sequence[Span], *, chosen: int) -> str:
    """A line an event, from the day on which it was so down to the one on which it became known:
    upright where that was at once, slanting where it was later; the chosen one bold.
    """
    alt = altair()
    values = [
        {
            "position": span.position,
            "lane": lane,
            "day": day.isoformat(),
            "chosen": span.position == chosen,
        }
        for span in spans
        for lane, day in ((_SO, span.so_from), (_KNOWN, span.known_on))
    ]
    is_chosen = alt.datum.chosen
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_line(point=alt.OverlayMarkDef(size=60))
        .encode(
            x=alt.X(
                "day",
                type="temporal",
                title=None,
                axis=alt.Axis(format="%d %b %Y", labelOverlap=True, tickCount=8, grid=False),
            ),
            y=alt.Y("lane", type="nominal", title=None, sort=[_SO, _KNOWN]),
            detail=alt.Detail("position", type="nominal"),
            color=alt.condition(is_chosen, alt.value(BLUE), alt.value(LINE)),
            strokeWidth=alt.condition(is_chosen, alt.value(5), alt.value(1.5)),
            opacity=alt.condition(is_chosen, alt.value(1), alt.value(0.6)),
        )
        .properties(width=WIDTH, height=120)
    )
    slowest = max(spans, key=lambda span: (span.known_on - span.so_from).days)
    late = (slowest.known_on - slowest.so_from).days
    told = (
        f"The latest was position {slowest.position:,}: so from {in_words(slowest.so_from)}, "
        f"known {counted(late, 'day')} later."
        if late > 0
        else "Each was known at once."
    )
    return svg(
        chart,
        name="timeline",
        title="From which day each event was so, and since when it was known",
        description=f"{counted(len(spans), 'event')}. {told}",
    )
