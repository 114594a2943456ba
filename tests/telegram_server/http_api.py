"""The emulator's HTTP side: real sockets on loopback, so that broken connections are really broken."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.telegram_server.control import Control
from tests.telegram_server.faults import Fate, Fortune
from tests.telegram_server.methods import Methods
from tests.telegram_server.shapes import ApiError, Json
from tests.telegram_server.world import World

_HANG_SECONDS = 60


class HttpApi(ThreadingHTTPServer):
    """Serves one world; `stop` breaks open connections, as a crash would."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], world: World, fortune: Fortune, control: Control) -> None:
        self.world = world
        self.fortune = fortune
        self.control = control
        self.methods = Methods(world)
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, _Handler)

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, to be able to break it."""
        with self._guard:
            self._open.add(connection)

    @property
    def open_connections(self) -> int:
        """How many clients are connected."""
        with self._guard:
            return len(self._open)

    def ended(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._guard:
            self._open.discard(connection)

    def stop(self) -> None:
        """Stop listening and break every connection."""
        self.stopping.set()
        self.world.updates.close()
        self.shutdown()
        self.server_close()
        with self._guard:
            for connection in self._open:
                _break(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Show a mistake of the emulator's; a client that went away is none."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _break(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # It was closed from the other side first.


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Headers and body leave in one packet.
    wbufsize = -1

    @property
    def api(self) -> HttpApi:
        return cast(HttpApi, self.server)

    def setup(self) -> None:
        super().setup()
        self.api.opened(self.connection)

    def finish(self) -> None:
        self.api.ended(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = url.path.strip("/").split("/")
        if parts[0] == "file":
            self._file(unquote("/".join(parts[1:])))
        elif parts[0].startswith("bot") and len(parts) == 2:
            self._method(parts[0][3:], parts[1], self._params(url.query, body))
        else:
            self._answer(*self.api.control.handle(parts, json.loads(body) if body else {}))

    def _params(self, query: str, body: bytes) -> Json:
        params: Json = dict(parse_qsl(query, keep_blank_values=True))
        if "json" in (self.headers.get("Content-Type") or ""):
            return params | (json.loads(body) if body else {})
        return params | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))

    def _method(self, token: str, method: str, params: Json) -> None:
        if unquote(token) != self.api.world.token:
            self._answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
            return
        fate = self.api.fortune.next(method, str(params.get("chat_id")))
        time.sleep(fate.delay_seconds)
        try:
            self._meet(fate, method, params)
        except ApiError as error:
            self._answer(error.code, error.answer())

    def _meet(self, fate: Fate, method: str, params: Json) -> None:
        world = self.api.world
        if fate.kind == "drop_before":
            self._drop()
            return
        if method.lower() == "sendmessage":
            world.check_pace(params.get("chat_id"))
        if fate.kind == "rate_429":
            chat = world.chats.get(int(params.get("chat_id") or 0))
            if chat is None:
                raise ApiError(429, f"Too Many Requests: retry after {fate.retry_after}", fate.retry_after)
            raise world.hold_off(chat, fate.retry_after)
        if fate.kind == "rate_5xx":
            self._write(502, b"<html><body>Bad Gateway</body></html>", "text/html")
            return
        lost = fate.kind in {"drop_after", "hang"}
        if method.lower() == "getupdates":
            raw = f"[{','.join(self.api.methods.updates(params))}]"
        else:
            raw = json.dumps(self.api.methods.call(method, params, answer_lost=lost))
        if fate.kind == "hang":
            self.api.stopping.wait(_HANG_SECONDS)
        if lost:
            self._drop()
        else:
            # Spliced as text, because a test may queue an update with any content.
            self._write(200, f'{{"ok":true,"result":{raw}}}'.encode("utf-8", "replace"))

    def _file(self, path: str) -> None:
        token, _, name = path.partition("/")
        found = [file for file in self.api.world.files.values() if file.path == name and not file.gone]
        if token != f"bot{self.api.world.token}" or not found:
            self._answer(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        else:
            self._write(200, found[0].content, "application/octet-stream")

    def _drop(self) -> None:
        self.close_connection = True
        _break(self.connection)

    def _answer(self, code: int, body: Any) -> None:
        self._write(code, json.dumps(body).encode())

    def _write(self, code: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
