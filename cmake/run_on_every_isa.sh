#!/usr/bin/env bash
# usage: run_on_every_isa.sh BUILD_DIR
# Runs the quick tests with the kernels held to each instruction set that this CPU has, then on
# emulated CPUs that lack the newer ones, where a stray instruction is fatal.
set -euo pipefail
build=$1

quick_tests() {  # the programs behind the label
  ctest --test-dir "$build" --label-regex quick --show-only --verbose |
    sed -n 's/^.*Test command: "\?\([^" ]*\).*$/\1/p' | sort -u
}

for isa in baseline avx2 avx512 avx512_bf16; do
  if POLYTAG_ISA=$isa "$build/src/cli/polytag" --version >/dev/null 2>&1; then
    echo "== POLYTAG_ISA=$isa"
    POLYTAG_ISA=$isa ctest --test-dir "$build" --label-regex quick --output-on-failure
  else
    echo "== POLYTAG_ISA=$isa: not on this CPU"
  fi
done
for cpu in Nehalem Haswell; do
  echo "== qemu-x86_64 -cpu $cpu"
  quick_tests | while read -r program; do
    qemu-x86_64 -cpu "$cpu" "$program" </dev/null
  done
done
