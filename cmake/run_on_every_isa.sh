#!/usr/bin/env bash
# usage: run_on_every_isa.sh BUILD_DIR
# Runs the quick tests with the kernels held to each instruction set that this CPU has, then on
# emulated CPUs that lack the newer ones, where a stray instruction is fatal. Ends with a table of
# what passed where; exits with 1 if anything failed.
set -euo pipefail
build=$1
source=$(dirname "$0")/..
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# The programs behind the label with their arguments; examples run through CMake, which is not what
# is to be emulated.
mapfile -t programs < <(
  ctest --test-dir "$build" --label-regex quick --label-exclude example --show-only --verbose |
    sed -n 's/^.*Test command: //p' | sort -u)
[ ${#programs[@]} -gt 0 ] || { echo "no quick tests in $build" >&2; exit 1; }

# chosen_level [RUNNER…]: the instruction set that the library picks; fails where it refuses.
chosen_level() {
  "$@" "$build/src/cli/polytag" inspect --format json \
    "$source/examples/models/reuters-albert-tiny" 2>/dev/null |
    sed -n 's/.*"instruction_set": *"\([^"]*\)".*/\1/p'
}

# run_program COMMAND [RUNNER…]: one test program, and all that it says if it fails.
run_program() {
  local command name status=0
  eval "command=($1)"  # as CTest prints it: quoted where it has to be
  shift
  name=$(tr -c "[:alnum:]\n" _ <<<"${command[*]##*/}")
  "$@" "${command[@]}" >"$logs/$name.log" 2>&1 </dev/null || status=$?
  [ $status -ne 0 ] && [ $status -ne 4 ] || return 0  # 4: the program has skipped cases
  touch "$logs/$name.failed"
  printf -- '-- %s: exit status %s\n%s\n' "$name" $status "$(tail -n 100 "$logs/$name.log")"
}
export -f run_program
export logs

# run_all CPU LEVEL [RUNNER…]: all programs where the library must pick that level.
failures=0
table=$(printf '%-28s %-14s %8s %8s\n' cpu "instruction set" passed failed)
run_all() {
  local cpu=$1 level=$2 chosen failed
  shift 2
  echo "== $cpu, $level"
  chosen=$(chosen_level "$@") || true
  [ "$chosen" = "$level" ] || { echo "the library picks: $chosen"; failures=$((failures + 1)); }
  rm -f "$logs"/*.failed
  printf '%s\0' "${programs[@]}" |
    xargs -0 -P "$(nproc)" -I PROGRAM bash -c 'run_program "$@"' run_program PROGRAM "$@"
  failed=$(find "$logs" -name '*.failed' | wc -l)
  failures=$((failures + failed))
  table+=$(printf '\n%-28s %-15s %7s %8s' "$cpu" "$chosen" $((${#programs[@]} - failed)) "$failed")
}

for level in baseline avx2 avx_vnni avx512 avx512_bf16 amx; do
  if chosen_level env POLYTAG_ISA=$level >/dev/null; then
    run_all "this one" $level env POLYTAG_ISA=$level
  else
    table+=$(printf '\n%-28s %-15s %16s' "this one" $level "not supported")
  fi
done
# TCG, the emulator, has no AVX-512: its Skylake-Server shows AVX2. The last CPU has AVX2 under an
# operating system that does not save its registers.
run_all "emulated Nehalem" baseline qemu-x86_64 -cpu Nehalem
run_all "emulated Haswell" avx2 qemu-x86_64 -cpu Haswell
run_all "emulated Skylake-Server" avx2 qemu-x86_64 -cpu Skylake-Server
run_all "emulated Haswell, no XSAVE" baseline qemu-x86_64 -cpu Haswell,-xsave

echo "== summary"
echo "$table"
[ $failures -eq 0 ]
