#!/usr/bin/env python3
"""Golden numbers of tests/layouts.rs: what uproot makes of public files that the branch maps read.

    python scripts/golden_layouts.py SAMPLES/external > tests/golden/layouts.json

Per file: events, and per kind of object how many there are and the sum of their pT (GeV); sum of MET.
"""
import json
import sys
from math import fsum
from pathlib import Path

import awkward as ak
import numpy as np
import uproot


def flat(array):
    return np.asarray(ak.flatten(array, axis=None), dtype=np.float64)


def kind(pt):
    pt = flat(pt) if isinstance(pt, ak.Array) else pt
    return [len(pt), fsum(pt)]


def nanoaod(path):
    t = uproot.open(path)["Events"]
    kinds = {k: kind(t[f"{name}_pt"].array()) for k, name in
             [("electron", "Electron"), ("muon", "Muon"), ("photon", "Photon"), ("jet", "Jet")]}
    return {"events": t.num_entries, **kinds, "met": fsum(flat(t["MET_pt"].array()))}


def hzz(path):
    t = uproot.open(path)["events"]
    def pt(name):
        x, y = flat(t[f"{name}_Px"].array()), flat(t[f"{name}_Py"].array())
        return np.hypot(x, y)
    kinds = {k: kind(pt(name)) for k, name in
             [("electron", "Electron"), ("muon", "Muon"), ("photon", "Photon"), ("jet", "Jet")]}
    met = np.hypot(flat(t["MET_px"].array()), flat(t["MET_py"].array()))
    return {"events": t.num_entries, **kinds, "met": fsum(met)}


def zmumu(path):
    t = uproot.open(path)["events"]
    a = {name: t[name].array(library="np") for name in ["px1", "py1", "px2", "py2", "M"]}
    # pt1 and pt2 of this file are not those of px and py in a third of its events; M is.
    pt = [np.hypot(a[f"px{i}"], a[f"py{i}"]) for i in (1, 2)]
    edges = np.array([0, 20, 40, 60, 80, 85, 90, 95, 100, 120, 1e9])
    return {"events": t.num_entries, "muon": kind(np.concatenate(pt)), "mass_edges": edges.tolist(),
            "masses": np.histogram(a["M"], edges)[0].tolist()}


folder = Path(sys.argv[1])
coffea, scikit = folder / "coffea", folder / "scikit-hep-testdata"
out = {}
for path in [coffea / "nano_dimuon.root", coffea / "nano_dy.root", coffea / "nano_tree.root",
             coffea / "missing_luminosityBlock.root", scikit / "nanoAOD_2015_CMS_Open_Data_ttbar.root"]:
    out[path.name] = nanoaod(path)
for suffix in ["", "-lz4", "-lzma", "-uncompressed", "-zlib", "-zstd"]:
    out[f"uproot-HZZ{suffix}.root"] = hzz(scikit / f"uproot-HZZ{suffix}.root")
    out[f"uproot-Zmumu{suffix}.root"] = zmumu(scikit / f"uproot-Zmumu{suffix}.root")
lines = [f"  {json.dumps(name)}: {json.dumps(numbers)}" for name, numbers in out.items()]
print("{\n" + ",\n".join(lines) + "\n}")
