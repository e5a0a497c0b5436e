#!/usr/bin/env bash
# Puts a libtorch of the version that tch needs into .libtorch/ (lib, include, build-version), where
# .cargo/config.toml and build.rs find it without any exported variable. Run by `make`; safe to run again.
#   1. LIBTORCH is set: that one is used (checked for the version), nothing is installed.
#   2. the active Python has torch of the right version: linked.
#   3. else: the smallest set of PyPI wheels goes into .libtorch/venv (0.5 GB download, 1.3 GB on disk).
set -euo pipefail
cd "$(dirname "$0")/.."
version=2.11.0
wheels=(torch==$version nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)

fail() { printf 'error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }

if [ -n "${LIBTORCH:-}" ]; then
  [ -e "$LIBTORCH/lib/libtorch_cpu.so" ] || [ -e "$LIBTORCH/lib/libtorch_cpu.dylib" ] \
    || fail "LIBTORCH=$LIBTORCH holds no lib/libtorch_cpu" "unset LIBTORCH to let 'make' install one, or point it to an unpacked libtorch $version"
  found=$(cut -d+ -f1 "$LIBTORCH/build-version" 2>/dev/null || true)
  [ -z "$found" ] || [ "$found" = "$version" ] \
    || fail "LIBTORCH=$LIBTORCH is version $found, tch needs $version" "unset LIBTORCH to let 'make' install that one"
  echo "libtorch: $LIBTORCH (from LIBTORCH)"
  exit 0
fi
if [ -e .libtorch/lib/libtorch_cpu.so ] && [ "$(cat .libtorch/build-version 2>/dev/null | cut -d+ -f1)" = "$version" ]; then
  exit 0
fi

link_torch() { # $1: the torch package folder
  mkdir -p .libtorch
  ln -sfn "$1/lib" .libtorch/lib
  ln -sfn "$1/include" .libtorch/include
  echo "$version" > .libtorch/build-version
}

python=${PYTHON:-python3}
command -v "$python" >/dev/null || fail "no python3 found" "install Python 3 with venv (Debian: apt-get install python3-venv), or set LIBTORCH to an unpacked libtorch $version"

active=$("$python" - <<PY 2>/dev/null || true
import importlib.util, pathlib
spec = importlib.util.find_spec("torch")
if spec and spec.origin:
    root = pathlib.Path(spec.origin).parent
    text = (root / "version.py").read_text()
    if "'$version" in text and (root / "lib" / "libtorch_cpu.so").exists():
        print(root)
PY
)
if [ -n "$active" ]; then
  link_torch "$active"
  echo "libtorch: $active (from the active Python environment)"
  exit 0
fi

echo "libtorch: installing ${wheels[*]} into .libtorch/venv (0.5 GB download, once)"
"$python" -m venv .libtorch/venv || fail "python3 cannot make a virtual environment" "install the venv module (Debian: apt-get install python3-venv)"
.libtorch/venv/bin/pip install --quiet --disable-pip-version-check --no-deps "${wheels[@]}" \
  || fail "pip could not install torch $version" "check the network, or set LIBTORCH to an unpacked libtorch $version"
root=$(.libtorch/venv/bin/python -c 'import importlib.util,pathlib; print(pathlib.Path(importlib.util.find_spec("torch").origin).parent)')
link_torch "${root#"$PWD"/.libtorch/}" # relative, so that the checkout may be moved
