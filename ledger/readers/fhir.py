"""How does a FHIR STU3 file become values that can be trusted, or a refusal that holds none of them?

Read as JSON first, because published examples write codes with blanks around them, for which a
whole Bundle would not validate (docs/formats.md 4.3); then checked as FHIR. A message of Pydantic's
holds what was read, which may be a patient's: only the place and the kind of the fault are told.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from ledger.domain.refusals import DeliveryRefused

if TYPE_CHECKING:
    from fhir.resources.STU3.bundle import Bundle
    from fhir.resources.STU3.observation import Observation

T = TypeVar("T", bound=BaseModel)

# A whole structured record is some hundred kilobytes; its documents are not in it.
MOST_BYTES = 64 << 20
# A Bundle of the profile is ten levels deep.
DEEPEST = 50
_TYPE = re.compile(r"[A-Za-z]{1,40}", re.ASCII)
_FIRST_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{1,40})"')
# What cannot be kept as text: NUL, and halves of a character.
_NO_TEXT = re.compile(r"[\0\ud800-\udfff]")


def load(path: Path) -> dict[str, Any]:
    """The JSON object in a file, its codes trimmed; refused where it is none, or no sound one."""
    if path.stat().st_size > MOST_BYTES:
        raise DeliveryRefused(f"expected at most {MOST_BYTES:,} bytes, found more", file=path.name)
    try:
        told = json.loads(
            path.read_bytes().decode("utf-8-sig"),
            object_pairs_hook=_without_repeats,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise _too_deep(path) from None
    except json.JSONDecodeError as error:
        raise _no_json(path, f"a fault in line {error.lineno}, column {error.colno}") from None
    except _NoJSONError as error:
        raise _no_json(path, str(error)) from None
    except ValueError:
        # Bytes that are not UTF-8, or a number of thousands of digits.
        raise _no_json(path, "bytes or a number that cannot be read") from None
    if not isinstance(told, dict):
        raise _no_json(path, "no object")
    _tidy(told, path)
    return told


def type_of(told: Mapping[str, object]) -> str | None:
    """What resource this is, or None where it does not say so in the form of a resource's name."""
    kind = told.get("resourceType")
    return kind if isinstance(kind, str) and _TYPE.fullmatch(kind) else None


def first_type(beginning: bytes) -> str | None:
    """What resource a file that cannot be read as JSON began as, by its first bytes."""
    found = _FIRST_TYPE.search(beginning)
    return None if found is None else found[1].decode()


def bundle(told: dict[str, Any], *, file: str) -> "Bundle":
    """The Bundle, checked; refused with where it is at fault, and not with what stands there."""
    # Half a second, which no other delivery has to wait for.
    from fhir.resources.STU3.bundle import Bundle

    entries = told.get("entry", [])
    if not isinstance(entries, list):
        raise _invalid("entry", "list type", file=file)
    for row, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) else ""
        if resource is not None and not (isinstance(resource, dict) and type_of(resource)):
            raise _invalid(f"entry.{row}.resource", "no resource that says its type", file=file)
    return _checked(Bundle, told, file=file)


def observation(told: dict[str, Any], *, file: str) -> "Observation":
    """The Observation, checked as a Bundle is."""
    from fhir.resources.STU3.observation import Observation

    return _checked(Observation, told, file=file)


def _checked(kind: type[T], told: dict[str, Any], *, file: str) -> T:
    if type_of(told) != kind.__name__:
        raise _invalid("resourceType", f"not {kind.__name__}", file=file)
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        # A name that the profile does not know may be anybody's: of it only the place is told.
        known = fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"]
        place = ".".join(str(part) for part in known)
        raise _invalid(place, re.sub(r"[-_.]", " ", fault["type"]), file=file) from None
    except (LookupError, TypeError, RecursionError):
        # How the library meets a resource of no known type, which it looks up by name.
        raise _invalid("entry", "a resource of no type of STU3", file=file) from None


class _NoJSONError(Exception):
    """What was read is no JSON, for a reason that holds nothing of it."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        # Which of the two counts, no two readers agree.
        raise _NoJSONError("an object that names something twice")
    return whole


def _no_constant(_text: str) -> float:
    raise _NoJSONError("NaN or Infinity")


def _tidy(told: dict[str, Any], path: Path) -> None:
    """Trim every code, and refuse what is too deep or cannot be kept as text."""
    for depth, within, key, value in _values(told):
        if depth > DEEPEST:
            raise _too_deep(path)
        if any(isinstance(text, str) and _NO_TEXT.search(text) for text in (key, value)):
            raise _no_json(path, "a NUL or half a character in a text")
        if key == "code" and isinstance(value, str):
            within[key] = value.strip()


def _values(told: dict[str, Any]) -> Iterator[tuple[int, Any, Any, Any]]:
    """Every value with its depth and where it stands, without a call for each level."""
    waiting: list[tuple[int, Any]] = [(1, told)]
    while waiting:
        depth, within = waiting.pop()
        pairs = list(within.items() if isinstance(within, dict) else enumerate(within))
        for key, value in pairs:
            yield depth, within, key, value
            if isinstance(value, dict | list):
                waiting.append((depth + 1, value))


def _no_json(path: Path, found: str) -> DeliveryRefused:
    return DeliveryRefused(
        f"expected JSON in UTF-8, found {found}; ask for it again", file=path.name
    )


def _too_deep(path: Path) -> DeliveryRefused:
    return DeliveryRefused(
        f"expected JSON of at most {DEEPEST} levels, found more; ask for it again", file=path.name
    )


def _invalid(place: str, fault: str, *, file: str) -> DeliveryRefused:
    return DeliveryRefused(
        f"expected FHIR STU3, found at {place or 'its root'}: {fault}; ask its supplier to mend it",
        file=file,
    )
