"""The judgement, pure: who has a say, what their rules say, and why."""

from placet.determination.answer import (
    SEMANTICS,
    AdviceGiven,
    Authority,
    Determination,
    FactUsed,
    Flag,
    LineAnswer,
    OpenQuestion,
    Outstanding,
    PartyAnswer,
    Required,
    Reviewer,
    RightFound,
    RuleHeard,
    SetAside,
    Stage,
    earlier_semantics,
)
from placet.determination.connections import Connection, connections
from placet.determination.determine import determine, request_digest
from placet.determination.judgement import Effect, Judged, Standing, judge
from placet.determination.kept import Kept
from placet.determination.precedents import Precedents
from placet.determination.seasons import Seasons
from placet.determination.verdict import BOTTOM, Quorum, Verdict, at_least, at_most
from placet.determination.world import Matter, Sight, World, is_dispute

__all__ = [
    "BOTTOM",
    "SEMANTICS",
    "AdviceGiven",
    "Authority",
    "Connection",
    "Determination",
    "Effect",
    "FactUsed",
    "Flag",
    "Judged",
    "Kept",
    "LineAnswer",
    "Matter",
    "OpenQuestion",
    "Outstanding",
    "PartyAnswer",
    "Precedents",
    "Quorum",
    "Required",
    "Reviewer",
    "RightFound",
    "RuleHeard",
    "Seasons",
    "SetAside",
    "Sight",
    "Stage",
    "Standing",
    "Verdict",
    "World",
    "at_least",
    "at_most",
    "connections",
    "determine",
    "earlier_semantics",
    "is_dispute",
    "judge",
    "request_digest",
]
