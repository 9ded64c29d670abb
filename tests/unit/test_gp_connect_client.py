"""Is a patient's record asked for as GP Connect has published it, and its answers understood?"""

import gzip
import json
import ssl
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest

from ledger.domain.refusals import Refusal
from ledger.gp_connect import fetching
from ledger.gp_connect.answers import Answer, Failed, Record, Withheld, judge
from ledger.gp_connect.asking import Asker, body, token
from ledger.gp_connect.client import PAUSES, GPConnect, Limits, audience, service_root
from ledger.gp_connect.fetching import MOST_FAILURES_IN_A_ROW, Line, fetch, read_list, spans
from ledger.gp_connect.folder import RunFolder
from tests.gp_connect_server import (
    DATA,
    JANE,
    PUBLISHED,
    Reply,
    Service,
    a_certificate,
    a_service,
    outcome,
)
from tests.nhs_numbers import nhs_numbers

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ADA, BEN, CAT, *_ = NUMBERS = nhs_numbers(9)
ASKER = Asker(
    from_asid="200000000115",
    to_asid="200000000116",
    issuer="https://ledger.example/",
    organisation="X26",
    organisation_name="An organisation",
    user_id="10019",
    family_name="Jones",
    given_name="Claire",
    title="Dr",
    sds_user_id="UNK",
    sds_role_profile_id="UNK",
    reason="directcare",
    version="1.2.3",
)
PATIENCE = Limits(timeout=5.0)


def ask(
    service: Service,
    number: str = JANE,
    *,
    url: str | None = None,
    limits: Limits = PATIENCE,
    slept: list[float] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    pauses = [] if slept is None else slept
    with GPConnect(
        url or service.url,
        ASKER,
        tls=tls or ssl.create_default_context(),
        limits=limits,
        sleep=pauses.append,
        clock=lambda: NOON,
    ) as client:
        return client.ask(number)


# --- what is asked


def test_the_body_is_the_published_one_but_for_the_search_period() -> None:
    published = json.loads((DATA / "uncategorised_request1.json").read_text())
    del published["parameter"][1]["part"]

    assert body("9432003812") == published


def test_the_operation_is_asked_with_the_published_headers() -> None:
    with a_service() as service:
        ask(service)

    [request] = service.requests
    assert request.path == "/X99904/STU3/1/Patient/$gpc.getstructuredrecord"
    assert request.number == JANE
    told = {name: request.headers[name] for name in ("Ssp-From", "Ssp-To", "Ssp-InteractionID")}
    assert told == {
        "Ssp-From": "200000000115",
        "Ssp-To": "200000000116",
        "Ssp-InteractionID": (
            "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"
        ),
    }
    assert request.headers["Content-Type"] == "application/fhir+json;charset=utf-8"
    assert request.headers["Accept"] == "application/fhir+json;charset=utf-8"
    assert UUID(request.headers["Ssp-TraceID"]).version == 4


def test_the_token_is_unsecured_and_has_the_published_claims() -> None:
    with a_service() as service:
        ask(service)

    [request] = service.requests
    scheme, _, sent = request.headers["Authorization"].partition(" ")
    assert scheme == "Bearer"
    assert sent.endswith(".")
    assert jwt.get_unverified_header(sent) == {"alg": "none", "typ": "JWT"}
    issued = 1767614400  # 5 January 2026, 12:00 UTC
    assert jwt.decode(sent, options={"verify_signature": False}) == {
        "iss": "https://ledger.example/",
        "sub": "10019",
        "aud": service.url,
        "exp": issued + 300,
        "iat": issued,
        "reason_for_request": "directcare",
        "requested_scope": "patient/*.read",
        "requesting_device": {
            "resourceType": "Device",
            "identifier": [
                {"system": "https://ledger.example/Id/device-identifier", "value": "200000000115"}
            ],
            "model": "objection-ledger",
            "version": "1.2.3",
        },
        "requesting_organization": {
            "resourceType": "Organization",
            "identifier": [
                {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "X26"}
            ],
            "name": "An organisation",
        },
        "requesting_practitioner": {
            "resourceType": "Practitioner",
            "id": "10019",
            "identifier": [
                {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "UNK"},
                {"system": "https://fhir.nhs.uk/Id/sds-role-profile-id", "value": "UNK"},
                {"system": "https://ledger.example/Id/user", "value": "10019"},
            ],
            "name": [{"family": "Jones", "given": ["Claire"], "prefix": ["Dr"]}],
        },
    }


def test_the_token_names_no_patient() -> None:
    sent = token(ASKER, audience="https://practice.example/STU3/1", now=NOON)

    assert JANE not in json.dumps(jwt.decode(sent, options={"verify_signature": False}))


def test_each_request_has_a_trace_of_its_own() -> None:
    with a_service(lambda _, times: Reply(500) if times < 3 else Reply()) as service:
        ask(service)

    assert len({request.headers["Ssp-TraceID"] for request in service.requests}) == 3


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://gp.example/A1/STU3/1", "https://gp.example/A1/STU3/1"),
        ("https://proxy.example/https://gp.example/A1/STU3/1", "https://gp.example/A1/STU3/1"),
    ],
)
def test_the_audience_is_the_provider_also_behind_the_spine_proxy(url: str, provider: str) -> None:
    assert audience(service_root(url, plain_http=False)) == provider


