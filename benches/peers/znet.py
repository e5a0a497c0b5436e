#!/usr/bin/env python3
"""Znet, the older network of the thesis, beside bumphound's on the spectra of `bumphound evaluate`.

In: the program (and weights; default: the embedded network) and a number of bins, which Znet fixes before it is trained. Znet is
"a dense layer followed by six 1-dimensional convolutional layers" (thesis sec. 4): here bins -> 8 x bins, then kernels of 7 bins,
32 channels, ReLU between. Input: counts, scaled to [0, 1] by one linear map for all spectra as in the thesis. Output: z per bin;
loss: its squared error. The thesis trains on the same 480 000 spectra 200 times; here a network that started at random had learnt
nothing after 1400 batches (squared error = variance of z). So two of the dense layer's eight channels start as the whitening of
the input, +- cov^(-1/2) (n - mean), which shows fluctuations rather than shapes; all weights are then free (a departure from the
thesis, in Znet's favour; kernels, channels and schedule are ours too). It is trained with Adam for --minutes on the CPU, on endless
new spectra of the reference test distribution (physics.md section 7: functions between 10 and 100 000 entries a bin, 70 % with a
signal), and the target is the likelihood ratio over the true background (section 6).

Out: how far the target computed here is from the program's; then, for the spectra of that number of bins (mixed widths) that
`evaluate --write-spectra` writes, per method: mean, sd and half of the central 68 % of Zmax(found) - Zmax(target), AUC (injected
against not injected, null spectra included), part of null spectra with Zmax above 5. torch and numpy are installed into
target/peers/znet on the first call (PyPI's torch for Linux brings CUDA: 5 GB on disk). Seeds are fixed, but how many batches fit
into the minutes is the machine's, so figures differ a little from call to call.

Usage: znet.py BUMPHOUND [--model WEIGHTS] [--bins 60] [--minutes 10] [--spectra 3000] [--seed 1] [--csv FILE]
"""

import argparse
import csv
import math
import os
import subprocess
import sys
import tempfile
import time

import own_venv

METHODS = ["network", "family_fit", "target"]
WIDTHS = [1, 2, 3, 4]
FIRST_SIGNAL_BIN = 2
SMALLEST, LARGEST = 10.0, 1e5  # expected entries per bin
CHANNELS, KERNEL = 32, 7
BATCH, POOL, USES = 256, 64, 4
LEARNING_RATE = 1e-3


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bumphound")
    parser.add_argument("--model")
    parser.add_argument("--bins", type=int, choices=[30, 60, 100], default=60, help="those of the rows of `evaluate`")
    parser.add_argument("--minutes", type=float, default=10.0, help="of training")
    parser.add_argument("--spectra", type=int, default=3000, help="to compare on, and as many without a signal")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", help="read these spectra instead of writing new ones")
    return parser.parse_args()


if __name__ == "__main__":
    ARGUMENTS = read_arguments()  # first, so that --help needs no torch
    torch_on_cpu = ["--retries", "0", "torch", "--index-url", "https://download.pytorch.org/whl/cpu"]
    own_venv.go_inside("znet", "import torch, numpy", [[torch_on_cpu, ["torch"]], [["numpy"]]])

import numpy as np  # noqa: E402
import torch  # noqa: E402


def gaussians(bins):
    """widths x centre x bin: the part of a Gaussian of so many bins, centred on a bin, that falls into each bin."""
    bin = torch.arange(bins, dtype=torch.float64)
    distance = bin[None, :] - bin[:, None]
    unit = math.sqrt(2.0) * torch.tensor(WIDTHS, dtype=torch.float64)[:, None, None]
    part = 0.5 * (torch.erf((distance + 0.5) / unit) - torch.erf((distance - 0.5) / unit))
    return torch.where(part < 1e-12, 0.0, part)


def uniform(low, high, count):
    return low + (high - low) * torch.rand(count, 1, dtype=torch.float64)


