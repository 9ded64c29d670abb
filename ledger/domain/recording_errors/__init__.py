"""THE TABLE of recording-error rules: what the ledger looks for, and how grave it is.

A rule's file says why it is an error and when it is one. Codes are never reused. A new rule is a
file here, a line below and a spec with histories that are findings and near misses that are not.
"""

from ledger.domain.recording_errors import (
    agreement_disabled,
    back_dated_withdrawal,
    backlog_released,
    before_registration,
    before_the_scheme,
    code_map_disagrees,
    coded_twice,
    dead_code,
    dummy_number,
    fell_to_zero,
    future_date,
    implied_share_in,
    implied_share_out,
    imported_old_type_2,
    impossible_date,
    late_entry,
    malformed_code,
    member_unconfirmed,
    near_miss_purpose,
    never_transmitted,
    no_verification,
    not_a_live_practice,
    not_converted,
    objected_after_moving,
    objection_at_one_practice_only,
    objection_left_behind,
    one_entry_two_numbers,
    practice_silent,
    released_while_objecting,
    removed_without_withdrawal,
    repeated_dissent,
    same_day_conflict,
    stale_evidence,
    stale_repeat,
    supplier_cohort_silent,
    term_contradicts_code,
    transmitted_after_withdrawal,
    transmitted_without_entry,
    turned_thirteen,
    undated_entry,
    under_thirteen,
    unreceipted_release,
    unusable_nhs_number,
    vanished_at_death,
    withdrawal_without_dissent,
    wrong_vocabulary,
)
from ledger.domain.rule import (
    PatientHistory,
    PracticeHistory,
    ReleaseHistory,
    Rule,
    Scope,
    Severity,
    SupplierHistory,
)

AnyRule = (
    Rule[PatientHistory] | Rule[PracticeHistory] | Rule[SupplierHistory] | Rule[ReleaseHistory]
)

