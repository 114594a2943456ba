"""One conversation: what did Sam and the bot say?"""

from __future__ import annotations

import re
import uuid

from bot.caseload.models.conversation import Conversation, Message
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person


def chat(sam: Person, more: str = "") -> str:
    return f"/conversations/{sam.conversation_id}{more}"


def epoch_on(page: str) -> str:
    found = re.search(r'name="epoch" value="(\d+)"', page)
    assert found
    return found[1]


def takes_over(browser: Browser, sam: Person) -> None:
    epoch = epoch_on(browser.text(chat(sam)))
    assert browser.post(chat(sam, "/take-over"), {"epoch": epoch}).status_code == 303


def replies(browser: Browser, sam: Person, text: str, key: str | None = None, *, follow: bool = True) -> str:
    form = {"text": text, "form_key": key or uuid.uuid4().hex}
    return browser.post(chat(sam, "/reply"), form, follow=follow).text


def conversation_of(console: Door, sam: Person) -> Conversation:
    with console.caseload.transaction() as case:
        return case.conversations.lock(sam.conversation_id)


def said_by_people(console: Door, sam: Person) -> list[Message]:
    with console.caseload.transaction() as case:
        newest = case.transcript.newest(case.conversations.lock(sam.conversation_id))
        return [message for message in newest if message.author == "person"]


def test_the_transcript_tells_who_said_what_when_and_what_became_of_it(
    console: Door, amina: Colleague, sam: Person
) -> None:
    sam.says("When do we meet?")
    sam.is_told("You meet on Thursday.")
    sam.is_told("Something else.", delivery="queued")
    page = console.as_(amina).text(chat(sam))
    assert "What did Sam and the bot say?" in page
    for words in ("When do we meet?", "You meet on Thursday.", "10am", "Received", "Waiting to be sent"):
        assert words in page
    assert page.index("When do we meet?") < page.index("You meet on Thursday.")


def test_every_delivery_state_has_its_words(console: Door, amina: Colleague, sam: Person) -> None:
    words = {
        "queued": "Waiting to be sent",
        "sending": "Sending",
        "sent": "Sent",
        "uncertain": "Sent, may have arrived twice",
        "failed": "Not delivered",
        "suppressed": "Not sent: a person had the chat",
    }
    for state in words:
        message_id = sam.is_told(f"In the state {state}", delivery="queued")
        with console.caseload.transaction() as case:
            conversation = case.conversations.lock(sam.conversation_id)
            next(m for m in case.transcript.newest(conversation) if m.id == message_id).delivery = state
    page = console.as_(amina).text(chat(sam))
    for state, label in words.items():
        assert f'data-state="{state}">{label}<' in page


def test_a_photo_and_an_edit_are_shown_in_words(console: Door, amina: Colleague, sam: Person) -> None:
    sam.says("", kind="photo")
    sam.says("I meant Friday", kind="edited")
    page = console.as_(amina).text(chat(sam))
    assert "sent a photo" in page
    assert "changed a message" in page
    assert "I meant Friday" in page


def test_an_edit_shows_the_earlier_words_and_the_first_words_say_that_they_were_changed(
    console: Door, amina: Colleague, sam: Person
) -> None:
    said = [("text", "Thrusday"), ("edited", "Thursday"), ("edited", "I meant Friday")]
    with console.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        for kind, words in said:
            case.transcript.add_from_client(
                conversation, words, kind=kind, inbox_seq=None, channel_message_id=7
            )
        # A press carries the number of the message that it stood under.
        case.transcript.add_from_client(
            conversation, "Yes", kind="button", inbox_seq=None, channel_message_id=7
        )
    page = console.as_(amina).text(chat(sam))
    first, second, third, press = re.findall(r"<li class=.bubble .*?</li>", page, re.DOTALL)
    assert "changed later, see below" in first
    assert "Earlier words" not in first
    assert second.count("Thrusday") == 1
    assert "edited" in third
    assert third.index("I meant Friday") < third.index("Earlier words") < third.index("Thrusday")
    assert "pressed: <bdi>Yes</bdi>" in press
    assert "changed later" not in press


