#!/bin/sh
# Installs the wheel in dist/, anew even where its version is there, and what it needs with those extras:
# by uv, which is many times faster, or by pip where uv is absent or fails.
#
#   install_wheel.sh VENV EXTRAS
set -eu
cd "$(dirname "$0")/.."
uv=.venv-tools/bin/uv
venv=$1
extras=$2
wheel=$(ls dist/factorio_fast-*.whl)

install() {
    if [ -x "$uv" ]; then
        "$uv" pip install --python "$venv/bin/python" "$@" && return
        echo "uv could not install it; trying pip" >&2
    fi
    "$venv/bin/python" -m pip install --disable-pip-version-check "$@"
}

install --quiet --no-deps --force-reinstall "$wheel"
install "$wheel[$extras]"
