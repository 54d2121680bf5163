"""Logs: a line of JSON for each event, without secrets, bodies, or anything a person typed.

What is logged is chosen, not filtered: of a request its id, method, route, status and time; the
route is the pattern of the address and not the address. Of what libraries say, only the text
they were written with is kept, without the values put into it; of an error its kind and the
places in the code, without its message. Where that text says nothing by itself, as in `%s: %s`, who
speaks stands for it. What was done, and by whom, is in the ledger.
"""

from __future__ import annotations

import re
import traceback
import uuid
from logging.config import dictConfig
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

__all__ = ["LOGGING", "begin_logging", "request_id"]

_FRAMES = 12
_PLACES = re.compile(r"%(\(\w+\))?[-+# 0-9.]*[a-zA-Z]")
_WORD = re.compile(r"\w")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def request_id(given: str) -> str:
    """Return the id that a proxy gave a request, or a new one where that is missing or no id."""
    return given if _ID.fullmatch(given) else uuid.uuid4().hex


def _without_message(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Put in the place of an error its kind and where it happened."""
    raised = event.pop("exc_info", None)
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
        event["at"] = [
            f"{each.filename}:{each.lineno} {each.name}"
            for each in traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        ]
    return event


def _named(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Say which library speaks, also for a text that says nothing without its values."""
    record = event.get("_record")
    if record is not None:
        event["logger"] = record.name
        if not _WORD.search(_PLACES.sub("", str(event["event"]))):
            event["event"] = f"{record.levelname.lower()} of {record.name}"
    return event


_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _without_message,
)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [*_SHARED, _named],
            "use_get_message": False,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(sort_keys=True),
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would print in another form, and write letters to administrators.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Of every answer there is a line of ours; of an error in one this says where it happened.
        "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
    },
}


def begin_logging(logging: dict[str, Any]) -> None:
    """Set up logging as `LOGGING_CONFIG` of Django does, and structlog on top of it."""
    dictConfig(logging)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
