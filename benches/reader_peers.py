#!/usr/bin/env python3
"""Events per second of one core that uproot and awkward need for the 18 branches of an event batch.

The peer of `cargo bench --bench reader_shares`, on the same files: CPU time, the least of several rounds.

    python3 -m venv /tmp/uproot && /tmp/uproot/bin/pip install uproot awkward
    /tmp/uproot/bin/python benches/reader_peers.py FILE.root ...
"""

import sys
import time

import uproot

BRANCHES = [
    *(f"{kind}.{leaf}" for kind in ("Electron", "Muon") for leaf in ("PT", "Eta", "Phi", "Charge")),
    *(f"Photon.{leaf}" for leaf in ("PT", "Eta", "Phi")),
    *(f"Jet.{leaf}" for leaf in ("PT", "Eta", "Phi", "Mass", "BTag")),
    "MissingET.MET",
    "MissingET.Phi",
    "Event.Weight",
]

for path in sys.argv[1:]:
    rounds = []
    for _ in range(5):
        with uproot.open(path, array_cache=None, object_cache=None) as file:
            tree = file["Delphes"]
            names = [name for name in BRANCHES if name in {key.split("/")[-1] for key in tree.keys(recursive=True)}]
            start = time.process_time()
            tree.arrays(names, library="ak")
            rounds.append(time.process_time() - start)
    print(f"{path.rsplit('/', 1)[-1]}: {tree.num_entries / min(rounds):.0f} events/s")
