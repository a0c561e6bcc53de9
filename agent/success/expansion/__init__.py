"""Where an account could grow, and what holds an offer back."""
