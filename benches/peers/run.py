#!/usr/bin/env python3
"""Events/s of `bumphound fill` beside its peers on the same files, ratios per core.

In: the program, files of Delphes events (default: the first two files of ttbar, wjets, zjets and qcd of the bulk samples in
$BUMPHOUND_SHARED or ../shared, else data-samples/leptonstream). Peers: (a) fill.cpp, the same job as a compiled C++ loop
over ROOT's TTreeReader; (b) uproot and awkward reading the same columns, no more; (c) the fastest zlib over the same
baskets, no more. ROOT and uproot come from PyPI into target/peers/ on the first call (0.5 GB); needs a C++17 compiler.
All contestants take turns; medians are printed. Rates are per second of CPU time (user + system), which other programs
on the machine disturb less than wall time; wall time is printed beside it. The C++ loop must find the same categories
with the same events, and the same number of spectra; the script fails if it does not.

Usage: run.py BUMPHOUND [FILES...]     Environment: REPEATS (default 5)
"""

import csv
import glob
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WORK = os.path.join(ROOT, "target", "peers")
VENV = os.path.join(WORK, "venv")
REPEATS = int(os.environ.get("REPEATS", "5"))

UPROOT = """
import sys, uproot, awkward
columns = "Electron.PT Electron.Eta Electron.Phi Electron.Charge Muon.PT Muon.Eta Muon.Phi Muon.Charge Photon.PT \\
Photon.Eta Photon.Phi Jet.PT Jet.Eta Jet.Phi Jet.Mass Jet.BTag MissingET.MET MissingET.Phi".split()
import os, time
start = os.times()
events = 0
for path in sys.argv[1:]:
    with uproot.open(path) as file:
        batch = file["Delphes"].arrays(columns)
        events += len(batch)
end = os.times()
print(events, end.user + end.system - start.user - start.system)
"""


def setup():
    """Installs and compiles the peers where that has not been done; the C++ loop, or why there is none."""
    python = os.path.join(VENV, "bin", "python")
    os.makedirs(WORK, exist_ok=True)
    if subprocess.run([python, "-c", "import uproot, awkward"], capture_output=True).returncode if os.path.exists(python) else True:
        print("installing ROOT, uproot and awkward into target/peers/venv ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "ROOT", "uproot", "awkward"], check=True)
    site = subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                          check=True, capture_output=True, text=True).stdout.strip()
    source, loop = os.path.join(HERE, "fill.cpp"), os.path.join(WORK, "fill")
    if not os.path.exists(loop) or os.path.getmtime(loop) < os.path.getmtime(source):
        include, lib, libs = (os.path.join(site, *part) for part in (["ROOT", "include"], ["ROOT", "lib"], ["root.libs"]))
        command = [os.environ.get("CXX", "g++"), "-O3", "-march=native", "-DNDEBUG", "-std=c++17", "-pthread", "-isystem",
                   include, source, "-o", loop, "-L" + lib, "-lTreePlayer", "-lTree", "-lRIO", "-lCore", "-lNet",
                   "-lMathCore", "-lThread", "-Wl,-rpath," + lib, "-Wl,-rpath," + libs]
        subprocess.run(command, check=True)
    return python, loop


def timed(command):
    """Output, CPU seconds, wall seconds, peak memory in MB of a program."""
    before = time.monotonic()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - before
        if process.returncode:
            err.seek(0)
            sys.exit(f"{command[0]} ended with {process.returncode}:\n{err.read()}")
        out.seek(0)
        return out.read(), usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def default_files():
    shared = os.environ.get("BUMPHOUND_SHARED", os.path.join(ROOT, "..", "shared"))
    found = []
    for process in ("ttbar", "wjets", "zjets", "qcd"):
        found += sorted(glob.glob(os.path.join(shared, "samples", "bulk", process, "*_0[01].root")))
    if not found:
        print(f"no bulk samples in {shared}: data-samples/leptonstream is used instead", file=sys.stderr)
        found = sorted(glob.glob(os.path.join(ROOT, "data-samples", "leptonstream", "A_*.root")))
    return [os.path.realpath(path) for path in found]


