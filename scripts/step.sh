#!/bin/sh
# Runs one step under a heading and says how long it took.
#
#   step.sh --begin                 start a list of steps
#   step.sh "heading" command …     run one; its exit status is the command's
#   step.sh --end "closing line"    print the steps of the list with their times, then the closing line
set -u
list=$(dirname "$0")/../build/steps.txt

case $1 in
    --begin)
        mkdir -p "$(dirname "$list")"
        : >"$list"
        exit
        ;;
    --end)
        printf '\n'
        awk '{ total += $1; seconds = $1; sub(/^[0-9]+ /, ""); printf "%6d s  %s\n", seconds, $0 }
             END { printf "%6d s  in all\n", total }' "$list"
        printf '%s\n' "$2"
        exit
        ;;
esac

heading=$1
shift
printf '\n==> %s\n' "$heading"
began=$(date +%s)
"$@"
status=$?
seconds=$(($(date +%s) - began))
if [ "$status" -ne 0 ]; then
    printf '\nfailed after %d s: %s\n  command: %s\n' "$seconds" "$heading" "$*" >&2
    exit "$status"
fi
[ -f "$list" ] && printf '%d %s\n' "$seconds" "$heading" >>"$list"
printf '    done in %d s\n' "$seconds"
