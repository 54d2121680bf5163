"""Letters as PDF."""

from placet.web.letters.pdf import pdf_of

__all__ = ["pdf_of"]
