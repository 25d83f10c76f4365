"""Who asks, as far as an address tells, and under which name this site was asked."""

from ipaddress import IPv6Address, ip_address, ip_network


def household(address: str) -> str:
    """Return what one household has: an address, or of IPv6 the network, as it has many in it."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))


def this_machine(host: str) -> bool:
    """Return whether a name or an address is that of this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def name_of(host: str) -> str:
    """Return the name in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
