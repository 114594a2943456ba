"""Serves the console."""

from __future__ import annotations

from flask import Flask
from waitress import serve as serve_with_waitress  # type: ignore[import-untyped]

from bot.console.parts import Console

THREADS = 8


def serve(app: Flask, host: str, port: int) -> None:
    """Answer requests until the process is stopped."""
    parts: Console = app.extensions["foothold"]
    proxy = parts.config.trusted_proxy
    serve_with_waitress(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident="",
        trusted_proxy=proxy,
        trusted_proxy_count=1 if proxy else None,
        trusted_proxy_headers={"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"} if proxy else None,
        # Kept where no proxy is trusted, so that the console sees there is one and refuses sign-in.
        clear_untrusted_proxy_headers=bool(proxy),
    )
