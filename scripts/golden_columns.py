#!/usr/bin/env python3
"""Writes what uproot reads from every numeric branch of ROOT files, as a reference for tests/rootfile.rs.

In: files or folders. Out (stdout): JSON, file name (--full-paths: path) -> tree -> entries and branch -> [numbers, hash].
The hash is SHA-256, first 12 hex digits, of the objects per entry (big-endian uint32, jagged branches only), then of
all numbers (big-endian, in their own type); of strings, of their lengths and bytes in turn. Leaves of a leaf list and
members of objects that were not split are named `branch.member`. `others` lists the branches that are neither numbers
nor strings. `fBits` branches are left out: their width varies.

    python3 -m venv /tmp/uproot && /tmp/uproot/bin/pip install uproot awkward
    /tmp/uproot/bin/python scripts/golden_columns.py data-samples/tiny > tests/golden/tiny_columns.json
"""

import hashlib
import json
import pathlib
import sys

import awkward
import uproot

FULL_PATHS = "--full-paths" in sys.argv


def sha_of(values):
    """Numbers, big-endian."""
    return values.astype(values.dtype.newbyteorder(">")).tobytes()


def digests(path, array, found, member=False):
    """Adds `path -> [count, hash]` for an array, or for every number in an array of objects."""
    fields = awkward.fields(array)
    if fields:
        if fields[0] in ("0", "ref"):
            raise TypeError("maps and references")
        for field in fields:
            try:
                digests(f"{path.rstrip('.')}.{field}", array[field], found, member=True)
            except TypeError:
                pass
        return
    sha = hashlib.sha256()
    kind = str(awkward.type(array)).split(" * ")[1:]
    if kind and kind[-1].startswith(("string", "bytes")):
        if len(kind) > 1 or member:
            raise TypeError("lists of strings, strings in objects")
        texts = awkward.to_list(array)
        texts = [text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape") for text in texts]
        for text in texts:
            sha.update(len(text).to_bytes(4, "big") + text)
        found[path] = [len(texts), sha.hexdigest()[:12]]
        return
    if "var" in kind[1:]:
        raise TypeError("lists of lists")
    if kind[0] == "var":
        sha.update(awkward.to_numpy(awkward.num(array, axis=1)).astype(">u4").tobytes())
        array = awkward.flatten(array, axis=1)
    values = awkward.to_numpy(array)
    if values.dtype == object or values.dtype.kind not in "biuf":
        raise TypeError(str(values.dtype))
    sha.update(sha_of(values))
    found[path] = [int(values.size), sha.hexdigest()[:12]]


def columns(tree):
    """Branch -> [count, hash], and branch -> C++ type of those that are no plain numbers or strings."""
    found, others = {}, {}
    for path, branch in tree.iteritems(recursive=True):
        if branch.name.endswith("fBits"):
            continue
        path = path.split("[")[0]
        try:
            if isinstance(branch.interpretation, uproot.AsGrouped):
                continue
            if branch.typename.startswith("TRef"):
                raise TypeError("references")
            digests(path, branch.array(library="ak"), found)
        except Exception:  # whatever uproot or awkward cannot do
            try:
                others[path] = branch.typename
            except Exception:
                others[path] = branch.classname
    return found, others


def main():
    files = []
    for argument in map(pathlib.Path, (argument for argument in sys.argv[1:] if argument != "--full-paths")):
        files += sorted(argument.rglob("*.root")) if argument.is_dir() else [argument]
    golden = {}
    for path in files:
        trees = {}
        with uproot.open(path) as file:
            for name, class_name in file.classnames(cycle=False).items():
                if class_name in ("TTree", "TNtuple", "TNtupleD"):
                    tree = file[name]
                    found, others = columns(tree)
                    trees[name] = {"entries": tree.num_entries, "columns": found}
                    if others:
                        trees[name]["others"] = others
        golden[str(path) if FULL_PATHS else path.name] = trees
    # One line per tree: short, and a change shows where it is.
    print("{")
    for position, (name, trees) in enumerate(golden.items()):
        lines = [f"  {json.dumps(tree)}: {json.dumps(content, separators=(',', ':'))}" for tree, content in trees.items()]
        comma = "," if position + 1 < len(golden) else ""
        print(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + f"\n }}{comma}")
    print("}")


if __name__ == "__main__":
    main()