def test_a_url_behind_the_spine_proxy_is_asked_as_it_is_written() -> None:
    with a_service() as service:
        ask(service, url=service.url[: service.url.index("/X99904")] + "/https://gp.example/A1/")

    [request] = service.requests
    assert request.path == "/https://gp.example/A1/Patient/$gpc.getstructuredrecord"


@pytest.mark.parametrize(
    "url",
    [
        "gp.example",
        "ftp://gp.example/",
        "https://",
        "https://me:secret@gp.example/",
        "https://gp.example:port/",
        "https://gp.example/?patient=1",
        "https://gp.example/#top",
        "http://gp.example/",
        "http://127.0.0.1.gp.example/",
    ],
)
def test_a_url_that_may_not_be_asked_is_refused(url: str) -> None:
    with pytest.raises(Refusal, match="expected"):
        service_root(url, plain_http=False)


def test_plain_http_is_for_this_machine_or_whoever_insists() -> None:
    assert service_root("http://localhost:8080/a/", plain_http=False) == "http://localhost:8080/a"
    assert service_root("http://[::1]/a", plain_http=False) == "http://[::1]/a"
    assert service_root("http://gp.example/a", plain_http=True) == "http://gp.example/a"


# --- what comes back


def test_a_record_is_handed_on_byte_for_byte() -> None:
    with a_service() as service:
        assert ask(service) == Record(PUBLISHED)


def test_a_compressed_record_is_unpacked() -> None:
    packed = Reply(parts=(gzip.compress(PUBLISHED),), headers=(("Content-Encoding", "gzip"),))

    with a_service(lambda *_: packed) as service:
        assert ask(service) == Record(PUBLISHED)


def test_a_patients_dissent_is_a_fact_of_its_own_and_asked_once() -> None:
    with a_service(lambda *_: outcome(403, "NO_PATIENT_CONSENT")) as service:
        assert ask(service) == Withheld("NO_PATIENT_CONSENT")

    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("status", "code", "everybody"),
    [
        (403, "NO_RELATIONSHIP", False),
        (403, "NO_ORGANISATION_CONSENT", True),
        (403, "ACCESS DENIED", True),
        (403, "ASID_CHECK_FAILED_MESSAGESENDER_100000000001", True),
        (404, "PATIENT_NOT_FOUND", False),
        (400, "INVALID_NHS_NUMBER", False),
        (400, "NO_PATIENT_CONSENT", True),
        (400, "BAD_REQUEST", True),
        (422, "INVALID_PARAMETER", True),
        (501, "NOT_IMPLEMENTED", True),
    ],
)
def test_any_other_error_is_a_failure_and_no_wish(status: int, code: str, everybody: bool) -> None:
    with a_service(lambda *_: outcome(status, code)) as service:
        answer = ask(service)

    assert isinstance(answer, Failed)
    assert (answer.again, answer.everybody) == (False, everybody)
    assert len(service.requests) == 1


