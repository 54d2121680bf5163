"""What the server of pages calls."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

__all__ = ["application"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "placet.web.settings")


def _application() -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    django = get_wsgi_application()
    from placet.web.api.direct import Direct  # its models are there once Django is

    return Direct(django)


application = _application()

# What is loaded by now is never garbage: collections leave it out, and look at the rest seldom.
# Otherwise each walks every case that the process keeps, and whoever asks meanwhile waits.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
