"""The database's schema, as Django migrates it."""
