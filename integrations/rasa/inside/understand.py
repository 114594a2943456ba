"""Prints what a model makes of each line: python -m integrations.rasa.inside.understand --model FILE."""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import sys
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, TextIO
from zoneinfo import ZoneInfo

from integrations.rasa.inside import light, logs
from integrations.rasa.inside.manifest import ModelRefused, read_secret, verify_manifest
from integrations.rasa.inside.train import prepare_environment

ZONES = {"england": "Europe/London", "nz": "Pacific/Auckland"}


class BadMoment(Exception):
    """The --now or --region given is not one."""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Read messages from standard input, one a line, and print a JSON line for each."""
    options = _options(arguments)
    try:
        metadata = moment(options.now, options.region)
        model = Path(options.model).resolve()
        verify_manifest(model, read_secret(options.secret_file))
        prepare_environment(model.parent)
        light.without_unused(light.components_of(model))
        sys.path.insert(0, str(Path(options.root).resolve()))
        asyncio.run(_answer(model, metadata, sys.stdin, sys.stdout))
    except (ModelRefused, BadMoment, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2 if isinstance(error, BadMoment) else 1
    return 0


def moment(now: Optional[str], region: str) -> Dict[str, str]:
    """The metadata that time extraction reads; a time without zone is the region's. Raises BadMoment."""
    key = {"new_zealand": "nz"}.get(region.lower(), region.lower())
    if key not in ZONES:
        raise BadMoment(f"There is no region {region}; there are {', '.join(ZONES)}.")
    zone = ZoneInfo(ZONES[key])
    try:
        time = datetime.datetime.fromisoformat(now) if now else datetime.datetime.now(zone)
    except ValueError as error:
        raise BadMoment(f"{now} is not a time such as 2026-11-25T10:00.") from error
    time = time.replace(tzinfo=zone) if time.tzinfo is None else time.astimezone(zone)
    return {"now": time.isoformat(), "timezone": ZONES[key], "region": key}


async def _answer(model: Path, metadata: Dict[str, str], lines: Iterable[str], out: TextIO) -> None:
    from rasa.core.agent import Agent

    from integrations.rasa.inside.turns import read_question

    logs.quiet_structlog()
    processor = Agent.load(str(model)).processor
    if processor is None:
        raise ModelRefused("Rasa could not load the model.")
    for line in lines:
        text = line.rstrip("\r\n")
        if not text.strip():
            answer: Dict[str, Any] = {"intents": [], "entities": []}
        else:
            message = read_question({"text": text[:4096], "metadata": metadata})
            answer = as_line(await processor.parse_message(message))
        out.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
        out.flush()


def as_line(parsed: Mapping[str, Any]) -> Dict[str, List[Dict[str, Any]]]:
    """A parsed message in the words of the command `foothold understand`."""
    top = parsed["intent"]
    ranking = parsed.get("intent_ranking") or ([top] if top.get("name") else [])
    return {
        "intents": [{"name": each["name"], "confidence": float(each["confidence"])} for each in ranking],
        "entities": [
            {
                "entity": each["entity"],
                "text": parsed["text"][each["start"] : each["end"]]
                if "start" in each
                else str(each["value"]),
                "value": each["value"],
            }
            for each in parsed.get("entities") or []
        ],
    }


def _options(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="understand", description="Show what a model makes of messages.")
    parser.add_argument("--model", required=True, help="the model file, with its manifest beside it")
    parser.add_argument("--now", help="the moment of the message, as 2026-11-25T10:00; else the present")
    parser.add_argument("--region", default="england", help="england or nz")
    parser.add_argument("--root", default=".", help="where the components that the model names stand")
    parser.add_argument("--secret-file", help="holds the install's secret, if FOOTHOLD_SECRET_KEY does not")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
