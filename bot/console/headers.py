"""What a browser may do with our pages."""

from __future__ import annotations

from flask import Flask, Response, request

from bot.console.access import STATIC

#: Where clients' files are served.
FILE = "attachments.show"

#: `data:` is for the arrows and ticks inside the look's own style sheet.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
#: A client's file, opened on its own: it may show or play itself, and nothing else.
FILE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self'",
        "media-src 'self'",
        "style-src 'unsafe-inline'",
        "frame-ancestors 'none'",
        "sandbox",
    )
)


def add_headers(app: Flask) -> None:
    """Put the security headers on every answer."""
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = FILE_POLICY if request.endpoint == FILE else POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    # Not "no-referrer": over https the check of forms needs to see that they come from this site.
    # Pages with a secret in their address say so themselves, and check their forms without it.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint not in STATIC:
        response.headers["Cache-Control"] = "no-store"
    return response
