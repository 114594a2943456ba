"""What the console is told when it is put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.caseload.files import FileStore

#: Returns whether a part answers; never raises.
Check = Callable[[], bool]


@dataclass(frozen=True)
class ConsoleConfig:
    """Settings of the console; whoever puts the parts together fills them in."""

    secret_key: str
    #: Shows the demo people's sign-ins and the phone page: for a fictional service only.
    demo: bool = False
    #: The one password of all demo people: public, so good on this machine only; shown in demo mode.
    demo_password: str | None = None
    #: The bot's name on Telegram, for invite links; without it the bare token is shown.
    bot_username: str | None = None
    #: Parts that readiness depends on beside the database, such as {"dialogue": …, "actions": …}.
    checks: Mapping[str, Check] = field(default_factory=dict)
    #: The address of the proxy that ends https, whose X-Forwarded-* headers are believed.
    trusted_proxy: str | None = None
    #: Whether alerts go out by mail as well.
    sends_mail: bool = False
    #: Where the files that clients sent lie; without it the console shows none of them.
    files: FileStore | None = None
    #: After so many days a client's words are removed: what a transcript says about itself.
    retention_days: int = 90
