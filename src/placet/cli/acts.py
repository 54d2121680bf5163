"""The acts as commands: one for each command of the review, its options read from its fields.

What an act takes is written once, in `review/commands`. References that must be
unpredictable are drawn; the determination that was seen is that of the case as it stands; and
what is signed is shown before it is signed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer
from pydantic import BaseModel

from placet.cli.cleaning import clean
from placet.cli.options import Json, Server
from placet.errors import InputError, QuestionError
from placet.operations.acting.documents import LARGEST, attachment_of
from placet.operations.acting.drafting import field_words, is_asked
from placet.registry import Document, read, read_text
from placet.review import Command, model_of
from placet.review.commands import Attachment

__all__ = ["add_acts", "in_file"]

CASE_ACTS = {
    "determine": "determine",
    "assign": "assign",
    "ask": "ask",
    "supply": "supply",
    "advise": "advise",
    "dissent": "dissent",
    "countersign": "countersign",
    "recuse": "recuse",
    "decide": "decide",
    "consent": "record-consent",
    "assurance": "record-assurance",
    "retract": "retract",
    "withdraw-consent": "withdraw-consent",
    "fulfil": "fulfil",
    "return": "return",
    "withdraw": "withdraw",
    "appeal": "appeal",
    "dismiss-appeal": "dismiss-appeal",
    "reconsider": "reconsider",
    "deadline": "set-deadline",
    "escalate": "escalate",
    "lapse": "lapse",
    "break-glass": "break-glass",
    "close": "close",
}
"""What is done to a case, by the name of its command under `placet case`."""

PERMIT_ACTS = {
    "suspend": "suspend",
    "lift": "lift",
    "revoke": "revoke",
    "amend": "amend",
    "surrender": "surrender",
    "check": "check-end-use",
    "review-after": "review-after",
}
"""What is done to a permit, under `placet permit`."""

CONTEXT_ACTS = {
    ("policy", "adopt"): "adopt-policy",
    ("policy", "announce"): "announce-policy",
    ("policy", "end"): "end-policy",
    ("policy", "revise-book"): "revise-book",
    ("fact", "record"): "record-fact",
    ("office", "appoint"): "appoint",
    ("office", "dismiss"): "dismiss",
    ("keys", "register"): "register-key",
    ("keys", "retire"): "retire-key",
    ("", "delegate"): "delegate",
    ("", "revoke-delegation"): "revoke-delegation",
    ("ledger", "erase"): "erase",
    ("ledger", "change-semantics"): "change-semantics",
}
"""What is done to the context and the record."""


@dataclass(frozen=True)
class _Field:
    """A field of a command and the parameter by which it is given."""

    name: str
    written: str
    option: inspect.Parameter
    kind: str


def add_acts(app: typer.Typer, groups: Mapping[str, typer.Typer]) -> None:
    """Add a command for every act."""
    for name, kind in CASE_ACTS.items():
        groups["case"].command(name)(_command(kind, "case"))
    groups["case"].command("submit")(_submit())
    for name, kind in PERMIT_ACTS.items():
        groups["permit"].command(name)(_command(kind, "permit"))
    groups["permit"].command("issue")(_command("issue", "case"))
    groups["use"].command("report")(_command("report-use", "permit"))
    groups["use"].command("correct")(_command("correct-use", "permit"))
    groups["use"].command("resolve")(_command("resolve-violation", "case"))
    for (group, name), kind in CONTEXT_ACTS.items():
        (groups[group] if group else app).command(name)(_command(kind, None))


def _command(kind: str, of: str | None) -> Callable[..., None]:
    """Return the function of one act: what it is done to, its fields, and how it is signed."""
    model = model_of(kind)
    fields = [_field(name, model) for name in model.model_fields if is_asked(kind, name, of)]

    def run(**given: Any) -> None:
        from placet.cli.office import Signed, asked, carry_out

        target = given.pop(of) if of else None
        server = given.pop("server")
        signed = Signed(**{name: given.pop(name) for name in _SIGNED_BY})
        about = {"permit": target} if of == "permit" and "permit" in model.model_fields else {}
        attached, documents = _documents(given.pop("attachments", None) or [])
        said = {**_values(fields, given), **attached, **about}
        with asked(server) as register:
            carry_out(register, kind, said, signed, target, of, documents)

    parameters = [each.option for each in fields]
    if of:
        note = "The case." if of == "case" else "The permit."
        parameters.insert(0, _parameter(of, Annotated[str, typer.Argument(help=note)]))
    return _shaped(run, kind, model, [*parameters, *_SIGNING])


def _submit() -> Callable[..., None]:
    """Return the function that files a request from a file."""
    model = model_of("submit")
    fields = [_field(name, model) for name in ("due", "attachments")]

    def run(**given: Any) -> None:
        from placet.cli.office import Signed, asked, carry_out

        path: Path = given.pop("request")
        document = read(path, str(path))
        plain = _legible(dict(document.plain), "the request")
        plain.pop("expect", None)
        server = given.pop("server")
        signed = Signed(**{name: given.pop(name) for name in _SIGNED_BY})
        attached, documents = _documents(given.pop("attachments", None) or [])
        said = {**_values(fields, given), **attached, "request": plain}
        with asked(server) as register, in_file(document):
            carry_out(register, "submit", said, signed, documents=documents)

    file = Annotated[Path, typer.Argument(metavar="REQUEST.yaml", help="A request file.")]
    parameters = [_parameter("request", file), *(each.option for each in fields)]
    return _shaped(run, "submit", model, [*parameters, *_SIGNING])


@contextmanager
def in_file(document: Document) -> Iterator[None]:
    """Have problems of a request name their places in its file.

    Raises:
        InputError: as it came, each problem with its place.
    """
    try:
        yield
    except InputError as error:
        raise type(error)(
            replace(each, where=document.where_is(each.where.field)) for each in error.problems
        ) from error


def _field(name: str, model: type[Command]) -> _Field:
    """Return the option by which a field is given; every value is text, typed by the command."""
    info = model.model_fields[name]
    written = info.alias or name
    kind = _kind(info.annotation)
    types: dict[str, Any] = {
        "flag": bool,
        "file": Path | None,
        "many": list[str] | None,
        "records": list[str] | None,
        "documents": list[Path] | None,
        "pairs": list[str] | None,
        "text": str | None,
    }
    hint = types[kind]
    required = info.is_required()
    if required and kind != "flag":
        hint = get_args(hint)[0]
    option = typer.Option(
        f"--{written}",
        help=_words(model.kind, name, kind),
        metavar=_METAVAR.get(kind),
    )
    default: Any = inspect.Parameter.empty if required and kind != "flag" else None
    if kind == "flag":
        default = False
    return _Field(name, written, _parameter(name, Annotated[hint, option], default), kind)


_GIVEN = {"file": "given in a YAML file", "pairs": "as in missiles=2"}
"""How a field is given at a terminal, where its words alone would not tell."""


def _words(act: str, name: str, kind: str) -> str | None:
    """Return what an option asks for, and how it is given where that needs saying."""
    words = field_words(act, name)
    if words is None or kind not in _GIVEN:
        return words
    return f"{words.removesuffix('.')}; {_GIVEN[kind]}."


def _kind(annotation: Any) -> str:
    """Say how a field is given: as text, a flag, a file, several texts, records or pairs."""
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ()
    inner = next((each for each in options if each is not type(None)), annotation)
    if get_origin(inner) is Annotated:
        inner = get_args(inner)[0]
    if inner is bool:
        return "flag"
    if get_origin(inner) is dict:
        return "pairs" if get_args(inner)[1] is not Any else "file"
    if get_origin(inner) is tuple:
        of = get_args(inner)[0]
        if of is Attachment:
            return "documents"
        return "records" if isinstance(of, type) and issubclass(of, BaseModel) else "many"
    return "text"


def _values(fields: list[_Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that were given, in the spelling of files."""
    found: dict[str, Any] = {}
    for each in fields:
        value = given.get(each.name)
        if value is None or value is False or value == []:
            continue
        found[each.written] = _legible(_value(each, value), f"--{each.written}")
    return found


