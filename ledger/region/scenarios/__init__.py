"""THE TABLE of what is planted: one line an error or a trap, and a few lines of what happens.

A scenario happens at ordinary practices, at each of the suppliers it names, in the month it names.
Most use type 1, which no collection carries, so that an error of coding stays an error of coding.
What follows for transmission from a type 2 entry is told in `transmission.py`, for all alike.
"""

from collections.abc import Callable
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.region.dice import dice
from ledger.region.region import Region
from ledger.region.scenarios import (
    bulk,
    carriage,
    coding,
    dates,
    dead_codes,
    identity,
    releases,
    removal,
    sharing,
    spelling,
    terms,
    vocabulary,
    whose,
    withheld,
)
from ledger.region.scene import Scene, take_turns
from ledger.region.timeline import Month

TPP, EMIS = (Supplier.TPP,), (Supplier.EMIS,)
VISION, EVOLUTION = (Supplier.INPS,), (Supplier.MICROTEST,)
BOTH = TPP + EMIS
ALL = BOTH + VISION + EVOLUTION


class Scenario(NamedTuple):
    """What happens, at which suppliers' practices, in which month."""

    plant: Callable[[Scene], None]
    suppliers: tuple[Supplier, ...]
    year: int
    month: int


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(coding.same_day_conflict, ALL, 2015, 6),
    Scenario(coding.same_day_conflict_answered, ALL, 2016, 2),
    Scenario(coding.same_day_pair_with_one_removed, ALL, 2016, 7),
    Scenario(coding.withdrawal_alone, ALL, 2014, 5),
    Scenario(coding.withdrawal_whose_dissent_turns_up, ALL, 2015, 10),
    Scenario(coding.withdrawal_with_its_dissent, ALL, 2016, 5),
    Scenario(coding.withdrawal_with_its_type_2_dissent, ALL, 2017, 5),
    Scenario(coding.back_dated_withdrawal, ALL, 2016, 11),
    Scenario(coding.back_dated_withdrawal_corrected, ALL, 2017, 2),
    Scenario(dead_codes.dead_code, ALL, 2018, 11),
    Scenario(dead_codes.dead_code, ALL, 2018, 12),
    Scenario(dead_codes.dead_code_removed, ALL, 2018, 11),
    Scenario(dead_codes.dead_withdrawal, ALL, 2018, 11),
    Scenario(dead_codes.dead_code_of_a_temporary_resident, TPP, 2018, 12),
    Scenario(dead_codes.record_comes_with_patient, ALL, 2018, 11),
    Scenario(dead_codes.record_follows_patient, ALL, 2018, 12),
    Scenario(dead_codes.old_code_removed, ALL, 2018, 11),
    Scenario(dead_codes.move_within_the_region, ALL, 2018, 11),
    Scenario(dead_codes.old_code_seen_in_the_sent_record, ALL, 2018, 11),
    Scenario(spelling.malformed_codes, ALL, 2018, 5),
    Scenario(spelling.malformed_code_corrected, ALL, 2016, 4),
    Scenario(spelling.malformed_withdrawal, ALL, 2015, 3),
    Scenario(spelling.malformed_type_2, ALL, 2016, 12),
    Scenario(vocabulary.foreign_code, ALL, 2016, 9),
    Scenario(vocabulary.foreign_code_corrected, ALL, 2017, 3),
    Scenario(vocabulary.snomed_too_early, ALL, 2017, 9),
    Scenario(vocabulary.snomed_in_time, ALL, 2018, 5),
    Scenario(vocabulary.foreign_code_of_another_practice, ALL, 2017, 7),
    Scenario(coding.coded_twice, ALL, 2018, 6),
    Scenario(coding.coded_twice_tidied, ALL, 2018, 8),
    Scenario(dates.undated, ALL, 2015, 4),
    Scenario(dates.undated_then_dated, ALL, 2016, 1),
    Scenario(dates.unreadable_date, BOTH + VISION, 2017, 4),
    Scenario(dates.partial_dates, EMIS + EVOLUTION, 2016, 3),
    Scenario(dates.partial_dates, EVOLUTION, 2017, 9),
    Scenario(coding.restated, ALL, 2015, 5),
    Scenario(coding.restated_type_2, ALL, 2014, 10),
    Scenario(coding.change_of_mind, ALL, 2014, 11),
    Scenario(spelling.other_spellings, EMIS, 2015, 2),
    Scenario(spelling.garbage_beside, VISION, 2015, 2),
    Scenario(dates.future_date, ALL, 2015, 9),
    Scenario(dates.future_date_corrected, ALL, 2017, 10),
    Scenario(dates.future_withdrawal, ALL, 2016, 6),
    Scenario(dates.a_day_ahead, ALL, 2016, 8),
    Scenario(dates.default_date, ALL, 2015, 5),
    Scenario(dates.before_birth, ALL, 2016, 10),
    Scenario(dates.after_death, ALL, 2017, 6),
    Scenario(dates.before_the_scheme, ALL, 2016, 4),
    Scenario(dates.late_entry, ALL, 2017, 2),
    Scenario(dates.entered_in_time, ALL, 2017, 2),
    Scenario(dates.late_with_the_record, ALL, 2017, 8),
    Scenario(identity.no_number, BOTH + VISION, 2015, 11),
    Scenario(identity.wrong_number, BOTH + VISION, 2017, 11),
    Scenario(identity.number_put_right, BOTH + VISION, 2016, 10),
    Scenario(identity.test_patient, BOTH, 2015, 7),
    Scenario(whose.dummy_number, BOTH + VISION, 2016, 2),
    Scenario(whose.dummy_number_put_right, BOTH + VISION, 2017, 5),
    Scenario(whose.chosen_for_a_child, BOTH + VISION, 2016, 11),
    Scenario(whose.child_turns_thirteen, ALL, 2016, 4),
    Scenario(whose.child_confirms_at_thirteen, BOTH + VISION, 2016, 9),
    Scenario(whose.chosen_at_thirteen, BOTH + VISION, 2017, 9),
    Scenario(whose.row_changes_hands, BOTH, 2017, 4),
    Scenario(whose.row_changes_hands_and_is_withdrawn, BOTH, 2015, 10),
    Scenario(whose.entered_before_registering, BOTH + VISION, 2016, 6),
    Scenario(whose.entered_on_registering, BOTH + VISION, 2015, 5),
    Scenario(whose.left_behind, BOTH + VISION, 2016, 1),
    Scenario(whose.left_behind_then_coded, BOTH + VISION, 2017, 1),
    Scenario(whose.moved_with_objection, BOTH + VISION, 2015, 3),
    Scenario(whose.objected_after_moving, BOTH + VISION, 2017, 3),
    Scenario(whose.at_two_practices, BOTH + VISION, 2016, 8),
    Scenario(removal.removed, ALL, 2016, 3),
    Scenario(removal.removed_then_withdrawn, ALL, 2017, 1),
    Scenario(removal.removed_type_2, ALL, 2014, 12),
    Scenario(removal.missing_from_the_bulk, TPP + VISION, 2016, 5),
    Scenario(removal.removed_and_coded_again, ALL, 2017, 6),
    Scenario(removal.removed_before_anyone_knew, ALL, 2015, 8),
    Scenario(removal.vanished_at_death, ALL, 2016, 1),
    Scenario(removal.kept_at_death, ALL, 2015, 9),
    Scenario(removal.withdrawn_before_death, ALL, 2015, 11),
    Scenario(withheld.withheld_from_the_start, EVOLUTION, 2015, 1),
    Scenario(withheld.withheld_later, EVOLUTION, 2016, 6),
    Scenario(withheld.withheld_then_sent, EVOLUTION, 2017, 3),
    Scenario(carriage.never_carried, ALL, 2016, 10),
    Scenario(carriage.never_carried, EMIS, 2018, 7),
    Scenario(carriage.carried_late, EMIS + VISION, 2017, 1),
    Scenario(carriage.carried_late, EMIS, 2017, 10),
    Scenario(carriage.small_cohort, EMIS, 2018, 6),
    Scenario(carriage.carried_without_entry, ALL, 2017, 2),
    Scenario(carriage.carried_without_entry, ALL, 2018, 1),
    Scenario(carriage.carried_after_withdrawal, ALL, 2014, 12),
    Scenario(carriage.carried_in_the_period_of_the_withdrawal, ALL, 2015, 2),
    Scenario(carriage.entry_lost_on_the_way, EMIS + VISION, 2017, 3),
    Scenario(carriage.entry_lost_until_the_bulk, TPP, 2015, 2),
    Scenario(terms.withdrawal_in_the_words_of_a_dissent, ALL, 2015, 3),
    Scenario(terms.dissent_in_the_words_of_a_withdrawal, ALL, 2016, 9),
    Scenario(terms.contradiction_corrected, ALL, 2017, 5),
    Scenario(terms.term_of_an_old_name, ALL, 2015, 11),
    Scenario(terms.refused_on_one_day, ALL, 2015, 1),
    Scenario(terms.refused_and_asked, ALL, 2017, 3),
    Scenario(terms.refused_beside_a_type_1, ALL, 2016, 4),
    Scenario(terms.refused_one_after_the_other, ALL, 2018, 2),
    Scenario(releases.carried_and_released, EMIS + VISION, 2017, 6),
    Scenario(releases.entered_after_the_release, ALL, 2017, 9),
    Scenario(releases.deleted_before_the_release, ALL, 2016, 12),
    Scenario(releases.withdrawn_before_the_release, BOTH + VISION, 2017, 12),
    Scenario(releases.withdrawal_known_after_the_release, BOTH + VISION, 2018, 3),
    Scenario(releases.meant_after_the_release, ALL, 2018, 3),
    Scenario(releases.objects_to_something_else, ALL, 2017, 3),
    # Until it is the turn of Evolution's practice that is not asked patient by patient.
    Scenario(carriage.carried_without_entry, EVOLUTION, 2017, 8),
    Scenario(carriage.carried_without_entry, EVOLUTION, 2017, 9),
    Scenario(sharing.unverified, TPP, 2018, 11),
    Scenario(sharing.unverified, TPP, 2018, 12),
    Scenario(sharing.unverified, TPP, 2018, 11),
    Scenario(sharing.unverified_then_ended, TPP, 2018, 11),
    Scenario(sharing.allowed_then_unverified, TPP, 2018, 11),
    Scenario(sharing.prohibited, TPP, 2018, 9),
    Scenario(sharing.prohibited_afterwards, TPP, 2018, 9),
    Scenario(sharing.closed_organisation, TPP, 2018, 10),
    Scenario(sharing.unknown_organisation, TPP, 2018, 10),
    Scenario(sharing.both_lists, TPP, 2018, 10),
    Scenario(sharing.everybody_allowed, TPP, 2018, 11),
    Scenario(sharing.older_than_the_lists, TPP, 2015, 4),
    Scenario(sharing.flapped, TPP, 2018, 10),
    Scenario(sharing.changed_thrice_in_a_month, TPP, 2018, 11),
    Scenario(sharing.overridden_without_reason, TPP, 2018, 8),
    Scenario(sharing.overridden_often, TPP, 2018, 7),
    Scenario(sharing.overridden_now_and_then, TPP, 2018, 6),
    Scenario(bulk.entered_at_once, BOTH, 2017, 8),
    Scenario(bulk.entered_in_an_afternoon, BOTH, 2017, 9),
    Scenario(bulk.entered_at_once_without_a_time, VISION, 2017, 8),
)


def plant_all(region: Region) -> None:
    """Act out every scenario, as often as the plan asks for."""
    turns = {supplier: take_turns(region.practices, supplier) for supplier in Supplier}
    for scenario in SCENARIOS:
        for supplier in scenario.suppliers:
            for n in range(region.plan.plantings):
                practice = next(turns[supplier])
                month = Month(scenario.year, scenario.month)
                rng = dice(region.seed, scenario.plant.__name__, practice.code, month, n)
                scenario.plant(Scene(region, practice, month, rng))
