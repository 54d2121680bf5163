"""Commands for whoever keeps the pages running."""
