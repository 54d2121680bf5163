"""The store: PostgreSQL, and the files that belong beside it."""
