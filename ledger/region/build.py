"""Build the region: let things happen, then write what everybody sent, and the truth beside."""

from collections.abc import Iterator
from pathlib import Path

from ledger.region.background import live_on
from ledger.region.collection_files import write_collections, write_conversions
from ledger.region.emis_files import write_emis
from ledger.region.entries_files import write_entries
from ledger.region.gp2gp_files import write_gp2gp
from ledger.region.gp_connect_files import write_gp_connect
from ledger.region.moving import move_on
from ledger.region.plan import DEMO, Plan
from ledger.region.region import Region, new_region
from ledger.region.register_files import write_register
from ledger.region.release_files import write_releases
from ledger.region.releases import release
from ledger.region.scenarios import plant_all
from ledger.region.sharing_files import write_sharing
from ledger.region.systmone_files import write_systmone
from ledger.region.systmone_maps import wrong_lines
from ledger.region.transmission import transmit
from ledger.region.truth import CLOSED, OPEN, Expected, Truth, write_truth
from ledger.region.vision_files import write_vision


def build_region(directory: Path, *, seed: int = 2018, plan: Plan = DEMO) -> Truth:
    """Write a fictional region's deliveries into `directory`, which must be new or empty.

    The same seed and plan give the same bytes.
    """
    region = new_region(seed, plan)
    live_on(region)
    plant_all(region)
    move_on(region)
    region.seal()
    transmission = transmit(region)
    released = release(region, transmission)
    region.truth.findings.extend(_disabled_agreements(region))
    region.truth.findings.extend(wrong_lines())

    write_register(directory / "register", region)
    write_systmone(directory / "deliveries" / "systmone", region)
    write_emis(directory / "deliveries" / "emis", region)
    write_vision(directory / "deliveries" / "vision", region)
    write_gp_connect(directory / "deliveries" / "gp-connect", region)
    write_entries(directory / "deliveries" / "entries", region)
    write_gp2gp(directory / "deliveries" / "gp2gp", region)
    write_collections(directory / "collections", region, transmission)
    write_conversions(directory / "conversions", transmission)
    write_releases(directory / "releases", released)
    write_sharing(directory / "sharing", region)
    write_truth(directory, region.truth)
    region.truth.findings.sort()
    region.truth.traps.sort()
    return region.truth


def _disabled_agreements(region: Region) -> Iterator[Expected]:
    for practice in region.practices:
        if practice.disabled is not None:
            begin, end = practice.disabled
            yield Expected(
                rule="SH11",
                practice=practice.code,
                supplier=practice.supplier,
                nhs_number="",
                purpose="",
                state=CLOSED if end else OPEN,
                since=begin.isoformat(),
                why="the sharing agreement was disabled",
            )
