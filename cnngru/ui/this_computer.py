"""Whether a connection comes from this very computer, and was addressed to it. Plain text in, no page.

An own address is told by binding to it, which a system allows for its own addresses alone: so 127.x, ::1, and those of
each network, cable or radio, without a list of them.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

NOBODYS = ("192.0.2.1", "2001:db8::1")  # addresses for examples in books (RFC 5737, RFC 3849)
# Headers by which a server in between says for whom it asks, on the same computer maybe. Who sends one is no host.
PASSED_ON = ("forwarded", "via", "cdn-loop", "client-ip", "true-client-ip", "fastly-client-ip", "remote-addr")
PASSED_ON_BEGINS = ("x-forwarded", "x-real-", "x-client-", "x-original-", "x-cluster-client", "x-envoy-", "cf-", "fly-")


def passed_on(headers: Iterable[str]) -> bool:
    """Whether one of a request's headers, by their names, says that another server has passed it on."""
    return any(name.lower() in PASSED_ON or name.lower().startswith(PASSED_ON_BEGINS) for name in headers)


def has_address(text: str) -> bool:
    """Whether it is an address of this computer. False for whatever is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:  # as a server on :: hears IPv4
        address = address.ipv4_mapped
    if address.is_unspecified or address.is_multicast:
        return False
    return address.is_loopback or (_binds(str(address)) and not _binds(NOBODYS[address.version == 6]))


def _binds(address: str) -> bool:
    """Whether the system lets a socket have the address. One can be told to allow any: then it says nothing."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address, 0, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.bind(place)
    except OSError:
        return False
    return True


def has_name(host: str) -> bool:
    """Whether a request's Host header names this computer: an own address, localhost, or its name in the network.

    A page of somebody else's that was made to lead here (DNS rebinding), and a tunnel, come with names of their own.
    """
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    name = name.removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    own = socket.gethostname().lower()
    short = own.partition(".")[0]
    return name in {own, short, f"{short}.local"} - {"", ".local"} or has_address(name)
