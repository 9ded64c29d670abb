"""A receiver of webhooks for tests: a real HTTPS server on this machine that answers as it is told."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from ledger.webhooks.outgoing import Outgoing


class Reply(NamedTuple):
    """What the receiver answers, after so many seconds; each part of the body takes as long."""

    status: int = 204
    headers: tuple[tuple[str, str], ...] = ()
    after: float = 0.0
    parts: tuple[bytes, ...] = ()


class Message(NamedTuple):
    """What the receiver was sent: its path, its headers by lower-case name, and its very bytes."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)["data"]
        return told


@dataclass
class Receiver:
    """Where it is, what came, and what it answers: by the message and how many came before."""

    port: int
    certificate: Path
    answer: Callable[[Message, int], Reply]
    messages: list[Message] = field(default_factory=list)

    def url(self, path: str = "/breaches") -> str:
        return f"https://127.0.0.1:{self.port}{path}"

    def outgoing(self, **told: Any) -> Outgoing:
        """Settings with which it may be sent to."""
        listed = frozenset({f"127.0.0.1:{self.port}"})
        allowed = {"hosts": listed, "private_addresses": True, "authorities": self.certificate}
        return Outgoing(**{**allowed, "timeout": 5.0, **told})


def is_genuine(message: Message, secret: str, *, now: float, tolerance: float = 300) -> bool:
    """Whether a message is what whoever holds the secret sent just now.

    Written from the text of Standard Webhooks 1.0.0, and not from our own signing: the base64 of
    the secret behind its prefix is the key; what is signed are id, timestamp and the bytes as they
    came, joined by full stops; the header lists signatures that blanks part, each `v1,` and base64.
    """
    key = base64.b64decode(secret.split("_", 1)[1], validate=True)
    sent_at = message.headers["webhook-timestamp"]
    content = f"{message.id}.{sent_at}.".encode() + message.body
    right = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    versions = [given.split(",", 1) for given in message.headers["webhook-signature"].split(" ")]
    fresh = abs(now - int(sent_at)) <= tolerance
    return fresh and any(version == "v1" and given == right for version, given in versions)


@contextmanager
def a_receiver(
    certificate: Path,
    answer: Callable[[Message, int], Reply] = lambda *_: Reply(),
    *,
    port: int = 0,
) -> Iterator[Receiver]:
    """The receiver, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            message = Message(self.path, headers, body)
            receiver.messages.append(message)
            reply = receiver.answer(message, len(receiver.messages) - 1)
            time.sleep(reply.after)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.status != 204:
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
            """A client that had enough hangs up, or does not trust us."""

    with Server(("127.0.0.1", port), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        receiver = Receiver(server.server_port, certificate, answer)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
