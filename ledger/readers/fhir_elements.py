"""How does FHIR STU3 write what any resource has: references, identifiers, extensions?"""

import re
from typing import Any

# Ids go into the log, where no free text may: a name there would be there for good.
IDENTIFIER = re.compile(r"[A-Za-z0-9.:-]{1,100}", re.ASCII)


def kind_of(resource: Any) -> str:
    """What resource it is."""
    kind: str = resource.get_resource_type()
    return kind


def reference_of(reference: Any) -> str:
    """`Kind/id` of a reference, also of an absolute one; "" where there is none."""
    parts = (reference.reference if reference and reference.reference else "").split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 else ""


def identified(resource: Any, system: str) -> set[str]:
    """The values of a resource's identifiers of this system."""
    values = {value_of(identifier, system) for identifier in resource.identifier or ()}
    return values - {""}


def value_of(identifier: Any, system: str) -> str:
    """The value, where the identifier is of this system and holds still; else ""."""
    of_system = (identifier.system or "").rstrip("/").endswith(system) and identifier.use != "old"
    return (identifier.value or "").strip() if of_system else ""


def extensions(resource: Any, tail: str) -> list[Any]:
    """The extensions whose URL ends so, whichever of several publishers wrote it before that."""
    return [
        extension
        for extension in resource.extension or ()
        if tail in (extension.url or "").rsplit("/", 1)[-1].lower()
    ]
