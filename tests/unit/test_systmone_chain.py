"""Who does a SystmOne delivery bring how far, and which missing one is still found?

A and B, C are practices of one extract; D and E of another that is cut at the same hours.
"""

import pytest

from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Reference
from ledger.readers.systmone_chain import Followed, Span, follow
from tests.unit.memory import KnownMemory

A, B, C, D, E, N = "X99901", "X99902", "X99903", "X99904", "X99905", "X99906"


def at(day: int) -> str:
    """When the extract of a day of July ends; that of day 0 is the bulk everybody begins with."""
    return f"202507{day + 1:02}_2200"


class Deliveries:
    """What is taken, one after the other."""

    def __init__(self) -> None:
        self.told: list[Reference] = []

    def take(self, span: Span, *practices: str) -> Followed:
        followed = follow(sorted(practices), span, KnownMemory(self.told))
        self.told += followed.references
        return followed

    def bulk(self, day: int, *practices: str) -> Followed:
        return self.take(Span("", at(day), bulk=True, file="SRManifest.csv"), *practices)

    def delta(self, day: int, *practices: str, since: int | None = None) -> Followed:
        begins = at(day - 1 if since is None else since)
        return self.take(Span(begins, at(day), bulk=False, file="SRManifest.csv"), *practices)

    def up_to(self, practice: str) -> str:
        """Up to when it was delivered."""
        memory = KnownMemory(self.told)
        return memory.references(self.told[0].clinical_system, practice, "extract-to")["last"]


@pytest.fixture
def one() -> Deliveries:
    """One extract of A, B and C, which begins with a bulk."""
    taken = Deliveries()
    taken.bulk(0, A, B, C)
    return taken


@pytest.fixture
def two(one: Deliveries) -> Deliveries:
    """And another of D and E."""
    one.bulk(0, D, E)
    return one


# --- quiet days


def test_a_practice_without_a_row_advances_with_its_extract(one: Deliveries) -> None:
    sunday = one.delta(1, A)

    assert one.up_to(B) == one.up_to(C) == at(1)
    assert sunday.notes == (f"nothing changed at {B}, {C}: of the same extract, and without a row",)
    one.delta(2, A, B, C)


def test_an_extract_that_begins_with_a_delta_advances_together_too() -> None:
    taken = Deliveries()
    taken.delta(1, A, B)

    taken.delta(2, B)

    assert taken.up_to(A) == at(2)


def test_a_practice_alone_keeps_a_chain_of_its_own() -> None:
    taken = Deliveries()
    taken.bulk(0, A)
    taken.bulk(0, B)

    taken.delta(1, A)

    assert taken.up_to(B) == at(0)
    with pytest.raises(DeliveryRefused, match=B):
        taken.delta(2, B)


def test_a_delta_in_which_nobody_has_a_row_is_of_the_only_extract(one: Deliveries) -> None:
    one.delta(1)

    assert one.up_to(A) == one.up_to(B) == one.up_to(C) == at(1)
    one.delta(2, C)


def test_a_practice_that_joins_is_brought_along(one: Deliveries) -> None:
    joins = one.delta(1, A, N)

    assert any(f"the first delivery of {N} is a delta" in note for note in joins.notes)
    one.delta(2, A)
    assert one.up_to(N) == at(2)


def test_a_practice_that_joins_after_a_bulk_of_its_own_is_brought_along(one: Deliveries) -> None:
    one.bulk(0, N)

    one.delta(1, A, B, N)
    one.delta(2, A, B)

    assert one.up_to(N) == at(2)


# --- a missing one is still found


def test_a_gap_is_refused_whole_and_names_the_practices_and_both_times(one: Deliveries) -> None:
    one.delta(1, A)

    with pytest.raises(DeliveryRefused) as refused:
        one.delta(3, A, B)

    assert refused.value.reason == (
        f"{A} was delivered up to {at(1)}, {B} was delivered up to {at(1)}, and this delta begins "
        f"at {at(2)}: find the delivery between the two, or ask for a bulk"
    )


def test_extracts_cut_at_the_same_hours_do_not_vouch_for_each_other(two: Deliveries) -> None:
    two.delta(1, D)

    with pytest.raises(DeliveryRefused, match=f"{A} was delivered up to {at(0)}"):
        two.delta(2, A)
    assert two.up_to(E) == at(1)


def test_a_folder_with_practices_of_two_extracts_brings_nobody_else(two: Deliveries) -> None:
    # B has moved to the other extract, or D to this one.
    two.delta(1, B, D)

    assert {two.up_to(quiet) for quiet in (A, C, E)} == {at(0)}
    with pytest.raises(DeliveryRefused, match=f"{A} was delivered up to {at(0)}"):
        two.delta(2, A)


