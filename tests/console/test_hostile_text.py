"""Whatever people write is shown as they wrote it, and never runs."""

from __future__ import annotations

from datetime import timedelta
from html import escape

from bot.caseload.attachments import clean_name
from bot.caseload.files import FileStore
from bot.caseload.later_replies import ForLater
from tests.console.conftest import Door
from tests.people import Colleague, Person

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'-alert(1)-'",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "{{ 7 * 7 }}{% for x in y %}",
    "${7*7}#{7*7}",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<details open ontoggle=alert(1)>",
    "&lt;b&gt; &amp;amp;",
    "\u202egnitirw desrever\u202c",
    "zero\u200bwidth",
    "*[x](tg://user?id=1)_",
    "<body onload=alert(1)>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><input name=q></form>",
    "<object data=//evil.example/x></object>",
    "<video src=x onerror=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<button formaction=javascript:alert(1)>x",
    "<x style=animation-name:x onanimationstart=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover='alert(1)",
    "`onmouseover=alert(1)`",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "\u003cscript\u003ealert(1)\u003c/script\u003e",
    "--></script><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "<img src=`x`onerror=alert(1)>",
    "a" * 4000,
)


def shown(text: str) -> str:
    """Return how mark-up shows the text verbatim, with the quotes as the template engine writes them."""
    return escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def test_hostile_words_are_shown_verbatim_on_every_page(
    demo: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    own, manager, phone = demo.as_(amina), demo.as_(grace), demo.someone()
    chat = f"/conversations/{sam.conversation_id}"
    for text in HOSTILE:
        say_it_everywhere(demo, amina, sam, text)
        pages = {
            "inbox": own.get("/").text,
            "chat": own.get(chat).text,
            "updates": (own.get(f"{chat}/updates").json or {})["messages"],
            "clients": own.get("/clients").text,
            "client": own.get(f"/clients/{sam.id}").text,
            "search": own.get("/clients", query_string={"search": text[:40]}).text,
            "not understood": manager.get("/not-understood").text,
            "phone": phone.get("/phone/sam").text,
        }
        for name, page in pages.items():
            assert shown(text[:40]) in page, (name, text)
            # Not the page's own mark-up: the opening tag as it was written, and nothing like it, is there.
            if "<" in text[:40]:
                assert text[:40] not in page, (name, text)
            assert 'href="javascript' not in page.lower()
            assert 'href="data:' not in page.lower()


def test_hostile_words_in_a_form_come_back_verbatim(demo: Door, amina: Colleague, sam: Person) -> None:
    browser = demo.as_(amina)
    for text in HOSTILE[:-1]:
        page = browser.post(
            f"/clients/{sam.id}/leads", {"lead-title": text, "lead-url": "javascript:alert(1)"}
        )
        assert page.status_code == 422
        assert f'value="{shown(text)}"' in page.text


def test_hostile_words_at_the_sign_in_come_back_verbatim(demo: Door) -> None:
    browser = demo.someone()
    for text in HOSTILE[:-1]:
        page = browser.get("/sign-in", query_string={"email": text, "next": text}).text
        assert f'value="{shown(text)}"' in page
        if "<" in text:
            assert text not in page


def test_hostile_names_of_files_notes_and_quick_replies_are_shown_verbatim(
    demo: Door, amina: Colleague, grace: Colleague, sam: Person, files: FileStore
) -> None:
    own, manager = demo.as_(amina), demo.as_(grace)
    chat = f"/conversations/{sam.conversation_id}"
    for number, text in enumerate(HOSTILE):
        sam.sends(b"%PDF-1.7", name=text, files=files)
        with demo.caseload.transaction() as case:
            staff, conversation = case.staff.get(amina.id), case.conversations.lock(sam.conversation_id)
            case.internal_notes.add(staff, conversation, text, key=f"note-{number}")
            # The number goes last: names are told apart by it.
            quick = case.quick_replies.add(staff.service, f"{text[:40]} {number}", text)
            tomorrow = demo.clock.now() + timedelta(days=1)
            words = ForLater(text, tomorrow, tomorrow, False)
            later_id = case.later_replies.add(staff, conversation, words, key=f"later-{number}").id
        page, news = own.get(chat).text, own.get(f"{chat}/updates").json or {}
        filled = own.post(f"{chat}/quick-reply", {"text": text[:40], "quick_reply": quick.id}).text
        seen = {
            "file": (page, clean_name(text) or ""),
            "note": (page, text),
            "updates": (news["messages"], text),
            "later": (news["later"], text),
            "later, to change": (own.get(f"/later/{later_id}").text, text),
            "name of a quick reply": (page, text),
            "quick reply": (manager.get("/quick-replies").text, text),
            "box": (filled, text),
        }
        for name, (markup, words_there) in seen.items():
            assert shown(words_there[:40]) in markup, (name, text)
            if "<" in words_there[:40]:
                assert words_there[:40] not in markup, (name, text)
            assert 'href="javascript' not in markup.lower()


def test_what_no_database_can_hold_is_refused(demo: Door, amina: Colleague, sam: Person) -> None:
    browser = demo.as_(amina)
    chat = f"/conversations/{sam.conversation_id}"
    assert browser.get("/clients/%00").status_code == 400
    assert browser.get("/clients?search=a%00b").status_code == 400
    assert browser.post(f"/clients/{sam.id}/goals", {"goal-text": "a\0b"}).status_code == 400
    for after in ("-1", "9" * 40, "x", "1e9"):
        assert browser.get(f"{chat}/updates?after={after}").status_code == 200
        assert browser.get(f"/phone/sam/messages?after={after}").status_code == 200
    assert browser.get("/not-understood?days=" + "9" * 40).status_code == 403


def say_it_everywhere(demo: Door, amina: Colleague, sam: Person, text: str) -> None:
    """Put the words wherever a client, a colleague or a job board can put words."""
    sam.asks(text)
    with demo.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        client.display_name, client.preferred_name = text[:80], text[:40]
        case.goals.add(client, text)
        case.leads.share(
            client, case.staff.get(amina.id), title=text[:200], employer=text[:200], url=text, why_match=text
        )
        case.misses.record(sam.conversation_id, "m1", text, [(text[:60], 0.4)], [text[:60]])
        case.misses.record_pick(sam.conversation_id, text[:60])
