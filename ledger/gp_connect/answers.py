"""What does an answer of GP Connect mean for the patient who was asked about?

The codes are those of the published page "Error handling"
(docs/runbooks/fetching-from-gp-connect.md). One of them is a fact about the patient's wish: NO_PATIENT_CONSENT, "the patient has dissented to sharing their
clinical record". All others are failures to ask:

- NO_RELATIONSHIP is published for migration alone, where the *asking* organisation is not the
  patient's registered practice; NO_ORGANISATION_CONSENT and ACCESS DENIED are the practice's;
- PATIENT_NOT_FOUND is also the answer about the dead, the inactive, those registered elsewhere and
  sensitive patients, so it says nothing of a wish.

No text of an answer is handed on, for it may hold an NHS number: only codes that are known.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from ledger.domain.identifiers import usable_nhs_number

_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
NO_PATIENT_CONSENT = "NO_PATIENT_CONSENT"

# What a code tells the person at work; of these, one patient alone is concerned.
_OF_ONE_PATIENT = {
    "PATIENT_NOT_FOUND": "no record here: not registered, inactive, dead or sensitive",
    "NO_RECORD_FOUND": "no record here",
    "INVALID_NHS_NUMBER": "the practice's system does not take it for an NHS number",
    "INVALID_PATIENT_DEMOGRAPHICS": "the number could not be traced",
    "NO_RELATIONSHIP": "your organisation has no legitimate relationship with the patient",
}
_OF_EVERYBODY = {
    "NO_ORGANISATION_CONSENT": "the practice has not consented to share",
    "ACCESS DENIED": "GP Connect, or structured records by it, is switched off at the practice",
    "BAD_REQUEST": "the service takes the request to be malformed: check LEDGER_GP_CONNECT_*",
    "INVALID_PARAMETER": "the service does not know what is asked for",
    "INVALID_RESOURCE": "the service does not take the request: check LEDGER_GP_CONNECT_*",
    "NOT_IMPLEMENTED": "the service cannot give structured records",
    "INTERNAL_SERVER_ERROR": "the service failed",
}
_BY_STATUS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "the service does not accept who asks: check LEDGER_GP_CONNECT_*",
    HTTPStatus.FORBIDDEN: "the service does not let this system ask: check the ASIDs and "
    "whether the practice's agreement covers it",
    HTTPStatus.NOT_FOUND: "nothing there gives structured records: check the URL",
    HTTPStatus.TOO_MANY_REQUESTS: "the service was asked too often: try again later",
}


@dataclass(frozen=True, slots=True)
class Record:
    """The patient's record, as it came."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Withheld:
    """The practice refused the record, by its patient's wish; `code` is the published one."""

    code: str


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer about the patient, and why.

    `again`: it may go better in a moment. `everybody`: it would not go better for another patient.
    """

    reason: str
    again: bool = False
    everybody: bool = False


Answer = Record | Withheld | Failed


def judge(status: int, content: bytes, nhs_number: str) -> Answer:
    """What an answer means, by its status, its code and whether it is about who was asked for."""
    if status == HTTPStatus.OK:
        return _record(content, nhs_number)
    code = _code(content)
    if status == HTTPStatus.FORBIDDEN and code == NO_PATIENT_CONSENT:
        return Withheld(code)
    if code in _OF_ONE_PATIENT:
        return Failed(f"{status} {code}: {_OF_ONE_PATIENT[code]}")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        reason = "a redirect, which is not followed: name the service itself"
        return Failed(f"{status}: {reason}", everybody=True)
    again = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED
    if code in _OF_EVERYBODY:
        return Failed(f"{status} {code}: {_OF_EVERYBODY[code]}", again=again, everybody=True)
    default = "the service failed" if again else "expected 200 with a record"
    reason = _BY_STATUS.get(status, default)
    return Failed(f"{status}: {reason}", again=again, everybody=True)


def _record(content: bytes, nhs_number: str) -> Answer:
    bundle = _parsed(content)
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        return Failed("expected a FHIR Bundle in JSON, found something else")
    numbers = {
        usable_nhs_number(str(identifier.get("value")))
        for entry in _each(bundle, "entry")
        if isinstance(patient := entry.get("resource"), dict)
        and patient.get("resourceType") == "Patient"
        for identifier in _each(patient, "identifier")
        if identifier.get("system") == _NHS_NUMBER
    }
    # "Consumer systems SHALL always perform a patient demographic check."
    if nhs_number not in numbers:
        found = "another's" if numbers - {None} else "nobody's"
        return Failed(f"expected the record of the patient asked for, found {found}: not kept")
    return Record(content)


def _code(content: bytes) -> str | None:
    """The published code among those of an OperationOutcome; None where there is none."""
    known = {NO_PATIENT_CONSENT, *_OF_ONE_PATIENT, *_OF_EVERYBODY}
    outcome = _parsed(content)
    if not isinstance(outcome, dict) or outcome.get("resourceType") != "OperationOutcome":
        return None
    codes = (
        str(coding.get("code")).strip()
        for issue in _each(outcome, "issue")
        if isinstance(details := issue.get("details"), dict)
        for coding in _each(details, "coding")
    )
    # Published with a blank; its siblings all have an underscore.
    spelt = (code.replace("ACCESS_DENIED", "ACCESS DENIED") for code in codes)
    return next((code for code in spelt if code in known), None)


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _each(told: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    listed = told.get(name)
    if isinstance(listed, list):
        yield from (one for one in listed if isinstance(one, dict))
