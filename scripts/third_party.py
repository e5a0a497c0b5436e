#!/usr/bin/env python3
"""The crates that the programs are built from, with their licences and the texts of these: for binaries that are handed out.

usage: third_party.py OUT.md        (`make third-party`; needs the crates' sources, which any build has fetched)
"""
import json, pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT")


def main(out):
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    # What is linked into the programs: no tests, no build scripts.
    todo, linked = list(metadata["workspace_members"]), set()
    while todo:
        package = todo.pop()
        if package in linked:
            continue
        linked.add(package)
        for dependency in nodes[package]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                todo.append(dependency["pkg"])
    packages = [p for p in metadata["packages"] if p["id"] in linked and p["id"] not in metadata["workspace_members"]]
    packages.sort(key=lambda p: (p["name"], p["version"]))
    lines = ["# What bumphound is built from", "", f"{len(packages)} crates; libtorch, which is not part of the programs, is BSD-3-Clause.", ""]
    lines += ["| crate | version | licence | source |", "|---|---|---|---|"]
    lines += [f"| {p['name']} | {p['version']} | {p['license'] or 'see its text'} | {p['repository'] or ''} |" for p in packages]
    texts = {}
    for package in packages:
        folder = pathlib.Path(package["manifest_path"]).parent
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.name.upper().startswith(NAMES):
                texts.setdefault(path.read_text(errors="replace").strip(), []).append(f"{package['name']} {package['version']}")
    for text, names in texts.items():
        lines += ["", "## " + ", ".join(dict.fromkeys(names)), "", "```text", text.replace("```", "'''"), "```"]
    pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(out).write_text("\n".join(lines) + "\n")
    print(f"{len(packages)} crates, {len(texts)} texts: {out}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
