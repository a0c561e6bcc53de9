"""The audit of a written plan: no figure without a source, nobody else's work, nobody else's data.

Everything a writer supplied is checked; what is wrong comes back as findings that say how to mend
it. The program's own sections need no audit of figures, and text that repeats them verbatim
(titles of signals and play steps, reasons, last quarter's promises) needs no further source.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agent.boundary.checks import dates_of, lane_of, owners_of, wording_of
from agent.boundary.fields import Item, items, strings
from agent.boundary.figures import extract
from agent.boundary.finding import Finding, limited, render
from agent.boundary.folding import blank, blank_phrases
from agent.boundary.holdings import Holdings, of_number, readings
from agent.boundary.names import ForeignNames
from agent.boundary.people import Cast
from agent.boundary.provenance import verify_evidence
from agent.boundary.quantities import PERCENT, Moment, Quantity, Reading, agrees
from agent.boundary.quotations import counts, is_verbatim, passages, quotations
from agent.boundary.verdict import Part
from agent.success.facts import FactBook
from agent.success.plan import Objective, PlanDraft, RiskNote, SuccessPlan
