"""A GP Connect service for tests: a real HTTP server on this machine that answers as it is told."""

import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DATA = Path(__file__).parent / "data" / "gp_connect"
# Whom the published answer is about.
JANE = "9999999999"
PUBLISHED = (DATA / "uncategorised_response1.json").read_bytes()


class Reply(NamedTuple):
    """What the service answers, after so many seconds; each part of the body takes as long."""

    status: int = 200
    parts: tuple[bytes, ...] = (PUBLISHED,)
    headers: tuple[tuple[str, str], ...] = ()
    after: float = 0.0


class Request(NamedTuple):
    """What the service was asked."""

    path: str
    headers: Message
    body: dict[str, Any]

    @property
    def number(self) -> str:
        value: str = self.body["parameter"][0]["valueIdentifier"]["value"]
        return value


@dataclass
class Service:
    """Where it is, what it was asked, and what it answers: the number and how often it was asked."""

    url: str
    answer: Callable[[str, int], Reply]
    requests: list[Request] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        return [request.number for request in self.requests]


def record_of(number: str) -> Reply:
    """The published answer, as if it were about this patient."""
    return Reply(parts=(PUBLISHED.replace(JANE.encode(), number.encode()),))


def outcome(status: int, code: str, diagnostics: str = "") -> Reply:
    """An OperationOutcome as the published page "Error handling" has it."""
    system = "https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1"
    issue = {
        "severity": "error",
        "code": "forbidden",
        "details": {"coding": [{"system": system, "code": code, "display": diagnostics}]},
        "diagnostics": diagnostics,
    }
    told = {"resourceType": "OperationOutcome", "issue": [issue]}
    return Reply(status, (json.dumps(told).encode(),))


def a_certificate(where: Path) -> Path:
    """A certificate for this machine that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    today = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = where / "certificate.pem"
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


@contextmanager
def a_service(
    answer: Callable[[str, int], Reply] = lambda number, _: record_of(number),
    *,
    certificate: Path | None = None,
) -> Iterator[Service]:
    """The service on a port of its own, until the block ends; with a certificate it speaks TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = Request(self.path, self.headers, body)
            service.requests.append(request)
            reply = service.answer(request.number, service.numbers.count(request.number))
            time.sleep(reply.after)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(sum(map(len, reply.parts))))
            self.end_headers()
            for part in reply.parts:
                self.wfile.write(part)
                self.wfile.flush()
                time.sleep(reply.after)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that had enough hangs up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "http" if certificate is None else "https"
        service = Service(f"{scheme}://127.0.0.1:{server.server_port}/X99904/STU3/1", answer)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