def categories_of(text):
    rows = list(csv.reader(io.StringIO(text)))
    return {row[0]: int(row[1]) for row in rows if len(row) >= 2 and row[1].isdigit()}


def main():
    bumphound = os.path.abspath(sys.argv[1])
    files = [os.path.abspath(path) for path in sys.argv[2:]] or default_files()
    python, loop = setup()
    with tempfile.TemporaryDirectory() as folder:
        campaign, out = os.path.join(folder, "c.yaml"), os.path.join(folder, "out")
        with open(campaign, "w") as yaml:
            json.dump({"inputs": [{"sample": "all", "layout": "delphes", "data": True, "files": files}]}, yaml)
        fill = lambda threads: [bumphound, "fill", campaign, "--out", out, "--threads", str(threads)]
        bench = ["cargo", "bench", "-q", "--locked", *os.environ.get("CARGO_BENCH_FLAGS", "").split(), "--bench", "baskets", "--"]

        # The same answer first.
        timed(fill(1))
        ours = categories_of(timed([bumphound, "export", out, "--categories"])[0])
        spectra, entries = set(), 0
        for row in csv.DictReader(io.StringIO(timed([bumphound, "export", out, "--spectra"])[0])):
            spectra.add((row["category"], row["mass"]))
            entries += int(row["entries"])
        text = timed([loop, "--categories", *files])[0]
        head, theirs = json.loads(text.splitlines()[0]), categories_of(text)
        events = head["events"]
        same = ours == theirs and len(spectra) == head["spectra"] and entries == head["entries"]
        print(f"{events} events: {len(ours)} categories, {len(spectra)} spectra, {entries} masses by bumphound;")
        print(f"{'':8} events: {len(theirs)} categories, {head['spectra']} spectra, {head['entries']} masses by the C++ loop: "
              + ("they agree, category by category" if same else "THEY DIFFER"))
        if not same:
            sys.exit(1)

        times = {name: [] for name in ("fill, 1 thread", "fill, 2 threads", "C++ loop, TTreeReader", "uproot + awkward, reading only")}
        reading, bare = [], []
        for _ in range(REPEATS):
            times["fill, 1 thread"].append(timed(fill(1))[1:3])
            times["fill, 2 threads"].append(timed(fill(2))[1:3])
            times["C++ loop, TTreeReader"].append(timed([loop, *files])[1:3])
            text, _, wall, _ = timed([python, "-c", UPROOT, *files])
            times["uproot + awkward, reading only"].append((float(text.split()[1]), wall))
            found = json.loads(timed([*bench, *files])[0].splitlines()[-1])
            reading.append((found["read_s"], found["read_s"]))
            bare.append((found["decompress_s"], found["decompress_s"]))
        times["reading only (columns of a batch)"], times["bare decompression (libdeflate)"] = reading, bare

    cpu = {name: statistics.median(one[0] for one in list_) for name, list_ in times.items()}
    print(f"\n{'median of ' + str(REPEATS):34} {'events/s of CPU':>16} {'events/s of wall':>17} {'CPU s, least to most':>22}")
    for name, list_ in times.items():
        wall = statistics.median(one[1] for one in list_)
        low, high = min(one[0] for one in list_), max(one[0] for one in list_)
        print(f"{name:34} {events / cpu[name]:16,.0f} {events / wall:17,.0f} {low:13.3f} {high:8.3f}")
    ratio = lambda name, other: cpu[other] / cpu[name]
    read = "reading only (columns of a batch)"
    print("\nper core")
    for text, value, aim in (
        ("fill : C++ loop", ratio("fill, 1 thread", "C++ loop, TTreeReader"), 20),
        ("reading : uproot reading", ratio(read, "uproot + awkward, reading only"), 3),
        ("reading : bare decompression", ratio(read, "bare decompression (libdeflate)"), 0.5),
    ):
        print(f"  {text:30} {value:6.2f}   (aim: {aim})")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
