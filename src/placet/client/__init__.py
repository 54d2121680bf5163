"""The typed client of the JSON API: what programs, and `placet --server`, ask of a server."""

from placet.client.calling import Answer, RefusedError, UnreachableError
from placet.client.client import Client, Signing
from placet.client.served import ServedRegister

__all__ = ["Answer", "Client", "RefusedError", "ServedRegister", "Signing", "UnreachableError"]
