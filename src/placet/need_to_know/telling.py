"""The answer on a case in a sentence that a minister understands, as one viewer may know it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from placet.need_to_know.knowing import own_parties
from placet.need_to_know.shown import CaseStatus, status_of
from placet.need_to_know.standings import ConsentStatus, PartyStanding
from placet.need_to_know.stands import newest_permit
from placet.need_to_know.view import Sight
from placet.registry import (
    NONE,
    UNKNOWN,
    Line,
    Registry,
    Request,
    iso_names,
    last_day,
    number_asked,
)
from placet.registry.facts import Text
from placet.review.appeals import lying_appeal, owing_answer, unfollowed
from placet.review.case import Case, Kept, PermitOnFile, Terms
from placet.review.validity import OVER, used_up

__all__ = [
    "Answer",
    "Tone",
    "any_line",
    "breach_words",
    "called",
    "line_words",
    "listing",
    "request_words",
    "tell",
    "thing_words",
    "things",
]


class Tone(StrEnum):
    """Whether an answer is good news."""

    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"
    OVER = "over"


class Answer(Kept):
    """The answer: its tone, a headline, and what else a reader must know, sentence by sentence."""

    tone: Tone
    headline: Text
    says: tuple[Text, ...] = ()

    @property
    def sentence(self) -> str:
        """The whole answer as one text."""
        return " ".join((self.headline, *self.says))


def tell(
    eyes: Sight, found: Sequence[PartyStanding], permits: dict[str, str], registry: Registry
) -> Answer:
    """Return the answer on a case.

    Args:
        eyes: the case before the eyes of the viewer.
        found: who is asked, and what each has said (`standings`).
        permits: the status that each permit has at the moment (`view_permit`), by its name.
        registry: what things are called.
    """
    of_lines = things(eyes.case.request["lines"], registry)
    answer = _outcome(eyes, found, permits, of_lines)
    return answer.model_copy(
        update={"says": (*answer.says, *_appealed(eyes.case, permits, registry))}
    )


def _outcome(
    eyes: Sight,
    found: Sequence[PartyStanding],
    permits: dict[str, str],
    of_lines: Mapping[str, str],
) -> Answer:
    status = status_of(eyes.case)
    if status in (CaseStatus.PERMITTED, CaseStatus.CLOSED) and permits:
        return _permitted(eyes, permits, status, of_lines)
    if status is CaseStatus.UNDER_REVIEW:
        return _under_review(eyes, found, of_lines)
    told = eyes.view().ended
    quoted = (f"“{told.rstrip('.')}.”",) if told else ()
    if status is CaseStatus.REFUSED:
        refusing = [each.name for each in found if each.standing is ConsentStatus.REFUSED]
        by = f" by {listing(map(called, refusing))}" if refusing else ""
        return Answer(tone=Tone.BAD, headline=f"This was refused{by}.", says=quoted)
    words = {
        CaseStatus.RETURNED: "This was returned without a decision.",
        CaseStatus.WITHDRAWN: "The applicant withdrew this.",
        CaseStatus.LAPSED: "This lapsed: a deadline passed. No answer is not consent.",
    }
    return Answer(tone=Tone.OVER, headline=words.get(status, "This case is closed."), says=quoted)


def _appealed(case: Case, permits: Mapping[str, str], registry: Registry) -> Iterator[str]:
    """Yield that an appeal lies, whose answer it waits for, and how it was answered.

    Everybody knows that who has a part, unless the case is over. While a permit stands no new round
    is opened: what was appealed is what it was issued on.
    """
    over = status_of(case) in (CaseStatus.WITHDRAWN, CaseStatus.CLOSED)
    put = [each for _, each in unfollowed(case)]
    if over or not put:
        return
    lying = lying_appeal(case)
    found = put[-1] if lying is None else case.appeals[lying]
    for each in found.dismissals:
        by = f" for {called(registry.name(each.party))}" if each.party else ""
        yield f"An appeal was dismissed{by}: “{each.disclosed.rstrip('.')}.”"
    if lying is None:
        return
    owing = listing(called(registry.name(each)) for each in sorted(owing_answer(case)))
    yield f"The applicant has appealed, and waits for an answer{owing and f' of {owing}'}."
    if standing := sorted(name for name, status in permits.items() if status not in OVER):
        yield (
            f"While {listing(standing)} stands, no new round is opened: the appeal is dismissed, "
            "or it waits until the permit is given back, revoked or expired."
        )


def _under_review(
    eyes: Sight, found: Sequence[PartyStanding], of_lines: Mapping[str, str]
) -> Answer:
    by: dict[ConsentStatus, list[PartyStanding]] = {}
    for each in found:
        by.setdefault(each.standing, []).append(each)
    if against := [*by.get(ConsentStatus.REFUSED, ()), *by.get(ConsentStatus.RETURNED, ())]:
        return Answer(
            tone=Tone.BAD,
            headline="This cannot be released as it stands.",
            says=tuple(_against(each, of_lines) for each in against),
        )
    if refused := by.get(ConsentStatus.RULES_REFUSE):
        return _refused_by_rules(eyes, refused)
    says = []
    if given := by.get(ConsentStatus.GIVEN):
        names = _upper(listing(called(each.name) for each in given))
        says.append(f"{names} {'has' if len(given) == 1 else 'have'} agreed.")
    if possible := by.get(ConsentStatus.POSSIBLE):
        names = _upper(listing(called(each.name) for each in possible))
        says.append(f"{names} may have to say yes as well; open questions decide.")
    if waiting := by.get(ConsentStatus.WAITING):
        names = listing(map(_who, waiting))
        headline = f"This needs the yes of {names}."
        return Answer(tone=Tone.WAITING, headline=headline, says=tuple(says))
    if possible:
        return Answer(tone=Tone.WAITING, headline="Not decided yet.", says=tuple(says))
    headline = "Nobody else's yes is missing; a permit has not been issued yet."
    return Answer(tone=Tone.GOOD, headline=headline, says=tuple(says))


def _refused_by_rules(eyes: Sight, refused: Sequence[PartyStanding]) -> Answer:
    """Say whose rules refuse; of rules known only as far as they are announced, that they would."""
    own = own_parties(eyes.case, eyes.relation)
    if known := [each for each in refused if own is None or each.party in own]:
        names = listing(called(each.name) for each in known)
        return Answer(
            tone=Tone.BAD,
            headline="This cannot be approved as it stands.",
            says=(f"The rules of {names} refuse it.",),
        )
    names = listing(called(each.name) for each in refused)
    begun = eyes.case.determined is not None or not eyes.relation.inside
    return Answer(
        tone=Tone.WAITING,
        headline="Not decided yet." if begun else "It is not determined yet who has a say.",
        says=(f"By what is announced, the rules of {names} would refuse it.",),
    )


def _permitted(
    eyes: Sight, permits: dict[str, str], status: CaseStatus, of_lines: Mapping[str, str]
) -> Answer:
    newest = newest_permit(eyes.case)
    terms = newest.terms
    end, start = _end(terms.until), f"{terms.from_:%-d %b %Y}"
    what, is_, was = _extent(eyes.case.request, terms, of_lines)
    once = ", for a single use," if terms.each_use else ""
    words = {
        "in-force": (Tone.GOOD, f"{what} {is_} permitted{once} {end}."),
        "not-yet": (Tone.GOOD, f"{what} {is_} permitted{once} from {start} {end}."),
        "suspended": (Tone.BAD, "The permit is suspended: nothing may be done under it now."),
        "exhausted": (
            Tone.OVER,
            f"{what} {was} permitted, and what the permit allowed is used up.",
        ),
        "expired": (Tone.OVER, f"{what} {was} permitted{once} {end}, which is over."),
        "revoked": (Tone.BAD, "The permit was revoked: nothing may be done under it."),
        "surrendered": (Tone.OVER, f"{what} {was} permitted, and the permit was given back."),
        "amended": (Tone.OVER, "The permit was replaced."),
    }
    tone, headline = words[permits[newest.permit]]
    closed = ("The case is closed.",) if status is CaseStatus.CLOSED else ()
    says = tuple(dict.fromkeys(_of_uses(newest, eyes.case, permits[newest.permit])))
    return Answer(tone=tone, headline=headline, says=(*says, *closed))


def _end(until: datetime) -> str:
    last = last_day(until)
    return f"through {last:%-d %b %Y}" if last else f"until {until:%-d %b %Y, %H:%M} UTC"


def _extent(
    request: dict[str, Any], terms: Terms, of_lines: Mapping[str, str]
) -> tuple[str, str, str]:
    """Say how much of what was asked a permit allows, and whether that is one thing or more."""
    asked = {line: _number(each) for line, each in request["lines"].items()}
    allowed = {each.line: each.quantity for each in terms.lines}
    if allowed == asked:
        return "This", "is", "was"
    said = []
    for line, quantity in allowed.items():
        number = "any number" if quantity is None else str(quantity)
        of = asked.get(line)
        whole = f"all {number}" if quantity == of and quantity is not None else number
        part = f"{number} of the {of}" if of is not None and quantity != of else whole
        said.append(f"{part} of {of_lines.get(line, line)}" if len(asked) > 1 else part)
    one = [*allowed.values()] == [1]
    return _upper(listing(said)), *(("is", "was") if one else ("are", "were"))


def _number(line: dict[str, Any]) -> int | None:
    """Return how many a line of a request asks for; None where it gives no number."""
    asked = number_asked(line)
    return asked if asked is not None else len(line.get("serials", ())) or None


def _of_uses(permit: PermitOnFile, case: Case, status: str) -> Iterator[str]:
    """Yield what is told of uses: that nothing is left, and that some went beyond the permit."""
    if status == "expired" and any(used_up(permit, case)):
        yield "What it allowed was used up."
    for report in case.reports:
        what = "beyond the permit" if report.beyond else "that may be beyond the permit"
        if report.open and report.corrected_by:
            yield f"A use {what} was reported and then corrected, which is not resolved."
        elif report.open:
            yield f"A use {what} was reported, and is not resolved."
        elif report.outside:
            yield f"A use beyond the permit was reported, and was {report.finding}."


def _against(found: PartyStanding, of_lines: Mapping[str, str]) -> str:
    verb = "returned it" if found.standing is ConsentStatus.RETURNED else "refused"
    quoted = f": “{found.disclosed[-1].rstrip('.')}.”" if found.disclosed else "."
    lines = [
        of_lines.get(line, line) for line, each in found.lines.items() if each is found.standing
    ]
    of = f" for {listing(lines)}" if lines else ""
    return f"{_upper(called(found.name))} {verb}{of}{quoted}"


def _who(found: PartyStanding) -> str:
    offices = [each.title for each in found.offices]
    by = f" ({listing(offices)})" if offices else ""
    return f"{called(found.name)}{by}"


def called(name: str) -> str:
    """Return a party's name as it stands in a sentence: with its article, where it has one."""
    plural = name.startswith(("United ", "Netherlands", "Philippines", "Czech Republic"))
    return f"the {name}" if plural else name


