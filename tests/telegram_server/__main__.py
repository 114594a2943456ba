"""`python -m tests.telegram_server --port 8081 --seed 3`: the emulator by itself, until it is interrupted."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading

from tests.telegram_server.faults import Faults
from tests.telegram_server.server import TOKEN, TelegramServer


def main() -> None:
    """Serve, and print one JSON line that says where."""
    parser = argparse.ArgumentParser(prog="python -m tests.telegram_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--token", default=TOKEN)
    for name in ("rate-429", "rate-5xx", "drop-before", "drop-after", "webhook-duplicates"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    parser.add_argument("--retry-after", type=int, default=1)
    parser.add_argument("--delay-ms", type=int, default=0)
    chosen = parser.parse_args()
    faults = Faults(
        rate_429=chosen.rate_429,
        retry_after=chosen.retry_after,
        rate_5xx=chosen.rate_5xx,
        drop_before=chosen.drop_before,
        drop_after=chosen.drop_after,
        delay_ms=chosen.delay_ms,
    )
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with TelegramServer(
        token=chosen.token,
        port=chosen.port,
        seed=chosen.seed,
        faults=faults,
        webhook_duplicates=chosen.webhook_duplicates,
    ) as server:
        sys.stdout.write(json.dumps({"api_url": server.api_url, "token": server.token}) + "\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
