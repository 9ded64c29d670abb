"""How do the numbers of the boards look as pictures?

Drawn here, once for the same numbers, as SVG that a browser shows without any script. Each has a
title and a description for those who do not see it; the numbers stand in a table under it.

suppliers     recorded beside transmitted, what waits, how long it took, who was missing
vocabularies  in which vocabulary entries were made
statistics    how many patients object
drawing       what all of them have in common
"""

from ledger.web.charts.statistics import statistics
from ledger.web.charts.suppliers import attendance, backlog, delay, recorded_and_transmitted
from ledger.web.charts.vocabularies import vocabularies

__all__ = [
    "attendance",
    "backlog",
    "delay",
    "recorded_and_transmitted",
    "statistics",
    "vocabularies",
]
