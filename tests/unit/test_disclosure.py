"""What is published of a count of patients?"""

import pytest

from ledger.domain.disclosure import disclose


@pytest.mark.parametrize(
    ("count", "published"),
    [(0, 0), (1, "*"), (7, "*"), (8, 10), (12, 10), (13, 15), (17, 15), (18, 20), (102, 100)],
)
def test_small_numbers_are_suppressed_and_others_go_to_the_nearest_five(
    count: int, published: int | str
) -> None:
    assert disclose({"X99901": count}, {"X99901": "99X"}).parts == {"X99901": published}


def test_a_total_is_made_of_what_is_published_of_its_parts() -> None:
    # Counted exactly it would be 17, and 15 would tell that the first is 1.
    told = disclose({"A": 1, "B": 8, "C": 8}, dict.fromkeys("ABC", "99X"))

    assert told.parts == {"A": "*", "B": 10, "C": 10}
    assert (told.groups, told.all) == ({"99X": 25}, 25)


def test_a_total_of_one_suppressed_number_is_suppressed() -> None:
    told = disclose({"A": 3, "B": 0, "C": 20}, {"A": "99X", "B": "99X", "C": "99Y"})

    assert told.groups == {"99X": "*", "99Y": 20}
    assert told.all == 25


def test_where_nobody_is_counted_nothing_is_published_but_nought() -> None:
    assert disclose({}, {}).all == 0
