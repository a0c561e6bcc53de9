"""Work in a process of its own, forked from the test, which has everything loaded already."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable


def in_process(work: Callable[[], object]) -> int:
    """Do `work` in a forked process; its exit code, negative for the signal it died of."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
