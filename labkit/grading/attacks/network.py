"""Attacks over the network and over this machine's own sockets."""

from labkit.grading.attacks.attack import Attack

__all__ = ["ATTACKS"]

_TCP = """
import socket
for address in [("127.0.0.1", BAIT["tcp"]), ("1.1.1.1", 53), ("192.168.1.1", 80)]:
    try:
        socket.create_connection(address, timeout=1)
        loot.append(address)
    except OSError:
        pass
"""
_UDP = """
import socket
for address in [("127.0.0.1", BAIT["udp"]), ("1.1.1.1", 53)]:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"hello", address)
            if address[0] != "127.0.0.1":
                loot.append(address)
    except OSError:
        pass
"""
_DNS = """
import socket
for name in ("example.org", "localhost.localdomain.test"):
    try:
        loot.append(socket.getaddrinfo(name, 80))
    except OSError:
        pass
"""
_UNIX = """
import socket
for address in (BAIT["abstract"], BAIT["path"], "/run/docker.sock", "/run/systemd/private",
                "/run/dbus/system_bus_socket", "/tmp/.X11-unix/X0"):
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(address)
            loot.append(address)
    except OSError:
        pass
"""
_RAW = """
import socket
raw, stream = socket.SOCK_RAW, socket.SOCK_STREAM
packet, netlink, vsock, alg = 17, 16, 40, 38
for family, kind, protocol in ((packet, raw, 3), (socket.AF_INET, raw, 1), (netlink, raw, 0),
                               (vsock, stream, 0), (alg, 5, 0)):
    try:
        socket.socket(family, kind, protocol)
        loot.append(family)
    except OSError:
        pass
"""


def _called(name):
    def success(bait, reply):
        return f"{name}: it reached a socket outside" if bait.called(name) else ""

    return success


ATTACKS = (
    Attack("tcp", "connect by TCP", _TCP, success=_called("tcp")),
    Attack("udp", "send by UDP", _UDP, success=_called("udp")),
    Attack("dns", "ask the DNS", _DNS, seconds=30),
    Attack(
        "unix",
        "connect to sockets of this machine, abstract ones too",
        _UNIX,
        success=_called("unix"),
    ),
    Attack("raw", "open raw and exotic sockets", _RAW),
)
