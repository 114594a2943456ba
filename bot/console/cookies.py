"""The session cookie: `__Host-` over https, a plain one on this machine only, none anywhere else."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from urllib.parse import urlsplit

from flask import Flask, Request, Response, has_request_context, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class Transport(StrEnum):
    """How safe the way between the browser and us is."""

    HTTPS = "https"
    #: Plain http that does not leave the browser's own machine.
    LOOPBACK = "loopback"
    PLAIN = "plain"


def transport_of(asked: Request) -> Transport:
    """Return how the browser reached us, from the address that it used."""
    if asked.is_secure:
        return Transport.HTTPS
    if "X-Forwarded-For" in asked.headers or "Forwarded" in asked.headers or "Via" in asked.headers:
        # A proxy that we were not told to trust: it may be hiding the address that the browser used.
        return Transport.PLAIN
    # Both: the address that was asked for is what its sender writes, and a page of another site can make
    # a browser on this machine ask for that site's own name here.
    is_here = _is_loopback(asked.host) and _is_this_machine(asked.remote_addr)
    return Transport.LOOPBACK if is_here else Transport.PLAIN


class HostCookieSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, under a name that only a safe connection can set."""

    salt = "foothold-console"

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the session; over an unsafe connection there is none to read."""
        if transport_of(request) == Transport.PLAIN:
            return SecureCookieSession()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session, except over an unsafe connection."""
        if transport_of(request) != Transport.PLAIN:
            super().save_session(app, session, response)

    def get_cookie_name(self, app: Flask) -> str:
        """Return the cookie's name on this connection."""
        return "__Host-foothold" if self.get_cookie_secure(app) else "foothold"

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 (Flask's signature)
        """Return whether the browser may send the cookie over https only."""
        return has_request_context() and transport_of(request) == Transport.HTTPS


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_this_machine(name)


def _is_this_machine(address: str | None) -> bool:
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback
