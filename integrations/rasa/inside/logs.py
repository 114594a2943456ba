"""Logs that say where something happened and never what a client wrote."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from typing import Any, Dict

OURS = "foothold"


class QuietFormatter(logging.Formatter):
    """Our own messages as they are; of other people's only the place and the kind of error."""

    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        # Rasa and Sanic put messages, slots and whole transcripts into theirs, also into exceptions' texts.
        place = f"{record.name}:{record.funcName}:{record.lineno}"
        event = record.getMessage() if record.name.split(".")[0] == OURS else f"reported at {place}"
        fields: Dict[str, Any] = {"event": event, "level": record.levelname.lower()}
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
        if self._as_json:
            return json.dumps({"time": self.formatTime(record), "part": "dialogue", **fields})
        error = f" ({fields['error']})" if "error" in fields else ""
        return f"{self.formatTime(record)} dialogue {fields['level']}: {event}{error}"


def quiet(as_json: bool = False) -> None:
    """Set up logging for a process of the dialogue environment; call it before Rasa is imported."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["LOG_LEVEL"] = os.environ["LOG_LEVEL_LIBRARIES"] = "ERROR"
    # Python's warnings are how Rasa prints messages that it cannot parse; libraries undo a filter.
    warnings.simplefilter("ignore")
    logging.captureWarnings(True)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(QuietFormatter(as_json))
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(logging.INFO)


def quiet_structlog() -> None:
    """Drop what Rasa logs through structlog, whose fields are the client's words and slots."""
    import structlog

    structlog.configure(
        processors=[_drop],
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        cache_logger_on_first_use=True,
    )


def _drop(_logger: Any, _method: str, _event: Any) -> Any:
    import structlog

    raise structlog.DropEvent