def backgrounds(count, bins):
    """Expected entries per bin of random functions of the reference test distribution."""
    t0 = uniform(0.0, 0.7, count)
    t = t0 + (uniform(t0 + 0.2, 1.0, count) - t0) * torch.linspace(0.0, 1.0, bins, dtype=torch.float64)
    x0 = 10.0 ** uniform(-1.5, 0.5, count)
    forms = [torch.exp(-uniform(0.1, 8.0, count) * t), 1.0 - t]
    forms += [(x0 / (x0 + t)) ** power for power in (1, 2, 3, 4, uniform(0.01, 10.0, count))]
    forms += [(t - 1.0) ** 2, -torch.log(10.0 ** uniform(-2.5, 0.5, count) + t)]
    forms += [torch.cos(0.5 * math.pi * t), torch.cosh(uniform(0.5, 5.0, count) * (t - 1.0))]
    f = torch.stack(forms)[torch.randint(len(forms), (count,)), torch.arange(count)]
    y = torch.exp(uniform(math.log(SMALLEST), math.log(LARGEST), 2 * count)).reshape(2, count, 1)
    first, last = y.amax(0), y.amin(0)
    return last + (first - last) * (f - f[:, -1:]) / (f[:, :1] - f[:, -1:])


def asimov_strength(background, shape, z):
    """Strength of a signal whose Asimov significance is z: Newton from the Gaussian estimate, which lies below."""
    strength = z / (shape**2 / background).sum(1, keepdim=True).sqrt()
    for _ in range(12):
        signal = strength * shape
        log = torch.log1p(signal / background)
        q0 = 2.0 * ((background + signal) * log - signal).sum(1, keepdim=True)
        strength = strength - (q0 - z**2) / (2.0 * (shape * log).sum(1, keepdim=True))
    return strength


def spectra(count, templates):
    """Counts and true background; 70 % with a signal."""
    background = backgrounds(count, templates.shape[1])
    centre = torch.randint(FIRST_SIGNAL_BIN, templates.shape[1], (count,))
    shape = templates[torch.randint(len(WIDTHS), (count,)), centre]
    strength = asimov_strength(background, shape, uniform(0.0, 10.0, count))
    signal = torch.where(torch.rand(count, 1) < 0.7, strength * shape, 0.0)
    return torch.poisson(background + signal), background


def target(counts, background, templates):
    """Signed z per bin, the largest over widths. Newton on 1/slope: concave, so that it approaches the maximum from below."""
    n = counts[:, :, None]
    largest = torch.full_like(counts, -math.inf)
    for s in templates.to(counts.dtype):
        total = s.sum(1)[None, :, None]
        inverse = background[:, None, :] / s
        boundary = -inverse.amin(2, keepdim=True)
        mu = torch.zeros_like(boundary)
        for _ in range(7):
            ratio = (inverse + mu).reciprocal_()
            slope, curvature = ratio @ n, ratio.square_() @ n
            step = mu + (slope - total) * slope / (total * curvature)
            mu = torch.where(step > boundary, step, 0.5 * (mu + boundary))
        gain = torch.log1p(mu / inverse) @ n - mu * total
        z = torch.sqrt(2.0 * gain.clamp(min=0.0)) * mu.sign()
        largest = torch.maximum(largest, z[:, :, 0])
    return largest


def znet(inputs):
    """The network before training; `inputs` (spectra x bins) are those that its dense layer is to whiten."""
    bins = inputs.shape[1]
    layers = [torch.nn.Linear(bins, 8 * bins), torch.nn.ReLU(), torch.nn.Unflatten(1, (8, bins))]
    for before, after in zip([8] + 5 * [CHANNELS], 5 * [CHANNELS] + [1]):
        layers += [torch.nn.Conv1d(before, after, KERNEL, padding="same"), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1], torch.nn.Flatten())
    for layer in network:
        if isinstance(layer, (torch.nn.Linear, torch.nn.Conv1d)):
            torch.nn.init.kaiming_normal_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
    variances, directions = torch.linalg.eigh(torch.cov(inputs.T))
    whitening = directions / variances.sqrt() @ directions.T
    whitening = torch.cat([whitening, -whitening])
    with torch.no_grad():
        network[0].weight[: 2 * bins] = whitening
        network[0].bias[: 2 * bins] = -whitening @ inputs.mean(0)
    return network


