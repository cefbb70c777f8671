#!/bin/sh
# Makes .venv-tools, the environment of the build tools: maturin must be there; uv and ziglang should be.
#
#   make_tools.sh PYTHON
set -eu
cd "$(dirname "$0")/.."
"$1" -m venv --clear .venv-tools
pip="$PWD/.venv-tools/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all:"
list=scripts/requirements-tools.txt
if $pip -r "$list"; then
    exit
fi
grep '^[a-z]' "$list" | while IFS= read -r requirement; do
    $pip "$requirement" && continue
    case $requirement in
        maturin*) exit 1 ;;
        *) echo "note: building without \"$requirement\"" >&2 ;;
    esac
done