def test_no_text_of_an_answer_is_handed_on() -> None:
    told = outcome(404, "PATIENT_NOT_FOUND", f"no {ADA}")
    unknown = outcome(400, ADA, f"no {ADA}")

    answers = [judge(reply.status, reply.parts[0], ADA) for reply in (told, unknown)]

    assert answers[0] == Failed(
        "404 PATIENT_NOT_FOUND: no record here: not registered, inactive, dead or sensitive"
    )
    assert answers[1] == Failed("400: expected 200 with a record", everybody=True)


def test_a_service_that_fails_is_asked_again_and_waits_longer_each_time() -> None:
    slept: list[float] = []

    with a_service(lambda _, times: Reply(500, (b"",)) if times < 3 else Reply()) as service:
        answer = ask(service, slept=slept)

    assert answer == Record(PUBLISHED)
    assert slept == [1.0, 4.0]


def test_a_service_that_goes_on_failing_is_left_in_peace() -> None:
    slept: list[float] = []

    with a_service(lambda *_: Reply(503, (b"busy",))) as service:
        answer = ask(service, slept=slept)

    assert answer == Failed("503: the service failed", again=True, everybody=True)
    assert len(service.requests) == 1 + len(PAUSES)
    assert slept == [1.0, 4.0, 16.0]


def test_a_service_that_is_not_there_is_asked_again() -> None:
    slept: list[float] = []
    with a_service() as service:
        url = service.url

    answer = ask(service, url=url, slept=slept)

    assert answer == Failed("the service cannot be reached", again=True, everybody=True)
    assert slept == [1.0, 4.0, 16.0]


@pytest.mark.parametrize("reply", [Reply(after=0.6), Reply(parts=(b" ",) * 9, after=0.1)])
def test_a_slow_answer_is_not_waited_for(reply: Reply) -> None:
    with a_service(lambda *_: reply) as service:
        answer = ask(service, limits=Limits(timeout=0.3))

    assert answer == Failed("no answer within 0.3 seconds", again=True, everybody=True)


def test_a_huge_answer_is_not_kept() -> None:
    with a_service() as service:
        answer = ask(service, limits=Limits(timeout=5.0, largest=1000))

    assert answer == Failed("the answer is larger than 1000 bytes: not kept")


def test_a_huge_answer_is_not_kept_however_small_it_was_packed() -> None:
    packed = gzip.compress(b" " * 5_000_000)
    reply = Reply(parts=(packed,), headers=(("Content-Encoding", "gzip"),))

    with a_service(lambda *_: reply) as service:
        answer = ask(service, limits=Limits(timeout=5.0, largest=100_000))

    assert len(packed) < 100_000
    assert answer == Failed("the answer is larger than 100000 bytes: not kept")


def test_an_answer_that_is_not_packed_as_it_says_is_a_failure() -> None:
    reply = Reply(headers=(("Content-Encoding", "gzip"),))

    with a_service(lambda *_: reply) as service:
        answer = ask(service)

    assert answer == Failed("the answer is not compressed as it says: not kept")


def test_a_redirect_is_not_followed() -> None:
    with a_service() as elsewhere:
        reply = Reply(307, (b"",), headers=(("Location", elsewhere.url),))
        with a_service(lambda *_: reply) as service:
            answer = ask(service)

    assert answer == Failed(
        "307: a redirect, which is not followed: name the service itself", everybody=True
    )
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe{}", b"[1]", b'{"resourceType": "Patient"}', b"[" * 100_000],
)
def test_what_is_no_bundle_is_a_failure(content: bytes) -> None:
    assert judge(200, content, ADA) == Failed(
        "expected a FHIR Bundle in JSON, found something else"
    )


