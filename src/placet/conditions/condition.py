"""A condition: its text, its tree, and what it reads, calls and compares with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from placet.conditions.evaluation import Compiled, compiled
from placet.conditions.language import Environment, Value
from placet.conditions.tree import Call, Literal, Node, Read, atoms, walk

__all__ = ["Condition"]


@dataclass(frozen=True)
class Condition:
    """A checked condition of type bool. Two are equal when their texts and trees are."""

    text: str
    tree: Node

    @cached_property
    def reads(self) -> frozenset[str]:
        """The variables that it names."""
        return frozenset(node.name for node in walk(self.tree) if isinstance(node, Read))

    @cached_property
    def calls(self) -> frozenset[str]:
        """The functions of the language that it names; operators are not among them."""
        return frozenset(node.function for node in walk(self.tree) if isinstance(node, Call))

    @cached_property
    def literals(self) -> tuple[Value, ...]:
        """The values written in it, each once, in the order in which they are written."""
        found = {(n.type, n.value): n.value for n in walk(self.tree) if isinstance(n, Literal)}
        return tuple(found.values())

    @cached_property
    def atoms(self) -> tuple[Node, ...]:
        """The maximal parts that `&&`, `||`, `!` and `?:` combine, each once."""
        return atoms(self.tree)

    @cached_property
    def _run(self) -> Compiled:
        return compiled(self.tree)

    def holds(self, environment: Environment) -> bool:
        """Tell whether it is true; raises `Open` or `EvaluationFailure` when that is undecided."""
        return bool(self._run(environment, {}))
