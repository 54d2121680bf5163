"""The words of a notice: what, on which case, until when, and where to look.

No name, no content of a case and nothing that somebody wrote goes out: who may read more reads it
on the page, signed in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from placet.need_to_know.telling import called as in_a_sentence
from placet.registry import written
from placet.web.house import names
from placet.web.jobs.models import Outgoing
from placet.web.pages.case_words import called
from placet.web.templatetags.placet import dated, ended

__all__ = ["body_of", "link_of", "payload_of", "subject_of"]

_SUBJECTS: Mapping[str, object] = {
    "waits": gettext_lazy("%(case)s waits for you: %(act)s"),
    "due-soon": gettext_lazy("%(case)s: %(act)s is due on %(on)s"),
    "overdue": gettext_lazy("%(case)s: %(act)s was due on %(on)s"),
    "passed": gettext_lazy("%(case)s: the deadline of %(about)s has passed"),
    "stale": gettext_lazy("%(case)s: its determination no longer follows, have it made anew"),
    "unfilled": gettext_lazy("%(case)s: too few are left who could decide as %(about)s"),
    "escalated": gettext_lazy("%(case)s was brought before %(about)s"),
    "stands": gettext_lazy("%(case)s is %(about)s"),
    "ends-soon": gettext_lazy("%(about)s ends on %(on)s"),
    "ended": gettext_lazy("%(about)s ended on %(on)s"),
    "suspended": gettext_lazy("%(about)s is suspended"),
    "status-list-late": gettext_lazy("No status list was signed since %(on)s"),
}


_ENDS = ("ends-soon", "ended")
"""Of what ends with a day, that day is said."""


def subject_of(notice: Outgoing) -> str:
    """Say in one line what a notice is about."""
    values = {
        "case": notice.case,
        "act": notice.act.replace("-", " "),
        "about": _named(notice.about),
        "on": ended(notice.on) if notice.occasion in _ENDS else dated(notice.on),
    }
    return str(_SUBJECTS[notice.occasion]) % values


def _named(about: str) -> str:
    """Write an office or a party as it is called in a sentence, and anything else as it is."""
    return in_a_sentence(called(names().registry, about))


def link_of(notice: Outgoing) -> str:
    """Return the address of the page where it is seen."""
    path = reverse("case", args=[notice.case]) if notice.case else reverse("front")
    return f"{settings.ADDRESS}{path}"


def body_of(notice: Outgoing) -> str:
    """Return the text of a letter."""
    said = [subject_of(notice) + "."]
    if notice.occasion == "waits" and notice.about not in ("", notice.case):
        about = _named(notice.about)
        said.append(_("It is about %(about)s.") % {"about": about})
    said.append(link_of(notice))
    said.append(_("This tells you and decides nothing. You see the rest when you are signed in."))
    return "\n\n".join(said) + "\n"


def payload_of(notice: Outgoing) -> bytes:
    """Return what a web hook gets."""
    return json.dumps(
        {
            "type": f"placet.{notice.occasion}",
            "timestamp": written(notice.made_at),
            "data": {
                "case": notice.case,
                "act": notice.act,
                "about": notice.about,
                "on": written(notice.on),
                "says": subject_of(notice),
                "address": link_of(notice),
            },
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
