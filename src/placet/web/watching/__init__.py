"""Watching the pages: whether they are well, how many of what, and logs that hold no secrets."""