def test_another_patients_record_is_not_kept() -> None:
    assert judge(200, PUBLISHED, ADA) == Failed(
        "expected the record of the patient asked for, found another's: not kept"
    )


@pytest.mark.parametrize("entry", [None, [None], [{"resource": 1}], [{"resource": {}}]])
def test_a_bundle_about_nobody_is_not_kept(entry: Any) -> None:
    content = json.dumps({"resourceType": "Bundle", "entry": entry}).encode()

    assert judge(200, content, ADA) == Failed(
        "expected the record of the patient asked for, found nobody's: not kept"
    )


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    slept: list[float] = []
    with a_service(certificate=a_certificate(tmp_path)) as service:
        answer = ask(service, slept=slept)

    assert answer == Failed(
        "no secure connection: the certificate of one end is not trusted by the other, see "
        "LEDGER_GP_CONNECT_AUTHORITIES and _CERTIFICATE",
        everybody=True,
    )
    assert service.requests == []
    assert slept == []


def test_a_certificate_that_somebody_vouches_for_is_trusted(tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path)
    with a_service(certificate=certificate) as service:
        answer = ask(service, tls=ssl.create_default_context(cafile=certificate))

    assert service.url.startswith("https://")
    assert answer == Record(PUBLISHED)


def test_no_proxy_of_the_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_service() as proxy, a_service() as service:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        answer = ask(service)

    assert answer == Record(PUBLISHED)
    assert proxy.requests == []


# --- who asks


@pytest.mark.parametrize("wrong", [{"from_asid": "A1"}, {"to_asid": ""}, {"organisation": "?"}])
def test_who_cannot_be_an_asker_is_refused(wrong: dict[str, str]) -> None:
    told = {name: getattr(ASKER, name) for name in Asker.__dataclass_fields__}

    with pytest.raises(Refusal, match="expected"):
        Asker(**{**told, **wrong})


# --- what is kept


def the_files(folder: RunFolder) -> dict[str, bytes]:
    assert folder.path is not None
    return {path.name: path.read_bytes() for path in folder.path.iterdir()}


def test_a_run_keeps_each_record_and_all_that_were_withheld(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "kept", "X99904", NOON)

    folder.keep_record(b"one")
    folder.keep_record(b"two")
    folder.keep_withheld(ADA, "NO_PATIENT_CONSENT", asked_at=NOON)
    folder.keep_withheld(BEN, "NO_PATIENT_CONSENT", asked_at=NOON + timedelta(seconds=2))

    assert folder.path == tmp_path / "kept" / "X99904_20260105T120000Z"
    assert the_files(folder) == {
        "gpconnect_X99904_20260105T120000Z_0001.json": b"one",
        "gpconnect_X99904_20260105T120000Z_0002.json": b"two",
        "withheld_X99904_20260105.csv": (
            "PracticeCode,NHSNumber,AskedAt,Answer\n"
            f"X99904,{ADA},2026-01-05T12:00:00Z,NO_PATIENT_CONSENT\n"
            f"X99904,{BEN},2026-01-05T12:00:02Z,NO_PATIENT_CONSENT\n"
        ).encode(),
    }


def test_only_the_owner_can_read_what_is_kept(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "kept", "X99904", NOON)

    folder.keep_record(b"one")

    assert folder.path is not None
    [file] = folder.path.iterdir()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "kept", folder.path, file)]
    assert modes == [0o700, 0o700, 0o600]


def test_a_run_that_keeps_nothing_leaves_no_folder(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "kept", "X99904", NOON)

    assert folder.path is None
    assert not (tmp_path / "kept").exists()


def test_two_runs_of_one_second_share_no_folder(tmp_path: Path) -> None:
    first, second = (RunFolder(tmp_path, "X99904", NOON) for _ in range(2))

    first.keep_withheld(ADA, "NO_PATIENT_CONSENT", asked_at=NOON)
    second.keep_withheld(BEN, "NO_PATIENT_CONSENT", asked_at=NOON)

    assert first.path != second.path
    assert ADA in str(the_files(first))
    assert BEN not in str(the_files(first))


