"""The action server: loopback only, for who knows the shared key; no error of it tells what was said."""

from __future__ import annotations

import hmac
import importlib
import json
import pkgutil
import warnings
import zlib
from collections.abc import Iterator
from inspect import isabstract
from typing import Any

import structlog
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import (
    ActionExecutionRejection,
    ActionMissingDomainException,
    ActionNotFoundException,
)
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

import actions
from actions.base import FlowAction, Services

logger = structlog.get_logger(__name__)

KEY_HEADER = "X-Foothold-Key"
#: A tracker's bounded window with the domain is well below this.
BODY_LIMIT = 8 * 1024 * 1024


def flow_actions() -> Iterator[type[FlowAction]]:
    """Return every custom action of the modules in `actions`."""
    for module in pkgutil.iter_modules(actions.__path__, prefix="actions."):
        if module.name == __name__:
            continue
        for thing in vars(importlib.import_module(module.name)).values():
            if (
                isinstance(thing, type)
                and issubclass(thing, FlowAction)
                and thing.__module__ == module.name
                and thing.__name__.startswith(("Action", "Validate"))
                and thing.__name__ not in _BASES
                and not isabstract(thing)
            ):
                yield thing


_BASES = frozenset({"FlowAction", "ValidateForm"})


def make_executor(services: Services) -> ActionExecutor:
    """Return Rasa's executor with every action of ours, each given its services."""
    executor = ActionExecutor()
    for action in flow_actions():
        executor.register_action(action(services))
    return executor


def make_app(services: Services, key: str) -> Sanic[Any, Any]:
    """Return the server; rasa_sdk's own answers any origin, and sends the transcript back on an error."""
    executor = make_executor(services)
    app: Sanic[Any, Any] = Sanic("foothold_actions", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = BODY_LIMIT
    app.config.FALLBACK_ERROR_FORMAT = "json"

    @app.on_request
    async def check_key(request: Request) -> HTTPResponse | None:
        given = request.headers.get(KEY_HEADER, "")
        if hmac.compare_digest(given.encode("utf-8", "replace"), key.encode()):
            return None
        return json_response({"error": "unauthorised"}, status=401)

    @app.get("/health")
    async def health(_request: Request) -> HTTPResponse:
        return json_response({"status": "ok", "actions": len(executor.actions)})

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        try:
            call = _read(request)
        except (ValueError, zlib.error):
            return json_response({"error": "not an action call"}, status=400)
        name = str(call.get("next_action"))
        try:
            result = await executor.run(call)
        except ActionExecutionRejection:
            return json_response({"error": "rejected", "action_name": name}, status=400)
        except ActionNotFoundException:
            logger.error("unknown action", action=name)
            return json_response({"error": "no such action", "action_name": name}, status=404)
        except ActionMissingDomainException:
            # Rasa answers this by sending the call again with its domain.
            return json_response({"error": "domain needed", "action_name": name}, status=449)
        return json_response(result.model_dump() if result else None)

    @app.exception(Exception)
    async def failed(_request: Request, error: Exception) -> HTTPResponse:
        status = error.status_code if isinstance(error, SanicException) else 500
        if status >= 500:
            # Neither the error's text nor its traceback: both may hold what the client wrote.
            logger.error("action call failed", error=type(error).__name__)
        return json_response({"error": "failed"}, status=status)

    return app


def serve(services: Services, key: str, port: int) -> None:
    """Serve until stopped, on this machine's loopback."""
    # One process: threads wait for the database, and a second process would need its own name.
    make_app(services, key).run(
        host="127.0.0.1", port=port, single_process=True, motd=False, access_log=False
    )


def silence_version_warning() -> None:
    """Keep rasa_sdk quiet about Rasa 3.6: the two are tested together (docs/decisions, two environments)."""
    warnings.filterwarnings("ignore", message=r"Your versions of rasa and\s+rasa_sdk might not be compatible")


def _read(request: Request) -> dict[str, Any]:
    body = request.body
    if request.headers.get("Content-Encoding") == "deflate":
        body = zlib.decompress(body)
    call = json.loads(body)
    if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
        raise ValueError("no tracker in the call")
    return call
