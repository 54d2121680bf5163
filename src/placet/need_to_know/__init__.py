"""Need to know: what of the review, and of what is on record, somebody sees (DESIGN §3).

A room above the review, which imports nothing of it: what is seen cannot steer what is done. Pure,
as the review is. `view` is what of a case its viewer sees; lists, sentences, offers and refusals
are worked out from that, or from a case and a context with what is not disclosed taken away.
"""

from placet.need_to_know.refusals import change_for, perform_for
from placet.need_to_know.shown import View
from placet.need_to_know.view import view

__all__ = ["View", "change_for", "perform_for", "view"]
