"""Of the dissents newly entered at a supplier's practices, far fewer were sent than elsewhere.

From April 2015 on TPP did not send what its practices entered (B1 B3 B4). Older dissents went on
flowing, so its totals only drifted; this check would have caught it at the first collection [D].
So the rule looks at new entries only, code system by code system, and compares their share with
the rest of the same collection: where everybody is low, nobody is silent.
"""

from collections.abc import Iterator

from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Cohort, Owner, Sighting, SupplierHistory
from ledger.domain.thresholds import Thresholds
from ledger.domain.wording import counted, in_words, share

ACTIONS = (
    ActionAsked(
        Owner.NHS_DIGITAL,
        "Stop the flows in which these objections should be applied",
        (
            Advice(
                "Stop every flow of data that a type 2 objection applies to, as on 27 June 2018, "
                "until you are confident that all objections are honoured.",
                "B2 B3",
            ),
        ),
        working_days=1,
    ),
    ActionAsked(
        Owner.SUPPLIER,
        "Explain why these dissents were not sent, and send them",
        (
            Advice(
                "Find what keeps new entries in this code system out of the collection, say what "
                "it was, and send what was held back.",
                "B1 B4",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when so many of these dissents have been carried by later "
    "collections, or withdrawn, that the supplier is no longer far below the others."
)
MEANWHILE = (
    "NHS Digital does not uphold the wishes of the patients who were left out: what did not "
    "arrive cannot be applied there."
)


def find(history: SupplierHistory) -> Iterator[Sighting]:
    """One for each collection and code system in which new dissents were left out."""
    for cohort in history.cohorts:
        if not _is_silent(cohort, history.thresholds):
            continue
        yield Sighting(
            key=f"{cohort.collection}|{cohort.code_system}",
            since=cohort.period_end,
            positions=(cohort.position,),
            summary=(
                f"Of {counted(cohort.entered, 'type 2 dissent')} newly entered in "
                f"{cohort.code_system} at practices of {history.supplier}, the collection of "
                f"{in_words(cohort.period_end)} carried {cohort.transmitted:,} "
                f"({share(cohort.transmitted, cohort.entered)}); of all others it carried "
                f"{cohort.others_transmitted:,} of {cohort.others_entered:,} "
                f"({share(cohort.others_transmitted, cohort.others_entered)})."
            ),
            expected="New dissents reach NHS Digital as often as those of the other suppliers do.",
            purpose=Purpose.TYPE_2,
            upheld_meanwhile=False,
        )


def _is_silent(cohort: Cohort, thresholds: Thresholds) -> bool:
    chance = thresholds.silent_cohort_chance
    return (
        cohort.entered >= thresholds.silent_cohort_at_least
        and cohort.others_entered > 0
        and _far_below(cohort, cohort.transmitted, cohort.others_transmitted, chance)
        and _far_below(cohort, cohort.settled, cohort.others_settled, chance)
    )


def _far_below(cohort: Cohort, ours: int, others: int, chance: float) -> bool:
    """Whether the share `ours` is too far below the share `others` to be chance (Fisher, 1922)."""
    if ours * cohort.others_entered >= others * cohort.entered:
        return False
    # Importing SciPy takes a second, which nobody should wait for who does not need it.
    from numpy import array
    from scipy.stats import fisher_exact

    table = array([[ours, cohort.entered - ours], [others, cohort.others_entered - others]])
    return bool(fisher_exact(table, alternative="less").pvalue < chance)
