"""How many patients object? The months as a picture, of numbers that may be published."""

from functools import lru_cache

from ledger.application.records import StatisticsRecord
from ledger.domain.disclosure import SUPPRESSED
from ledger.domain.wording import in_words
from ledger.web.charts.drawing import WIDTH, altair, by_month, svg, told_apart

_TYPE_1, _TYPE_2, _SENT = "Type 1", "Type 2", "Type 2, transmitted"


@lru_cache(maxsize=16)
def statistics(months: tuple[StatisticsRecord, ...]) -> str:
    """One line a type, and one for what was transmitted; suppressed numbers are left out."""
    alt = altair()
    values = [
        {"what": what, "month": line.month.isoformat(), "patients": number}
        for line in months
        for what, number in (
            ((_TYPE_1, line.objecting),)
            if line.transmitted is None
            else ((_TYPE_2, line.objecting), (_SENT, line.transmitted))
        )
        if number != SUPPRESSED
    ]
    names = [_TYPE_1, _TYPE_2, _SENT]
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_line(point=alt.OverlayMarkDef(size=30), strokeWidth=2.5)
        .encode(
            x=by_month(alt),
            y=alt.Y("patients", type="quantitative", title="Patients, to the nearest five"),
            **told_apart(alt, "what", names),
        )
        .properties(width=WIDTH, height=260)
    )
    latest = max(line.month for line in months)
    told = [
        f"{value['what']}: {value['patients']:,}"
        for value in values
        if value["month"] == latest.isoformat()
    ]
    return svg(
        chart,
        name="statistics",
        title="Patients objecting at the end of each month",
        description=f"In the month that began on {in_words(latest)}: {', '.join(told)}.",
    )
