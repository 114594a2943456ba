"""Every safety text against domain 4.4 (must) and 4.5 (must never): all regions, kinds, buttons and hours."""

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.safety.content import CONTENT, ContentMistake, SafetyContent, Told
from bot.safety.routes import Route

CONTENTS = SafetyContent.load()
ALL = CONTENTS.all_messages()
AMINA = Told(("Amina",), in_hours=True)
NIGHT = Told(("Amina",), until="9am on Wednesday 25 November")
DUTY = Told(("Amina",), ("Jo",), until="9am on Wednesday 25 November")
STRANGER = Told(known=False)

MUST_NEVER = """
commit suicide|failed|successful|cry for help|attention|understand how you feel|stay positive|calm down
silly|think of your family|promise|secret|confidential|everything will be|sorry, i|did not get that|diagnos
risk score|high risk
medicine|medication|tablets|pills|method|means|where are you|please wait|wait for|just |simply|obviously
suffer|victim|addict|clean|committed|caseload|handoff|user|has been|have been|i have called|we have called
n't|should've| eg | ie |&
"""
NEVER = [words for line in MUST_NEVER.strip().splitlines() for words in line.split("|")]


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!:])\s+|\n", text) if part.strip()]


def _problems(text: str) -> list[str]:
    # The specification itself words the late reply so.
    said = text.replace("I have just seen this.", "").casefold()
    capitals = set(re.findall(r"\b[A-Z]{2,}\b", text)) - {"SHOUT", "HELLO", "FRANK"}
    checks = {
        "over 60 words": len(text.split()) > 60,
        "a sentence over 20 words": max(len(sentence.split()) for sentence in _sentences(text)) > 20,
        "an exclamation mark": "!" in text,
        "a gap that nobody filled": "{" in text or "  " in text,
        "markdown": re.search(r"[*_`<>\[\]]", text) is not None,
        "an emoji": re.search("[\U0001f000-\U0001faff\u2600-\u27bf]", text) is not None,
        "capitals": bool(capitals),
        "two questions": text.count("?") > 1,
    }
    return [name for name, wrong in checks.items() if wrong] + [words for words in NEVER if words in said]


def test_every_text_is_short_and_plain_and_never_says_what_it_must_not() -> None:
    problems = {name: _problems(message.text) for name, message in ALL}
    assert {name: found for name, found in problems.items() if found} == {}
    assert len(ALL) > 500


@pytest.mark.parametrize("region", CONTENTS.regions)
def test_the_emergency_number_is_first_then_one_voice_and_one_text_line(region: str) -> None:
    emergency = {"england": "999", "new_zealand": "111", "ireland": "112", "australia": "000"}[region]
    for route in Route:
        first = CONTENTS.reply(route, None, region, AMINA)[0].text
        numbers = re.findall(r"\d[\d ]{1,}\d", first)
        assert numbers[0] == emergency
        assert len(numbers) == 3
        assert first.index(emergency) < first.index("call ", first.index(emergency)) < first.index("text ")
        assert "?" not in first


def test_no_region_shows_another_regions_emergency_number() -> None:
    """H2: in England 111 is no emergency number, in New Zealand 999 is none."""
    for name, message in ALL:
        region = name.split("/")[0]
        if region == "england":
            assert not re.search(r"\b111\b", message.text)
        if region == "new_zealand":
            assert not re.search(r"\b999\b", message.text)
            assert "116 123" not in message.text
            assert "85258" not in message.text


@pytest.mark.parametrize("region", [None, "", "atlantis"])
def test_an_unknown_region_gets_both_countries_labelled(region: str | None) -> None:
    england, new_zealand, last = CONTENTS.reply(Route.CRISIS, "suicidal", region, AMINA)
    assert england.text.startswith("If you are in England:")
    assert "999" in england.text
    assert new_zealand.text.startswith("If you are in New Zealand:")
    assert "111" in new_zealand.text
    assert (england.buttons, new_zealand.buttons) == ((), ())
    assert len(last.buttons) == 3


