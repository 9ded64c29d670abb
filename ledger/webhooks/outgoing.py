"""Where may anything be sent?

Whoever may register a webhook chooses where the ledger's own machine connects to, so whoever runs
it lists the hosts, and addresses that only this network knows are refused unless they say so.
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ledger.domain.refusals import NotAFact

_HTTPS = 443
# Behind these stands an IPv4 address, which may be any.
_WRAPPED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotSent(Exception):
    """Nothing was sent; `str()` of it is one of the words that sendings are kept with."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What may be sent where. `hosts` are names, or names with a port that is not 443.

    `private_addresses`: the hosts stand in a network of ours. `authorities`: a PEM file of whom to
    trust; None: whom the machine trusts. `timeout`: seconds one try may take. `root`: where the
    ledger's pages are, for links to them; None: links are paths.
    """

    hosts: frozenset[str] = frozenset()
    private_addresses: bool = False
    authorities: Path | None = None
    timeout: float = 10.0
    root: str | None = None

    def must_allow(self, url: str) -> None:
        """Refuse a URL whose host is not listed."""
        if not self.hosts:
            raise NotAFact(
                "webhooks are off here: whoever runs the ledger lists the hosts that may be sent "
                "to in LEDGER_WEBHOOK_HOSTS"
            )
        if not self.allows(url):
            raise NotAFact(
                "expected a host that LEDGER_WEBHOOK_HOSTS lists, found another: ask whoever runs "
                "the ledger to list it, with its port where that is not 443"
            )

    def allows(self, url: str) -> bool:
        """Whether the host of an https URL is listed."""
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or _HTTPS
        listed = host if port == _HTTPS else f"{host}:{port}"
        return parts.scheme == "https" and listed in self.hosts

    def link(self, path: str) -> str:
        """A page's address, as far as it is known."""
        return f"{(self.root or '').rstrip('/')}{path}"


def hosts(told: str) -> frozenset[str]:
    """The hosts of a list that commas or blanks part, in lower case."""
    return frozenset(told.replace(",", " ").lower().split())


def address_of(host: str, port: int, *, private: bool) -> str:
    """The address to connect to, found once and looked at: a name may lead anywhere by then.

    Raises NotSent where it has none, or any of them is one that must not be sent to.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent("no-address") from None
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    return chosen(addresses, private=private)


def chosen(addresses: Sequence[Address], *, private: bool) -> str:
    """The first of a host's addresses, if each of them may be sent to."""
    if not addresses or not all(_may_be_sent_to(each, private=private) for each in addresses):
        raise NotSent("address-refused")
    return str(addresses[0])


def _may_be_sent_to(address: Address, *, private: bool) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    # Clouds keep credentials at link-local addresses: never, whatever a setting says.
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if any(address in network for network in _WRAPPED):
        return False
    return address.is_global or (private and (address.is_private or address.is_loopback))
