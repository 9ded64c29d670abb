"""What do all charts have in common? One picture with a name, in our colours."""

import re
from typing import Any

BLUE, INK, PALE, LINE = "#005eb8", "#212b32", "#d8dde0", "#4c6272"
# Each is told from the others by shape and dash too, never by colour alone.
MANY = ("#005eb8", "#7c2855", "#00703c", "#8a5a00", "#330072", "#4c6272")
WIDTH, HEIGHT = 760, 130
_FONT = "Arial, sans-serif"
# What a reader of the picture's parts would be told of each axis and mark: the picture is one.
_PARTS = re.compile(r'\s(?:role|aria-[a-z]+)="[^"]*"')


def altair() -> Any:
    """Altair: it takes more than a second to import, for which only this page should wait."""
    import altair as alt

    return alt


def by_month(alt: Any) -> Any:
    """The axis of time: one month after the other."""
    return alt.X(
        "yearmonth(month)",
        type="temporal",
        title=None,
        axis=alt.Axis(format="%b %Y", labelAngle=0, labelOverlap=True, grid=False, tickCount=12),
    )


def told_apart(alt: Any, by: str, names: list[str]) -> dict[str, Any]:
    """The encodings by which lines differ: colour, shape and dash."""
    same = {"type": "nominal", "title": None, "sort": names}
    return {
        "color": alt.Color(by, scale=alt.Scale(domain=names, range=list(MANY)), **same),
        "shape": alt.Shape(by, scale=alt.Scale(domain=names), **same),
        "strokeDash": alt.StrokeDash(by, scale=alt.Scale(domain=names), **same),
    }


def svg(chart: Any, *, name: str, title: str, description: str) -> str:
    """The chart as one picture with a name, and nothing in it that a screen reader stops at."""
    from html import escape

    import vl_convert

    chart = (
        chart.configure(font=_FONT, background="white")
        .configure_axis(
            labelFontSize=13, titleFontSize=13, labelColor=INK, titleColor=INK, gridColor=PALE
        )
        .configure_header(labelFontSize=15, labelFontWeight="bold", labelAnchor="start")
        .configure_legend(orient="top", labelFontSize=14, labelColor=INK, symbolSize=160)
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
