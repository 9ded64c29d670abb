"""The national register for tests: lines of `epraccur.csv`, and answers of ODS's API."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]
_ROOT = "2.16.840.1.113883.2.1.3.2.4.18.48"


def a_line(
    code: str,
    *,
    name: str = "A SURGERY",
    status: str = "A",
    closed: str = "",
    commissioner: str = "99X",
    setting: str = "4",
) -> str:
    """A line of `epraccur.csv`."""
    # By the field numbers of docs/formats.md 6.1, which count from 1.
    told = {
        1: code, 2: name, 10: "ZZ99 3CZ", 11: "19740401", 12: closed, 13: status, 14: "B",
        15: commissioner, 26: setting,
    }  # fmt: skip
    return ",".join(f'"{told.get(field, "")}"' for field in range(1, 28)) + "\r\n"


def epraccur(folder: Path, *lines: str) -> Path:
    """A register of these lines."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "epraccur.csv"
    path.write_text("".join(lines), newline="")
    return path


def an_organisation(
    code: str,
    *,
    name: str = "A SURGERY",
    ended: str | None = None,
    commissioner: str = "99X",
    successions: Sequence[Json] = (),
) -> Json:
    """A GP practice as the API tells it; `ended` where it closed."""
    status = "Inactive" if ended else "Active"
    working: Json = {"Type": "Operational", "Start": "1974-04-01"}
    if ended:
        working["End"] = ended
    told: Json = {
        "Name": name,
        "Date": [working],
        "OrgId": _org_id(code),
        "Status": status,
        "LastChangeDate": "2019-10-01",
        "orgRecordClass": "RC1",
        "GeoLoc": {"Location": {"AddrLn1": "1 EXAMPLE ROAD", "PostCode": "ZZ99 3CZ"}},
        "Roles": {
            "Role": [
                {"id": role, "uniqueRoleId": i, "primaryRole": i == 1, "Status": status}
                for i, role in enumerate(("RO177", "RO76"), start=1)
            ]
        },
        "Rels": {
            "Rel": [
                {
                    "id": "RE4",
                    "uniqueRelId": 1,
                    "Status": status,
                    "Date": [{"Type": "Operational", "Start": "2013-04-01"}],
                    "Target": {"OrgId": _org_id(commissioner)},
                }
            ]
        },
    }
    if successions:
        told["Succs"] = {"Succ": list(successions)}
    return told


def an_answer(code: str, **told: Any) -> Json:
    """What the API answers about one organisation."""
    return {"Organisation": an_organisation(code, **told)}


def a_succession(kind: str, other: str, since: str | None) -> Json:
    """One of `Succs`: `other` took over (Successor) or was taken over (Predecessor)."""
    return {
        "uniqueSuccId": 1,
        "Date": [{"Type": "Legal", **({"Start": since} if since else {})}],
        "Type": kind,
        "Target": {"OrgId": _org_id(other), "PrimaryRoleId": {"id": "RO177", "uniqueRoleId": 1}},
    }


def a_summary(code: str, *, name: str = "A SURGERY", status: str = "Active") -> Json:
    """One hit of a search."""
    return {
        "Name": name,
        "OrgId": code,
        "Status": status,
        "OrgRecordClass": "RC1",
        "PostCode": "ZZ99 3CZ",
        "LastChangeDate": "2019-10-01",
        "PrimaryRoleId": "RO177",
        "PrimaryRoleDescription": "PRESCRIBING COST CENTRE",
    }


def ord_file(folder: Path, *answers: Json, name: str = "ord.json") -> Path:
    """Answers of the API as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(list(answers)), encoding="utf-8")
    return path


def _org_id(code: str) -> Json:
    return {"root": _ROOT, "assigningAuthorityName": "HSCIC", "extension": code}
