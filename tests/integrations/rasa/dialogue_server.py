"""The real dialogue server with a tiny model, and an action server that does what a test says."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from integrations.rasa.client import check
from integrations.rasa.types import DialogueUnavailable

ROOT = Path(__file__).parents[3]
TINY = Path(__file__).parent / "tiny"
PYTHON = ROOT / ".venv-dialogue" / "bin" / "python"
SECRET = "the secret of the tests"
START_SECONDS = 90

Answer = tuple[int, bytes]


class ActionServer:
    """Answers custom actions; `answers` holds what each action says, `calls` what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[dict[str, Any]], Answer]] = {}
        self.calls: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1  # Head and body in one packet; two wait for each other.

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.calls.append(body)
                server.keys.append(self.headers.get("X-Foothold-Key"))
                status, content = server.answers.get(body["next_action"], nothing)(body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/webhook"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def calls_of(self, action: str, conversation: str) -> list[dict[str, Any]]:
        return [
            call for call in self.calls if (call["next_action"], call["sender_id"]) == (action, conversation)
        ]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def nothing(_call: dict[str, Any]) -> Answer:
    return says()


def says(*responses: dict[str, Any], events: list[dict[str, Any]] | None = None) -> Answer:
    return 200, json.dumps({"events": events or [], "responses": list(responses)}).encode()


class DialogueServer:
    """The process itself; `start` waits until it answers."""

    def __init__(self, folder: Path, model: Path, actions_url: str) -> None:
        self.folder, self.model, self.actions_url = folder, model, actions_url
        self.database = folder / "dialogue.db"
        self.log = folder / "dialogue.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), env=environment(), cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                check(self.url, timeout=2)
            except DialogueUnavailable:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        self.kill()
        raise AssertionError(f"The dialogue server did not start:\n{self.log.read_text()[-2000:]}")

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was not started"
        return self._process.pid

    def resident_mb(self) -> int:
        """The memory that the process holds."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024

    def command(self) -> list[str]:
        return [
            *(str(PYTHON), "-m", "integrations.rasa.inside.server", "dialogue"),
            *("--model", str(self.model), "--port", str(self.port), "--root", str(ROOT)),
            *("--actions-url", self.actions_url, "--database-url", f"sqlite:///{self.database}"),
        ]

    def kill(self) -> None:
        """As kill -9 does: no good-bye, nothing saved."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(secret: str = SECRET) -> dict[str, str]:
    return {**os.environ, "FOOTHOLD_SECRET_KEY": secret, "RASA_TELEMETRY_ENABLED": "false"}


def run(
    module: str, *arguments: str, said: str = "", secret: str = SECRET
) -> subprocess.CompletedProcess[str]:
    """Run a module of the dialogue environment to its end."""
    return subprocess.run(
        [str(PYTHON), "-m", f"integrations.rasa.inside.{module}", *arguments],
        env=environment(secret),
        cwd=ROOT,
        input=said,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def tiny_model() -> Path:
    """The trained tiny model; trained again only when what it is made of has changed."""
    sources = [*TINY.rglob("*.yml"), ROOT / "nlu" / "requirements.lock"]
    sources += [ROOT / "integrations" / "rasa" / "inside" / f"{name}.py" for name in ("train", "manifest")]
    content = b"".join(path.read_bytes() for path in sorted(sources))
    kept = Path(tempfile.gettempdir()) / f"foothold-tiny-{hashlib.sha256(content).hexdigest()[:16]}"
    if not kept.exists():
        fresh = Path(tempfile.mkdtemp(prefix="foothold-tiny-"))
        trained = run("train", "--root", str(TINY), "--out", str(fresh))
        assert trained.returncode == 0, trained.stderr
        try:
            fresh.rename(kept)
        except OSError:
            assert kept.exists()  # Another test process was faster.
    return next(kept.glob("*.tar.gz"))
