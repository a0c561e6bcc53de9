"""Untrusted insights → a typed account, its facts, and every doubt about them."""
