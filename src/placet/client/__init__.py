"""The typed client of the JSON API: what programs, and `placet --server`, ask of a server."""

from placet.client.calling import Answer, Client, RefusedError, UnreachableError
from placet.client.shapes import Brief, Briefs, Done, Stated, VerifiedPermit

__all__ = [
    "Answer",
    "Brief",
    "Briefs",
    "Client",
    "Done",
    "RefusedError",
    "Stated",
    "UnreachableError",
    "VerifiedPermit",
]
