"""Backtest of a health score: what it said before a cut-off against what happened after it.

Pure: tables come in as text, dates as dates, randomness as a seed. Needs numpy and scikit-learn
(the extra `backtest`), which nothing outside this package imports.
"""
