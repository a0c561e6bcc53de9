"""What the next run is told of an account's past, and what it has to ask because of it."""
