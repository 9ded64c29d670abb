"""How is a long list cut into pages?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import Field

T = TypeVar("T")
PER_PAGE = 25

# Which page of a list is asked for. What nobody would leaf to is not a page.
FIRST_PAGE: Any = Field(default=1, ge=1, le=100_000)


@dataclass(frozen=True, slots=True)
class Leaf(Generic[T]):
    """One page of a list."""

    records: Sequence[T]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages the list has; an empty one has one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """The place in the list of the first record shown."""
        return (self.number - 1) * self.per_page + 1

    @property
    def last(self) -> int:
        """The place in the list of the last record shown."""
        return self.first + len(self.records) - 1

    @property
    def before(self) -> int | None:
        """The page before; None: this is the first."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The page after; None: this is the last."""
        return self.number + 1 if self.number < self.pages else None


def leaf(records: Sequence[T], number: int, *, per_page: int = PER_PAGE) -> Leaf[T]:
    """One page of a list that is at hand as a whole."""
    start = (number - 1) * per_page
    return Leaf(records[start : start + per_page], number, len(records), per_page)
