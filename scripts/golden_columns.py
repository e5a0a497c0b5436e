#!/usr/bin/env python3
"""Writes what uproot reads from every numeric branch of ROOT files, as a reference for tests/rootfile.rs.

In: files or folders. Out (stdout): JSON, file name -> tree -> entries and branch -> [numbers, hash].
The hash is SHA-256, first 12 hex digits, of the objects per entry (big-endian uint32, jagged branches only), then of
all numbers (big-endian, in their own type). `fBits` branches are left out: their width varies.

    python3 -m venv /tmp/uproot && /tmp/uproot/bin/pip install uproot awkward
    /tmp/uproot/bin/python scripts/golden_columns.py data-samples/tiny > tests/golden/tiny_columns.json
"""

import hashlib
import json
import pathlib
import sys

import awkward
import uproot


def numeric(interpretation):
    """True for plain numbers, fixed or jagged."""
    if isinstance(interpretation, uproot.AsJagged):
        interpretation = interpretation.content
    # Subclasses of AsDtype stand for objects such as TLorentzVector.
    return type(interpretation) is uproot.AsDtype and interpretation.from_dtype.names is None


def digest(branch):
    """Count of numbers and hash of counts and numbers."""
    array = branch.array(library="ak")
    sha = hashlib.sha256()
    if isinstance(branch.interpretation, uproot.AsJagged):
        sha.update(awkward.to_numpy(awkward.num(array, axis=1)).astype(">u4").tobytes())
        array = awkward.flatten(array, axis=1)
    values = awkward.to_numpy(array)
    sha.update(values.astype(values.dtype.newbyteorder(">")).tobytes())
    return [int(values.size), sha.hexdigest()[:12]]


def columns(tree):
    """Branch -> [numbers, hash] of a tree."""
    result = {}
    for path, branch in tree.iteritems(recursive=True):
        if branch.name.endswith("fBits") or not numeric(branch.interpretation):
            continue
        result[path.split("[")[0]] = digest(branch)
    return result


def main():
    files = []
    for argument in map(pathlib.Path, sys.argv[1:]):
        files += sorted(argument.rglob("*.root")) if argument.is_dir() else [argument]
    golden = {}
    for path in files:
        trees = {}
        with uproot.open(path) as file:
            for name, class_name in file.classnames(cycle=False).items():
                if class_name in ("TTree", "TNtuple", "TNtupleD"):
                    tree = file[name]
                    trees[name] = {"entries": tree.num_entries, "columns": columns(tree)}
        golden[path.name] = trees
    # One line per tree: short, and a change shows where it is.
    print("{")
    for position, (name, trees) in enumerate(golden.items()):
        lines = [f"  {json.dumps(tree)}: {json.dumps(content, separators=(',', ':'))}" for tree, content in trees.items()]
        comma = "," if position + 1 < len(golden) else ""
        print(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + f"\n }}{comma}")
    print("}")


if __name__ == "__main__":
    main()
