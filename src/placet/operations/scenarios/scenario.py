"""A scenario folder: a registry, the parties' books, and requests with the answers expected.

scenario/
  registry.yaml      or registry/*.yaml, in as many files as is readable
  books/*.yaml       one book per party
  requests/*.yaml    one request per file, with what is expected of it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from placet.determination import Matter
from placet.errors import InputError, Problem, QuestionError, ScenarioError, Where
from placet.policy import Book, context_digest, load_books, misshapen_books
from placet.registry import (
    Document,
    Registry,
    Request,
    load_registry,
    load_request,
    misshapen_request,
    read,
)

__all__ = ["Filed", "Scenario", "is_scenario", "load_filed", "load_scenario", "scenario_of"]

T = TypeVar("T")


@dataclass(frozen=True)
class Scenario:
    """A registry and books that hold together, and the digest of the context they make up."""

    folder: Path
    registry: Registry
    books: Mapping[str, Book]
    context: str

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    def matter(
        self,
        request: Request,
        at: datetime,
        known_at: datetime | None = None,
        *,
        announced_only: bool = False,
    ) -> Matter:
        """Return the matter of a request in this scenario at a moment."""
        return Matter(
            self.registry, self.books, request, at, known_at, announced_only, self.context
        )

    def request_files(self) -> list[Path]:
        """Return the scenario's request files, in order."""
        return sorted((self.folder / "requests").glob("*.yaml"))


@dataclass(frozen=True)
class Filed:
    """A request as it stands in its file, with that file's document."""

    request: Request
    document: Document


def scenario_of(path: Path) -> Path:
    """Return the scenario folder that holds a file.

    Raises:
        QuestionError: no folder above the file is a scenario.
    """
    for folder in path.resolve().parents:
        if is_scenario(folder):
            return folder
    raise QuestionError(
        f"{path} is in no scenario folder: none above it holds registry.yaml. "
        "Name one with --scenario."
    )


def is_scenario(folder: Path) -> bool:
    """Say whether a folder holds a registry."""
    return (folder / "registry.yaml").is_file() or (folder / "registry").is_dir()


def load_scenario(folder: Path) -> Scenario:
    """Load a scenario's registry and books.

    Its requests are read only where something is wrong, so that all of it is
    shown at once. Without a registry their names cannot be checked, only
    their shape.

    Raises:
        QuestionError: there is no such scenario.
        ScenarioError: with every problem found in any of its files.
    """
    if not is_scenario(folder):
        raise QuestionError(f"{folder} is not a scenario folder: it holds no registry.yaml")
    registry_files = sorted((folder / "registry").glob("**/*.yaml"))
    if (folder / "registry.yaml").is_file():
        registry_files.append(folder / "registry.yaml")
    problems = list(_strays(folder))
    documents = _documents(registry_files, folder, problems)
    books_documents = _documents(sorted((folder / "books").glob("*.yaml")), folder, problems)
    registry = None
    if len(documents) == len(registry_files):  # what is missing would be found missing everywhere
        registry = _gathered(lambda: load_registry(documents), problems)
    books: Mapping[str, Book] | None = {}
    if registry is None:
        problems.extend(misshapen_books(books_documents))
    else:
        books = _gathered(partial(load_books, books_documents, registry), problems)
    if problems or registry is None or books is None:
        requests = _documents(sorted((folder / "requests").glob("*.yaml")), folder, problems)
        problems.extend(problem for each in requests for problem in _faults(each, registry))
        raise ScenarioError(problems)
    return Scenario(folder, registry, books, context_digest(documents, books_documents, registry))


def load_filed(path: Path, registry: Registry) -> Filed:
    """Read a request file.

    Raises:
        RequestError: with every problem found.
    """
    document = read(path, _shown(path))
    return Filed(load_request(document, registry), document)


def _faults(request: Document, registry: Registry | None) -> tuple[Problem, ...]:
    """Return what is wrong with a request, as far as can be told."""
    if registry is None:
        return tuple(misshapen_request(request))
    try:
        load_request(request, registry)
    except InputError as error:
        return error.problems
    return ()


def _strays(folder: Path) -> Iterator[Problem]:
    """Yield a problem for each file that looks like part of the scenario and is not read."""
    for part in (folder, folder / "registry", folder / "books", folder / "requests"):
        for path in sorted(part.glob("*.yml")):
            name = path.relative_to(folder).as_posix()
            yield Problem(Where(name), "the file is not read", do="Name it with .yaml.")


def _documents(files: list[Path], folder: Path, problems: list[Problem]) -> list[Document]:
    read_files = (
        _gathered(partial(read, path, path.relative_to(folder).as_posix()), problems)
        for path in files
    )
    return [document for document in read_files if document is not None]


def _gathered(act: Callable[[], T], problems: list[Problem]) -> T | None:
    """Run a step of loading; add what is wrong to `problems` so that all of it is shown at once."""
    try:
        return act()
    except InputError as error:
        problems.extend(error.problems)
        return None


def _shown(path: Path) -> str:
    return path.name if not path.parent.name else f"{path.parent.name}/{path.name}"
