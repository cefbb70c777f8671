#!/bin/sh
# Builds the release wheel into dist/ and prints its path on the last line.
#
# On Linux with glibc it is linked by zig against glibc 2.17, so that one wheel runs on every distribution since
# 2014. Without zig maturin gives it the tag that the builder's own glibc deserves.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv-tools/bin:$PATH"
export PATH

rm -f dist/factorio_fast-*.whl
set -- --release --out dist
if [ "$(uname -s)" = Linux ] && getconf GNU_LIBC_VERSION >/dev/null 2>&1; then
    if python -m ziglang version >/dev/null 2>&1; then
        set -- "$@" --zig --compatibility manylinux2014
    fi
fi
maturin build "$@"

wheel=$(ls dist/factorio_fast-*.whl)
case $wheel in
    *-cp311-abi3-manylinux* | *-cp311-abi3-macosx* | *-cp311-abi3-musllinux*) ;;
    *) echo "error: the wheel is tagged neither abi3 nor for manylinux, musllinux or macOS: \"$wheel\"" >&2; exit 1 ;;
esac
printf '%s\n' "$wheel"
