"""A mail server of the test's own, on loopback: takes mail, or misbehaves as told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Behaviour:
    """How the server answers; `silent` never does, `hangs_up` closes the line after the mail has left."""

    rcpt: str = "250 ok"
    taken: str = "250 ok"
    login: str = "235 ok"
    silent: bool = False
    hangs_up: bool = False


@dataclass
class SmtpServer:
    """Runs from `start` to `stop`; `mails` holds what it took, `logins` what was sent as a login."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    mails: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    def start(self) -> SmtpServer:
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer.serve(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._ended = threading.Event()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def stop(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self, line: socketserver.StreamRequestHandler) -> None:
        def say(words: str) -> None:
            line.wfile.write(f"{words}\r\n".encode())

        if self.behaviour.silent:
            self._ended.wait(30)
            return
        say("220 test")
        while command := line.rfile.readline().decode().strip():
            verb = command.split(" ")[0].upper()
            if verb == "EHLO":
                say("250-test")
                say("250 AUTH PLAIN")
            elif verb == "AUTH":
                self.logins.append(command)
                say(self.behaviour.login)
            elif verb == "RCPT":
                say(self.behaviour.rcpt)
            elif verb == "DATA":
                say("354 go on")
                self._take(line, say)
                if self.behaviour.hangs_up:
                    return
            else:
                say("250 ok")

    def _take(self, line: socketserver.StreamRequestHandler, say: Callable[[str], None]) -> None:
        rows = []
        while (row := line.rfile.readline().decode()).rstrip("\r\n") != ".":
            rows.append(row)
        if not self.behaviour.hangs_up:
            if self.behaviour.taken.startswith("250"):
                self.mails.append("".join(rows))
            say(self.behaviour.taken)
