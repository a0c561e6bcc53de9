"""What plans promise: found in our own and other tools' documents, and what became of it."""
