#!/usr/bin/env python3
"""How often is a planted signal ranked first? (`make test-physics`)

Plants each signal at several strengths and seeds into the mock data of selections/quickstart-null.yaml, runs the whole
program and looks at the first line of bumps.csv: is it a mass that the signal makes, at its mass, and confirmed?
Needs Python's standard library only. Usage: planted_signals.py BUMPHOUND [--seeds N] [--quick]
"""

import argparse
import csv
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIGNALS = ROOT / "data-samples" / "leptonstream" / "signals"

# signal file, label that holds the resonance, its mass range in GeV (reconstructed), strengths (events)
CASES = [
    ("zprime_mumu_m500", r"m\(mu1,mu2\)", (470, 525), (60, 100, 150, 200)),
    ("zprime_ll_m1000", r"m\((mu1,mu2|e1,e2)\)", (930, 1060), (30, 60, 120)),
    ("lq_bmu_m600", r"m\(mu\d,[bj]\d\)", (540, 660), (60, 120, 240)),
    ("lq_be_m600", r"m\(e\d,[bj]\d\)", (540, 660), (60, 120, 240)),
    ("wprime_wz_m1500", r"m\(Z1,(V|T)1\)|m\(Z1,j1\)|m\(Z1,HM1\)", (1300, 1650), (60, 120, 240)),
]

CAMPAIGN = """name: planted {signal} x{events}
seed: {seed}
inputs:
  - sample: backgrounds
    files: [{data}/leptonstream/A_*.root]
    layout: delphes
    data: true
  - sample: {signal}
    files: [{data}/leptonstream/signals/{signal}.root]
    layout: delphes
    data: true
    events: {events}
    planted: true
preselection: n(lepton) >= 1
"""


def first_line(folder):
    with open(folder / "bumps.csv", newline="") as file:
        return next(csv.DictReader(file), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bumphound")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="largest strength and one seed only")
    options = parser.parse_args()
    total = first = 0
    print(f"{'signal':<20} {'events':>6}  rank 1  confirmed  first line of each seed")
    for signal, label, (low, high), strengths in CASES:
        if not (SIGNALS / f"{signal}.root").exists():
            print(f"{signal:<20} skipped: {SIGNALS / signal}.root is not there")
            continue
        for events in strengths[-1:] if options.quick else strengths:
            ranked = confirmed = 0
            seen = []
            seeds = range(1, 2 if options.quick else options.seeds + 1)
            for seed in seeds:
                with tempfile.TemporaryDirectory() as folder:
                    folder = pathlib.Path(folder)
                    campaign = folder / "campaign.yaml"
                    campaign.write_text(
                        CAMPAIGN.format(signal=signal, events=events, seed=seed, data=ROOT / "data-samples")
                    )
                    done = subprocess.run(
                        [options.bumphound, "run", campaign, "--out", folder / "out"], capture_output=True, text=True
                    )
                    if done.returncode not in (0, 1):
                        sys.exit(done.stderr)
                    line = first_line(folder / "out")
                if line is None:
                    seen.append("none")
                    continue
                good = re.fullmatch(label, line["mass"]) and low <= float(line["peak_gev"]) <= high
                ranked += bool(good)
                confirmed += bool(good) and line["verdict"] == "confirmed"
                seen.append(f"{line['mass']}@{float(line['peak_gev']):.0f} {line['category']} {line['verdict']}")
            total += len(seeds)
            first += ranked
            print(f"{signal:<20} {events:>6}  {ranked}/{len(seeds)}     {confirmed}/{len(seeds)}        {'; '.join(seen)}", flush=True)
    print(f"rank 1 in {first} of {total} runs")


if __name__ == "__main__":
    main()
