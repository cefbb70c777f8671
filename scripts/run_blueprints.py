"""Write docs/blueprints.md: run the collected blueprints and compare them with what is known.

python scripts/run_blueprints.py          # writes it; takes about half a minute
python scripts/run_blueprints.py --check  # exits 1 if it is stale or a row disagrees
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
TABLE = REPOSITORY / "docs" / "blueprints.md"


def main() -> int:
    """Write the table, or with `--check` compare it."""
    parser = argparse.ArgumentParser(description="Write docs/blueprints.md.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if it is stale")
    arguments = parser.parse_args()
    # The strings may not be distributed with the package, so what runs them stands with the tests.
    sys.path.insert(0, str(REPOSITORY / "tests" / "python"))
    from blueprint_runs import runs
    from blueprint_table import text

    disagreeing = [row for row in runs() if row.agrees is False]
    for row in disagreeing:
        sys.stderr.write(f"disagrees: {row}\n")
    is_fresh = TABLE.is_file() and TABLE.read_text(encoding="utf-8") == text()
    if not arguments.check:
        TABLE.write_text(text(), encoding="utf-8")
        print(f"wrote {TABLE.relative_to(REPOSITORY)}")
    elif not is_fresh:
        sys.stderr.write('stale; run "python scripts/run_blueprints.py" and commit the result\n')
    return 1 if disagreeing or (arguments.check and not is_fresh) else 0


if __name__ == "__main__":
    raise SystemExit(main())