def _documents(paths: list[Path]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return files as an act names them, and what they hold by their digests.

    Raises:
        QuestionError: one cannot be read.
        DocumentError: one is not taken.
    """
    attached, brought = [], {}
    for path in paths:
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise QuestionError(f"{path}: it cannot be read: {error.strerror}.") from error
        one = attachment_of(path.name, data)
        attached.append(one.model_dump(mode="json"))
        brought[one.digest] = data
    return ({"attachments": attached} if attached else {}), brought


def _value(field: _Field, value: Any) -> Any:
    if field.kind == "file":
        return dict(read(value).plain)
    if field.kind == "records":
        return [dict(read_text(each, f"--{field.written}").plain) for each in value]
    if field.kind == "pairs":
        pairs = [each.partition("=") for each in value]
        return {name: count for name, _, count in pairs}
    return value


def _legible(value: Any, where: str) -> Any:
    """Return a value all of whose text shows on a screen as it stands.

    Raises:
        QuestionError: some of it has control characters, or turns the direction of writing.
    """
    if isinstance(value, dict):
        return {_legible(name, where): _legible(each, where) for name, each in value.items()}
    if isinstance(value, list):
        return [_legible(each, where) for each in value]
    if isinstance(value, str) and clean(plain := value.replace("\t", " ")) != plain:
        raise QuestionError(
            f"{where} has control characters, or some that turn the direction of writing: nobody "
            "could see what was written. Take them out."
        )
    return value


def _parameter(
    name: str, annotation: Any, default: Any = inspect.Parameter.empty
) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _shaped(
    run: Callable[..., None], kind: str, model: type[Command], parameters: list[inspect.Parameter]
) -> Callable[..., None]:
    """Give a function the signature and the help of the act that it carries out."""
    ordered = sorted(parameters, key=lambda each: each.default is not inspect.Parameter.empty)
    vars(run)["__signature__"] = inspect.Signature(ordered)
    run.__annotations__ = {each.name: each.annotation for each in ordered}
    run.__name__ = kind.replace("-", "_")
    run.__doc__ = inspect.getdoc(model)
    return run


_METAVAR = {
    "file": "FILE.yaml",
    "documents": "FILE",
    "records": "'{field: value}'",
    "pairs": "LINE=COUNT",
}
_SIGNED_BY = ("sign_with", "signature", "statement", "as_json")
_SIGNING = [
    _parameter(
        "sign_with",
        Annotated[
            Path | None, typer.Option(help="Sign what is shown with this OpenSSH private key.")
        ],
        None,
    ),
    _parameter(
        "signature",
        Annotated[
            Path | None,
            typer.Option(help="The signature made over what --statement wrote; name both."),
        ],
        None,
    ),
    _parameter(
        "statement",
        Annotated[
            Path | None,
            typer.Option(
                help="Write what is to be signed into this file, and stop; or, with --signature, "
                "the file that was signed."
            ),
        ],
        None,
    ),
    _parameter("server", Server, None),
    _parameter("as_json", Json, False),
]
