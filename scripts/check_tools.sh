#!/bin/sh
# Says in one line what is missing to build, or nothing.
#
#   check_tools.sh [rust] [rustfmt] [clippy] [python]   exit 1 and one line when something is missing
#   check_tools.sh --python                             print the Python interpreter to use
#
# PYTHON names an interpreter; without it the first of python3, python3.14, … that is new enough is taken.
set -u
cd "$(dirname "$0")/.." || exit 1

needed_python=$(sed -n 's/^requires-python = ">=\([0-9.]*\)"$/\1/p' pyproject.toml)
needed_rust=$(sed -n 's/^rust-version = "\([0-9.]*\)"$/\1/p' Cargo.toml)
missing=""

is_missing() {
    missing="${missing:+$missing; }$1"
}

# at_least HAVE WANT: compares major.minor.
at_least() {
    have_major=${1%%.*} have_rest=${1#*.} want_major=${2%%.*} want_rest=${2#*.}
    have_minor=${have_rest%%.*} want_minor=${want_rest%%.*}
    [ "$have_major" -gt "$want_major" ] ||
        { [ "$have_major" -eq "$want_major" ] && [ "$have_minor" -ge "$want_minor" ]; }
}

# Prints the version of the interpreter, nothing if it does not run (a pyenv shim may be there and not work).
python_version() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

new_enough_python() {
    version=$(python_version "$1") && [ -n "$version" ] && at_least "$version" "$needed_python"
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        printf '%s\n' "$PYTHON"
        return
    fi
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if new_enough_python "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    printf 'python3\n'
}

check_python() {
    python=$(find_python)
    version=$(python_version "$python")
    if [ -z "$version" ]; then
        is_missing "Python $needed_python or newer (\"$python\" does not run; install it, or name one with PYTHON=/path/to/python3)"
    elif ! new_enough_python "$python"; then
        is_missing "Python $needed_python or newer (\"$python\" is $version; install one, or name it with PYTHON=/path/to/python3)"
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        is_missing "the venv module of Python $version (on Debian and Ubuntu: apt install python$version-venv)"
    fi
}

check_rust() {
    version=$(rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p')
    if [ -z "$version" ] || ! cargo --version >/dev/null 2>&1; then
        is_missing "Rust $needed_rust or newer (cargo and rustc; https://rustup.rs installs them)"
    elif ! at_least "$version" "$needed_rust"; then
        is_missing "Rust $needed_rust or newer (rustc is $version; \"rustup update\" brings a newer one)"
    elif ! command -v cc >/dev/null 2>&1; then
        is_missing "a C linker named cc (Debian and Ubuntu: apt install gcc; macOS: xcode-select --install)"
    fi
}

# A toolchain without its components: "cargo fmt" is there and fails.
check_component() {
    if cargo --version >/dev/null 2>&1 && ! cargo "$1" --version >/dev/null 2>&1; then
        is_missing "$2 (\"rustup component add $2\" installs it)"
    fi
}

for tool in "$@"; do
    case $tool in
        --python) find_python ;;
        python) check_python ;;
        rust) check_rust ;;
        rustfmt) check_component fmt rustfmt ;;
        clippy) check_component clippy clippy ;;
        *) echo "check_tools.sh: unknown tool \"$tool\"" >&2; exit 2 ;;
    esac
done
if [ -n "$missing" ]; then
    printf 'error: missing %s\n' "$missing" >&2
    exit 1
fi
