"""The tables of what only the pages keep."""