# fmt: off
PATIENT_RULES: tuple[Rule[PatientHistory], ...] = (
    Rule("TX01", "never-transmitted", Scope.PATIENT, Severity.BREACH,
         never_transmitted.find, never_transmitted.ACTIONS),
    Rule("TX07", "transmitted-without-entry", Scope.PATIENT, Severity.ERROR,
         transmitted_without_entry.find, transmitted_without_entry.ACTIONS),
    Rule("TX08", "transmitted-after-withdrawal", Scope.PATIENT, Severity.ERROR,
         transmitted_after_withdrawal.find, transmitted_after_withdrawal.ACTIONS),
    Rule("TX09", "member-unconfirmed", Scope.PATIENT, Severity.REVIEW,
         member_unconfirmed.find, member_unconfirmed.ACTIONS),
    Rule("CO01", "same-day-conflict", Scope.PATIENT, Severity.ERROR,
         same_day_conflict.find, same_day_conflict.ACTIONS),
    Rule("CO02", "withdrawal-without-dissent", Scope.PATIENT, Severity.REVIEW,
         withdrawal_without_dissent.find, withdrawal_without_dissent.ACTIONS),
    Rule("CO03", "back-dated-withdrawal", Scope.PATIENT, Severity.ERROR,
         back_dated_withdrawal.find, back_dated_withdrawal.ACTIONS),
    Rule("CO04", "dead-code", Scope.PATIENT, Severity.ERROR,
         dead_code.find, dead_code.ACTIONS),
    Rule("CO05", "imported-old-type-2", Scope.PATIENT, Severity.NOTE,
         imported_old_type_2.find),
    Rule("CO06", "wrong-vocabulary", Scope.PATIENT, Severity.REVIEW,
         wrong_vocabulary.find, wrong_vocabulary.ACTIONS),
    Rule("CO07", "malformed-code", Scope.PATIENT, Severity.ERROR,
         malformed_code.find, malformed_code.ACTIONS),
    Rule("CO08", "term-contradicts-code", Scope.PATIENT, Severity.ERROR,
         term_contradicts_code.find, term_contradicts_code.ACTIONS),
    Rule("CO09", "coded-twice", Scope.PATIENT, Severity.NOTE,
         coded_twice.find),
    Rule("CO10", "near-miss-purpose", Scope.PATIENT, Severity.REVIEW,
         near_miss_purpose.find, near_miss_purpose.ACTIONS),
    Rule("CO11", "undated-entry", Scope.PATIENT, Severity.ERROR,
         undated_entry.find, undated_entry.ACTIONS),
    Rule("CO12", "repeated-dissent", Scope.PATIENT, Severity.NOTE,
         repeated_dissent.find),
    Rule("DT01", "future-date", Scope.PATIENT, Severity.ERROR,
         future_date.find, future_date.ACTIONS),
    Rule("DT02", "impossible-date", Scope.PATIENT, Severity.ERROR,
         impossible_date.find, impossible_date.ACTIONS),
    Rule("DT03", "before-the-scheme", Scope.PATIENT, Severity.ERROR,
         before_the_scheme.find, before_the_scheme.ACTIONS),
    Rule("DT05", "late-entry", Scope.PATIENT, Severity.REVIEW,
         late_entry.find, late_entry.ACTIONS),
    Rule("DT04", "before-registration", Scope.PATIENT, Severity.REVIEW,
         before_registration.find, before_registration.ACTIONS, before_registration.days),
    Rule("ID04", "objection-at-one-practice-only", Scope.PATIENT, Severity.REVIEW,
         objection_at_one_practice_only.find, objection_at_one_practice_only.ACTIONS,
         objection_at_one_practice_only.days),
    Rule("ID05", "objection-left-behind", Scope.PATIENT, Severity.BREACH,
         objection_left_behind.find, objection_left_behind.ACTIONS, objection_left_behind.days),
    Rule("ID06", "objected-after-moving", Scope.PATIENT, Severity.ERROR,
         objected_after_moving.find, objected_after_moving.ACTIONS, objected_after_moving.days),
    Rule("ID07", "under-thirteen", Scope.PATIENT, Severity.REVIEW,
         under_thirteen.find, under_thirteen.ACTIONS),
    Rule("ID08", "turned-thirteen", Scope.PATIENT, Severity.NOTE,
         turned_thirteen.find, turned_thirteen.ACTIONS),
    Rule("ID09", "one-entry-two-numbers", Scope.PATIENT, Severity.ERROR,
         one_entry_two_numbers.find, one_entry_two_numbers.ACTIONS),
    Rule("LC01", "removed-without-withdrawal", Scope.PATIENT, Severity.ERROR,
         removed_without_withdrawal.find, removed_without_withdrawal.ACTIONS),
    Rule("DS01", "released-while-objecting", Scope.PATIENT, Severity.BREACH,
         released_while_objecting.find, released_while_objecting.ACTIONS),
    Rule("LC02", "vanished-at-death", Scope.PATIENT, Severity.REVIEW,
         vanished_at_death.find, vanished_at_death.ACTIONS),
    Rule("LC03", "not-converted", Scope.PATIENT, Severity.BREACH,
         not_converted.find, not_converted.ACTIONS, not_converted.days),
)
PRACTICE_RULES: tuple[Rule[PracticeHistory], ...] = (
    Rule("TX04", "practice-silent", Scope.PRACTICE, Severity.ERROR,
         practice_silent.find, practice_silent.ACTIONS),
    Rule("TX05", "fell-to-zero", Scope.PRACTICE, Severity.ERROR,
         fell_to_zero.find, fell_to_zero.ACTIONS),
    Rule("TX06", "stale-repeat", Scope.PRACTICE, Severity.REVIEW,
         stale_repeat.find, stale_repeat.ACTIONS),
    Rule("ID01", "unusable-nhs-number", Scope.PRACTICE, Severity.BREACH,
         unusable_nhs_number.find, unusable_nhs_number.ACTIONS),
    Rule("ID02", "dummy-number", Scope.PRACTICE, Severity.REVIEW,
         dummy_number.find, dummy_number.ACTIONS),
    Rule("ID03", "not-a-live-practice", Scope.PRACTICE, Severity.REVIEW,
         not_a_live_practice.find, not_a_live_practice.ACTIONS, not_a_live_practice.days),
    Rule("SH01", "implied-share-out", Scope.PRACTICE, Severity.BREACH,
         implied_share_out.find, implied_share_out.ACTIONS, implied_share_out.days),
    Rule("SH02", "implied-share-in", Scope.PRACTICE, Severity.BREACH,
         implied_share_in.find, implied_share_in.ACTIONS, implied_share_in.days),
    Rule("SH03", "no-verification", Scope.PRACTICE, Severity.ERROR,
         no_verification.find, no_verification.ACTIONS, no_verification.days),
    Rule("SH11", "agreement-disabled", Scope.PRACTICE, Severity.ERROR,
         agreement_disabled.find, agreement_disabled.ACTIONS),
)
SUPPLIER_RULES: tuple[Rule[SupplierHistory], ...] = (
    Rule("TX02", "supplier-cohort-silent", Scope.SUPPLIER, Severity.BREACH,
         supplier_cohort_silent.find, supplier_cohort_silent.ACTIONS),
    Rule("TX03", "backlog-released", Scope.SUPPLIER, Severity.REVIEW,
         backlog_released.find, backlog_released.ACTIONS),
    Rule("CO13", "code-map-disagrees", Scope.SUPPLIER, Severity.REVIEW,
         code_map_disagrees.find, code_map_disagrees.ACTIONS),
)
# What they find is about the practices whose evidence a release relied on.
RELEASE_RULES: tuple[Rule[ReleaseHistory], ...] = (
    Rule("DS02", "stale-evidence", Scope.PRACTICE, Severity.ERROR,
         stale_evidence.find, stale_evidence.ACTIONS),
    Rule("DS03", "unreceipted-release", Scope.PRACTICE, Severity.REVIEW,
         unreceipted_release.find, unreceipted_release.ACTIONS),
)
# fmt: on

RULES: tuple[AnyRule, ...] = (*PATIENT_RULES, *PRACTICE_RULES, *SUPPLIER_RULES, *RELEASE_RULES)


def by_code(code: str) -> AnyRule:
    """The rule of that code; a KeyError where there is none."""
    return _BY_CODE[code]


_BY_CODE = {rule.code: rule for rule in RULES}
