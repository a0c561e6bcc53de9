"""What an account's events say together: readings as of a day, facts, state, words, comparisons."""
