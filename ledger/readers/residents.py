"""Does a row tell of somebody who is registered at the practice, or only came for something?

A temporary resident, and whoever was seen once, stays registered with their own practice, so such a
row tells of no registration (docs/formats.md 1.3, 2.2 and 3.2). What a reader has never seen counts as
one: an objection is missed by nobody for that.
"""

# How SystmOne begins the words of its list, and EMIS Web its description.
_ONLY_CAME = (
    "temporary",
    "immediately necessary",
    "walk-in",
    "emergency",
    "applied",
    "contracepti",
)
# Vision's: temporary, and other services.
_VISION_ONLY_CAME = frozenset({"T", "S"})


def is_resident(described: str) -> bool:
    """Whether anything in a list of kinds, separated by commas, is a registration; nothing: so it is."""
    kinds = [kind.strip().casefold() for kind in described.split(",")]
    kinds = [kind for kind in kinds if kind]
    return not kinds or any(not kind.startswith(_ONLY_CAME) for kind in kinds)


def is_resident_in_vision(active: str) -> bool:
    """The same for Vision's one letter."""
    return active.strip().upper() not in _VISION_ONLY_CAME
