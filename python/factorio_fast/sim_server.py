"""The simulated headless Factorio server as a program.

It takes Factorio's flags, prints its log lines and speaks its protocols; `docs/sim-server.md` says
more. `python -m factorio_fast.sim_server` runs it, but imports the whole package first. This file
run by its path imports nothing but the compiled core, and that is what `command` says.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` costs more than all the rest of this file.
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def command() -> list[str]:
    """Return the command line that starts the server; its arguments follow.

    It starts in a few hundredths of a second, and the process is the server itself: a signal
    reaches it, and its exit status is the server's.

    Example:
        >>> [*command(), "--version"][-1]
        '--version'
    """
    return [sys.executable, "-I", "-S", __file__]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it ends and return its exit status.

    SIGINT and SIGTERM are the server's from then on.

    Args:
        arguments: the command line without the program's name; None takes the process's own.
    """
    import signal

    # Python's own handler would raise KeyboardInterrupt once the server has saved and ended.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arguments = sys.argv[1:] if arguments is None else arguments
    return _core_main()(list(arguments))


def _core_main() -> Callable[[list[str]], int]:
    """Return the core's function, without importing the package where this is a script."""
    if __name__ != "__main__" or __package__:
        from factorio_fast._core import sim_server_main

        return sim_server_main
    from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec

    folder = __file__.rpartition("/")[0] or "."
    for suffix in EXTENSION_SUFFIXES:
        path = f"{folder}/_core{suffix}"
        loader = ExtensionFileLoader("_core", path)
        try:
            module = loader.create_module(ModuleSpec("_core", loader, origin=path))
        except ImportError:
            continue
        loader.exec_module(module)
        core_main: Callable[[list[str]], int] = module.sim_server_main
        return core_main
    raise ImportError(f"the compiled core is missing in {folder!r}")


if __name__ == "__main__":
    sys.exit(main())
