"""Somebody who has only a keyboard: each key is checked for a focus that is seen and never lost or stuck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

#: More stops than any page of the tests has; a date has three inside and a button.
MOST_STOPS = 150
#: How often one control may keep the focus: the parts of a date, and the button of its calendar.
PARTS_OF_A_DATE = 4
#: What is wrong with where the focus is, in words; null when it is at the end of the page.
LOOK = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  if (!window.stops) window.stops = new Map();
  if (!window.stops.has(one)) window.stops.set(one, window.stops.size + 1);
  const said = (one.getAttribute("aria-label") || one.innerText || one.id || one.tagName).trim().slice(0, 60);
  const style = getComputedStyle(one);
  const faults = [];
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    && !/, 0\\)$|transparent/.test(style.outlineColor);
  if (!seen) faults.push("has no line around it");
  const box = one.getClientRects()[0];
  const left = Math.max(box ? box.left : 0, 0), right = Math.min(box ? box.right : 0, innerWidth);
  const top = Math.max(box ? box.top : 0, 0), bottom = Math.min(box ? box.bottom : 0, innerHeight);
  if (right - left < 4 || bottom - top < 4) faults.push("is outside the window");
  else {
    const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (above && !one.contains(above) && !above.contains(one)) faults.push(`lies under ${above.tagName}`);
  }
  return { stop: window.stops.get(one), said, faults };
}"""


@dataclass
class Keyboard:
    """The keys of one page: Tab, Shift+Tab, Enter, Space, the arrows and letters; nothing else."""

    page: Page

    def __post_init__(self) -> None:
        # Scrolling that takes its time would be looked at half-way.
        self.page.emulate_media(reduced_motion="reduce")

    def tabs_to(self, role: Any, name: str, *, back: bool = False) -> Locator:
        """Press Tab (or Shift+Tab) until the control is reached; what was passed was seen each time."""
        target = self.page.get_by_role(role, name=name, exact=True)
        last, times = 0, 0
        passed = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            stop = self.sees_the_focus()
            assert stop is not None, f"the page ended before {name!r}: {passed}"
            passed.append(stop["said"])
            times = times + 1 if stop["stop"] == last else 1
            last = stop["stop"]
            assert times <= PARTS_OF_A_DATE, f"trapped in {stop['said']!r}"
            if self._is_on(target):
                return target
        raise AssertionError(f"{name!r} was not reached: {passed}")

    def presses(self, role: Any, name: str, key: str = "Enter", *, back: bool = False) -> None:
        """Go to a control that leads to another page, press it and wait for that page."""
        self.tabs_to(role, name, back=back)
        self.leaves(key)

    def leaves(self, key: str = "Enter") -> None:
        """Press a key that leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def opens(self, summary: str) -> None:
        """Go to what is folded and unfold it; the focus stays on it."""
        target = self.page.locator("summary", has_text=summary)
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            assert self.sees_the_focus() is not None, f"the page ended before {summary!r}"
            if self._is_on(target):
                break
        self.page.keyboard.press("Space")
        expect(target.locator("xpath=..")).to_have_attribute("open", "")
        expect(target).to_be_focused()
        assert self.sees_the_focus() is not None

    def types(self, words: str) -> None:
        """Type, and still see where."""
        self.page.keyboard.type(words)
        assert self.sees_the_focus() is not None

    def sees_the_focus(self) -> dict[str, Any] | None:
        """Return where the focus is, and fail where nobody sees it; None: the page has ended."""
        found: dict[str, Any] | None = self.page.evaluate(LOOK)
        assert found is None or found["faults"] == [], found
        return found

    def hears(self, words: str) -> None:
        """After something was sent: the page answers in a status, and the focus is there."""
        expect(self.page.get_by_role("status").get_by_text(words)).to_be_visible()
        expect(self.page.locator("[role=status]:focus")).to_contain_text(words)
        assert self.sees_the_focus() is not None

    def hears_the_mistake(self, role: Any, name: str, words: str) -> None:
        """After a form with a mistake: the focus is in the field, which says what is wrong."""
        field = self.page.get_by_role(role, name=name, exact=True)
        expect(field).to_be_focused()
        expect(field).to_have_accessible_description(words)
        assert self.sees_the_focus() is not None

    def walks(self) -> list[str]:
        """Tab through the whole page and back; return where it stopped. Both ways stop at the same places."""
        there = self._goes("Tab")
        back = self._goes("Shift+Tab")
        assert there == back[::-1]
        return there

    def _goes(self, key: str) -> list[str]:
        stops: list[tuple[int, str]] = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press(key)
            stop = self.sees_the_focus()
            # Behind the last stop lies the browser, or the page begins again.
            if stop is None or (len(stops) > 1 and stop["stop"] == stops[0][0]):
                return [said for _, said in stops]
            if not stops or stops[-1][0] != stop["stop"]:
                assert stop["stop"] not in [number for number, _ in stops], f"goes round in {stop['said']!r}"
                stops.append((stop["stop"], stop["said"]))
        raise AssertionError(f"never ends: {stops[-5:]}")

    def _is_on(self, target: Locator) -> bool:
        return bool(target.count()) and bool(target.first.evaluate("(one) => one === document.activeElement"))
