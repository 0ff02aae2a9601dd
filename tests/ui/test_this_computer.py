"""Who sits at the computer that the app runs on: told by addresses and headers that nobody elsewhere can have."""

import errno
import socket

import pytest

from cnngru.ui import roles, share, this_computer, visitor


def test_all_its_addresses_are_this_computers():
    for address in ("127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", share.network_address() or "127.0.0.1"):
        assert this_computer.has_address(address), address
    for _, _, _, _, (address, *_) in socket.getaddrinfo(socket.gethostname(), None):
        assert this_computer.has_address(address), address


@pytest.mark.parametrize(
    "address",
    ["192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "localhost", "127.1", ""],
)
def test_others_are_not(address):
    assert not this_computer.has_address(address)


def test_where_the_system_lets_a_socket_have_any_address_only_loopback_is_own(monkeypatch):
    monkeypatch.setattr(this_computer, "_binds", lambda address: True)
    assert not this_computer.has_address("10.0.0.7")
    assert this_computer.has_address("127.0.0.1")


def test_a_system_without_ipv6_is_asked_all_the_same(monkeypatch):
    def none(*_):
        raise OSError(errno.EAFNOSUPPORT, "no such family")

    monkeypatch.setattr(socket, "socket", none)
    assert not this_computer.has_address("2001:db8::7")


@pytest.mark.parametrize(
    "host", ["localhost:8501", "LOCALHOST", "app.localhost", "127.0.0.1:80", "[::1]:8501", "[::1]"]
)
def test_its_names_are_its_own(host):
    assert this_computer.has_name(host)
    assert this_computer.has_name(f"{socket.gethostname()}:8501")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "localhost.evil.example", "8.8.8.8:80", "[::", ""]
)
def test_names_of_others_are_not(host):
    assert not this_computer.has_name(host)


@pytest.mark.parametrize(
    ("address", "headers", "host"),
    [
        (None, {"Host": "localhost:8501"}, True),
        ("::ffff:127.0.0.1", {"Host": "127.0.0.1:8501", "User-Agent": "a browser"}, True),
        ("10.9.8.7", {"Host": "localhost:8501"}, False),
        ("10.9.8.7", {"Host": "localhost", "X-Forwarded-For": "127.0.0.1"}, False),  # said by the visitor itself
        ("10.9.8.7", {"Forwarded": "for=127.0.0.1"}, False),
        (None, {"X-Forwarded-For": "127.0.0.1"}, False),  # by a server in between, on this computer
        (None, {"x-forwarded-for": "10.9.8.7"}, False),
        (None, {"X-Real-IP": "127.0.0.1"}, False),
        (None, {"Via": "1.1 cache"}, False),
        (None, {"CF-Connecting-IP": "127.0.0.1"}, False),
        (None, {"X-Forwarded-Proto": "https"}, False),
        (None, {"Host": "class.tunnel.example"}, False),
        ("not an address", {}, False),
    ],
)
def test_the_host_is_here_and_asks_by_itself(come_from, address, headers, host):
    come_from(address, headers)
    assert roles.is_host() is host


def test_the_host_can_be_nobody(come_from, monkeypatch):
    come_from(None)
    assert roles.is_host()
    monkeypatch.setenv("CNNGRU_HOST", "nobody")
    assert not roles.is_host()


def test_a_server_behind_a_unix_socket_knows_no_host(come_from, monkeypatch):
    come_from(None)
    monkeypatch.setattr(visitor.st, "get_option", lambda name: "unix:///run/app.sock")
    assert not roles.is_host()
