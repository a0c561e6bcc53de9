"""Early-warning signs, measured and read in people's words."""
