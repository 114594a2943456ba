"""Serves the console."""

from __future__ import annotations

from typing import Any, Protocol

from flask import Flask
from waitress import create_server  # type: ignore[import-untyped]

from bot.console.app import MAX_FORM_BYTES
from bot.console.parts import Console

THREADS = 8
#: Above our own limit, so that a form that is a little too long still gets our own page.
MAX_BODY = 4 * MAX_FORM_BYTES


class Server(Protocol):
    """A server that listens already."""

    #: The port it listens on; of interest when 0 was asked for.
    effective_port: int

    def run(self) -> None:
        """Answer requests until the process is stopped."""

    def close(self) -> None:
        """Stop listening."""


def listen(app: Flask, host: str, port: int) -> Server:
    """Return a server that listens; port 0 takes a free one."""
    parts: Console = app.extensions["foothold"]
    server: Server = create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident="",
        max_request_body_size=MAX_BODY,
        **_proxy_options(parts.config.trusted_proxy),
    )
    return server


def serve(app: Flask, host: str, port: int) -> None:
    """Answer requests until the process is stopped."""
    listen(app, host, port).run()


def _proxy_options(proxy: str | None) -> dict[str, Any]:
    if proxy is None:
        # Their headers are kept, so that the console sees there is a proxy and refuses sign-in.
        return {"clear_untrusted_proxy_headers": False}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }
