"""What follows from signs: playbooks with dates, hand-offs, escalations."""
