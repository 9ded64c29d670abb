"""What holds of every file that calls itself one patient's record, however it was damaged."""

import copy
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.refusals import DeliveryRefused
from ledger.readers import finding
from ledger.readers.delivery import Contents, Format, Found
from tests.files import (
    GP_CONNECT_PRACTICE,
    a_bundle,
    a_coding,
    a_fhir_observation,
    a_gp2gp_message,
    a_gp2gp_statement,
)
from tests.nhs_numbers import nhs_number
from tests.property.tries import tries
from tests.unit.memory import KnownMemory

NUMBER = nhs_number()
DATED = datetime(2018, 6, 1, tzinfo=UTC)
MEMORY = KnownMemory(
    patients={NUMBER: ["gpc:9"]}, systems={GP_CONNECT_PRACTICE: ClinicalSystem.EVOLUTION}
)
BUNDLE = a_bundle(
    observations=[
        a_fhir_observation(
            1, codings=[a_coding("readv2", "9Nu0.00", chosen=True), a_coding("snomed", "1")]
        ),
        a_fhir_observation(2, code="2469.00", effective=None, effectivePeriod={"start": "2010"}),
    ]
)
MESSAGE = a_gp2gp_message(statements=[a_gp2gp_statement(1), a_gp2gp_statement(2, code="2469.00")])

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["2010", "0000-00", "9Nu0.00", "urn:uuid:1", "Patient/", "/", "1e999", NUMBER]),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def ways(within: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a piece of JSON."""
    steps = within.items() if isinstance(within, dict) else enumerate(within)
    found = []
    for step, value in steps if isinstance(within, dict | list) else ():
        found += [
            (*way, step),
            *(ways(value, (*way, step)) if isinstance(value, dict | list) else []),
        ]
    return found


WAYS = ways(BUNDLE)


def read(text: str, format_: Format) -> Contents | str:
    """What the file says, or how it is refused: nothing else may come of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("a.json" if format_ is Format.GP_CONNECT else "a.xml")
        path.write_text(text)
        try:
            contents = finding.read(Found(format_, path, (path,), DATED), MEMORY)
            finding.find(path, scratch=Path(folder) / "scratch")
        except DeliveryRefused as refusal:
            return str(refusal)
        return contents


def told(answer: Contents | str) -> str:
    """Everything that a person, or the log, is told of a file besides what its entries say."""
    if isinstance(answer, str):
        return answer
    rows = " ".join(f"{row.column} {row.reason}" for row in answer.refused)
    ids = " ".join(f"{entry.entry_id} {entry.entered_by}" for entry in answer.entries)
    return f"{rows} {ids} {' '.join(answer.notes)}"


@tries(300)
@given(st.lists(st.tuples(st.sampled_from(WAYS), values), min_size=1, max_size=3))
def test_a_bundle_with_anything_anywhere_is_read_or_refused_and_never_repeats_it(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    bundle = copy.deepcopy(BUNDLE)
    for way, value in changes:
        try:
            within = bundle
            for step in way[:-1]:
                within = within[step]
            within[way[-1]] = value
        except (LookupError, TypeError):
            # An earlier change has taken it away.
            continue

    answer = read(json.dumps(bundle), Format.GP_CONNECT)

    assert NUMBER not in told(answer)


@tries(200)
@given(st.integers(0, len(MESSAGE)), st.integers(0, 30), st.text(max_size=8))
def test_a_message_with_anything_anywhere_is_read_or_refused(
    at: int, gone: int, instead: str
) -> None:
    assume(not any("\ud800" <= letter <= "\udfff" for letter in instead))

    answer = read(MESSAGE[:at] + instead + MESSAGE[at + gone :], Format.GP2GP)

    assert NUMBER not in told(answer)


@tries(100)
@given(st.sampled_from([Format.GP_CONNECT, Format.GP2GP]), st.text(max_size=50))
def test_a_file_of_any_text_is_refused(format_: Format, text: str) -> None:
    assume(not any("\ud800" <= letter <= "\udfff" for letter in text))

    assert isinstance(read(text, format_), str)