def test_the_three_buttons_come_after_the_numbers_and_each_has_its_own_answer() -> None:
    first, last = CONTENTS.reply(Route.CRISIS, "suicidal", "england", AMINA)
    assert first.buttons == ()
    labels = [button.label for button in last.buttons]
    assert labels == ["I am safe for now", "I need help now", "Ask my consultant to call"]
    answers = {CONTENTS.follow_up(button.key, "england", AMINA)[0].text for button in last.buttons}
    assert len(answers) == 3
    assert all("999" in answer and "116 123" in answer and "85258" in answer for answer in answers)


def test_sam_is_told_who_knows_and_that_nobody_watches_all_the_time() -> None:
    said = CONTENTS.reply(Route.CRISIS, "suicidal", "england", AMINA)[-1].text
    assert "I have sent your message to Amina" in said
    assert "Nobody watches this chat all the time" in said


def test_at_night_sam_is_told_when_somebody_reads_and_that_the_lines_answer_now() -> None:
    said = CONTENTS.reply(Route.CRISIS, "suicidal", "england", NIGHT)[-1].text
    assert "I do not know if anyone will read it before 9am on Wednesday 25 November" in said
    assert "answer day and night" in said
    assert "before 9am" in CONTENTS.follow_up("ask_for_call", "england", NIGHT)[0].text


def test_when_many_were_told_the_team_is_named() -> None:
    everyone = Told(("Amina", "Piotr", "Grace"), in_hours=True)
    assert "to the team" in CONTENTS.reply(Route.CRISIS, None, "england", everyone)[-1].text


def test_with_somebody_on_duty_sam_is_not_told_that_nobody_reads_before_morning() -> None:
    said = CONTENTS.reply(Route.CRISIS, "suicidal", "england", DUTY)[-1].text
    assert "I have sent your message to Amina, and to Jo, who is on duty." in said
    assert "I do not know how soon they will read it." in said
    assert "I do not know if anyone" not in said
    asked = CONTENTS.follow_up("ask_for_call", "england", DUTY)[0].text
    assert "I have asked Amina, and Jo, who is on duty, to call you." in asked


def test_two_people_on_duty_are_named_as_the_people_on_duty() -> None:
    said = CONTENTS.reply(Route.CRISIS, None, "england", Told((), ("Jo", "Lee")))[-1].text
    assert "I have sent your message to the people on duty." in said


def test_in_a_service_without_staff_sam_is_told_that_nobody_could_be_told() -> None:
    messages = CONTENTS.reply(Route.CRISIS, "suicidal", "england", Told())
    said = messages[-1].text
    assert "I could not tell anyone." in said
    assert "have sent" not in said
    assert "ask_for_call" not in [button.key for button in messages[-1].buttons]


def test_the_word_that_amina_is_on_it_is_versioned_content() -> None:
    said = CONTENTS.on_it("Amina", "england")
    assert said.text == "Amina is on it."
    assert said.version.startswith("shared:")
    assert said.buttons == ()


def test_a_stranger_is_not_told_that_somebody_knows() -> None:
    for route in Route:
        messages = CONTENTS.reply(route, None, None, STRANGER)
        said = " ".join(message.text for message in messages)
        assert "have sent" not in said
        assert "ask_for_call" not in [button.key for message in messages for button in message.buttons]
    assert "cannot ask anyone" in CONTENTS.follow_up("ask_for_call", None, STRANGER)[0].text


def test_a_watched_phone_gets_a_short_text_that_gives_nothing_away() -> None:
    messages = CONTENTS.reply(Route.SAFEGUARDING, "watched_phone", "england", AMINA)
    assert len(messages) == 1
    assert messages[0].buttons == ()
    start = messages[0].text[:60].casefold()
    for word in ("abuse", "safe", "danger", "violence", "suicid", "work", "job", "amina"):
        assert word not in start


@pytest.mark.parametrize("route", Route)
def test_the_preview_of_every_reply_is_neutral(route: Route) -> None:
    start = CONTENTS.reply(route, None, "england", AMINA)[0].text[:60].casefold()
    assert not re.search("abuse|violence|suicid|self-harm|job|employ|benefit", start)


def test_low_mood_is_offered_a_call_and_not_the_crisis_buttons() -> None:
    last = CONTENTS.reply(Route.SOFT, "low_mood", "england", AMINA)[-1]
    assert [button.key for button in last.buttons] == ["ask_for_call", "not_now"]


