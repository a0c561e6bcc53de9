"""The clock: one place reads it, and a variable can set it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.clock import utc_now
from agent.errors import BadInput


def test_a_set_clock_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSM_NOW", "2026-02-17T10:00:00.7+01:00")
    assert utc_now() == datetime(2026, 2, 17, 9, tzinfo=UTC) == utc_now()
    monkeypatch.setenv("CSM_NOW", "2026-02-17")
    assert utc_now() == datetime(2026, 2, 17, tzinfo=UTC)
    monkeypatch.setenv("CSM_NOW", " ")
    assert utc_now() != datetime(2026, 2, 17, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "1812-01-01", "2026-02-30T09:00:00Z", "9999-12-31T23:59"])
def test_a_clock_that_cannot_be_set_says_so(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSM_NOW", text)
    with pytest.raises(BadInput, match="CSM_NOW"):
        utc_now()
