"""A client goes on with what a person answered: their words reach that person, on the same handoff."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Case
from bot.conversation.linking import plain
from bot.conversation.speaking import say_when_a_person_reads
from bot.conversation.wording import Wording

#: How far back a person's words are looked for.
LINES_READ = 30
#: Files that may be what a person asked for, or speech to them.
FOR_A_PERSON = frozenset({"voice", "audio", "video", "video_note", "photo", "document"})
#: What the dialogue takes for an answer, or does not understand. Straight after a person's words these are
#: words to that person. Anything else asks the bot for something of its own, and the bot sees to it.
ANSWERS = frozenset({
    "affirm", "deny", "skip", "go_back", "not_sure", "inform_time", "choose_option",
    "choose_appointment", "choose_time", "ask_another_time", "keep_appointment", "run_late", "choose_goal",
    "like_job", "decline_job", "ask_job_details", "give_decline_reason", "send_question", "change_words",
    "keep_data", "feel_good", "feel_low", "nlu_fallback", "out_of_scope", "pick_meaning",
})  # fmt: skip
#: Words that thank or say goodbye and wait for nothing. A yes or a no is not among them: it may be an answer.
COURTESIES = frozenset({
    "thanks", "thank", "thankyou", "thx", "tx", "ty", "ta", "cheers", "you", "u", "so", "very", "much", "a",
    "lot", "many", "really", "ok", "okay", "k", "kk", "okey", "oki", "great", "good", "perfect", "lovely",
    "brilliant", "cool", "nice", "fine", "alright", "right", "got", "it", "that", "thats", "is", "will", "do",
    "again", "for", "bye", "goodbye", "see", "soon", "hi", "hello", "hey", "kia", "ora", "nga", "ngā", "mihi",
    "ka", "pai", "and", "all", "the", "help", "your", "answering", "sorted", "noted", "understood",
})  # fmt: skip
#: Of courtesies these alone make one; the others only stand beside them.
THE_HEART_OF_ONE = COURTESIES - frozenset({
    "you", "u", "so", "very", "much", "a", "lot", "many", "really", "it", "that", "thats", "is", "will", "do",
    "again", "for", "see", "soon", "and", "all", "the", "help", "your", "answering",
})  # fmt: skip
_LETTERS = re.compile(r"\w")


def is_courtesy(text: str, names: Collection[str] = ()) -> bool:
    """Return whether words only thank, agree to have read, or greet: "ok thanks Amina", "👍"."""
    if "?" in text:
        return False
    if not _LETTERS.search(text):
        return True
    said = plain(text).split()
    known = {plain(name) for name in names}
    return all(word in COURTESIES or word in known for word in said) and any(
        word in THE_HEART_OF_ONE for word in said
    )


def is_to_a_person(case: Case, conversation: Conversation, seqs: Collection[int]) -> bool:
    """Return whether the last words before these messages, thanks left aside, were a person's of the service.

    `seqs` are the places of these messages in the inbox.
    """
    names = _names(case, conversation)
    for message in reversed(case.transcript.newest(conversation, LINES_READ)):
        if message.author == "person" and message.delivery not in {"failed", "suppressed"}:
            return True
        if message.author == "client":
            # What came later is not read yet.
            is_later = message.inbox_seq is not None and message.inbox_seq >= min(seqs)
            if not is_later and not (message.kind == "text" and is_courtesy(message.text, names)):
                return False
        elif not _is_unseen_or_an_answer(message):
            return False
    return False


def pass_file_on(case: Case, conversation: Conversation, item: InboxItem, caption: str) -> None:
    """Have a person look at what came straight after their words, if it may be meant for them."""
    if item.kind in FOR_A_PERSON and is_to_a_person(case, conversation, [item.seq]):
        case.handoffs.open(conversation.client, caption, "question")


def goes_on(
    case: Case,
    conversation: Conversation,
    item: InboxItem,
    text: str,
    intent: str | None,
    seqs: Collection[int],
    *,
    answered: bool,
) -> bool:
    """Return whether these words go on with what a person said, or ended, and have to reach a person.

    `answered` says whether the dialogue has something to say to them, `intent` what it took them for.
    """
    client = conversation.client
    if item.kind != "text" or is_courtesy(text, _names(case, conversation)):
        return False
    if any(case.safety_events.of_message(seq) is not None for seq in seqs):
        # People are alerted about these already.
        return False
    if answered and case.handoffs.was_asked_since(client, item.received_at):
        # The dialogue has passed them on itself: nobody hears of them twice.
        return False
    if is_to_a_person(case, conversation, seqs):
        return not answered or intent in ANSWERS
    return not answered and case.handoffs.may_go_on(client)


def pass_on(case: Case, words: Wording, conversation: Conversation, item: InboxItem, text: str) -> None:
    """Open again what a person ended, or anew after a day, and tell the client who reads it and when."""
    case.handoffs.open(conversation.client, text, "question")
    say_when_a_person_reads(case, words, conversation, key=f"in:{item.seq}:on", inbox_seq=item.seq)


def _is_unseen_or_an_answer(message: Message) -> bool:
    """Return whether words of ours are not on the phone, or answer a message that is looked at itself."""
    return message.delivery == "suppressed" or message.inbox_seq is not None


def _names(case: Case, conversation: Conversation) -> list[str]:
    """Return the first names by which the client may thank somebody."""
    people = {one.staff for one in case.transcript.newest(conversation, LINES_READ) if one.staff is not None}
    consultant = conversation.client.consultant
    return [one.first_name for one in [*people, *([consultant] if consultant else [])]]
