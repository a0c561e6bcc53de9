"""Health: measures, models as data, scores, their history and change."""
