"""Asks GP Connect for one patient's record, again where that may help, and never anybody else.

What it is sent to is what it was told: no proxy or password of the environment is used, no
redirect is followed, certificates are checked, and plain HTTP goes to this machine alone unless
somebody insists. The service is trusted no further: its answers are limited in size and time.
"""

import ipaddress
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, Self
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx2

from ledger.domain.refusals import Refusal
from ledger.gp_connect.answers import Answer, Failed, judge
from ledger.gp_connect.asking import OPERATION, Asker, body, headers

# Between the tries of one patient, in seconds.
PAUSES = (1.0, 4.0, 16.0)
LARGEST_ANSWER = 32 << 20


class Limits(NamedTuple):
    """How long one answer may take, in seconds, and how large it may be, in bytes."""

    timeout: float
    largest: int = LARGEST_ANSWER


class GPConnect:
    """One practice's GP Connect service, as `asker` reaches it; to be used `with`."""

    def __init__(
        self,
        url: str,
        asker: Asker,
        *,
        tls: ssl.SSLContext,
        limits: Limits,
        plain_http: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        root = service_root(url, plain_http=plain_http)
        self._address = f"{root}/{OPERATION}"
        self._audience = audience(root)
        self._asker = asker
        self._limits = limits
        self._sleep = sleep
        self._clock = clock
        self._new_id = new_id
        self._http = httpx2.Client(
            verify=tls, timeout=limits.timeout, follow_redirects=False, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, nhs_number: str) -> Answer:
        """The patient's record, that it is withheld, or why neither could be had."""
        answer = self._ask_once(nhs_number)
        for pause in PAUSES:
            if not (isinstance(answer, Failed) and answer.again):
                break
            self._sleep(pause)
            answer = self._ask_once(nhs_number)
        return answer

    def _ask_once(self, nhs_number: str) -> Answer:
        told = headers(
            self._asker, audience=self._audience, now=self._clock(), trace=self._new_id()
        )
        started = time.monotonic()
        try:
            with self._http.stream(
                "POST", self._address, json=body(nhs_number), headers=told
            ) as response:
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > self._limits.largest:
                        return Failed(
                            f"the answer is larger than {self._limits.largest} bytes: not kept"
                        )
                    if time.monotonic() - started > self._limits.timeout:
                        return self._too_late()
                return judge(response.status_code, bytes(content), nhs_number)
        except httpx2.TimeoutException:
            return self._too_late()
        except httpx2.DecodingError:
            return Failed("the answer is not compressed as it says: not kept")
        except httpx2.HTTPError as error:
            # What a library says of it may repeat what was sent; that it failed is all that helps.
            if _is_distrust(error):
                return Failed(
                    "no secure connection: the certificate of one end is not trusted by the "
                    "other, see LEDGER_GP_CONNECT_AUTHORITIES and _CERTIFICATE",
                    everybody=True,
                )
            return Failed("the service cannot be reached", again=True, everybody=True)

    def _too_late(self) -> Failed:
        return Failed(
            f"no answer within {self._limits.timeout:g} seconds", again=True, everybody=True
        )


def service_root(url: str, *, plain_http: bool) -> str:
    """The URL without a slash at its end; refused where it may not be asked."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise Refusal("expected --gp-connect with a URL as https://host/path, found another")
    if parts.query or parts.fragment:
        raise Refusal("expected --gp-connect with a URL that ends in its path, found more behind")
    if parts.scheme == "http" and not (plain_http or _is_loopback(host)):
        raise Refusal(
            "expected an https URL, because records would travel in the clear; --plain-http insists"
        )
    return url.rstrip("/")


def audience(root: str) -> str:
    """The provider's own service root; through the Spine Secure Proxy it stands behind the proxy's."""
    for scheme in ("/https://", "/http://"):
        proxy, found, provider = root.partition(scheme)
        if found and proxy.count("/") >= len("//"):
            return scheme[1:] + provider
    return root


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_distrust(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
