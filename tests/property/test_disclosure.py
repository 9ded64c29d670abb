"""Can a suppressed number be worked out from what is published beside it? Not by anything."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.disclosure import SUPPRESSED, disclose
from tests.property.tries import tries

PRACTICES = [f"X999{number:02}" for number in range(1, 9)]
GROUP_OF = {code: f"Q{number % 3}" for number, code in enumerate(PRACTICES)}
counts = st.fixed_dictionaries(
    {code: st.one_of(st.just(0), st.integers(1, 7), st.integers(8, 400)) for code in PRACTICES}
)
small = st.integers(1, 7)


@tries(300)
@given(counts, st.data())
def test_any_other_small_number_in_its_place_gives_the_same_publication(
    told: dict[str, int], data: st.DataObject
) -> None:
    published = disclose(told, GROUP_OF)
    hidden = [code for code, number in published.parts.items() if number == SUPPRESSED]

    otherwise = told | {code: data.draw(small) for code in hidden}

    assert disclose(otherwise, GROUP_OF) == published


@tries(300)
@given(counts)
def test_a_total_less_what_is_shown_of_its_parts_is_the_same_whatever_is_hidden(
    told: dict[str, int],
) -> None:
    published = disclose(told, GROUP_OF)

    for group, total in published.groups.items():
        parts = [number for code, number in published.parts.items() if GROUP_OF[code] == group]
        hidden = parts.count(SUPPRESSED)
        if total != SUPPRESSED:
            assert total - sum(n for n in parts if n != SUPPRESSED) == 5 * hidden
        else:
            assert (hidden, set(parts) - {SUPPRESSED}) in ((1, set()), (1, {0}))


@tries(300)
@given(counts)
def test_a_published_number_is_as_near_as_it_is_said_to_be(told: dict[str, int]) -> None:
    published = disclose(told, GROUP_OF)

    for code, number in published.parts.items():
        assert number == SUPPRESSED or abs(number - told[code]) <= 2
    shown = sum(number not in (SUPPRESSED, 0) for number in published.parts.values())
    hidden = list(published.parts.values()).count(SUPPRESSED)
    if published.all != SUPPRESSED:
        assert abs(published.all - sum(told.values())) <= 2 * shown + 4 * hidden
