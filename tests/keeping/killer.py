"""Does what keeps a memory in processes of their own that die by SIGKILL at a change of the disk.

Reads jobs from stdin, a JSON object per line, and answers each with the signal the process died of
or what it said: `{"do": "rebuild", "memory": …, "kill": 3, …}`. See `tests.run.killer`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.run.killer import kill_on_disk


def rebuild(memory: Path, now: datetime, **more: Any) -> Any:
    from agent.keeping.rebuild import rebuild as do

    return do(memory, now=now, **more).as_dict()


def forget(memory: Path, now: datetime, **more: Any) -> Any:
    from agent.keeping.forget import forget as do

    return do(memory, more.pop("account"), by="D. Protection", now=now, **more).as_dict()


def migrate(memory: Path, _now: datetime, **more: Any) -> Any:
    from agent.memory.migrations import migrate as do

    return do(memory, **more).as_dict()


def review(memory: Path, now: datetime, **more: Any) -> Any:
    from agent.review_book import record_review as do

    done = do(memory, more["id"], approve=True, why="", by="A. Lead", as_of=now.date(),
              now=lambda: now)  # fmt: skip
    return done.says


def promise(memory: Path, now: datetime, **more: Any) -> Any:
    from agent.errors import BadInput
    from agent.promise_book import settle as do

    day = now.date()
    try:
        do(memory, more["account"], more["which"], "moved", by="A. Lead", why="it waits",
           to=day + timedelta(days=60), as_of=day, now=lambda: now)  # fmt: skip
    except BadInput as error:
        return str(error)
    return "moved"


JOBS: dict[str, Callable[..., Any]] = {
    "rebuild": rebuild, "forget": forget, "migrate": migrate, "review": review, "promise": promise,
}  # fmt: skip


def forked(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            work, memory = JOBS[job.pop("do")], Path(job.pop("memory"))
            now = datetime.fromisoformat(job.pop("now"))
            if at := job.pop("kill", 0):
                kill_on_disk(at)
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                json.dump(work(memory, now, **job), pipe)
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
