"""NHS numbers of the fictional region, whatever the seed."""

from itertools import islice
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.identifiers import usable_nhs_number
from ledger.region.nhs_numbers import mistyped, nhs_numbers


@given(st.integers(min_value=0, max_value=2**32))
def test_each_number_is_valid_unlike_the_others_and_nobodys(seed: int) -> None:
    numbers = list(islice(nhs_numbers(Random(seed)), 500))

    assert len(set(numbers)) == len(numbers)
    assert all(usable_nhs_number(number) == number for number in numbers)
    assert all(number.startswith("999") for number in numbers)


@given(st.integers(min_value=0, max_value=2**32))
def test_a_mistyped_number_fails_its_check_digit(seed: int) -> None:
    number = next(nhs_numbers(Random(seed)))

    assert usable_nhs_number(mistyped(number)) is None
