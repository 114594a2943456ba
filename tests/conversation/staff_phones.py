"""The own phones of members of staff, who may read there, and what the office brings them."""

from __future__ import annotations

import itertools

from bot.conversation.staff_relay import StaffRelay
from tests.conversation.office import ClientPhone, Office
from tests.people import Colleague

_chats = itertools.count(6_100_000_001)


class StaffPhone(ClientPhone):
    """Somebody's own phone, in a chat that is linked to their account."""

    def does(self, *steps: str) -> list[str]:
        """Press a button (in square brackets) or type, one by one; read what the last one brought."""
        before = len(self.bubbles)
        for step in steps:
            before = len(self.bubbles)
            if step.startswith("["):
                self.presses(step.strip("[]"))
            else:
                self.says(step)
            self.office.settle()
        return self.reads[before:]

    def opens(self, label: str) -> list[str]:
        """Open a client from the list of who waits."""
        self.does("/waiting")
        [button] = [one for one in self.bubbles[-1].buttons if label in one.label.split()]
        before = len(self.bubbles)
        self.presses_token(button.token)
        self.office.settle()
        return self.reads[before:]

    def gets_news(self) -> list[str]:
        """Read what the office brings by itself."""
        before = len(self.bubbles)
        StaffRelay(self.office.caseload).tell_news()
        self.office.settle()
        return self.reads[before:]


def own_phone(office: Office, who: Colleague, *, reads: bool = True) -> StaffPhone:
    """Link somebody's own Telegram, and let them read clients there unless told otherwise."""
    phone = StaffPhone(office, str(next(_chats)), None)
    with office.caseload.transaction() as case:
        staff = case.staff.get(who.id)
        assert case.staff.use_link(case.staff.make_link(staff).token, office.bot_id, phone.chat_id)
        if reads:
            case.staff.allow_reading(staff)
    return phone
