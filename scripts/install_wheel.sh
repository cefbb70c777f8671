#!/bin/sh
# Installs the wheel in dist/, anew even where its version is there, and what it needs with those extras:
# by uv, which is many times faster, or by pip where uv is absent or fails.
#
#   install_wheel.sh VENV EXTRAS
#
# INSTALL_ARGS adds arguments, such as "--extra-index-url https://download.pytorch.org/whl/cpu" for a torch
# without CUDA.
set -eu
cd "$(dirname "$0")/.."
uv=.venv-tools/bin/uv
venv=$1
extras=$2
wheel=$(ls dist/factorio_fast-*.whl)

# shellcheck disable=SC2086 # INSTALL_ARGS is a list of words.
install() {
    if [ -x "$uv" ]; then
        "$uv" pip install --quiet --python "$venv/bin/python" "$@" ${INSTALL_ARGS:-} && return
        echo "uv could not install it; trying pip" >&2
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" ${INSTALL_ARGS:-}
}

install --no-deps --force-reinstall "$wheel"
install "$wheel[$extras]"
