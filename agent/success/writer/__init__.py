"""The offline writer: a plan draft from the assessment alone, without a language model.

Deterministic, and held to the same rule as any writer: a figure in its text stands in evidence the
item cites. It reads no meaning into free text beyond the signals the engine has found there; where
judgement would be needed it quotes and asks.
"""

from __future__ import annotations

from agent.success.writer.draft import OfflineHandoff, write_draft, write_handoffs

__all__ = ["OfflineHandoff", "write_draft", "write_handoffs"]
