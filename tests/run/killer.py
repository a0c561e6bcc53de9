"""Runs instructions in processes of their own that kill themselves where they are told to.

Reads jobs from stdin, a JSON object per line, and answers each with a line: the signal the
process died of, or its result. The processes are forked from this one, which has everything
loaded already, so that hundreds of them are affordable.

    {"run": {"instruction_id": …, "memory": …, "model": …, "now": …}, "env": {…}, "kill": […]}
    {"override": {"memory": …, "account": …, "value": …, "now": …, …}, "kill": […]}

`kill` is `["after", n]` (the n-th record of this process is on disk), `["before", kind]` (a record
of that kind is about to be written), `["disk", n]` (at its n-th change of the disk: a rename, a
link, a removal, or in the middle of a write) or `["publication", n]` (the same, counted from when
the publication has been announced), or nothing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import anthropic  # noqa: F401 - loaded before the forks

import agent.work  # noqa: F401 - likewise
from agent import run
from agent.memory.journal import Journal
from agent.overrides import set_override


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("the dead do not go on")


def kill_after(n: int) -> None:
    append, records = Journal.append, count(1)

    def patched(self: Journal, kind: str, **data: Any) -> dict[str, Any]:
        record = append(self, kind, **data)
        return die() if next(records) == n else record

    Journal.append = patched  # type: ignore[method-assign]


def kill_before(wanted: str) -> None:
    append = Journal.append

    def patched(self: Journal, kind: str, **data: Any) -> dict[str, Any]:
        return die() if kind == wanted else append(self, kind, **data)

    Journal.append = patched  # type: ignore[method-assign]


def kill_on_disk(n: int) -> None:
    changes = count(1)

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if next(changes) == n:
                die()
            return real(*args, **options)

        return call

    def half_a_write(handle: int, data: bytes) -> int:
        if next(changes) == n:
            real_write(handle, data[: len(data) // 2])
            die()
        return real_write(handle, data)

    real_write = os.write
    for name in ("rename", "link", "unlink", "pwrite", "ftruncate"):
        setattr(os, name, guarded(getattr(os, name)))
    os.write = half_a_write  # type: ignore[assignment]


def kill_in_publication(n: int) -> None:
    append = Journal.append

    def patched(self: Journal, kind: str, **data: Any) -> dict[str, Any]:
        record = append(self, kind, **data)
        if kind == "publish_started":
            kill_on_disk(n)
        return record

    Journal.append = patched  # type: ignore[method-assign]


KILLS: dict[str, Callable[[Any], None]] = {
    "after": kill_after,
    "before": kill_before,
    "disk": kill_on_disk,
    "publication": kill_in_publication,
}


def child(job: dict[str, Any], answer: int) -> None:
    os.environ.update(job.get("env", {}))
    if job.get("kill"):
        way, where = job["kill"]
        KILLS[way](where)
    done = override(**job["override"]) if "override" in job else run_one(**job["run"])
    with os.fdopen(answer, "w", encoding="utf-8") as pipe:
        json.dump(done, pipe)


def run_one(instruction_id: str, now: str, **options: Any) -> dict[str, Any]:
    moment = datetime.fromisoformat(now)
    return run(instruction_id, now=lambda: moment, **options).as_dict()


def override(
    memory: str, account: str, now: str, as_of: str, expires: str, **given: Any
) -> dict[str, Any]:
    moment = datetime.fromisoformat(now)
    return set_override(
        Path(memory), account, as_of=date.fromisoformat(as_of),
        expires=date.fromisoformat(expires), now=lambda: moment, **given,
    )  # fmt: skip


def forked(job: dict[str, Any]) -> dict[str, Any]:
    """The result of the job as its child told it, or the signal the child died of."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            child(job, writing)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(70)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return json.loads(said) if code == 0 else {"exit": code}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(forked(json.loads(line))) + "\n")
        sys.stdout.flush()
