"""The ground a run stands on, looked at before anything is recorded.

A file that would stop the run in the end is better refused at its beginning: the reader learns it
at once, no message has gone out, and no half-told run is left in the journal.
"""

from __future__ import annotations

import os
from contextlib import suppress

from agent.case import SCORES, read_insights
from agent.memory import scores_file
from agent.memory.paths import MemoryRoot, MissingFile

_SHARED_FOLDERS = ("_communication/inbox", "_knowledge/episodic/accounts")
_OWN_FOLDERS = ("decisions", "episodic", "outputs/partial", "outputs/revisions")
_OWN_FILES = ("status.yaml", "outputs/final/success_plan.yaml")


def check_ground(root: MemoryRoot, instruction_id: str) -> None:
    """Read the shared files once and look at the places where a run will write.

    A missing insights file is no fault here: what follows from it is the run's to tell.

    Raises:
        BadDocument: the insights or the health scores cannot be read as what they should be.
        BadPath: a file that is read or written, or a folder on the way, is a link or a special
            file, or too big.
        MemoryFault: the disk refused.
    """
    read_insights(root)
    for name in _OWN_FILES:
        root.signature(f"{instruction_id}/{name}")
    root.signature(SCORES)
    for folder in (*_SHARED_FOLDERS, *(f"{instruction_id}/{name}" for name in _OWN_FOLDERS)):
        with suppress(MissingFile):
            os.close(root.open_folder(folder))
    scores_file.read_entry(root, "")
