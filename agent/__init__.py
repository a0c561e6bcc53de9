"""A persistent persona runtime for customer success.

from agent import run
result = run("inst_20261117_001", memory="Agent_Memory", model="playbook")
print(result.status, [output.path for output in result.outputs])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.limits import Limits
    from agent.order import Order
    from agent.reception import run
    from agent.result import Result

__all__ = ["Limits", "Order", "Result", "run"]
__version__ = "0.1.0"

_HOMES = {"run": "agent.reception", "Order": "agent.order", "Limits": "agent.limits",
          "Result": "agent.result"}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Public names are imported when first used, so that `csm --help` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'agent' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
