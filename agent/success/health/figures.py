"""All figures of an account, worked out in one go."""

from __future__ import annotations

from datetime import date

from agent.success.account import Account
from agent.success.facts import FactBook
from agent.success.health.figure_book import Figures
from agent.success.health.figures_onboarding import onboarding
from agent.success.health.figures_people import engagement, relationship, value
from agent.success.health.figures_usage import usage


def figures(account: Account, facts: FactBook, as_of: date) -> Figures:
    """Works out every figure that the data allow; registers each computed one in `facts`."""
    book = Figures(account, facts, as_of)
    for part in (usage, engagement, value, relationship, onboarding):
        part(book)
    return book
