"""Placet: who must say yes, what their rules say today, who said yes, and the proof of it."""

__version__ = "0.2.0"
