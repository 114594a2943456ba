"""What keeps the gateway's tasks alive: an absent database is waited for, a broken task is not."""

from __future__ import annotations

import asyncio

import pytest

from bot.caseload.errors import CaseloadUnavailable
from bot.conversation.supervise import MAX_DEATHS, KeepsDying, supervise


def test_a_database_that_refuses_at_once_does_not_end_the_gateway() -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries <= 3 * MAX_DEATHS:
            raise CaseloadUnavailable
        await asyncio.Event().wait()

    async def run() -> None:
        task = asyncio.create_task(supervise("turns", work, pause_when_away=0.01))
        async with asyncio.timeout(10):
            while tries <= 3 * MAX_DEATHS:
                await asyncio.sleep(0.01)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_a_task_that_keeps_dying_ends_the_process_for_a_fresh_start() -> None:
    async def work() -> None:
        raise ValueError

    async def run() -> None:
        async with asyncio.timeout(30):
            await supervise("turns", work)

    with pytest.raises(KeepsDying, match="turns"):
        asyncio.run(run())
