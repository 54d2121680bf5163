"""What each act does, in a sentence for whoever is about to do it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["about"]


def about(kind: str) -> str:
    """Return what an act does, in the reader's language."""
    return str(_ABOUT[kind])


_ABOUT: Mapping[str, Promise] = {
    "submit": _("Files a request, and so opens a case."),
    "supply": _("Answers what was asked, in words, or with the request as it now reads too."),
    "withdraw": _("Withdraws the request. A permit in force is surrendered, not withdrawn."),
    "appeal": _("Asks that a refusal, a return or a limit be considered anew."),
    "surrender": _("Gives a permit back."),
    "report-use": _(
        "Says what was done under a permit. It is recorded whatever it says, and marked where "
        "it went beyond. What is left out counts as not known; where there was none, say so."
    ),
    "correct-use": _(
        "Reports a use anew, in place of a report that says something wrong, and says why. That "
        "report stays on file, and counts no more."
    ),
    "determine": _(
        "Works out who has a say and what their rules say today, and puts it on the case. "
        "Decisions are made on what is determined."
    ),
    "assign": _("Gives the case to a case officer."),
    "ask": _("Asks the applicant for information. Until they answer, the case waits for them."),
    "return": _("Gives the request back without deciding on it."),
    "set-deadline": _("Sets the day by which somebody must act; left empty, takes it back."),
    "escalate": _("Brings a case that is late before another office. It approves nothing."),
    "lapse": _("Ends a case whose applicant let the deadline pass."),
    "reconsider": _("Opens the case anew. What was decided before no longer counts."),
    "close": _("Closes a case on which nothing is left to do."),
    "fulfil": _("Records that a condition has come true, or that a step was taken."),
    "advise": _("Records what your team recommends. Whoever decides reads it."),
    "dissent": _("Records that you hold otherwise than your team. It stands beside the advice."),
    "countersign": _("Confirms a team's advice as a second person."),
    "recuse": _("Steps aside: you take no further part in this case. It cannot be taken back."),
    "decide": _(
        "Decides for your party, on what was determined. You sign the exact text. The reason "
        "is for the file; the applicant reads only what is disclosed."
    ),
    "dismiss-appeal": _(
        "Dismisses the appeal that lies, for whoever gave the word that it is against. What was "
        "decided stands. The reason is for the file; the applicant reads only what is disclosed."
    ),
    "record-consent": _(
        "Records what a government without people here decided, from its instrument."
    ),
    "record-assurance": _("Records that a party gave an assurance. It approves nothing."),
    "retract": _(
        "Takes back an assurance, what an office did, or what was recorded as done by mistake. "
        "Every permit that rests on it is suspended at once, except those that a written "
        "carve-out spares."
    ),
    "withdraw-consent": _(
        "Takes a decision or a consent back. Every permit that rests on it is suspended at "
        "once, except those that a written carve-out spares."
    ),
    "break-glass": _(
        "Acts before the review, for a few hours, where the party's rules allow it. What was "
        "done is reviewed afterwards, without fail."
    ),
    "review-after": _("Finds, after the event, whether acting before the review was justified."),
    "issue": _(
        "Issues the permit that every consent now allows, with their limits. An earlier end "
        "may be set; nothing can be widened."
    ),
    "suspend": _("Suspends the permit until the suspension is lifted."),
    "lift": _("Lifts a suspension, if all that the permit rests on holds again."),
    "revoke": _("Revokes the permit for good."),
    "amend": _("Replaces the permit by a narrower one. Anything wider takes a new decision."),
    "resolve-violation": _("Closes the case of a use outside its permit, with what was found."),
    "check-end-use": _("Records that somebody looked how the items are used, and what was found."),
    "begin": _("Begins the log."),
    "adopt-policy": _(
        "Adopts a policy of your party. One that is not announced is committed to the log all "
        "the same, and can be shown later to be unchanged."
    ),
    "announce-policy": _("Announces a policy that was adopted. Its text stays what it was."),
    "end-policy": _("Ends a policy, now or later; never in the past."),
    "revise-book": _(
        "Changes what your party says apart from its policies: what it claims, what holds "
        "where no rule speaks, how its decisions are signed."
    ),
    "record-fact": _("Records a fact. A correction says what it takes the place of."),
    "appoint": _("Records that a person holds an office, or acts in it, for a time."),
    "dismiss": _("Ends the time of an official in an office."),
    "register-key": _("Records the public key by which a person signs from now on."),
    "retire-key": _("Ends the use of a key. What it signed before goes on holding."),
    "delegate": _("Lets another office act for yours, for a time and for some activities."),
    "revoke-delegation": _("Puts an end to a delegation."),
    "erase": _(
        "Erases parts of an entry where the law asks for it. That they were there stays visible."
    ),
    "change-semantics": _(
        "Records that determinations follow another version of the rules of reading."
    ),
    "rotate-key": _("Names the key by which the log, or its permits, are signed next."),
}
