"""How do the numbers of the boards look as pictures?

Drawn here, once for the same numbers, as SVG that a browser shows without any script. Each has a
title and a description for those who do not see it; the numbers stand in a table under it.

suppliers     recorded beside transmitted, what waits, how long it took, who was missing
vocabularies  in which vocabulary entries were made
statistics    how many patients object
standing      who objected beside who was known to have, at two points
timelines     from which day events were so, and since when they were known
drawing       what all of them have in common
"""

from ledger.web.charts.standing import Then, true_and_known
from ledger.web.charts.statistics import statistics
from ledger.web.charts.suppliers import attendance, backlog, delay, recorded_and_transmitted
from ledger.web.charts.timelines import Span, both_times
from ledger.web.charts.vocabularies import vocabularies

__all__ = [
    "Span",
    "Then",
    "attendance",
    "backlog",
    "both_times",
    "delay",
    "recorded_and_transmitted",
    "statistics",
    "true_and_known",
    "vocabularies",
]
