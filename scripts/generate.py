"""Write the generated files: those of the contract in `rust/src/contract/`, and docs/fidelity.md.

The installed `factorio_fast._core` says which files of the contract those are and what is in them;
`factorio_fast.fidelity.document` measures what stands in docs/fidelity.md:

    python scripts/generate.py          # writes them
    python scripts/generate.py --check  # names the stale ones; exits 1 if there are any
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from factorio_fast._core import generated_files
from factorio_fast.fidelity import document

REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> int:
    """Write the generated files, or with `--check` compare them."""
    parser = argparse.ArgumentParser(description="Write the generated files.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if one is stale")
    arguments = parser.parse_args()
    files = generated_files() | {"docs/fidelity.md": document.text()}
    stale = [path for path, text in files.items() if read(REPOSITORY / path) != text.encode()]
    if arguments.check:
        for path in stale:
            sys.stderr.write(f'stale; run "make generate" and commit the result: "{path}"\n')
        return 1 if stale else 0
    for path in stale:
        (REPOSITORY / path).parent.mkdir(parents=True, exist_ok=True)
        (REPOSITORY / path).write_bytes(files[path].encode())
        print(f"wrote {path}")
    return 0


def read(path: Path) -> bytes | None:
    """Return a file's bytes, or None if there is none."""
    return path.read_bytes() if path.is_file() else None


if __name__ == "__main__":
    raise SystemExit(main())
