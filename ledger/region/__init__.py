"""A fictional region: its practices' deliveries in their suppliers' real formats, from a seed.

    plan, timeline, dice        how large, when, and by what chance
    practices, region, record   who there is and what stands in their systems
    background, noise           the ordinary course of things
    scenarios, scene            THE TABLE of what is planted, and the words it is told in
    transmission                who stood in which collection, and who should have
    releases                    what left, and whose data was in it
    …_files                     the same as files
    truth                       what has to be found, and what must not

Nobody in it exists: practices' codes begin with X99, and NHS numbers are of the synthetic range.
"""

from ledger.region.build import build_region
from ledger.region.plan import DEMO, Plan
from ledger.region.release_files import ToldOf, read_releases
from ledger.region.truth import Expected, Trap, Truth, read_truth

__all__ = [
    "DEMO",
    "Expected",
    "Plan",
    "ToldOf",
    "Trap",
    "Truth",
    "build_region",
    "read_releases",
    "read_truth",
]
