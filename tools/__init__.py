"""Tools: one file, one tool; `tools.registry` holds them by name. Some are scripts as well."""
