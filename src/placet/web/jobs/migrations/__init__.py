"""The tables of background work."""
