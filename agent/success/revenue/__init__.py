"""Recurring revenue: what renews, what is at risk, what was kept."""