def test_a_lapse_gets_the_alcohol_and_drug_line_and_no_telling_off() -> None:
    text = CONTENTS.reply(Route.SOFT, "lapse", "new_zealand", AMINA)[0].text
    assert "0800 787 797" in text
    assert not re.search("should|must|again|back", text)


def test_a_late_reply_says_so_and_an_open_form_is_put_aside() -> None:
    first, last = CONTENTS.reply(Route.CRISIS, None, "england", AMINA, late=True, aside=True)
    assert first.text.startswith("I have just seen this.")
    assert "put my other questions away" in last.text


def test_a_voice_message_gets_the_truth_and_the_numbers() -> None:
    text = CONTENTS.unreadable("new_zealand")[0].text
    assert text.startswith("I can only read text.")
    assert "111" in text


def test_an_unknown_kind_falls_back_to_the_routes_own_text() -> None:
    assert CONTENTS.reply(Route.CRISIS, "new kind", "england", AMINA) == CONTENTS.reply(
        Route.CRISIS, "suicidal", "england", AMINA
    )


def test_a_number_is_stale_after_180_days_and_still_shown() -> None:
    dated = [number for number in CONTENTS.numbers if number.last_checked is not None]
    never = [number for number in CONTENTS.numbers if number.last_checked is None]
    last = max(number.last_checked for number in dated if number.last_checked is not None)
    assert CONTENTS.stale(last) == never
    assert len(CONTENTS.stale(date(2040, 1, 1))) == len(CONTENTS.numbers)


def test_a_text_is_stale_after_180_days_and_names_its_owner(tmp_path: Path) -> None:
    for path in CONTENT.glob("*.yml"):
        dated = path.read_text(encoding="utf-8").replace(
            "\nlast_checked: never", "\nlast_checked: 2026-11-21"
        )
        (tmp_path / path.name).write_text(dated, encoding="utf-8")
    content = SafetyContent.load(tmp_path)
    assert content.stale_texts(date(2027, 5, 20)) == []
    stale = content.stale_texts(date(2027, 5, 21))
    assert {texts.file for texts in stale} == {path.name for path in CONTENT.glob("*.yml")}
    assert {texts.owner for texts in stale} == {"clinical safety officer"}


def test_content_without_an_owner_is_a_named_mistake_at_start(tmp_path: Path) -> None:
    for path in CONTENT.glob("*.yml"):
        ownerless = path.read_text(encoding="utf-8").replace("owner: clinical safety officer\n", "")
        (tmp_path / path.name).write_text(ownerless, encoding="utf-8")
    with pytest.raises(ContentMistake):
        SafetyContent.load(tmp_path)


#: What clients read under each version. A change of a text or a number needs a new version, and a line here.
FINGERPRINTS = {
    "australia:1": "b46cb6603eae8186",
    "england:1": "7ee704739ec752ab",
    "ireland:1": "9f5606047d31dc10",
    "new_zealand:1": "44119a4a0637c143",
    "shared:3": "804e787686e437f4",
}


def test_what_clients_read_changes_only_with_its_version() -> None:
    found = {}
    for path in sorted(CONTENT.glob("*.yml")):
        book = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        read = {key: part for key, part in book.items() if key not in {"owner", "last_checked", "numbers"}}
        # Of the numbers only which they are: the day of the last check is no text.
        read["numbers"] = sorted(book.get("numbers", ()))
        written = json.dumps(read, sort_keys=True, ensure_ascii=False)
        found[f"{path.stem}:{book['version']}"] = hashlib.sha256(written.encode()).hexdigest()[:16]
    assert found == FINGERPRINTS


def test_every_number_in_a_text_is_in_the_checked_list() -> None:
    known = {number.number for number in CONTENTS.numbers}
    for name, message in ALL:
        text = message.text.replace("9am on Wednesday 25 November", "")
        shown = {number.strip() for number in re.findall(r"\d[\d ]*\d", text)}
        assert shown <= known, name


def test_a_broken_content_file_is_a_named_mistake_at_start(tmp_path: Path) -> None:
    for path in CONTENT.glob("*.yml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "england.yml").write_text("region: england\n", encoding="utf-8")
    with pytest.raises(ContentMistake):
        SafetyContent.load(tmp_path)
    (tmp_path / "england.yml").write_text("[", encoding="utf-8")
    with pytest.raises(ContentMistake):
        SafetyContent.load(tmp_path)