def test_whoever_came_with_two_extracts_no_longer_speaks_for_either(two: Deliveries) -> None:
    two.delta(1, B, D)
    two.delta(1, A)
    two.delta(1, E)

    two.delta(2, B)

    assert {two.up_to(quiet) for quiet in (A, C, D, E)} == {at(1)}


def test_a_practice_that_moved_is_brought_along_by_those_it_comes_with(two: Deliveries) -> None:
    two.delta(1, B, D)
    two.delta(1, A, C)
    two.delta(1, E)

    two.delta(2, B, E)
    two.delta(2, A)
    two.delta(3, E)

    assert two.up_to(B) == at(3)
    assert two.up_to(C) == at(2)


def test_a_practice_bulked_alone_no_longer_speaks_for_the_others(one: Deliveries) -> None:
    one.bulk(1, A)

    # From an extract of its own, which says nothing of the other one's missing delta.
    one.delta(2, A)

    assert one.up_to(B) == at(0)
    with pytest.raises(DeliveryRefused, match=f"{B} was delivered up to {at(0)}"):
        one.delta(3, A, B)


def test_a_practice_bulked_alone_is_brought_along_all_the_same(one: Deliveries) -> None:
    one.delta(1, A, B)
    one.bulk(1, A)

    one.delta(2, B)

    assert one.up_to(A) == one.up_to(C) == at(2)


def test_the_same_time_twice_shows_that_there_are_two_extracts(one: Deliveries) -> None:
    one.delta(1, A, B, C)
    one.delta(1, A)

    one.delta(2, A)

    assert one.up_to(B) == at(1)
    with pytest.raises(DeliveryRefused, match=f"{B} was delivered up to {at(1)}"):
        one.delta(3, A, B)


def test_what_a_bulk_told_may_be_told_again(one: Deliveries) -> None:
    one.bulk(2, A, B, C)

    one.delta(3, A, since=1)

    assert one.up_to(B) == at(3)


def test_a_bulk_brings_nobody_who_is_not_in_it(one: Deliveries) -> None:
    one.bulk(1, A, B)

    assert one.up_to(C) == at(0)
    # C has left the extract, which no longer says anything of it.
    one.delta(2, A)
    assert one.up_to(C) == at(0)


def test_a_bulk_of_codes_beside_deltas_brings_nobody_who_is_not_in_it(one: Deliveries) -> None:
    one.take(Span(at(0), at(1), bulk=True, file="SRManifest.csv"), A, B)

    assert one.up_to(C) == at(0)


def test_a_bulk_of_a_few_says_nothing_of_who_has_left(one: Deliveries) -> None:
    one.bulk(0, A)

    one.delta(1, B)

    assert one.up_to(A) == one.up_to(C) == at(1)


def test_a_bulk_of_all_begins_anew(two: Deliveries) -> None:
    two.delta(1, B, D)
    two.bulk(2, A, B, C)

    two.delta(3, B)

    assert two.up_to(A) == two.up_to(C) == at(3)


def test_whoever_lacks_a_delivery_is_not_brought_past_it(one: Deliveries) -> None:
    one.bulk(2, A, B)
    # C comes again, with those who had a bulk meanwhile, and lacks what they do not.
    with pytest.raises(DeliveryRefused, match=f"{C} was delivered up to {at(0)}"):
        one.delta(3, A, C)

    one.delta(3, A)

    assert one.up_to(C) == at(0)


def test_an_empty_delta_that_two_extracts_wait_for_is_refused(two: Deliveries) -> None:
    with pytest.raises(DeliveryRefused, match=r"2 extracts .* whose it is cannot be told"):
        two.delta(1)

    two.delta(1, D)
    two.delta(1)

    assert two.up_to(A) == at(1)


def test_an_empty_delta_closes_no_gap(one: Deliveries) -> None:
    with pytest.raises(DeliveryRefused, match=f"{A} was delivered up to {at(0)}"):
        one.delta(2)

    assert one.up_to(A) == at(0)


def test_an_empty_delta_may_be_of_an_extract_that_lacks_another(two: Deliveries) -> None:
    # That of D and E has missed the first day, and sends an empty one for the second.
    two.delta(1, A)

    with pytest.raises(DeliveryRefused, match="whose it is cannot be told"):
        two.delta(2)

    assert two.up_to(A) == at(1)


def test_an_empty_delta_waits_for_nobody_who_has_long_left(one: Deliveries) -> None:
    late = Span("20250901_2200", "20250902_2200", bulk=False, file="SRManifest.csv")
    one.bulk(0, N)
    one.take(late._replace(begins="", ends="20250901_2200", bulk=True), A, B, C)

    one.take(late)

    assert one.up_to(A) == "20250902_2200"


def test_an_empty_delta_of_nobody_known_says_nothing() -> None:
    taken = Deliveries()

    assert taken.delta(1) == Followed((), ())
