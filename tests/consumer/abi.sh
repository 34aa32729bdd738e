#!/usr/bin/env bash
# usage: abi.sh check|renew SOURCE LIBRARY
# Compares the ABI of LIBRARY, built with debug information, with that of the last release of the
# same minor version, or stores it as that of the next. Exits with 4, which CTest counts as skipped,
# where it cannot.
set -euo pipefail
source=$2 library=$3
machine=$(c++ -dumpmachine)-gcc$(c++ -dumpversion)
version=$(sed -n 's/^#define POLYTAG_VERSION_M[A-Z]* //p' "$source/include/polytag/version.hpp" | paste -sd .)
dump=$source/tests/data/abi/$version/$machine.abi.xz

describe() {
  abidw --headers-dir "$source/include" --drop-private-types --no-corpus-path \
    --no-comp-dir-path --no-show-locs "$library"
}

skip() {
  echo "SKIPPED: $1"
  exit 4
}

command -v abidw >/dev/null || skip "the ABI is not checked without abidw (Debian: abigail-tools)"
if [ "$1" = renew ]; then
  mkdir -p "$(dirname "$dump")"
  describe | xz -9 >"$dump"
  exit
fi
[ -f "$dump" ] || skip "no release of $version has stored the ABI that $machine makes"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
xz -dc "$dump" >"$work/released.abi"
describe >"$work/present.abi"
# Bits 4 and 8 of abidiff's status: the ABI changed, incompatibly. What is added is compatible.
status=0
abidiff --no-added-syms "$work/released.abi" "$work/present.abi" || status=$?
[ $((status & 12)) -eq 0 ] && [ $((status & 3)) -eq 0 ]
