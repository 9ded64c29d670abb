"""Who survives whom, and whose entries count for whom."""

from uuid import UUID

import pytest

from ledger.domain.survivors import Supersession, Survivors


def a_patient(letter: str) -> UUID:
    return UUID(int=ord(letter))


def known(*changes: str) -> Survivors:
    """Each change as `A>B`, in the order they became known."""
    return Survivors(
        [
            Supersession(position, a_patient(change[0]), a_patient(change[2]))
            for position, change in enumerate(changes, 1)
        ]
    )


def letters(patients: frozenset[UUID]) -> str:
    return "".join(sorted(chr(patient.int) for patient in patients))


@pytest.mark.parametrize(
    ("changes", "asked", "survivor", "answered_by"),
    [
        ("",                "A", "A", ["A"]),
        ("A>B",             "A", "B", ["AB"]),
        ("A>B",             "B", "B", ["AB"]),
        ("A>B B>C",         "A", "C", ["ABC"]),
        ("A>B B>C",         "B", "C", ["ABC"]),
        ("B>C A>B",         "A", "C", ["ABC"]),
        # Given back, and given once more.
        ("A>B B>A",         "A", "A", ["AB"]),
        ("A>B B>A",         "B", "A", ["AB"]),
        ("A>B B>A A>B",     "A", "B", ["AB"]),
        ("A>B B>C C>A",     "B", "A", ["ABC"]),
        ("A>B B>C C>B",     "A", "B", ["ABC"]),
        # Two sources disagree, and who survives does not answer for the other.
        ("A>B A>C",         "A", "C", ["AB", "AC"]),
        ("A>B A>C",         "B", "B", ["AB"]),
        ("A>B A>C",         "C", "C", ["AC"]),
        ("A>C B>C",         "A", "C", ["ABC"]),
        ("A>B B>A A>C",     "B", "C", ["ABC"]),
        ("A>B A>C B>D C>D", "A", "D", ["ABCD"]),
    ],
)  # fmt: skip
def test_the_survivor_and_whose_entries_answer(
    changes: str, asked: str, survivor: str, answered_by: list[str]
) -> None:
    survivors = known(*changes.split())

    assert survivors.survivor(a_patient(asked)) == a_patient(survivor)
    assert sorted(map(letters, survivors.answering_for(a_patient(asked)))) == answered_by


@pytest.mark.parametrize("changes", ["A>B", "A>B B>A", "A>B A>C B>A", "A>B B>C C>A D>B"])
def test_each_is_judged_as_one_survivor_who_survives_themselves(changes: str) -> None:
    survivors = known(*changes.split())

    everybody = [a_patient(letter) for letter in "ABCD"]
    judged = [p for patient in everybody for p in survivors.survived_by(patient)]

    assert sorted(judged) == everybody


def test_what_was_known_earlier_leaves_out_what_came_later() -> None:
    survivors = known("A>B", "B>C").upto(1)

    assert survivors.survivor(a_patient("A")) == a_patient("B")
    assert letters(survivors.met) == "AB"
