"""The ground a run stands on, looked at before anything is recorded.

A file that would stop the run in the end is better refused at its beginning: the reader learns it
at once, no message has gone out, and no half-told run is left in the journal.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from agent.case import account_of, read_insights
from agent.errors import NeedsContext
from agent.instruction import Instruction
from agent.memory import scores_file
from agent.memory.paths import MemoryRoot, MissingFile
from agent.success.account import Account
from agent.success.former import former

_SHARED_FOLDERS = ("_communication/inbox", "_knowledge/episodic/accounts")
_OWN_FOLDERS = ("decisions", "episodic", "outputs/partial", "outputs/revisions")
_OWN_FILES = ("status.yaml", "outputs/final/success_plan.yaml")


def check_ground(root: MemoryRoot, instruction: Instruction) -> None:
    """Read what the run will read, once, and look at the places where it will write.

    Missing insights and an unclear account are no faults here: what follows from them is the run's
    to tell.

    Raises:
        BadDocument: the insights, the account's part of them or the health scores cannot be read
            as what they should be.
        BadPath: a file that is read or written, or a folder on the way, is a link or a special
            file, or too big.
        MemoryFault: the disk refused.
    """
    for name in _OWN_FILES:
        root.signature(f"{instruction.id}/{name}")
    for folder in (*_SHARED_FOLDERS, *(f"{instruction.id}/{name}" for name in _OWN_FOLDERS)):
        with suppress(MissingFile):
            os.close(root.open_folder(folder))
    insights, account_id = read_insights(root), ""
    with suppress(NeedsContext):
        account_id = account_of(instruction, insights)
    if insights is not None and account_id:
        insights.share(account_id)
    scores_file.read_entry(root, account_id)


def refuse_former(account: Account, events: Iterable[Mapping[str, Any]], as_of: date) -> None:
    """Raise NeedsContext for a customer who has left by `as_of`: there is nothing to succeed at."""
    left = former(account, events, as_of)
    if left is not None:
        raise NeedsContext(
            f"{left.name} is a former customer since {left.since} ({left.why}), and a success plan "
            "is for customers",
            where=left.account_id,
            fix="Winning them back is a new sale, for account-executive. If they have signed "
            "again, correct the contract in the insights, or record the renewal.",
        )
