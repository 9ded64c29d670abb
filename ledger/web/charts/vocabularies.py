"""In which vocabulary do practices enter objections? Months as a picture."""

from collections import Counter
from functools import lru_cache

from ledger.application.records import VocabularyRecord
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.wording import code_system_in_words
from ledger.web.charts.drawing import BLUE, HEIGHT, LINE, PALE, WIDTH, altair, by_month, svg


@lru_cache(maxsize=64)
def vocabularies(lines: tuple[VocabularyRecord, ...]) -> str:
    """One row a clinical system: each month's entries, by the vocabulary they were entered in."""
    alt = altair()
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
        .mark_bar(size=8, stroke=LINE, strokeWidth=0.5)
        .encode(
            x=by_month(alt),
            y=alt.Y("entries", type="quantitative", title="Entries"),
            color=alt.Color(
                "vocabulary",
                type="nominal",
                title=None,
                scale=alt.Scale(domain=names, range=[LINE, PALE, BLUE]),
            ),
        )
        .properties(width=WIDTH, height=HEIGHT)
        .facet(facet=alt.Facet("of", type="nominal", title=None), columns=1, spacing=18)
        .resolve_scale(y="independent")
    )
    return svg(
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
