"""Rasa's message processor made honest: a turn either happens as a whole or did not happen."""

from __future__ import annotations

import asyncio
import functools
import json
from typing import Any, Dict, List, Optional

import aiohttp
import rasa
from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions import action as rasa_actions
from rasa.core.actions import forms as rasa_forms
from rasa.core.actions.action import Action, ActionExecutionRejection, RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, Event, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import ClientResponseError

from integrations.rasa.inside.responses import CaseworkResponses, parse_payload
from integrations.rasa.inside.tracker_store import CaseworkTrackerStore

ACTION_SECONDS = 10
# An action looks at the last message and perhaps the one before; validation looks at the last events.
TURNS_SENT_TO_ACTIONS = 3


class NotHardened(Exception):
    """Rasa was put together in another way than this service needs, so it must not start."""


class ActionFailed(Exception):
    """A custom action did not run to its end, so the dialogue must not go on as if it had."""

    def __init__(self, action: str, why: str) -> None:
        super().__init__(f"The action {action} failed: {why}.")
        self.action = action


class TooManyActions(Exception):
    """The policies kept choosing actions for one message; a rule or story leads in a circle."""


class HonestProcessor(MessageProcessor):
    """Runs turns; an action's failure ends the turn instead of being written over."""

    async def take_turn(self, message: UserMessage, tracker: DialogueStateTracker) -> None:
        """Run one message to its end on the tracker and save it once."""
        await self._update_tracker_session(tracker, message.output_channel, message.metadata)
        await self._handle_message_with_tracker(message, tracker)
        await self.run_action_extract_slots(message.output_channel, tracker)
        await self._run_prediction_loop(message.output_channel, tracker)
        await self.save_tracker(tracker)

    def _has_session_expired(self, _tracker: DialogueStateTracker) -> bool:
        # A form must survive days of silence; the window of events bounds a conversation instead.
        return False

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        temporary = tracker.copy()
        temporary.update_with_events(prediction.events, self.domain)
        try:
            events = await action.run(output_channel, nlg, temporary, self.domain)
        except ActionExecutionRejection:
            tracker.update(
                ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence)
            )
            return self.should_predict_another_action(action.name())
        self._log_action_on_tracker(tracker, action, events, prediction)
        if any(isinstance(event, UserUttered) for event in events):
            await self.run_action_extract_slots(output_channel, tracker)
        await self.execute_side_effects(events, tracker, output_channel)
        return self.should_predict_another_action(action.name())


class HonestRemoteAction(RemoteAction):
    """A custom action with a deadline, a small request, and a failure that nobody in Rasa swallows."""

    def _action_call_format(self, tracker: DialogueStateTracker, domain: Domain) -> Dict[str, Any]:
        state = tracker.current_state(EventVerbosity.NONE)
        state["events"] = [event.as_dict() for event in _last_turns(tracker.events)]
        return {
            "next_action": self.name(),
            "sender_id": tracker.sender_id,
            "tracker": state,
            "domain": _domain_for_actions(domain),
            "version": rasa.__version__,
        }

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> List[Event]:
        """Run the action. Raises ActionFailed, ActionExecutionRejection or ResponseError."""
        answer = await self._ask(self._action_call_format(tracker, domain))
        try:
            _answers_form().validate(answer)
            events = deserialise_events(answer.get("events") or [])
        except (ValidationError, ValueError) as error:
            raise ActionFailed(self.name(), "its answer has the wrong form") from error
        said = await self._utter_responses(answer.get("responses") or [], output_channel, nlg, tracker)
        for utterance in said:
            for button in utterance.data.get("buttons") or []:
                parse_payload(button["payload"])
        return [*said, *events]

    async def _ask(self, body: Dict[str, Any]) -> Dict[str, Any]:
        if self.action_endpoint is None:
            raise ActionFailed(self.name(), "endpoints.yml names no action server")
        try:
            answer = await asyncio.wait_for(
                self.action_endpoint.request(json=body, method="post"), ACTION_SECONDS
            )
        except ClientResponseError as error:
            raise self._refusal(error) from error
        except asyncio.TimeoutError as error:
            raise ActionFailed(self.name(), f"no answer in {ACTION_SECONDS} seconds") from error
        except (aiohttp.ClientError, OSError) as error:
            raise ActionFailed(self.name(), "the action server cannot be reached") from error
        except ValueError as error:
            raise ActionFailed(self.name(), "its answer is not JSON") from error
        if not isinstance(answer, dict):
            raise ActionFailed(self.name(), "its answer is not JSON")
        return answer

    def _refusal(self, error: ClientResponseError) -> Exception:
        """Status 400 with an action's name is how a form says that the message was not for it."""
        if error.status == 400:
            try:
                said = json.loads(error.text)
            except ValueError:
                said = None
            if isinstance(said, dict) and "action_name" in said:
                return ActionExecutionRejection(said["action_name"], said.get("error"))
        return ActionFailed(self.name(), f"status {error.status}")


def harden(agent: Agent) -> HonestProcessor:
    """Put our classes in place of Rasa's. Raises NotHardened if the parts are not the expected ones."""
    processor: Optional[MessageProcessor] = agent.processor
    if processor is None:
        raise NotHardened("Rasa could not load the model.")
    store = getattr(agent.tracker_store, "_tracker_store", None)
    # Rasa takes a store in memory, with a warning, when it cannot import the one in endpoints.yml.
    if not isinstance(agent.tracker_store, FailSafeTrackerStore) or not isinstance(
        store, CaseworkTrackerStore
    ):
        raise NotHardened("endpoints.yml does not name our tracker store, or it cannot be imported.")
    if not isinstance(processor.nlg, CaseworkResponses):
        raise NotHardened("endpoints.yml does not name our responses, or they cannot be imported.")
    # The wrapper answers a database error with a new conversation, and what follows is never stored.
    agent.tracker_store = processor.tracker_store = store
    processor.on_circuit_break = _raise_too_many
    processor.__class__ = HonestProcessor
    # Rasa makes remote actions by these two names; there is no setting for the class.
    rasa_actions.RemoteAction = HonestRemoteAction  # type: ignore[misc]
    rasa_forms.RemoteAction = HonestRemoteAction  # type: ignore[misc]
    assert isinstance(processor, HonestProcessor)
    return processor


@functools.lru_cache(maxsize=1)
def _answers_form() -> Any:
    # Rasa checks the schema itself again for each answer, which is four fifths of a form's turn.
    schema = RemoteAction.action_response_format_spec()
    return validator_for(schema)(schema)


def _raise_too_many(*_: Any) -> None:
    raise TooManyActions("The circle of actions was ended.")


def _last_turns(events: Any) -> List[Event]:
    kept: List[Event] = []
    turns = 0
    for event in reversed(events):
        kept.append(event)
        turns += isinstance(event, UserUttered)
        if turns == TURNS_SENT_TO_ACTIONS:
            break
    return kept[::-1]


def _domain_for_actions(domain: Domain) -> Dict[str, Any]:
    """What validation of forms reads; the responses alone would be most of the request."""
    whole = domain.as_dict()
    return {"slots": whole.get("slots", {}), "forms": whole.get("forms", {})}
