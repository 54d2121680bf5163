"""Run a program that ends when whoever started it ends, however that is: also by SIGKILL.

It is run as a script, so that nothing happens between a fork and its exec but what the C library
does, and with nothing but the standard library:

    python -I -S ending.py PARENT COMMAND…

The kernel sends the program SIGTERM when the thread that started it is no more (prctl(2),
PR_SET_PDEATHSIG), and keeps that over the exec.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

__all__ = ["with_us"]

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def with_us(command: list[str]) -> list[str]:
    """Return the command that runs another one, and ends it with this process.

    Elsewhere than on Linux nobody tells: there it is the command itself.
    """
    if sys.platform != "linux":
        return command
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def _main(parent: str, *command: str) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):  # it went before the kernel knew
        return
    os.execv(command[0], command)


if __name__ == "__main__":
    _main(*sys.argv[1:])
