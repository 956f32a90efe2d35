"""Refuses every connection that would leave this machine, and remembers it, so that no error handling can hide it."""

import ipaddress
import socket

refused: list[str] = []
_real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
_real_getaddrinfo = socket.getaddrinfo


class NetworkRefused(RuntimeError):
    """Not an OSError: code that copes with a missing network must not cope with this."""


def is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host in (None, "", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
        return address.is_loopback or address.is_unspecified  # 0.0.0.0: a server asks for all its own addresses
    except ValueError:
        return False


def _check(family: int, address: object) -> None:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return  # AF_UNIX and the like stay on this machine
    host = address[0] if isinstance(address, tuple) else address
    if not is_local(host):
        refused.append(str(host))
        raise NetworkRefused(f"this test tried to reach {address!r}; tests may only talk to this machine")


def install() -> None:
    def connect(self, address):
        _check(self.family, address)
        return _real["connect"](self, address)

    def connect_ex(self, address):
        _check(self.family, address)
        return _real["connect_ex"](self, address)

    def sendto(self, data, *rest):
        _check(self.family, rest[-1])
        return _real["sendto"](self, data, *rest)

    def getaddrinfo(host, *args, **options):
        _check(socket.AF_INET, (host, 0))
        return _real_getaddrinfo(host, *args, **options)

    socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto = connect, connect_ex, sendto
    socket.getaddrinfo = getaddrinfo


def remove() -> None:
    for name, method in _real.items():
        setattr(socket.socket, name, method)
    socket.getaddrinfo = _real_getaddrinfo
