"""Run in the dialogue environment by test_postgresql.py: two stores on one database, like two processes."""

from __future__ import annotations

import asyncio
import json
import sys

from integrations.rasa.inside import light, logs


async def probe(url: str) -> dict[str, object]:
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import UserUttered

    from integrations.rasa.inside.tracker_store import CaseworkTrackerStore, TrackerConflict

    one, other = (CaseworkTrackerStore(Domain.empty(), url) for _ in range(2))
    await one.prepare()
    await other.prepare()
    mine = await one.get_or_create_tracker("sam")
    mine.update(UserUttered("Tēnā koe", {"name": "greet"}, message_id="1"))
    await one.save(mine)
    theirs = await other.retrieve("sam")
    assert theirs is not None
    stale = await one.retrieve("sam")
    assert stale is not None
    await other.save(theirs)
    try:
        await one.save(stale)
        refused = False
    except TrackerConflict:
        refused = True
    return {"said": theirs.events[0].text, "keys": list(await one.keys()), "refused": refused}


if __name__ == "__main__":
    logs.quiet()
    light.without_unused([])
    print(json.dumps(asyncio.run(probe(sys.argv[1]))))  # noqa: T201
