#!/usr/bin/env bash
# Events/s of `fill` (all categories, all masses) and spectra/s of `scan`, 1 thread and all. Timings are of one run on one
# machine: compare numbers of the same call. Usage: throughput.sh BUMPHOUND [FILES...]
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "$1"); shift
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  shared=${BUMPHOUND_SHARED:-../shared}/samples/bulk
  if [ -d "$shared" ]; then
    for process in ttbar wjets zjets qcd; do files+=("$(realpath "$shared")/$process"/*_0[01].root); done
  else
    echo "no $shared: data-samples/leptonstream is used instead"
    files=("$PWD"/data-samples/leptonstream/A_*.root)
  fi
fi
{ echo "inputs:"; echo "  - {sample: all, layout: delphes, data: true, files: [$(IFS=,; echo "${files[*]}")]}"; } > "$work/c.yaml"
for threads in 1 "$(nproc)"; do
  "$bin" fill "$work/c.yaml" --out "$work/out" --threads "$threads" 2> "$work/log" || { cat "$work/log"; exit 2; }
  line=$(grep -h "^fill:" "$work/log" | tail -1)
  echo "fill   $threads thread(s): $line"
done
"$bin" export "$work/out" --categories | tail -n +2 | wc -l | xargs echo "categories:"
"$bin" run selections/quickstart-null.yaml --out "$work/run" --threads "$(nproc)" --device cpu 2> "$work/log" > /dev/null
grep -h '^scan:' "$work/log" | sed "s/^/quickstart /"
