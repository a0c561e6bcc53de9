"""The part of the prompt that is the same for all runs of a persona, and what caching makes of it.

The API caches a prompt by its prefix, in the order tools, system, messages: one byte that differs
early makes everything after it be paid for in full.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent import Limits, Result
from tests.run import support as s
from tests.support.messages_api import MessagesApi, reply, text, tool_use

Serve = Callable[..., MessagesApi]
Run = Callable[..., Result]

# Other accounts, other dates, other kinds of request.
OTHERS = [
    ("kamionka-kruszywa", "Write the success plan for Kamionka Kruszywa.", "2026-11-20"),
    ("osterby-museums", "Write the success plan for Osterby Museum Group.", "2026-12-01"),
    (s.ACCOUNT, s.MIXED, "2026-11-18"),
]


def stable(body: dict[str, Any]) -> bytes:
    return json.dumps([body["tools"], body["system"], body["max_tokens"]]).encode()


def unmarked(message: dict[str, Any]) -> str:
    """A message as the cache sees it: the breakpoints move, and are no part of the prefix."""
    blocks = [{k: v for k, v in b.items() if k != "cache_control"} for b in message["content"]]
    return json.dumps({**message, "content": blocks})


def looks(_body: object) -> dict[str, Any]:
    return reply([text("I have seen enough.")])


def test_tools_and_system_are_the_same_bytes_for_every_run(
    memory: Path, serve: Serve, run: Run
) -> None:
    api = serve(looks)
    run()
    for n, (account, objective, as_of) in enumerate(OTHERS):
        iid = s.ask_for(memory, objective, f"inst_2026111{n}_200", account=account)
        run(iid, as_of=as_of)
    assert len(api.requests) == 8
    assert len({stable(request.body) for request in api.requests}) == 1
    openings = {json.dumps(request.body["messages"][0]) for request in api.requests}
    assert len(openings) >= 4  # what differs stands behind it


def test_the_prefix_names_no_account_no_date_and_no_run(
    memory: Path, serve: Serve, run: Run
) -> None:
    api = serve(looks)
    run()
    said = stable(api.requests[0].body).decode()
    names = [a["name"] for a in s.load(memory, s.INSIGHTS)["accounts"].values()]
    for word in [*names, s.ACCOUNT, s.IID, s.AS_OF, "2026-11", "2026Q4"]:
        assert word not in said, word


def test_each_request_extends_the_one_before_it(serve: Serve, run: Run) -> None:
    bad = s.good_draft("They lose 4711 hours.")
    cut = reply([tool_use("glob", {})], "max_tokens")
    api = serve([s.reads(), cut, reply([s.write(bad)]), reply([text("…")], "sunspot"), s.writes()])
    assert run().status == "completed"
    assert len(api.requests) == 5
    for earlier, later in zip(api.requests, api.requests[1:], strict=False):
        before = [unmarked(message) for message in earlier.body["messages"]]
        after = [unmarked(message) for message in later.body["messages"]]
        assert after[: len(before)] == before and len(after) > len(before)


def test_a_resumed_run_asks_with_the_same_bytes(serve: Serve, run: Run) -> None:
    api = serve([s.reads(), s.reads(), s.writes()])
    run()
    whole = [request.raw for request in api.requests]
    api = serve([s.reads(), s.reads(), s.writes()])
    for turns in (1, 2, 3):
        run(again=turns == 1, limits=Limits(turns=turns))
    assert [stable(r.body) for r in api.requests] == [stable(json.loads(r)) for r in whole]
    for earlier, later in zip(api.requests, api.requests[1:], strict=False):
        before = [unmarked(message) for message in earlier.body["messages"]]
        assert [unmarked(m) for m in later.body["messages"]][: len(before)] == before


def test_what_is_read_from_the_cache_is_in_the_buckets_of_the_result(
    memory: Path, serve: Serve, run: Run
) -> None:
    api = serve([s.reads(), s.writes(), *[s.writes()] * 2])
    first = run()
    assert first.usage["cache_read"] > 0  # the second turn reads what the first has written
    iid = s.ask_for(memory, OTHERS[0][1], "inst_20261117_201", account=OTHERS[0][0])
    other = run(iid)
    prefix = len(stable(api.requests[0].body)) // 4
    assert other.usage["cache_read"] > 0.8 * prefix  # another account, the same prefix
    assert other.usage["input"] < 0.1 * other.usage["cache_read"]


def test_breakpoints_stand_at_the_end_of_the_prefix_and_of_the_conversation(
    serve: Serve, run: Run
) -> None:
    api = serve([s.reads(), s.writes()])
    run()
    first, second = (request.body for request in api.requests)
    assert "cache_control" in first["system"][-1]
    assert "cache_control" in first["messages"][-1]["content"][-1]
    marked = [n for n, m in enumerate(second["messages"]) if '"cache_control"' in json.dumps(m)]
    assert marked == [0, 2]
