#!/usr/bin/env python3
"""BumpHunter beside the network: AUC and efficiency on the spectra of `bumphound evaluate`.

In: the program (and weights; default: the embedded network). It writes test spectra (`evaluate --write-spectra`): mixed signal
widths, 30, 60 and 100 bins, half of them without a signal. BumpHunter (pyBumpHunter, PyPI) scans windows of 1 to 12 bins over
 (a) a background fitted to the whole spectrum: ln b a polynomial of third order (or --order), Poisson likelihood, what a user has;
 (b) the true background, which no user has: what the scan itself can do.
Its score is -ln of the smallest local p-value. Printed per number of bins: AUC of injected against not injected, and the
efficiency for true Zmax 4-6 at 1 % and 0.1 % false positives, beside those of the network and the fits of `evaluate` on the same
spectra. pyBumpHunter and scipy are installed into target/peers/bumphunter on the first call.

Usage: bumphunter.py BUMPHOUND [--model WEIGHTS] [--spectra 500] [--seed 1] [--order 3] [--csv FILE]
"""

import argparse
import contextlib
import csv
import io
import os
import subprocess
import tempfile

import own_venv

METHODS = ["network", "target", "family_fit", "sliding_log_cubic", "whole_log_cubic"]


def read(path):
    """(bins, name, number) -> observed, background, has_signal, Zmax by each method."""
    spectra = {}
    with open(path, newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            bins = int(line["row"].removesuffix("/null").split("/")[-1])
            key = (bins, line["row"], int(line["spectrum"]))
            if key not in spectra:
                zmax = {method: float(line[method] or "nan") for method in METHODS}
                spectra[key] = ([], [], line["has_signal"] == "1", zmax)
            spectra[key][0].append(float(line["observed"]))
            spectra[key][1].append(float(line["background"]))
    return spectra


def fitted(observed, order, np):
    """exp(polynomial) with the largest Poisson likelihood: Fisher scoring with step halving."""
    x = np.linspace(-1.0, 1.0, len(observed))
    basis = np.vander(x, order + 1, increasing=True)
    coefficients = np.linalg.lstsq(basis, np.log(observed + 0.5), rcond=None)[0]
    height = -np.inf
    for _ in range(100):
        exponent = np.clip(basis @ coefficients, -40.0, 40.0)
        mean = np.exp(exponent)
        now = float(observed @ exponent - mean.sum())
        if now < height:
            step *= 0.5
            coefficients = best + step
            if np.abs(step).max() < 1e-9:
                break
            continue
        if now - height < 1e-7:
            break
        height, best = now, coefficients
        information = (basis * mean[:, None]).T @ basis + 1e-9 * np.eye(order + 1)
        step = np.linalg.solve(information, basis.T @ (observed - mean))
        coefficients = best + step
    return np.exp(np.clip(basis @ best, -40.0, 40.0))


def auc(signal, background, np):
    background = np.sort(background)
    below = np.searchsorted(background, signal, side="left")
    not_above = np.searchsorted(background, signal, side="right")
    return float((0.5 * (below + not_above)).mean() / len(background))


def efficiency(signal, wanted, background, rate, np):
    """Part of the wanted signals above the score that the part `rate` of the background exceeds."""
    if rate * len(background) < 1.0 or not wanted.any():
        return float("nan")
    cut = np.sort(background)[int((1.0 - rate) * len(background))]
    return float((signal[wanted] > cut).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bumphound")
    parser.add_argument("--model")
    parser.add_argument("--spectra", type=int, default=500, help="per number of bins, with signals and without each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--order", type=int, default=3, help="of the polynomial in ln b")
    parser.add_argument("--csv", help="read these spectra instead of writing new ones")
    arguments = parser.parse_args()
    own_venv.go_inside("bumphunter", "import pyBumpHunter, scipy", [[["pyBumpHunter", "scipy"]]])
    import numpy as np
    from pyBumpHunter import BumpHunter1D

    path = arguments.csv
    if path is None:
        path = os.path.join(tempfile.mkdtemp(prefix="bumphunter-"), "spectra.csv")
        command = [arguments.bumphound, "evaluate", *([arguments.model] if arguments.model else [])]
        command += ["--seed", str(arguments.seed), "--write-spectra", str(arguments.spectra), path]
        subprocess.run(command, check=True)

    def scan(observed, background):
        bins = len(observed)
        hunter = BumpHunter1D(rang=(0.0, float(bins)), width_min=1, width_max=min(12, bins // 2), width_step=1, scan_step=1,
                              npe=1, bins=np.arange(bins + 1.0), nworker=1)
        # It says a lot, and takes the logarithm of p-values that underflow to 0.
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(divide="ignore"):
            hunter.bump_scan(observed, background, is_hist=True, do_pseudo=False)
        return -float(np.log(max(hunter.min_Pval_ar[0], 1e-300)))

    scores = {}
    for (bins, _, _), (observed, background, has_signal, zmax) in read(path).items():
        observed, background = np.array(observed), np.array(background)
        values = {"BumpHunter, fitted background": scan(observed, fitted(observed, arguments.order, np)),
                  "BumpHunter, true background": scan(observed, background), **zmax}
        scores.setdefault(bins, []).append((has_signal, zmax["target"], values))
    print(f"{'bins':>4}  {'method':<30} {'AUC':>6}  efficiency for true Zmax 4-6 at 1 % and 0.1 % false positives")
    for bins, rows in sorted(scores.items()):
        has_signal = np.array([row[0] for row in rows])
        target = np.array([row[1] for row in rows])
        wanted = (target[has_signal] >= 4.0) & (target[has_signal] < 6.0)
        for method in rows[0][2]:
            score = np.array([row[2][method] for row in rows])
            signal, null = score[has_signal], score[~has_signal]
            parts = [efficiency(signal, wanted, null, rate, np) for rate in (0.01, 0.001)]
            texts = ["      -" if np.isnan(part) else f"{100.0 * part:6.1f}%" for part in parts]
            print(f"{bins:>4}  {method:<30} {auc(signal, null, np):6.3f}  {texts[0]} {texts[1]}")


if __name__ == "__main__":
    main()
