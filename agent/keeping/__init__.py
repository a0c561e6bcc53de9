"""Keeping a memory whole: verify, rebuild, forget, back up and restore, migrate, count."""
