#!/usr/bin/env python3
"""Does the list show what the data hold? (`make test-physics`)

Plants each signal at several strengths and seeds into the mock data of the quickstart, runs the whole program and puts
beside its answer what somebody would find who knows the background: the local z of the sum over jet multiplicities
(known_background.json: 1000 pb^-1 of simulation; an expectation that is itself a count). A row: known-b z, rank,
p_campaign and verdict of the first line at the right label and mass, the head of the list. Null campaigns: the p_campaign
of the first line. At the end: how often rank 1 and p_campaign < 0.05, by known-b z. Python's standard library only.
Usage: planted_signals.py BUMPHOUND [--seeds N] [--quick] [--plot FILE.svg]
"""

import argparse
import collections
import csv
import json
import math
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data-samples" / "leptonstream"
KNOWN = json.loads((HERE / "known_background.json").read_text())
LUMINOSITY_IPB = 250.0

# signal file: label that holds the resonance, strengths (events)
CASES = {
    "zprime_mumu_m500": (r"m\(mu1,mu2\)", (30, 60, 120)),
    "zprime_ll_m1000": (r"m\((mu1,mu2|e1,e2)\)", (40, 80, 120)),
    "lq_be_m600": (r"m\(e\d,[bj]\d\)", (60, 120, 240)),
    "lq_bmu_m600": (r"m\(mu\d,[bj]\d\)", (60, 120, 240)),
    "wprime_wz_m1500": (r"m\((Z1,(V|T|HM)1|Z1,j1|Z1,j1,j2)\)", (120, 180, 240)),
}
# Known-b z from which on a signal should be at rank 1, and in how many cases.
GOALS = ((5.5, 0.80), (7.0, 0.95))


def campaign(signal, events, seed, background=True):
    text = f"name: planted {signal} x{events}\nseed: {seed}\ninputs:\n"
    if background:
        text += f"  - {{sample: backgrounds, files: ['{DATA}/A_*.root'], layout: delphes, data: true}}\n"
    if signal:
        file = DATA / "signals" / f"{signal}.root"
        text += f"  - {{sample: {signal}, files: ['{file}'], layout: delphes, data: true, events: {events}, planted: true}}\n"
    return text + "preselection: n(lepton, pt > 20) >= 1\n"


def called(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    return done.stdout


def spectra(program, text):
    """Counts by (category, mass): low edge, high edge, entries of the filled bins"""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "c.yaml").write_text(text)
        called(program, "fill", folder / "c.yaml", "--out", folder / "out")
        found = collections.defaultdict(list)
        for row in csv.DictReader(called(program, "export", folder / "out", "--spectra").splitlines()):
            if row["entries"] != "0": found[row["category"], row["mass"]].append([float(row[key]) for key in ("low_edge", "high_edge", "entries")])
    return found


def p_value(observed, simulated, ratio):
    """P(N >= observed); the expectation is simulated / ratio, simulated itself a count: a negative binomial"""
    shape = simulated + 0.25
    ln_term = lambda n: (
        math.lgamma(n + shape) - math.lgamma(shape) - math.lgamma(n + 1) + shape * math.log(ratio / (ratio + 1)) - n * math.log(ratio + 1)
    )
    total, n = 0.0, int(observed)
    for n in range(int(observed), int(observed) + 2000):
        term = math.exp(ln_term(n))
        total += term
        if term < 1e-12 * total and n > simulated / ratio:
            break
    return min(total, 1.0)


def z_of(p):
    return statistics.NormalDist().inv_cdf(1 - p) if p > 1e-15 else math.sqrt(-2 * math.log(max(p, 1e-300)) - math.log(2 * math.pi) - math.log(-2 * math.log(max(p, 1e-300))))


def known_z(alone, data, signal):
    """z of the sum over jet multiplicities if the background were known: the largest over groups and labels"""
    label = CASES[signal][0]
    low, high = KNOWN["signals"][signal]["window_gev"]
    ratio = KNOWN["luminosity_ipb"] / LUMINOSITY_IPB
    inside = lambda book, key: sum(n for a, b, n in book.get(key, ()) if a >= low and b <= high)
    best = 0.0
    for key in alone:
        if re.fullmatch(label, key[1]) and key[0].endswith("/Xj"):
            simulated = KNOWN["signals"][signal]["events"].get(" ".join(key), 0.0)
            best = max(best, z_of(p_value(inside(data, key) + inside(alone, key), simulated, ratio)))
    return best


