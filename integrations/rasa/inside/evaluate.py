"""Measures models on the held-out messages: python -m integrations.rasa.inside.evaluate MODEL [OTHER]."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, List, Mapping, Optional, Sequence

from integrations.rasa.inside import light, logs
from integrations.rasa.inside.evaluate_data import (
    HELD_OUT,
    SPLITS,
    BadHeldOut,
    HeldOutMessage,
    Mention,
    read_held_out,
)
from integrations.rasa.inside.evaluate_report import Evaluation, as_json, as_text, draw
from integrations.rasa.inside.evaluate_scores import FALLBACK, TIME_KINDS, Answer
from integrations.rasa.inside.manifest import ModelRefused, model_id_of, read_secret, verify_manifest
from integrations.rasa.inside.train import prepare_environment

WARM_UP = "hello"


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Print how good one model is, or what changes from the first to the second."""
    options = _options(arguments)
    root = Path(options.root).resolve()
    models = [Path(model).resolve() for model in options.models]
    try:
        messages = read_held_out(Path(options.held_out) if options.held_out else root / HELD_OUT)
        messages = [message for message in messages if options.split in ("all", message.split)]
        secret = read_secret(options.secret_file)
        for model in models:
            verify_manifest(model, secret)
        prepare_environment(models[0].parent)
        light.without_unused([name for model in models for name in light.components_of(model)])
        sys.path.insert(0, str(root))
        evaluations = [
            Evaluation(model_id_of(model), tuple(asyncio.run(_answers(model, messages)))) for model in models
        ]
        if options.picture:
            draw(evaluations[-1], Path(options.picture))
    except (ModelRefused, BadHeldOut, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    if options.json:
        print(json.dumps(as_json(evaluations), ensure_ascii=False, indent=2))  # noqa: T201
    else:
        print(as_text(evaluations, options.show_test))  # noqa: T201
    return 0


async def _answers(model: Path, messages: Sequence[HeldOutMessage]) -> List[Answer]:
    from rasa.core.agent import Agent

    from integrations.rasa.inside.turns import read_question

    logs.quiet_structlog()
    processor = Agent.load(str(model)).processor
    if processor is None:
        raise ModelRefused(f"Rasa could not load the model {model.name}.")
    await processor.parse_message(read_question({"text": WARM_UP, "metadata": messages[0].metadata}))
    answers = []
    for message in messages:
        question = read_question({"text": message.text, "metadata": dict(message.metadata)})
        began, cpu_began = time.perf_counter(), time.process_time()
        parsed = await processor.parse_message(question)
        spent, cpu_spent = time.perf_counter() - began, time.process_time() - cpu_began
        answers.append(as_answer(message, parsed, 1000 * spent, 1000 * cpu_spent))
    return answers


def as_answer(
    message: HeldOutMessage, parsed: Mapping[str, Any], milliseconds: float, cpu_milliseconds: float
) -> Answer:
    """What Rasa's parsed message says, in our words."""
    top = parsed["intent"]
    ranking = parsed.get("intent_ranking") or [top]
    return Answer(
        message=message,
        # Rasa has no intent at all for a message in which a model without examples found nothing.
        intent=str(top.get("name") or FALLBACK),
        ranking=tuple(
            (str(each["name"]), float(each["confidence"]))
            for each in ranking
            if each.get("name") and each["name"] != FALLBACK
        ),
        times=tuple(
            Mention.of(each["entity"], each["value"])
            for each in parsed.get("entities") or []
            if each["entity"] in TIME_KINDS
        ),
        milliseconds=milliseconds,
        cpu_milliseconds=cpu_milliseconds,
    )


def _options(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="evaluate", description="Measure models on the held-out messages.")
    parser.add_argument("models", nargs="+", metavar="MODEL", help="a model file; a second one is compared")
    parser.add_argument("--root", default=".", help="where the components that the models name stand")
    parser.add_argument("--held-out", help=f"another file of messages than {HELD_OUT} in the root")
    parser.add_argument("--split", choices=(*SPLITS, "all"), default="all", help="which messages")
    parser.add_argument("--show-test", action="store_true", help="show mistakes of the test split as well")
    parser.add_argument("--json", action="store_true", help="print JSON, with every mistake")
    parser.add_argument("--picture", metavar="PATH", help="draw the confusions of the last model as a PNG")
    parser.add_argument("--secret-file", help="holds the install's secret, if FOOTHOLD_SECRET_KEY does not")
    options = parser.parse_args(arguments)
    if len(options.models) > 2:
        parser.error("give one model, or two to compare")
    return options


if __name__ == "__main__":
    sys.exit(main())
