"""The shipped mappings on the public data sets, where those are present.

The goals are the figures of a plain equal-weight score on the same data; nothing is fitted here.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="needs the extra `backtest`")

from agent import backtesting
from agent.success.backtest.evaluate import Backtest, Settings

DATA = Path(__file__).parents[2].parent / "shared" / "datasets"
CUTOFFS = [date(2024, 3, 31), date(2024, 6, 30), date(2024, 8, 31), date(2024, 9, 30)]

pytestmark = [
    pytest.mark.evals,
    pytest.mark.skipif(not DATA.is_dir(), reason="the data sets in ../shared are absent"),
]


def run(name: str, where: str, settings: Settings) -> Backtest:
    mapping = backtesting.with_outcome(backtesting.load_mapping(name, None), "", [])
    return backtesting.run(DATA / where, mapping, settings)


def test_iranian_telecom() -> None:
    found = run("iranian", "iranian_churn/Customer_Churn.csv", Settings(fit=True))
    assert found.ranking.n == 2850
    assert "Customer_Churn.csv: removed 300 exact duplicate rows" in found.notes
    assert found.ranking.auc >= 0.872
    assert found.rising and not any(m.leak for m in found.measures)
    assert found.held_out is not None
    assert found.held_out.fitted.auc > found.held_out.mapping.auc
    assert not found.held_out.against


def test_ibm_telco() -> None:
    found = run("telco", "ibm_telco/Telco-Customer-Churn.csv", Settings())
    assert found.ranking.n == 7043
    assert "Telco-Customer-Churn.csv: blank cells in TotalCharges 11" in found.notes
    assert found.ranking.auc >= 0.815
    assert found.rising


@pytest.mark.parametrize("cutoff", CUTOFFS, ids=str)
def test_ravenstack_is_no_evidence(cutoff: date) -> None:
    found = run("ravenstack", "ravenstack", Settings(cutoff=cutoff))
    assert found.ranking.verdict == "no evidence"
    assert 0.45 < found.ranking.auc < 0.55
    assert any("removed 21 rows with an id seen before" in note for note in found.notes)
    assert "the churn rate does not rise from green to red" in found.warnings()
