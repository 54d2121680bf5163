"""Finds the literals of a condition that its vocabularies do not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from placet.conditions.language import Language, Vocabularies
from placet.conditions.tree import (
    Call,
    Choice,
    Items,
    Literal,
    Local,
    Node,
    Operation,
    Operator,
    Quantifier,
    Read,
    children,
)

__all__ = ["Stranger", "strangers"]

_COMPARING = frozenset({Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN})


@dataclass(frozen=True, slots=True)
class Stranger:
    """A literal that is compared with codes of a vocabulary and is not one of them."""

    code: str
    vocabulary: str
    at: int


def strangers(node: Node, language: Language, vocabularies: Vocabularies) -> tuple[Stranger, ...]:
    """Give the unknown codes of a tree, in the order in which they are written.

    A literal is looked up where it is compared (`==`, `!=`, `in`) with something that is
    taken from a vocabulary, or given for a parameter that is. The empty string, none, is
    always known; so is everything where the vocabulary is not given.
    """
    return tuple(_Search(language, vocabularies).below(node, {}))


class _Search:
    def __init__(self, language: Language, vocabularies: Vocabularies) -> None:
        self.variables = {each.name: each.vocabulary for each in language.variables}
        self.functions = {
            (each.name, each.member, len(each.parameters)): each for each in language.functions
        }
        self.vocabularies = vocabularies

    def below(self, node: Node, scope: Mapping[str, str | None]) -> Iterator[Stranger]:
        yield from self._here(node, scope)
        for child in children(node):
            inner = scope
            if isinstance(node, Quantifier) and child is node.body:
                inner = {**scope, node.variable: self._drawn_from(node.over, scope)}
            yield from self.below(child, inner)

    def _here(self, node: Node, scope: Mapping[str, str | None]) -> Iterator[Stranger]:
        match node:
            case Operation(operator=operator, operands=(left, right)) if operator in _COMPARING:
                yield from self._unknown(left, self._drawn_from(right, scope))
                yield from self._unknown(right, self._drawn_from(left, scope))
            case Call(function=name, arguments=arguments, member=member):
                parameters = self.functions[name, member, len(arguments)].parameters
                for argument, parameter in zip(arguments, parameters, strict=True):
                    yield from self._unknown(argument, parameter.vocabulary)

    def _drawn_from(self, node: Node, scope: Mapping[str, str | None]) -> str | None:
        """Name the vocabulary that a node's value, or each of its elements, is taken from."""
        match node:
            case Read(name=name):
                return self.variables.get(name)
            case Local(name=name):
                return scope.get(name)
            case Call(function=name, arguments=arguments, member=member):
                return self.functions[name, member, len(arguments)].returns_vocabulary
            case Operation(operator=Operator.INDEX, operands=(items, _)):
                return self._drawn_from(items, scope)
            case Choice(then=then, otherwise=otherwise):
                return self._drawn_from(then, scope) or self._drawn_from(otherwise, scope)
            case Items(items=items):
                return next(filter(None, (self._drawn_from(each, scope) for each in items)), None)
        return None

    def _unknown(self, node: Node, vocabulary: str | None) -> Iterator[Stranger]:
        codes = self.vocabularies.get(vocabulary) if vocabulary else None
        if vocabulary is None or codes is None:
            return
        match node:
            case Literal(value=str(code), at=at) if code and code not in codes:
                yield Stranger(code, vocabulary, at)
            case Items(items=items):
                for each in items:
                    yield from self._unknown(each, vocabulary)
            case Choice(then=then, otherwise=otherwise):
                yield from self._unknown(then, vocabulary)
                yield from self._unknown(otherwise, vocabulary)
