"""The dialogue server's process: python -m integrations.rasa.inside.server dialogue --model FILE --port N."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Optional, Sequence

from integrations.rasa import signing
from integrations.rasa.inside import light, logs
from integrations.rasa.inside.manifest import ModelRefused, read_secret, verify_manifest

if TYPE_CHECKING:
    from sanic import Sanic

CHANNEL = "integrations.rasa.inside.channel.GatewayChannel"
BODY_LIMIT = 64 * 1024
RESPONSE_SECONDS = 120

logger = logging.getLogger("foothold.dialogue")


class WillNotStart(Exception):
    """The server's files say something that it must not do."""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Serve turns until told to stop; 1 with one clear line if it must not or cannot start."""
    options = _options(arguments)
    logs.quiet(as_json=options.log == "json")
    model = Path(options.model).resolve()
    try:
        secret = read_secret(options.secret_file)
        verify_manifest(model, secret)
        prepare_environment(options, secret)
        light.without_unused(light.components_of(model))
        with _bound(options.host, options.port) as listening:
            serve(model, Path(options.root).resolve(), listening)
    except (ModelRefused, WillNotStart, OSError) as error:
        return _refuse(error)
    return 0


def prepare_environment(options: argparse.Namespace, secret: str) -> None:
    """Give endpoints.yml and credentials.yml their values; the install's secret itself is not kept."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.pop("FOOTHOLD_SECRET_KEY", None)
    os.environ["FOOTHOLD_DIALOGUE_KEY"] = signing.derive(secret, signing.DIALOGUE)
    os.environ["FOOTHOLD_ACTIONS_KEY"] = signing.derive(secret, signing.ACTIONS)
    if options.actions_url:
        os.environ["FOOTHOLD_ACTIONS_URL"] = options.actions_url
    os.environ.setdefault("FOOTHOLD_ACTIONS_URL", "http://127.0.0.1:5055/webhook")
    database = options.database_url or os.environ.get("FOOTHOLD_DATABASE_URL")
    if database:
        os.environ["FOOTHOLD_TRACKER_URL"] = database
    if "FOOTHOLD_TRACKER_URL" not in os.environ:
        raise WillNotStart("No database is given: set FOOTHOLD_DATABASE_URL or give --database-url.")


def serve(model: Path, root: Path, listening: socket.socket) -> None:
    """Load the model and answer turns on the socket until SIGTERM. Raises WillNotStart."""
    credentials = _credentials(root)
    # The names of our classes in endpoints.yml and of components in the model start at the root.
    sys.path.insert(0, str(root))
    from rasa.core.agent import load_agent
    from rasa.core.channels import channel as rasa_channels
    from rasa.core.utils import AvailableEndpoints
    from sanic import Sanic

    logs.quiet_structlog()
    from integrations.rasa.inside.channel import GatewayChannel
    from integrations.rasa.inside.processor import NotHardened
    from integrations.rasa.inside.tracker_store import TrackerStoreError

    app = Sanic("foothold_dialogue", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = BODY_LIMIT
    app.config.RESPONSE_TIMEOUT = RESPONSE_SECONDS
    app.config.FALLBACK_ERROR_FORMAT = "json"
    endpoints = AvailableEndpoints.read_endpoints(str(root / "endpoints.yml"))
    if endpoints.model or endpoints.nlu or endpoints.event_broker:
        raise WillNotStart("endpoints.yml may name only action_endpoint, tracker_store and nlg.")

    async def load(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        app.ctx.agent = await load_agent(model_path=str(model), endpoints=endpoints, loop=loop)

    async def ready(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        logger.info("dialogue server is ready")

    try:
        gateway = GatewayChannel.from_credentials(credentials)
        app.register_listener(load, "before_server_start")
        rasa_channels.register([gateway], app, route="/webhooks/")
        app.register_listener(ready, "after_server_start")
        app.run(sock=listening, workers=1, access_log=False, motd=False, debug=False)
    except (NotHardened, TrackerStoreError) as error:
        raise WillNotStart(str(error)) from error


def _credentials(root: Path) -> dict[str, str]:
    from rasa.shared.utils.io import read_config_file

    credentials = read_config_file(str(root / "credentials.yml"))
    if list(credentials) != [CHANNEL]:
        raise WillNotStart("credentials.yml may name only our gateway channel.")
    return dict(credentials[CHANNEL])


def _bound(host: str, port: int) -> socket.socket:
    # Taken before the model is loaded, so that a port in use is said at once.
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise WillNotStart(f"The port {port} on {host} cannot be used ({error.strerror}).") from error
    return listening


def _refuse(error: Exception) -> int:
    print(f"The dialogue server does not start. {error}", file=sys.stderr, flush=True)  # noqa: T201
    return 1


def _options(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="server", description="Serve the dialogue to our gateway.")
    parser.add_argument("part", choices=["dialogue"], help="names the process in the list of processes")
    parser.add_argument("--model", required=True, help="the model file, with its manifest beside it")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--host", default="127.0.0.1", help="loopback, or a private address")
    parser.add_argument("--root", default=".", help="where endpoints.yml and credentials.yml stand")
    parser.add_argument("--actions-url", help="the action server; else FOOTHOLD_ACTIONS_URL")
    parser.add_argument("--database-url", help="for the conversations; else FOOTHOLD_DATABASE_URL")
    parser.add_argument("--secret-file", help="holds the install's secret, if FOOTHOLD_SECRET_KEY does not")
    parser.add_argument("--log", choices=["text", "json"], default="text")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