def test_a_file_that_cannot_be_finished_is_not_there(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "X99904", NOON)
    folder.keep_record(b"one")
    assert folder.path is not None
    (folder.path / "gpconnect_X99904_20260105T120000Z_0002.json").mkdir()

    with pytest.raises(IsADirectoryError):
        folder.keep_record(b"two")

    assert [path.name for path in folder.path.iterdir() if path.is_file()] == [
        "gpconnect_X99904_20260105T120000Z_0001.json"
    ]


# --- a whole list


def fetch_all(
    lines: list[Line], answer: Callable[[str], Answer], where: Path
) -> tuple[fetching.Fetched, RunFolder]:
    folder = RunFolder(where, "X99904", NOON)
    return fetch(lines, answer, folder, clock=lambda: NOON, tell=lambda _: None), folder


def test_a_list_has_one_number_a_line_however_it_is_spaced() -> None:
    assert read_list(f"{ADA}\r\n\r\n  999 000 0026\nno number\n") == [
        Line(1, ADA),
        Line(3, "9990000026"),
        Line(4, None),
    ]


def test_everybody_is_asked_about_once_and_failures_go_by_line(tmp_path: Path) -> None:
    answers: dict[str, Answer] = {
        ADA: Record(b"hers"),
        BEN: Withheld("NO_PATIENT_CONSENT"),
        CAT: Failed("404 PATIENT_NOT_FOUND"),
    }
    lines = [Line(1, ADA), Line(2, None), Line(3, BEN), Line(5, CAT), Line(6, ADA)]

    fetched, folder = fetch_all(lines, answers.__getitem__, tmp_path)

    assert (fetched.asked, fetched.answered, fetched.withheld, fetched.repeated) == (3, 1, 1, 1)
    assert fetched.failed == {
        "expected ten digits, the last of which checks the others": [2],
        "404 PATIENT_NOT_FOUND": [5],
    }
    assert sorted(the_files(folder)) == [
        "gpconnect_X99904_20260105T120000Z_0001.json",
        "withheld_X99904_20260105.csv",
    ]


def test_a_service_that_fails_for_everybody_is_not_asked_to_the_end(tmp_path: Path) -> None:
    asked: list[str] = []

    def down(number: str) -> Answer:
        asked.append(number)
        return Failed("down", again=True, everybody=True)

    fetched, _ = fetch_all([Line(i, n) for i, n in enumerate(NUMBERS, 1)], down, tmp_path)

    assert len(asked) == MOST_FAILURES_IN_A_ROW == 5
    assert fetched.failed == {
        "down": [1, 2, 3, 4, 5],
        "not asked, because 5 before it failed in a row": [6, 7, 8, 9],
    }


def test_failures_of_single_patients_stop_nothing(tmp_path: Path) -> None:
    lines = [Line(i, number) for i, number in enumerate(NUMBERS, 1)]

    fetched, _ = fetch_all(lines, lambda _: Failed("404 PATIENT_NOT_FOUND"), tmp_path)

    assert fetched.asked == len(NUMBERS)


def test_what_came_before_an_interruption_is_kept(tmp_path: Path) -> None:
    def interrupted(number: str) -> Answer:
        if number == CAT:
            raise KeyboardInterrupt
        return Withheld("NO_PATIENT_CONSENT") if number == BEN else Record(b"hers")

    folder = RunFolder(tmp_path, "X99904", NOON)
    with pytest.raises(KeyboardInterrupt):
        fetch(
            [Line(1, ADA), Line(2, BEN), Line(3, CAT)],
            interrupted,
            folder,
            clock=lambda: NOON,
            tell=lambda _: None,
        )

    assert len(the_files(folder)) == 2


def test_lines_are_told_in_few_words() -> None:
    assert spans([4]) == "4"
    assert spans([1, 2, 3, 7, 9, 10]) == "1 to 3, 7, 9 to 10"
