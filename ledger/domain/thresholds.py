"""THE TABLE of thresholds: every number a rule compares with, and why it is that number.

A rule asks its history (`history.thresholds`) and holds no number of its own. The table is
versioned like a policy: a finding says which version judged it, so that a changed number never
makes an old finding look like somebody's mistake.

What the law or a policy fixes (the end of type 2, the age of thirteen) is no threshold and stands
where it is explained.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from ledger.domain.values import Day, Value


class Thresholds(Value):
    """One version of all thresholds. Counts are of patients, dissents, collections or days, as the
    name says; shares are between 0 and 1. Each says which rules use it and why; a label in
    brackets is its source, and [D] marks what the ledger's makers chose.
    """

    version: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9.-]+$")]

    missed_collections_for_breach: int = Field(
        2, ge=1, description="TX01: entered just before the period end, one is no accident [D]"
    )
    silent_cohort_at_least: int = Field(
        30, ge=1, description="TX02: fewer new dissents prove nothing about a supplier [D]"
    )
    silent_cohort_chance: float = Field(
        1e-6,
        gt=0,
        lt=1,
        description="TX02: of some hundred comparisons a year, one in 10,000 years [D]",
    )
    backlog_at_least: int = Field(
        30, ge=1, description="TX03: fewer overdue patients are late paperwork, not a backlog [D]"
    )
    backlog_share: float = Field(
        0.5, ge=0, lt=1, description="TX03: more than this share of those new to it are overdue [D]"
    )
    backlog_missed_collections: int = Field(
        2, ge=1, description="TX03: one missed collection may be a matter of days [D]"
    )
    silent_practice_collections: int = Field(
        2, ge=1, description="TX04: one missed collection may be put right by the next [D]"
    )
    late_delivery_days: int = Field(
        35, ge=0, description="TX07: a month's delivery that failed comes with the next [D]"
    )
    fell_to_zero_from: int = Field(
        10, ge=1, description="TX05: fewer patients may all leave or withdraw in a month [D]"
    )
    scheme_began_on: Day = Field(
        date(2013, 9, 1),
        description="DT03: sources show the choice offered from early 2014 (B11) [D]",
    )
    late_entry_days: int = Field(
        28, ge=1, description="DT05: a form is entered within weeks of being signed [D]"
    )
    conversion_within_days: int = Field(
        50,
        ge=0,
        description="LC03: collected at the month's end and converted in the weeks after, so that "
        "those entered until 11 October 2018 were done by the end of November (D31 E17) [D]",
    )
    record_follows_within_days: int = Field(
        60,
        ge=0,
        description="CO05, CO06, CO12, DT04, DT05: a record sent by GP2GP follows its patient (D9) [D]",
    )
    left_behind_days: int = Field(
        14, ge=0, description="ID05: a new practice needs days to code what came on paper [D]"
    )
    two_practices_days: int = Field(
        14,
        ge=0,
        description="ID04: the practice a patient left tells so days after the new one [D]",
    )
    bulk_change_entries: int = Field(
        20, ge=2, description="LC04: nobody enters so many by hand in a sitting [D]"
    )
    bulk_change_minutes: int = Field(10, ge=1, description="LC04: the length of that sitting [D]")
    collapse_share: float = Field(
        0.5, gt=0, lt=1, description="LC06: less than this share of the patients before [D]"
    )
    lists_possible_from: Day = Field(
        date(2018, 3, 1), description="SH03: the lists could be set up from then (C3)"
    )
    days_to_set_up_lists: int = Field(
        90, ge=0, description="SH03: ninety days are enough to draw up two lists [D]"
    )
    allowed_list_at_most: int = Field(
        200, ge=1, description="SH08: no practice shares with more organisations for care [D]"
    )
    flapped_changes: int = Field(
        3, ge=2, description="SH10: changed, put back and changed again [D]"
    )
    flapped_days: int = Field(7, ge=1, description="SH10: the days in which that happened [D]")
    settings_follow_days: int = Field(
        7, ge=0, description="SH12: a move to another system is settled in a week [D]"
    )
    overrides_a_month: int = Field(
        5, ge=0, description="SH13: more by one organisation in a month is a habit (C20 C10) [D]"
    )


# In force from the start.
THRESHOLDS_1 = Thresholds(version="thresholds-1")
