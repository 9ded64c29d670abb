"""Sends one message to one webhook, and says what became of that in a word.

It connects to an address that was looked at, checks the certificate for the host's name, follows no
redirect, uses no proxy of the environment, and reads next to nothing of what is answered.
"""

import ssl
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx2

from ledger.domain.refusals import Refusal
from ledger.webhooks.outgoing import NotSent, Outgoing, address_of

# Of an answer nothing counts but its status: the rest is read only to be rid of it.
_LARGEST_ANSWER = 16 << 10
_HTTPS = 443
_SUCCESS, _REDIRECT, _GONE = range(200, 300), range(300, 400), 410
_LATER = {429, 503}


class Outcome(NamedTuple):
    """What became of one try: `error` is None where the receiver took it.

    `gone`: it wants nothing more. `after`: it says when to try again.
    """

    error: str | None = None
    gone: bool = False
    after: timedelta | None = None


class Client:
    """Sends as far as it is allowed to; keeps no connection, so nothing is left to close."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._http = httpx2.Client(
            verify=_trust(outgoing),
            timeout=outgoing.timeout,
            follow_redirects=False,
            trust_env=False,
            # A connection of yesterday's may belong to an address that is refused today.
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Send a message. What a library says of a failure may hold anything, so it is not told."""
        if not self._outgoing.allows(url):
            return Outcome("host-not-listed")
        try:
            return self._send(url, body, headers)
        except NotSent as refused:
            return Outcome(str(refused))
        except httpx2.TimeoutException:
            return Outcome("timeout")
        except httpx2.HTTPError as error:
            return Outcome("not-trusted" if _is_distrust(error) else "unreachable")
        except (httpx2.InvalidURL, ValueError):
            return Outcome("no-url")

    def _send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        parts = urlsplit(url)
        assert parts.hostname is not None, "it was checked when it was registered"
        port = parts.port or _HTTPS
        address = address_of(parts.hostname, port, private=self._outgoing.private_addresses)
        started = time.monotonic()
        with self._http.stream(
            "POST",
            httpx2.URL(url, host=address),
            content=body,
            headers={"Content-Type": "application/json", **headers, "Host": parts.netloc},
            extensions={"sni_hostname": parts.hostname},
        ) as response:
            read = 0
            # As it comes: what is compressed stays so.
            for chunk in response.iter_raw():
                read += len(chunk)
                if read > _LARGEST_ANSWER or time.monotonic() - started > self._outgoing.timeout:
                    break
            return _judged(response)


def _judged(response: httpx2.Response) -> Outcome:
    status = response.status_code
    if status in _SUCCESS:
        return Outcome()
    if status in _REDIRECT:
        return Outcome("redirect")
    told = response.headers.get("retry-after", "")
    # Whatever is longer than a day is none of a receiver's business.
    seconds = int(told) if told.isascii() and told.isdigit() and len(told) < len("100000") else None
    return Outcome(
        f"status-{status}",
        gone=status == _GONE,
        after=timedelta(seconds=seconds) if seconds is not None and status in _LATER else None,
    )


def _trust(outgoing: Outgoing) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=outgoing.authorities)
    except (OSError, ssl.SSLError):
        raise Refusal(
            "expected certificates in PEM, found none that can be read: see "
            "LEDGER_WEBHOOK_AUTHORITIES"
        ) from None


def _is_distrust(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
