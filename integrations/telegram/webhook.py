"""The listener for Telegram's webhook: it stores the raw update first and answers 200 second.

tornado, because python-telegram-bot itself uses it for this, and it brings no other package with it.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

import structlog
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, stream_request_body

logger = structlog.get_logger(__name__)

Store = Callable[[str], Awaitable[None]]

MAX_BODY = 1_000_000
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_IDLE_SECONDS = 75


class WebhookServer:
    """Listens on one path for one bot; `port` 0 picks a free one, and `port` then tells which."""

    def __init__(self, host: str, port: int, path: str, secret: str, store: Store) -> None:
        if not secret:
            raise ValueError("a webhook without a secret would take messages from anybody")
        self.host = host
        self.port = port
        self.path = "/" + path.strip("/")
        application = Application(
            [(r".*", _Update, {"path": self.path, "secret": secret, "store": store})],
            log_function=_no_access_log,
        )
        self._server = HTTPServer(
            application,
            # Above our own limit, so that we and not tornado answer: it would say 400 instead of 413.
            max_body_size=20 * MAX_BODY,
            idle_connection_timeout=_IDLE_SECONDS,
            body_timeout=30,
        )

    async def start(self) -> None:
        """Begin to listen; raises OSError when the port is taken."""
        sockets = bind_sockets(self.port, self.host)
        self.port = sockets[0].getsockname()[1]
        self._server.add_sockets(sockets)

    async def stop(self) -> None:
        """Stop listening; what was not answered is delivered again."""
        self._server.stop()
        await self._server.close_all_connections()


def _no_access_log(handler: RequestHandler) -> None:
    """Say nothing: the path is half a secret."""


@stream_request_body
class _Update(RequestHandler):
    """One delivery, checked before its body is read."""

    def initialize(self, path: str, secret: str, store: Store) -> None:
        self._path = path
        self._secret = secret
        self._store = store
        self._refusal: int | None = None
        self._body = bytearray()

    def prepare(self) -> None:
        if not hmac.compare_digest(self.request.path.encode(), self._path.encode()):
            self._refusal = 404
        elif not hmac.compare_digest(
            self.request.headers.get(_SECRET_HEADER, "").encode(), self._secret.encode()
        ):
            logger.warning("webhook call with a wrong secret refused")
            self._refusal = 403

    def data_received(self, chunk: bytes) -> None:
        # A refused body is read and dropped: an answer in the middle of it would often be lost in a reset.
        if self._refusal is None:
            self._body += chunk
            if len(self._body) > MAX_BODY:
                self._refusal = 413
                self._body.clear()

    async def post(self) -> None:
        if self._refusal is not None:
            raise HTTPError(self._refusal)
        # Telegram delivers again until it sees a 200, so an error in here must become a 500.
        await self._store(self._body.decode("utf-8", "replace"))
        self.set_status(200)

    def log_exception(self, _type: object, error: BaseException | None, _trace: object) -> None:
        """Name the error without its text, which may hold what a client wrote."""
        if not isinstance(error, HTTPError):
            logger.error("update not stored", error=type(error).__name__)

    def write_error(self, status_code: int, **_details: object) -> None:  # noqa: ARG002
        """Answer with the status alone."""
        self.finish()
