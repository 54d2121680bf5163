"""What may stand after the `?` of an address: what the operation there names, and nothing else.

A filter that is misspelt, or that an operation does not have, would otherwise narrow nothing, and
whoever asked would take the whole for the part.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.errors import ValidationError

__all__ = ["only_what_is_named"]


def only_what_is_named(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Have an operation of the API refuse what it does not name among its parameters."""
    models = vars(view)["_ninja_operation"].models
    queries = [each for each in models if each.__ninja_param_source__ == "query"]
    named = sorted({name for each in queries for name in each.__ninja_flatten_map__})

    @wraps(view)
    def answer(request: HttpRequest, **given: Any) -> HttpResponse:
        """Answer a request, unless it asks for what there is not.

        Raises:
            ValidationError: it names a parameter that is none of the operation.
        """
        if unknown := sorted(request.GET.keys() - named):
            here = f"here one may give {', '.join(named)}" if named else "nothing is given here"
            raise ValidationError(
                [
                    {"loc": ("query", each[:80]), "msg": f"is no parameter; {here}"}
                    for each in unknown
                ]
            )
        return view(request, **given)

    return answer