def listed(program, text):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "c.yaml").write_text(text)
        called(program, "run", folder / "c.yaml", "--out", folder / "out")
        with open(folder / "out" / "bumps.csv", newline="") as file:
            return list(csv.DictReader(file))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bumphound")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="largest strength and one seed only")
    parser.add_argument("--plot", help="efficiency for rank 1 over known-b z, as SVG")
    options = parser.parse_args()
    program = options.bumphound

    data = spectra(program, campaign(None, 0, 1))
    first = next(iter(listed(program, campaign(None, 0, 1))), {})
    print(f"null: first line {first.get('mass')} {first.get('category')}, p_campaign {float(first.get('p_campaign', 1)):.2g}", flush=True)
    print(f"{'signal':<18} {'events':>6} {'seed':>4} {'known z':>8} {'z':>6} {'rank':>5} {'p_campaign':>11}  verdict  head of the list", flush=True)
    results = []
    for signal, (label, strengths) in CASES.items():
        low, high = KNOWN["signals"][signal]["window_gev"]
        for events in strengths[-1:] if options.quick else strengths:
            for seed in range(1, 2 if options.quick else options.seeds + 1):
                known = known_z(spectra(program, campaign(signal, events, seed, background=False)), data, signal)
                rows = listed(program, campaign(signal, events, seed))
                at_mass = lambda row: re.fullmatch(label, row["mass"]) and 0.93 * low <= float(row["peak_gev"]) <= 1.07 * high
                hit = next((row for row in rows if at_mass(row)), None)
                head = f"{rows[0]['mass']} {rows[0]['category']} {float(rows[0]['peak_gev']):.0f}" if rows else "none"
                if hit is None:
                    print(f"{signal:<18} {events:>6} {seed:>4} {known:>8.2f} {'-':>6} {'-':>5} {'-':>11}  not found  {head}", flush=True)
                    results.append((known, False, False))
                    continue
                rank, p = int(hit["rank"]), float(hit["p_campaign"])
                results.append((known, rank == 1, p < 0.05))
                print(f"{signal:<18} {events:>6} {seed:>4} {known:>8.2f} {float(hit['z_combined']):>6.2f} {rank:>5} {p:>11.2g}  {hit['verdict']}  {head}", flush=True)
    for least, goal in GOALS:
        of = [result for result in results if result[0] >= least]
        if of:
            print(f"known-b z >= {least}: rank 1 in {sum(r[1] for r in of)}, p_campaign < 0.05 in {sum(r[2] for r in of)} of {len(of)} (goal {goal:.0%})")
    if options.plot:
        pathlib.Path(options.plot).write_text(picture(results))


def picture(results):
    """Efficiency for rank 1 and for p_campaign < 0.05 over known-b z, points in slices of one"""
    width, height, left, right, top, bottom = 560, 300, 56, 12, 14, 44
    x = lambda z: left + (width - left - right) * min(z, 11) / 11
    y = lambda e: height - bottom - (height - top - bottom) * e
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">']
    parts.append('<title>Efficiency for rank 1 and for p_campaign below 0.05 over the z that a known background would give</title>')
    for z in range(0, 12):
        parts.append(f'<text x="{x(z):.1f}" y="{height - bottom + 16}" text-anchor="middle">{z}</text>')
    for e in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y(e):.1f}" y2="{y(e):.1f}" stroke="#ddd"/><text x="{left - 6}" y="{y(e) + 4:.1f}" text-anchor="end">{e:g}</text>')
    parts.append(f'<text x="{(left + width) / 2}" y="{height - 8}" text-anchor="middle">z if the background were known, sum over multiplicities</text>')
    parts.append(f'<text x="14" y="{height / 2}" text-anchor="middle" transform="rotate(-90 14 {height / 2})">part of the runs</text>')
    for column, colour, shift, name in ((1, "#1a6faf", -0.06, "rank 1"), (2, "#c8442b", 0.06, "p of the campaign below 0.05")):
        points = []
        for z in range(0, 11):
            of = [r[column] for r in results if z <= r[0] < z + 1 or (z == 10 and r[0] >= 11)]
            if of:
                points.append((x(z + 0.5 + shift), y(sum(of) / len(of)), len(of)))
        parts.append(f'<polyline fill="none" stroke="{colour}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b, _ in points)}"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{2 + math.sqrt(n):.1f}" fill="{colour}"/>' for a, b, n in points]
        at = top + 14 + 16 * (column - 1)
        parts.append(f'<circle cx="{left + 16}" cy="{at - 4}" r="4" fill="{colour}"/><text x="{left + 26}" y="{at}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    main()
