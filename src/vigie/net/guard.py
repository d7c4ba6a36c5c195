"""Refuse addresses that lead into a private network.

Every name is resolved here, every address it gives is checked, and the connection is then made to the checked address
itself: a name that answers differently a moment later (DNS rebinding) changes nothing.

Source: IANA special-purpose address registries (RFC 6890), as Python's `ipaddress` holds them, plus those it misses.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence

from vigie.errors import ConfigError, FatalError, RetryableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host."""

REFUSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",  # shared between a carrier and its clients, RFC 6598
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "240.0.0.0/4",  # reserved, RFC 1112
        "64:ff9b::/96",  # IPv4 behind NAT64, RFC 6052
        "64:ff9b:1::/48",  # local NAT64, RFC 8215
        "100::/64",  # discard, RFC 6666
        "2001::/23",  # protocol assignments, Teredo among them, RFC 2928
        "2002::/16",  # IPv4 inside 6to4, RFC 3056
        "fc00::/7",  # unique local, RFC 4193
        "fec0::/10",  # old site-local, RFC 3879
    )
)
"""Networks refused beside what `ipaddress` calls private, loopback, link-local, multicast, reserved or unspecified."""


def networks_of(text: str) -> tuple[Network, ...]:
    """Read networks separated by commas, such as `127.0.0.0/8, fd00::/8`.

    Raises:
        ConfigError: one can't be read.
    """
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as exc:
        raise ConfigError(
            f"“{text}” is not a list of networks: {exc}.", code="net.networks", facts={"text": text}
        ) from exc


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses that the system's resolver gives."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_private(address: Address) -> bool:
    """Say whether an address leads anywhere but the public network."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return is_private(address.ipv4_mapped)
    special = (
        address.is_private, address.is_loopback, address.is_link_local, address.is_multicast, address.is_reserved,
        address.is_unspecified,
    )  # fmt: skip
    return any(special) or any(address in network for network in REFUSED if network.version == address.version)


def checked_addresses(host: str, port: int, *, allowed: Sequence[Network], resolver: Resolver) -> list[str]:
    """Return the addresses of a host, all of them public or allowed.

    Raises:
        FatalError: one of them is private: a name that gives both is a trap.
        RetryableError: the name is not known now.
    """
    try:
        found = [ipaddress.ip_address(text.split("%")[0]) for text in resolver(host.strip("[]"), port)]
    except (OSError, UnicodeError) as exc:
        raise RetryableError(
            f"The name {host} is not known. Check the address.",
            code="net.dns",
            facts={"host": host},
        ) from exc
    for address in found:
        if is_private(address) and not any(
            address in network for network in allowed if network.version == address.version
        ):
            raise FatalError(
                f"{host} lies in a private network, which is never read. An administrator can allow it on the page "
                "“Networks of your own” of the settings (/settings/networks/), or by VIGIE_ALLOWED_PRIVATE_NETWORKS.",
                code="net.private",
                facts={"host": host},
            )
    return [str(address) for address in found]
