"""Which counts of patients may be published, and how? The only way out for them (docs/adr/0011).

The numbers are NHS Digital's: 1 to 7 are shown as `*`, nought as nought, all others to the nearest
five (F7). Its totals are counted exactly and then rounded, and that tells too much: of *, 10, 10
and a total of 15 the first can only be 1, since the others are 8 at least and the total 17 at
most. So here a total is made of what is published of its parts, and tells nothing that they do not
[D]. No suppressed number can be worked out, by subtraction or in any other way: another number
from 1 to 7 in its place would have changed nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

SUPPRESSED: Literal["*"] = "*"
Published = int | Literal["*"]

_MOST_SUPPRESSED = 7
_NEAREST = 5


class Disclosed(NamedTuple):
    """What may be published: by part, by group of parts, and of all together."""

    parts: dict[str, Published]
    groups: dict[str, Published]
    all: Published


def disclose(counts: Mapping[str, int], group_of: Mapping[str, str]) -> Disclosed:
    """Counts of patients, as they may be published. `counts` are by part (a practice), and
    `group_of` names the one group (a commissioner) that each part is of.
    """
    parts = {part: _published(count) for part, count in counts.items()}
    grouped: defaultdict[str, list[Published]] = defaultdict(list)
    for part, number in parts.items():
        grouped[group_of[part]].append(number)
    groups = {group: _total(numbers) for group, numbers in grouped.items()}
    return Disclosed(parts, groups, _total(parts.values()))


def _published(count: int) -> Published:
    assert count >= 0, "nobody is counted less than never"
    if 1 <= count <= _MOST_SUPPRESSED:
        return SUPPRESSED
    return (count + _NEAREST // 2) // _NEAREST * _NEAREST


def _total(numbers: Iterable[Published]) -> Published:
    """Of a suppressed number the middle counts, 4, to the nearest five like the others."""
    return _published(sum(_NEAREST if number == SUPPRESSED else number for number in numbers))
