"""Receiving files: in memory, and of each no more than what is taken and one byte.

What is too large is so known to be, whoever sends it and however much: the rest is read and let go.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from placet.operations.acting.documents import LARGEST, MOST, TOGETHER

__all__ = ["BoundedUpload"]

_WHOLE = 3 * TOGETHER
"""Bytes of a request from which on it is not read at all."""


class BoundedUpload(FileUploadHandler):
    """Keeps of every file at most one byte too much, of all together likewise; writes no files."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._files, self._left, self._held = 0, TOGETHER + 1, BytesIO()

    def handle_raw_input(self, *given: Any, **_: Any) -> None:
        """Refuse a request that is far too large before it is read; its length comes third.

        Raises:
            RequestDataTooBig: it is.
        """
        if given[2] > _WHOLE:
            raise RequestDataTooBig(f"Files of more than {TOGETHER:,} bytes are not taken.")

    def new_file(self, *given: Any, **named: Any) -> None:
        """Begin a file; of more files than are taken by one, none is kept."""
        super().new_file(*given, **named)
        self._files += 1
        if self._files > MOST + 1:
            raise SkipFile
        self._held = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep what there is room for."""
        room = min(LARGEST + 1 - start, self._left)
        if room > 0:
            self._left -= self._held.write(raw_data[:room])

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """Hand over what was kept."""
        del file_size
        size = self._held.tell()
        self._held.seek(0)
        return InMemoryUploadedFile(
            self._held, self.field_name, self.file_name, self.content_type, size, self.charset
        )
