#!/usr/bin/env python3
"""Does any dependency ask for a newer Rust than Cargo.toml promises?

In: Cargo.toml and Cargo.lock of the project. Out: exit code 0, or the packages that ask for more. Packages that say
nothing are taken to build with any.
"""

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def version(text):
    return tuple(int(part) for part in (text.split(".") + ["0", "0"])[:3])


def main():
    command = ["cargo", "metadata", "--locked", "--format-version=1", "--filter-platform=x86_64-unknown-linux-gnu"]
    packages = json.loads(subprocess.check_output(command, cwd=PROJECT))
    built = {node["id"] for node in packages["resolve"]["nodes"]}
    asked = [p for p in packages["packages"] if p["id"] in built and p["rust_version"]]
    promised = min((p["rust_version"] for p in asked if p["source"] is None), key=version)
    newer = [p for p in asked if version(p["rust_version"]) > version(promised)]
    for package in newer:
        print(f"{package['name']} {package['version']} needs Rust {package['rust_version']}, Cargo.toml promises {promised}")
    if not newer:
        most = max(asked, key=lambda p: version(p["rust_version"]))
        print(f"Rust {promised} is enough for all {len(built)} packages; {most['name']} needs {most['rust_version']}")
    sys.exit(bool(newer))


main()
