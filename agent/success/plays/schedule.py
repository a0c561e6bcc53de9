"""Real dates for the steps of a play: no weekends, nothing past the renewal or a last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agent.success.account import Account
from agent.success.calendar import on_or_after, on_or_before
from agent.success.plays.policy import StepRule
from agent.success.signals.onboarding_phase import onboarding_start

_CATCH_UP_DAYS = 3  # between steps of a path that should have been done already
_WITHOUT_RENEWAL_DAYS = 7  # between steps of a path towards a renewal whose date is not known


@dataclass(frozen=True)
class Schedule:
    """Dates steps of one account from `as_of` on.

    `leaves_on` is the last day of a person some steps need. The wall is the day before the renewal;
    a renewal today or in the past is no wall, for what is left to do comes after it.
    """

    account: Account
    as_of: date
    leaves_on: date | None = None

    def dates(self, steps: Sequence[StepRule]) -> list[tuple[StepRule, date]]:
        """Steps with their dates in the order given; a step of an onboarding day that has passed is
        left out. Where time is too short the days are squeezed, in order, not cut off."""
        out: list[tuple[StepRule, date]] = []
        earliest = self.as_of
        for n, step in enumerate(steps):
            limit = self.limit(step)
            wanted = self._wanted(n, step, steps, limit)
            if wanted is None:
                continue
            due = self._working_day(
                max(wanted, earliest) if step.day is not None else wanted, limit
            )
            if step.day is not None and not step.needs_leaver and not step.after_renewal:
                earliest = due
            out.append((step, due))
        return out

    def _wall(self) -> date | None:
        renewal = self.account.renewal_date
        return renewal - timedelta(days=1) if renewal and renewal > self.as_of else None

    def limit(self, step: StepRule) -> date | None:
        """Last day for the step, None when nothing ends it."""
        ends = []
        wall = self._wall()
        if wall is not None and not step.after_renewal:
            ends.append(wall)
        if self.leaves_on is not None and step.needs_leaver and self.leaves_on > self.as_of:
            ends.append(self.leaves_on - timedelta(days=1))
        return min(ends, default=None)

    def _wanted(
        self, n: int, step: StepRule, steps: Sequence[StepRule], limit: date | None
    ) -> date | None:
        if step.onboarding_day is not None:
            start = onboarding_start(self.account)
            day = start + timedelta(days=step.onboarding_day) if start else None
            return day if day is not None and day >= self.as_of else None
        if step.before_renewal is not None:
            return self._on_the_path(n, step.before_renewal, steps)
        offset = step.day or 0
        if limit is not None:
            longest = max(
                (s.day or 0 for s in steps if (reach := self.limit(s)) and reach <= limit),
                default=0,
            )
            room = (limit - self.as_of).days
            if longest > room:
                offset = offset * room // longest
        return self.as_of + timedelta(days=offset)

    def _on_the_path(self, n: int, days_before: int, steps: Sequence[StepRule]) -> date:
        renewal = self.account.renewal_date
        if renewal is None or renewal <= self.as_of:
            return self.as_of + timedelta(days=_WITHOUT_RENEWAL_DAYS * (n + 1))
        due = renewal - timedelta(days=days_before)
        late = [
            s
            for s in steps[: n + 1]
            if s.before_renewal is not None
            and renewal - timedelta(days=s.before_renewal) < self.as_of
        ]
        caught_up = self.as_of + timedelta(days=_CATCH_UP_DAYS * len(late))
        return max(due, caught_up)

    def _working_day(self, day: date, limit: date | None) -> date:
        """`day` or the Monday after, but not past `limit`: then the working day before it. When no
        working day is left before the limit, the step is due today, weekend or not."""
        due = on_or_after(day)
        if limit is not None and due > limit:
            due = on_or_before(limit)
        return due if due >= self.as_of else self.as_of