def test_looking_at_a_conversation_is_noted(console: Door, amina: Colleague, sam: Person) -> None:
    console.as_(amina).get(chat(sam))
    with console.caseload.reading() as case:
        seen = [(line.action, line.staff_id) for line in case.audit.of_client(sam.id)]
        assert ("conversation viewed", amina.id) in seen


def test_amina_answers_once_and_the_bot_keeps_the_chat(console: Door, amina: Colleague, sam: Person) -> None:
    handoff_id = sam.asks("Can I keep my benefit?")
    browser = console.as_(amina)
    assert "This answers Sam once. The bot keeps the chat." in browser.text(chat(sam))
    assert "Your message is on its way." in replies(browser, sam, "Yes, most of it.")
    assert conversation_of(console, sam).mode == "bot"
    with console.caseload.reading() as case:
        assert case.handoffs.get_for(case.staff.get(amina.id), handoff_id).status == "answered"


def test_sending_the_same_page_twice_sends_once(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    key = uuid.uuid4().hex
    replies(browser, sam, "Yes, most of it.", key)
    replies(browser, sam, "Yes, most of it.", key)
    assert len(said_by_people(console, sam)) == 1


def test_an_empty_reply_is_asked_for_again(console: Door, amina: Colleague, sam: Person) -> None:
    assert "Write a message first." in replies(console.as_(amina), sam, "   ")
    assert said_by_people(console, sam) == []


def test_a_reply_that_is_too_long_is_kept_in_the_box(console: Door, amina: Colleague, sam: Person) -> None:
    page = replies(console.as_(amina), sam, "a" * 3501)
    assert "This is too long for one message" in page
    assert "a" * 3501 in page
    assert said_by_people(console, sam) == []


def test_amina_takes_the_chat_over_and_the_bot_is_silent(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    takes_over(browser, sam)
    assert "You have the chat. The bot is silent." in browser.text(chat(sam))
    assert conversation_of(console, sam).held_by_id == amina.id


def test_the_second_person_learns_who_was_faster(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    first, second = console.as_(amina), console.as_(grace)
    epoch = epoch_on(second.text(chat(sam)))
    takes_over(first, sam)
    answer = second.post(chat(sam, "/take-over"), {"epoch": epoch})
    assert answer.status_code == 409
    assert "Amina was faster" in answer.text
    assert conversation_of(console, sam).held_by_id == amina.id


def test_pressing_take_over_twice_is_no_mistake(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    epoch = epoch_on(browser.text(chat(sam)))
    browser.post(chat(sam, "/take-over"), {"epoch": epoch})
    assert browser.post(chat(sam, "/take-over"), {"epoch": epoch}).status_code == 303


def test_grace_cannot_write_while_amina_has_the_chat_and_keeps_her_words(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    takes_over(console.as_(amina), sam)
    second = console.as_(grace)
    assert "Amina has the chat" in second.text(chat(sam))
    page = replies(second, sam, "Let me help")
    assert "A colleague has the chat now. Your message was not sent." in page
    assert "Let me help</textarea>" in page
    assert said_by_people(console, sam) == []


def test_grace_may_take_the_chat_from_amina(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    takes_over(console.as_(amina), sam)
    second = console.as_(grace)
    assert "Take over from Amina" in second.text(chat(sam))
    takes_over(second, sam)
    assert conversation_of(console, sam).held_by_id == grace.id


def test_amina_hands_back_with_a_note(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    takes_over(browser, sam)
    page = browser.post(chat(sam, "/hand-back"), {"note": "See you Thursday"}, follow=True).text
    assert "The bot has the chat again" in page
    assert "See you Thursday" in page
    assert conversation_of(console, sam).mode == "bot"


def test_amina_chooses_where_the_bot_goes_on(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    browser.post(chat(sam, "/take-over"), {"epoch": str(conversation_of(console, sam).epoch)})
    assert "It waits for the client to write" in browser.text(chat(sam))
    wrong = browser.post(chat(sam, "/hand-back"), {"resume": "somewhere"}, follow=True).text
    assert "Choose where the bot goes on." in wrong
    assert conversation_of(console, sam).mode == "person"
    browser.post(chat(sam, "/hand-back"), {"resume": "nothing"})
    assert conversation_of(console, sam).mode == "bot"
    with console.caseload.reading() as case:
        assert case.inbox.waiting()[0] == 0


def test_handing_back_what_one_does_not_have_changes_nothing(
    console: Door, amina: Colleague, sam: Person
) -> None:
    page = console.as_(amina).post(chat(sam, "/hand-back"), follow=True)
    assert "You did not have the chat" in page.text


def test_nothing_can_be_sent_to_a_chat_that_is_no_longer_linked(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    with console.caseload.transaction() as case:
        case.conversations.unlink(case.conversations.lock(sam.conversation_id))
    assert "This chat is not linked any more" in browser.text(chat(sam))
    assert "Your message was not sent" in replies(browser, sam, "Hello")
    assert said_by_people(console, sam) == []


def test_updates_bring_what_is_new_and_the_states_of_what_is_not(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    first = sam.is_told("You meet on Thursday.")
    sam.says("Thank you")
    news = browser.get(chat(sam, f"/updates?after={first}")).json
    assert news
    assert "Thank you" in news["messages"]
    assert "You meet on Thursday." not in news["messages"]
    assert [first, "sent", "Sent"] in news["states"]
    assert news["last"] > first


def test_updates_tell_who_has_the_chat_now(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    watching = console.as_(grace)
    before = watching.get(chat(sam, "/updates")).json
    takes_over(console.as_(amina), sam)
    after = watching.get(chat(sam, "/updates")).json
    assert before and after
    assert before["may_write"] is True
    assert after["may_write"] is False
    assert "Amina has the chat" in after["owner"]
    assert before["epoch"] != after["epoch"]


def test_updates_for_somebody_signed_out_say_so_without_a_page(console: Door, sam: Person) -> None:
    browser = console.someone()
    browser.headers = {"Accept": "application/json"}
    assert browser.get(chat(sam, "/updates")).status_code == 401


def test_a_client_who_blocked_the_bot_is_marked(console: Door, amina: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        case.conversations.mark_unreachable(case.conversations.lock(sam.conversation_id))
    browser = console.as_(amina)
    assert "Sam blocked the bot: please phone." in browser.text(chat(sam))
    assert "Cannot be reached on the chat" in browser.text("/clients")


def test_amina_sees_since_when_sam_is_back(console: Door, amina: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        case.conversations.mark_unreachable(conversation)
        case.conversations.mark_reachable(conversation)
    console.clock.advance(days=2)
    browser = console.as_(amina)
    assert "Sam is back since" in browser.text(f"/conversations/{sam.conversation_id}")
    assert "Wednesday 25 November at 10am" in browser.text(f"/conversations/{sam.conversation_id}")
    assert "Is back since" in browser.text(f"/clients/{sam.id}")
    assert "Is back since Wednesday 25 November at 10am" in browser.text("/clients")
    console.clock.advance(days=6)
    assert "back since" not in console.as_(amina).text("/clients")


def test_amina_sees_that_sam_has_not_said_yet_whether_it_is_ok_to_chat(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser, path = console.as_(amina), f"/conversations/{sam.conversation_id}"
    is_open = "Sam has not said yet whether it is OK to chat here."
    assert is_open in browser.text(path)
    assert is_open in browser.get(f"{path}/updates").json["owner"]
    with console.caseload.transaction() as case:
        case.consents.record(case.clients.find(sam.id), "demo_chat", given=False, wording_version="1")
    assert is_open not in browser.text(path)
