"""A person has the chat and does not answer: the lead is told, and the client hears the truth. Each once."""

from __future__ import annotations

from datetime import datetime

from bot.caseload.alerts import WAIT, channels_of
from bot.caseload.handoffs import SILENT
from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.queues import Timer
from bot.caseload.store import Case
from bot.caseload.waits import LOOK_AGAIN
from bot.conversation.speaking import say_to
from bot.conversation.waiting import leads_of
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent

TIMER = "silence"


def watch(case: Case, conversation: Conversation) -> None:
    """Note that the client wrote to the person who has the chat; of several messages the first counts."""
    last = case.transcript.last_of_person(conversation)
    case.timers.set(
        f"{TIMER}:{conversation.id}:{conversation.epoch}:{last}",
        TIMER,
        _due_at(case, conversation) or case.clock.now() + LOOK_AGAIN,
        client_id=conversation.client_id,
        payload={"conversation": conversation.id, "epoch": conversation.epoch, "last": last},
    )


class Silence:
    """What happens when nobody answers; `by_mail` says whether this install can send mail."""

    def __init__(self, words: Wording, *, by_mail: bool = False) -> None:
        self._words = words
        self._by_mail = by_mail

    def ring(self, case: Case, timer: Timer) -> None:
        """Tell the lead and the client, unless the person answered or gave the chat back; it stays theirs."""
        conversation = case.conversations.lock(str(timer.payload["conversation"]))
        is_theirs = conversation.mode == Mode.PERSON and conversation.epoch == timer.payload["epoch"]
        answered = case.transcript.last_of_person(conversation) != timer.payload["last"]
        if not is_theirs or answered or conversation.unlinked_at is not None:
            return
        client, holder = conversation.client, conversation.held_by
        hours = case.services.open_time(client)
        if not hours.in_hours:
            case.timers.put_off(timer, hours.next_start or case.clock.now() + LOOK_AGAIN)
            return
        handoff = case.handoffs.open(client, "", SILENT, urgency="today").handoff
        told = leads_of(case, client, but=holder)
        for staff in told:
            ways = channels_of(staff, by_mail=self._by_mail)
            # The timer's id: a later silence of the same person is another one.
            case.alerts.queue(handoff, staff, SILENT, ways, f"{timer.id}:", about=WAIT)
        case.audit.record("nobody answered", actor="bot", client_id=client.id, subject=handoff.id)
        if _is_quiet(case, conversation):
            return
        name = holder.first_name if holder else client.service.name
        leads = " and ".join(staff.first_name for staff in told)
        response = "utter_gateway_person_silent" if told else "utter_gateway_person_silent_nobody_told"
        say_to(
            case,
            self._words,
            conversation,
            response,
            key=timer.key,
            values={"staff_name": name, "lead": leads},
        )


def _due_at(case: Case, conversation: Conversation) -> datetime | None:
    service = conversation.client.service
    return case.working_time.after_in_service(service, case.clock.now(), service.silence_minutes)


def _is_quiet(case: Case, conversation: Conversation) -> bool:
    """Return whether another person may be reading the phone: then no word more than needed."""
    open_ones = case.handoffs.open_for(conversation.client)
    return any(SafetyContent.is_quiet(case.safety_events.kinds_of(one.id)) for one in open_ones)