def listing(names: Iterable[str]) -> str:
    """Return names as they are read out: `a, b and c`."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def request_words(request: Request, registry: Registry) -> str:
    """Say what is asked, in a line: `Use of 4 ATACMS by Ukraine in Kurskaya oblast'`."""
    things = [line_words(each, registry) for each in request.lines.values()]
    said = f"{request.activity} of {listing(things)} by {called(registry.name(request.actor))}"
    if request.recipient not in (None, NONE, UNKNOWN):
        said += f" to {called(registry.name(str(request.recipient)))}"
    if request.area not in (None, NONE, UNKNOWN):
        area = str(request.area)
        said += f" in {iso_names().get(area, area)}"
    return _upper(said)


def line_words(line: Line, registry: Registry) -> str:
    """Say how many of what a line of a request asks for: `4 ATACMS`."""
    count = f"{line.quantity} \u00d7 " if isinstance(line.quantity, int) else ""
    return f"{count}{_thing(line.item, line.lot, registry)}"


def thing_words(line: Line, registry: Registry) -> str:
    """Say of what a line of a request is."""
    return _thing(line.item, line.lot, registry)


def things(lines: Mapping[str, Mapping[str, Any]], registry: Registry) -> dict[str, str]:
    """Say of what each line is, and which line it is where several are of the same.

    Args:
        lines: lines of a request or of a permit, by name, in the spelling of files.
        registry: what things are called.
    """
    named = {
        line: _thing(each.get("item"), each.get("lot"), registry) for line, each in lines.items()
    }
    often = Counter(named.values())
    return {
        line: f"{name} (line {line})" if often[name] > 1 else name for line, name in named.items()
    }


def any_line(lines: Iterable[str]) -> str:
    """Return the pattern of the name of any of some lines, the longest first."""
    return "|".join(map(re.escape, sorted(lines, key=len, reverse=True)))


def breach_words(says: str, lines: Mapping[str, str]) -> str:
    """Say what is on record of a use beyond its permit with lines called by what they are of.

    What is on record (`placet.review.breaches`) names them as the request does, and stays.

    Args:
        says: one sentence of it.
        lines: of what each line is (`things`).
    """
    known = any_line(lines)
    said = re.sub(
        rf"^On the line ({known}) (\d+) used",
        lambda each: f"{each[2]} \u00d7 {lines[each[1]]} used",
        says,
    )
    return re.sub(
        rf"( has \d+ )of ({known})( left, and this was )",
        lambda each: f"{each[1]}\u00d7 {lines[each[2]]}{each[3]}",
        said,
    )


def used_words(report: Mapping[str, Any], request: Mapping[str, Any], registry: Registry) -> str:
    """Say what was used of a request, where and when: `3 ATACMS in Kurskaya oblast' on 2025-07-15`.

    Args:
        report: the report of the use, in the spelling of files.
        request: the request, in the same.
        registry: what things are called.
    """
    line = request.get("lines", {}).get(report["line"], {})
    thing = _thing(line.get("item"), line.get("lot"), registry) if line else str(report["line"])
    area = str(report.get("area", UNKNOWN))
    where = f" in {iso_names().get(area, area)}" if area not in (NONE, UNKNOWN) else ""
    return f"{report['quantity']} \u00d7 {thing}{where} on {str(report['on'])[:10]}"


def permitted_words(lines: Iterable[Mapping[str, Any]], registry: Registry) -> str:
    """Say what a permit is for, by the lines of its terms in the spelling of files."""
    return listing(
        (f"{each['quantity']} \u00d7 " if each.get("quantity") is not None else "")
        + _thing(each.get("item"), each.get("lot"), registry)
        for each in lines
    )


def _thing(item: str | None, lot: str | None, registry: Registry) -> str:
    known = registry.record.items.get(item or "")
    return known.name if known else item or lot or "goods of a pool"
