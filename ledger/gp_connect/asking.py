"""What is asked of GP Connect, and who is said to ask?

Published in nhsconnect/gpconnect: the body and the headers under "Retrieve a patient's structured
record", the claims under "Cross-organisation audit and provenance"
(docs/runbooks/fetching-from-gp-connect.md names the pages).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from ledger.domain.identifiers import ods_code
from ledger.domain.refusals import Refusal

OPERATION = "Patient/$gpc.getstructuredrecord"
_INTERACTION = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"
_FHIR = "application/fhir+json;charset=utf-8"
# "SHALL be set to 5 minutes after the token creation time".
_LIFE = timedelta(minutes=5)
_ASID = re.compile(r"[0-9]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a system with its ASID, an organisation, and the person at work.

    `issuer` is the URL of the asking system. The person may be no "fixed values or a generic
    system user", so the settings have no defaults for them; `UNK` stands where somebody has no
    smartcard.
    """

    from_asid: str
    to_asid: str
    issuer: str
    organisation: str
    organisation_name: str
    user_id: str
    family_name: str
    given_name: str
    title: str | None
    sds_user_id: str
    sds_role_profile_id: str
    reason: str
    version: str

    def __post_init__(self) -> None:
        """Refuse what could not be sent, before anybody is asked."""
        if not (_ASID.fullmatch(self.from_asid) and _ASID.fullmatch(self.to_asid)):
            raise Refusal("expected ASIDs of digits alone, found others: see LEDGER_GP_CONNECT_*")
        if ods_code(self.organisation) is None:
            raise Refusal("expected an ODS code in LEDGER_GP_CONNECT_ORGANISATION, found another")


def body(nhs_number: str) -> dict[str, Any]:
    """The Parameters of the operation: everything uncategorised of one patient.

    Objections are uncategorised data, and without a search period all of it is returned.
    """
    identifier = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs_number}
    return {
        "resourceType": "Parameters",
        "meta": {
            "profile": [
                "https://fhir.nhs.uk/STU3/OperationDefinition/GPConnect-GetStructuredRecord-Operation-1"
            ]
        },
        "parameter": [
            {"name": "patientNHSNumber", "valueIdentifier": identifier},
            {"name": "includeUncategorisedData"},
        ],
    }


def headers(asker: Asker, *, audience: str, now: datetime, trace: UUID) -> dict[str, str]:
    """The headers of one request; each has a trace and a token of its own."""
    return {
        "Ssp-TraceID": str(trace),
        "Ssp-From": asker.from_asid,
        "Ssp-To": asker.to_asid,
        "Ssp-InteractionID": _INTERACTION,
        "Authorization": f"Bearer {token(asker, audience=audience, now=now)}",
        "Content-Type": _FHIR,
        "Accept": _FHIR,
        "Accept-Encoding": "gzip",
    }


def token(asker: Asker, *, audience: str, now: datetime) -> str:
    """The unsecured JWT for the audit trail of `audience`, the provider's service root URL.

    It is not signed, because the connection's certificates say who is at its ends.
    """
    issuer = asker.issuer.rstrip("/") + "/"
    name: dict[str, Any] = {"family": asker.family_name, "given": [asker.given_name]}
    if asker.title:
        name["prefix"] = [asker.title]
    claims = {
        "iss": issuer,
        "sub": asker.user_id,
        "aud": audience,
        "exp": int((now + _LIFE).timestamp()),
        "iat": int(now.timestamp()),
        "reason_for_request": asker.reason,
        "requested_scope": "patient/*.read",
        "requesting_device": {
            "resourceType": "Device",
            "identifier": [_identifier(f"{issuer}Id/device-identifier", asker.from_asid)],
            "model": "objection-ledger",
            "version": asker.version,
        },
        "requesting_organization": {
            "resourceType": "Organization",
            "identifier": [
                _identifier("https://fhir.nhs.uk/Id/ods-organization-code", asker.organisation)
            ],
            "name": asker.organisation_name,
        },
        "requesting_practitioner": {
            "resourceType": "Practitioner",
            "id": asker.user_id,
            "identifier": [
                _identifier("https://fhir.nhs.uk/Id/sds-user-id", asker.sds_user_id),
                _identifier(
                    "https://fhir.nhs.uk/Id/sds-role-profile-id", asker.sds_role_profile_id
                ),
                _identifier(f"{issuer}Id/user", asker.user_id),
            ],
            "name": [name],
        },
    }
    return jwt.encode(claims, key="", algorithm="none")


def _identifier(system: str, value: str) -> dict[str, str]:
    return {"system": system, "value": value}
