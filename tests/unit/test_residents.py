"""Which rows of patients tell of a registration, and which of somebody who only came for something?"""

import pytest

from ledger.readers.residents import is_resident, is_resident_in_vision


@pytest.mark.parametrize(
    "described",
    [
        "Temporary",
        "Temporary Resident < 16 days",
        "temporary resident (telephone consultation)",
        "Immediately Necessary (Treatment)",
        "Walk-in Patient",
        "Emergency,Contraception",
        "Applied",
    ],
)
def test_whoever_only_came_for_something_is_no_resident(described: str) -> None:
    assert not is_resident(described)


@pytest.mark.parametrize(
    "described", ["GMS", "GMS,Contraception", "Temporary,GMS", "Standard", "Private", "Regular", ""]
)
def test_anything_else_is_a_registration(described: str) -> None:
    assert is_resident(described)


@pytest.mark.parametrize(
    ("active", "resident"), [("R", True), ("L", True), ("", True), ("T", False), ("s", False)]
)
def test_vision_has_a_letter_for_it(active: str, resident: bool) -> None:
    assert is_resident_in_vision(active) is resident