def trained(templates, minutes):
    """Squared error on new spectra, each batch used about four times; the learning rate falls to 0 as the minutes run out."""
    network = znet(spectra(80 * BATCH, templates)[0] / LARGEST)
    optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    pool, losses, told, start = [], [], 0, time.monotonic()
    while (part := (time.monotonic() - start) / (60.0 * minutes)) < 1.0:
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * 0.5 * (1.0 + math.cos(math.pi * part))
        if len(losses) % USES == 0:
            counts, background = (values.float() for values in spectra(BATCH, templates))
            pool = [*pool[1 - POOL :], (counts / LARGEST, target(counts, background, templates))]
        counts, z = pool[torch.randint(len(pool), ()).item()]
        loss = (network(counts) - z).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if int(part * minutes) > told:
            told = int(part * minutes)
            print(f"{told} min: {len(losses)} batches, squared error {np.mean(losses[-200:]):.3f}", file=sys.stderr)
    print(f"Znet: {sum(p.numel() for p in network.parameters())} parameters, {len(losses)} batches of {BATCH}, "
          f"{BATCH * math.ceil(len(losses) / USES)} spectra, squared error of z at the end {np.mean(losses[-200:]):.3f}")
    return network.eval()


def read(path, bins):
    """Spectra of so many bins: counts, background, whether in the null row, whether with a signal, Zmax by each method."""
    lines = {}
    with open(path, newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if line["row"].removesuffix("/null").endswith(f"/{bins}"):
                lines.setdefault((line["row"], int(line["spectrum"])), []).append(line)
    counts, background = (
        torch.tensor([[float(line[key]) for line in spectrum] for spectrum in lines.values()], dtype=torch.float64)
        for key in ("observed", "background"))
    null = np.array([row.endswith("/null") for row, _ in lines])
    has_signal = np.array([spectrum[0]["has_signal"] == "1" for spectrum in lines.values()])
    zmax = {method: np.array([float(spectrum[0][method]) for spectrum in lines.values()]) for method in METHODS}
    return counts, background, null, has_signal, zmax


def auc(signal, background):
    background = np.sort(background)
    below = np.searchsorted(background, signal, side="left")
    not_above = np.searchsorted(background, signal, side="right")
    return float((0.5 * (below + not_above)).mean() / len(background))


def main(arguments):
    torch.manual_seed(arguments.seed)
    path = arguments.csv
    if path is None:
        path = os.path.join(tempfile.mkdtemp(prefix="znet-"), "spectra.csv")
        command = [arguments.bumphound, "evaluate", *([arguments.model] if arguments.model else [])]
        command += ["--seed", str(arguments.seed), "--write-spectra", str(arguments.spectra), path]
        subprocess.run(command, check=True)
    counts, background, null, has_signal, zmax = read(path, arguments.bins)
    templates = gaussians(arguments.bins)
    ours = torch.cat([target(*part, templates).amax(1) for part in zip(counts.split(BATCH), background.split(BATCH))])
    print(f"target here and of bumphound: largest difference of Zmax {np.abs(ours.numpy() - zmax['target']).max():.1e}")

    network = trained(templates, arguments.minutes)
    with torch.no_grad():
        found = network(counts.float() / LARGEST).amax(1).numpy()
    print(f"{arguments.bins} bins, signals of 1-4 bins, {(~null).sum()} spectra, and {null.sum()} without a signal")
    print(f"{'method':<32} {'mean':>6} {'sd':>6} {'half 68 %':>10} {'AUC':>6} {'null above 5':>13}")
    names = [f"Znet, {arguments.minutes:g} min of training", "bumphound's network", "family fit", "target"]
    for name, score in zip(names, [found, *zmax.values()]):
        difference = (score - zmax["target"])[~null]
        low, high = np.quantile(difference, [0.16, 0.84])
        print(f"{name:<32} {difference.mean():>+6.2f} {difference.std():>6.2f} {0.5 * (high - low):>10.2f} "
              f"{auc(score[has_signal], score[~has_signal]):>6.3f} {100.0 * (score[null] > 5.0).mean():>11.2f} %")


if __name__ == "__main__":
    main(ARGUMENTS)
