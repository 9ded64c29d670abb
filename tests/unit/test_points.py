"""What names a point in time?"""

from datetime import UTC, date, datetime

import pytest

from ledger.domain.points import end_of, read_point
from ledger.domain.refusals import NotAPoint


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("0", 0),
        ("1250", 1250),
        ("2018-06-25", date(2018, 6, 25)),
        ("2018-06-25T17:00:00Z", datetime(2018, 6, 25, 17, tzinfo=UTC)),
        ("2018-06-25t17:00:00.5+01:00", datetime(2018, 6, 25, 16, 0, 0, 500_000, tzinfo=UTC)),
        (" 1250 ", 1250),
    ],
)
def test_a_position_a_day_or_a_time_names_a_point(text: str, point: object) -> None:
    assert read_point(text) == point
    assert type(read_point(text)) is type(point)


@pytest.mark.parametrize(
    "text",
    ["", "-1", "1e3", "٣", "2018-02-30", "2018-07", "2018-07-25T17:00:00", "yesterday", "9" * 19],
)
def test_anything_else_names_none_and_is_not_repeated(text: str) -> None:
    with pytest.raises(NotAPoint) as refused:
        read_point(text)

    assert "expected a position" in str(refused.value)
    assert not text or text not in str(refused.value)


def test_a_day_ends_by_the_practices_clock() -> None:
    assert end_of(date(2018, 6, 25)) == datetime(2018, 6, 25, 22, 59, 59, 999_999, tzinfo=UTC)
    assert end_of(date(2018, 12, 25)) == datetime(2018, 12, 25, 23, 59, 59, 999_999, tzinfo=UTC)
