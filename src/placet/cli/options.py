"""The options that commands share, and how their words are read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from placet.registry import Activity, parse_moment

__all__ = [
    "ActivityOption",
    "Announced",
    "At",
    "Export",
    "Folder",
    "Json",
    "KnownAt",
    "LogKeys",
    "Need",
    "Output",
    "RequestFile",
    "ScenarioFolder",
    "Server",
    "Witnesses",
    "moment",
    "now",
]


def moment(text: str) -> datetime:
    """Read a day or an instant that an option names."""
    try:
        return parse_moment(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def now() -> datetime:
    """Return the present moment, to the second. Nothing else in Placet reads the clock."""
    return datetime.now(UTC).replace(microsecond=0)


RequestFile = Annotated[Path, typer.Argument(metavar="REQUEST.yaml", help="A request file.")]
ScenarioFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A scenario folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[
    Path | None,
    typer.Option("--scenario", help="The scenario folder; by default the one the file is in."),
]
At = Annotated[
    datetime | None,
    typer.Option(
        parser=moment,
        metavar="WHEN",
        help="In force when: a day or an instant (UTC); now by default.",
    ),
]
KnownAt = Annotated[
    datetime | None,
    typer.Option(
        parser=moment,
        metavar="WHEN",
        help="By what was known when; all that is known, by default.",
    ),
]
Announced = Annotated[
    bool,
    typer.Option("--announced-only", help="Leave undeclared policies out, as an outsider must."),
]
ActivityOption = Annotated[Activity, typer.Option(help="What would be done.")]
Server = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Ask the register that is served at this address, by the token in PLACET_TOKEN.",
    ),
]
LogKeys = Annotated[Path, typer.Option(help="The log's public keys, one to a line.")]
Witnesses = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="The public keys of witnesses, one to a line; name --need as well."
    ),
]
Need = Annotated[
    int | None, typer.Option(metavar="K", help="How many of the witnesses must have cosigned.")
]
Export = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Prove it by this export of the log, and so by the cosignatures on its checkpoint.",
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="The SVG file to write.")]
