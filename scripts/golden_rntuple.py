#!/usr/bin/env python3
"""Writes what uproot reads from every column of numbers of RNTuples, as a reference for tests/rntuple.rs.

In: files or folders. Out (stdout): JSON, file name -> RNTuple -> entries and column -> [numbers, hash].
The hash is SHA-256, first 12 hex digits, of the objects per entry (big-endian uint32, jagged columns only), then of
all numbers (big-endian; reals as doubles, others as 64-bit integers). Collections of records stand as their counts.

    python3 -m venv /tmp/uproot && /tmp/uproot/bin/pip install uproot awkward
    /tmp/uproot/bin/python scripts/golden_rntuple.py data-samples/rntuple > tests/golden/rntuple_columns.json
"""

import hashlib
import json
import pathlib
import sys

import awkward
import numpy
import uproot


def digest(values, counts):
    """Count of numbers and hash of counts and numbers."""
    sha = hashlib.sha256()
    if counts is not None:
        sha.update(counts.astype(">u4").tobytes())
    values = awkward.to_numpy(values)
    sha.update(values.astype({"f": ">f8", "u": ">u8"}.get(values.dtype.kind, ">i8")).tobytes())
    return [int(values.size), sha.hexdigest()[:12]]


def walk(name, array, counts, found):
    """Adds all columns of numbers below `array` to `found`."""
    content = array.type.content
    if isinstance(content, awkward.types.RegularType):
        return walk(name, awkward.flatten(array, axis=1), counts, found)
    if isinstance(content, awkward.types.RecordType):
        for position, member in enumerate(array.fields):
            walk(f"{name}._{position}" if content.is_tuple else f"{name}.{member}", array[member], counts, found)
    elif isinstance(content, awkward.types.NumpyType):
        found[name] = digest(array, counts)
    elif counts is None and isinstance(content, awkward.types.OptionType):
        present = awkward.to_numpy(~awkward.is_none(array)).astype(numpy.uint32)
        walk(name, awkward.drop_none(array), present, found)
    elif counts is None and isinstance(content, awkward.types.ListType) and "__array__" not in (content.parameters or {}):
        counts = awkward.to_numpy(awkward.num(array, axis=1)).astype(numpy.uint32)
        if isinstance(content.content, awkward.types.RecordType):
            found[name] = digest(counts, None)
        walk(name, awkward.flatten(array, axis=1), counts, found)


def columns(ntuple):
    """Column -> [numbers, hash] of an RNTuple."""
    found = {}
    for name in ntuple.keys(recursive=False):
        try:
            array = ntuple[name].array()
        except Exception as problem:
            print(f"{name} left out: {type(problem).__name__} {problem}", file=sys.stderr)
            continue
        walk(name, array, None, found)
    return found


def main():
    files = []
    for argument in map(pathlib.Path, sys.argv[1:]):
        files += sorted(argument.rglob("*.root")) if argument.is_dir() else [argument]
    golden = {}
    for path in files:
        ntuples = {}
        with uproot.open(path) as file:
            for name, class_name in file.classnames(cycle=False).items():
                if class_name == "ROOT::RNTuple":
                    try:
                        entries = int(file[name].num_entries)
                    except Exception as problem:  # envelopes in several records, for instance
                        print(f"{path.name} {name} left out: {type(problem).__name__}", file=sys.stderr)
                        continue
                    ntuples[name] = {"entries": entries, "columns": columns(file[name])}
        if ntuples:
            golden[path.name] = ntuples
    print("{")
    for position, (name, ntuples) in enumerate(golden.items()):
        lines = [f"  {json.dumps(n)}: {json.dumps(content, separators=(',', ':'))}" for n, content in ntuples.items()]
        comma = "," if position + 1 < len(golden) else ""
        print(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + f"\n }}{comma}")
    print("}")


if __name__ == "__main__":
    main()
