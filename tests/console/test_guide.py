"""The consultants' guide says what the pages say, and its pictures are of the pages as they are.

`make guide-images` makes the pictures anew.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyotp
import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.caseload.store import Caseload
from bot.clock import FixedClock
from bot.conversation.wording import Wording
from tests.console.browsers import chromium, open_window, served, tabs
from tests.console.conftest import ROOT, Door
from tests.console.guide_morning import Morning
from tests.people import PASSWORD, Colleague

__all__ = ["chromium", "tabs"]

GUIDE = ROOT / "docs" / "guides" / "consultant.md"
IMAGES = GUIDE.parent / "images"
LARGEST = 80 * 1024
PHONE, DESK = {"width": 360, "height": 780}, {"width": 960, "height": 800}
#: All that a page says: in its text, on its buttons, and in what unfolds.
WORDS = """() => [document.body.textContent, ...[...document.querySelectorAll("input[type=submit]")]
  .map((one) => one.value)].join(" ")"""
_PICTURE = re.compile(r"!\[([^\]]*)\]\(images/([\w-]+\.png)\)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")


def sections() -> dict[str, str]:
    """Return the guide's text by the heading that it stands under."""
    parts = re.split(r"^## (.+)$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_picture_of_the_guide_is_there_and_every_picture_that_is_there_is_in_it() -> None:
    named = {name for _, name in _PICTURE.findall(GUIDE.read_text(encoding="utf-8"))}
    assert named == {path.name for path in IMAGES.iterdir()}


def test_pictures_are_light_enough_for_a_phone_and_told_to_who_cannot_see_them() -> None:
    assert [path.name for path in IMAGES.iterdir() if path.stat().st_size > LARGEST] == []
    for alt, name in _PICTURE.findall(GUIDE.read_text(encoding="utf-8")):
        assert len(alt.split()) > 5, name


@dataclass
class Tour:
    """A walk through the console that notes what is read where."""

    page: Page
    #: The words of the pages that were looked at for a section of the guide.
    read: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)

    def look(self, section: str, path: str | None = None) -> None:
        """Read a page, or the present one, for a section of the guide."""
        if path is not None:
            self.page.goto(path)
        # What was pressed leads to another page, which may have come and have no body yet.
        self.page.wait_for_load_state()
        words = " ".join(self.page.evaluate(WORDS).split())
        self.read[section] = f"{self.read.get(section, '')} {words}"

    def lacks(self, section: str, text: str) -> list[str]:
        """Return the bold words of a section that no page which was read for it says."""
        bold = [" ".join(words.split()) for words in _BOLD.findall(text)]
        return [words for words in bold if words not in self.read.get(section, "")]

    def picture(self, name: str, of: str = "body", *, height: int = 780) -> None:
        """Take a picture of the top of the page, or of a part of it with a little around it."""
        self.page.wait_for_load_state()
        self.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        assert not self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), name
        box = self.page.locator(of).first.bounding_box()
        assert box is not None
        if of == "body":
            clip = {**box, "height": height}
        else:
            clip = {
                "x": 0,
                "y": box["y"] - 10,
                "width": box["width"] + 2 * box["x"],
                "height": box["height"] + 20,
            }
        self.pictures[name] = self.page.screenshot(clip=clip, full_page=True)  # type: ignore[arg-type]

    def comes_in(self, who: Colleague, clock: FixedClock) -> None:
        self.page.goto("/sign-in")
        self.page.get_by_label("Email address").fill(who.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        if who.totp_secret:
            self.page.get_by_label("Code of 6 digits").fill(pyotp.TOTP(who.totp_secret).at(clock.now()))
            self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/")


@pytest.fixture
def morning(app: Flask, caseload: Caseload, clock: FixedClock, words: Wording) -> Morning:
    morning = Morning.begin(caseload, clock, words)
    with caseload.transaction() as case:
        # The demo's password is another one.
        case.staff.get(morning.amina.id).password_hash = None
    for who in (morning.amina, morning.nadia):
        Door(app, caseload, clock).has_password(who)
    return morning


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    # Not the demo's console, which shows passwords and codes.
    with served(app) as address:
        yield address


@pytest.fixture
def tour(chromium: Browser, address: str, tabs: list[BrowserContext], morning: Morning) -> Iterator[Tour]:
    page, problems = open_window(chromium, address, tabs)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    yield Tour(page)
    assert problems == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_pages_still_say_what_the_guide_says(tour: Tour, morning: Morning) -> None:
    begin(tour, morning)
    answer(tour, morning)
    look_ahead(tour, morning)
    be_alerted(tour, morning)
    if WANTED:
        keep(tour.pictures)
    assert {f"{name}.png" for name in tour.pictures} == {path.name for path in IMAGES.iterdir()}
    missing = {heading: tour.lacks(heading, text) for heading, text in sections().items()}
    assert {heading: words for heading, words in missing.items() if words} == {}


def begin(tour: Tour, morning: Morning) -> None:
    """Nadia signs in for the first time."""
    tour.page.goto("/sign-in")
    tour.look("The first time")
    tour.comes_in(morning.nadia, morning.clock)
    tour.look("The first time")
    tour.picture("first-steps")
    for path in ("/alerts", "/availability", "/account"):
        tour.look("The first time", path)
    tour.page.get_by_role("button", name="Sign out").click()


def answer(tour: Tour, morning: Morning) -> None:
    """Amina reads who waits, answers, takes the chat and gives it back."""
    page = tour.page
    tour.comes_in(morning.amina, morning.clock)
    tour.look("Somebody waits")
    tour.picture("inbox", height=825)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(f"/conversations/{morning.sam.conversation_id}")
    tour.look("Answer")
    tour.picture("conversation", height=810)
    tour.look("Take over")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_label("Quick reply").select_option("Got your message")
    page.get_by_role("button", name="Put it in").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Fill in {day} first. Nothing was sent.")).to_be_visible()
    tour.look("Put in a quick reply")
    tour.picture("quick-reply", "form.reply")
    box = page.get_by_label("Your message")
    box.fill(box.input_value().replace("{day}", "Thursday"))
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Take over").click()
    page.get_by_label("Note for Sam").fill("We look at it together on Thursday.")
    tour.look("Take over")
    tour.look("Hand back")
    tour.picture("hand-back", ".owner")
    page.get_by_role("button", name="Hand back to the bot").click()
    tour.look("Hand back")
    tour.look("Files, notes and messages for later")


def look_ahead(tour: Tour, morning: Morning) -> None:
    """Amina looks at her day, her week, a client and her hours."""
    page = tour.page
    tour.look("Who needs you today", "/today")
    tour.picture("today")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    tour.look("Your week", "/appointments")
    tour.picture("week", height=700)
    page.goto("/availability")
    page.get_by_role("button", name="Make an address").click()
    tour.look("Your week")
    tour.look("A client’s page", f"/clients/{morning.sam.id}")
    tour.picture("client", height=720)
    tour.look("A client’s page", "/clients")
    for path in (f"/clients/{morning.sam.id}", f"/clients/{morning.sam.id}/records", "/clients"):
        tour.look("Records to take along", path)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto("/hours")
    page.get_by_text("Add an absence").click()
    tour.look("Your hours, and when you are away")
    page.get_by_label("First day away").fill("2026-12-07")
    page.get_by_label("Last day away").fill("2026-12-11")
    page.get_by_label("Who covers").select_option("Piotr Nowak")
    page.get_by_role("button", name="Save", exact=True).click()
    # Without its form: which of day and month comes first in a field is the browser's choice.
    tour.look("Your hours, and when you are away")
    tour.picture("hours", "section[aria-labelledby=away]")


def be_alerted(tour: Tour, morning: Morning) -> None:
    """Joan may be in danger."""
    heading = "Somebody may be in danger"
    morning.somebody_is_in_danger()
    tour.look(heading, "/")
    tour.picture("safety", height=980)
    tour.look(heading, f"/clients/{morning.joan.id}")
    tour.look(heading, "/alerts")
    tour.look("Answer from your own Telegram")


#: Set by `make guide-images`.
WANTED = os.environ.get("GUIDE_IMAGES") == "1"


def keep(pictures: dict[str, bytes]) -> None:
    """Write the pictures with as many colours as our pages need, and take away those of before."""
    for path in IMAGES.iterdir():
        path.unlink()
    for name, png in pictures.items():
        with Image.open(io.BytesIO(png)) as image:
            few = image.convert("RGB").quantize(64, dither=Image.Dither.NONE)
            few.save(IMAGES / f"{name}.png", optimize=True)
