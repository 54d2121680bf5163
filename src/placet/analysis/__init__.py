"""What a book or a registry implies, beyond a single request."""

from placet.analysis.freedom import Cell, Freedom, Said, bare_request, freedom, places

__all__ = ["Cell", "Freedom", "Said", "bare_request", "freedom", "places"]
