#!/usr/bin/env python3
"""Does any input harm the program? (`make test-hostile`)

Changes every small good input (bytes, numbers, keys, names; see mutate.py) and gives it to every command that reads such a
file, under limits of time, memory and file size. Counts what no input may cause: panics, signals, hangs, greed for memory,
bytes that a terminal obeys, numbers that changed without a word, another answer for another number of threads. The same
seed makes the same mutants. Prints a table and, for every finding, how to see it again; exit code 1 if there is any.
--crash instead kills the program at random moments and lets its disk run full: see crash.py.
Linux, Python 3.9 or newer, its standard library only.
Usage: hunt.py BUMPHOUND [--seconds N | --mutants N] [--seed N] [--jobs N] [--only KIND] [--keep DIR] [--crash]
"""

import argparse
import collections
import multiprocessing
import os
import pathlib
import random
import re
import shlex
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import crash
import inputs
import limits
import mutate

PROJECT = pathlib.Path(__file__).resolve().parents[2]
COLUMNS = (
    "runs",
    "ok",
    "partial",
    "refused",
    "panics",
    "signals",
    "hangs",
    "memory",
    "control bytes",
    "html",
    "files",
    "believed",
    "numbers",
    "threads",
    "changed",
)
# `changed` is no fault: a changed byte of a payload is another number.
BAD = COLUMNS[4:-1]
# What `sandbox` makes beside the inputs.
SPECIAL = ("fifo", "a_folder", "loop", "broken_link")
# A name from an input that became part of a page.
ALIVE = re.compile(rb"<script>alert\(666\)|<img src=x onerror")
# Of the same finding so many are kept.
KEPT = 2
# Share of the runs that are asked again with other threads.
AGAIN = 0.2


def inputs_of(seed, data):
    return {**seed.files, **({seed.place: data} if seed.place else {})}


def sandbox(folder, seed, data):
    """A fresh folder with the inputs of a seed, the changed one among them, and files that are none"""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for place, content in inputs_of(seed, data).items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    os.mkfifo(folder / "fifo")
    (folder / "a_folder").mkdir()
    (folder / "a_folder" / "x.root").write_bytes(b"root")
    (folder / "loop").symlink_to("loop")
    (folder / "broken_link").symlink_to("/nonexistent/x.root")
    return folder


class Hunt:
    def __init__(self, program, seeds, folder, keep, also=()):
        self.program, self.box, self.keep, self.also = program, folder / "box", keep, also
        self.good = {}
        self.kinds = sorted({seed.kind for seed in seeds})
        self.of_kind = {kind: [seed for seed in seeds if seed.kind == kind] for kind in self.kinds}
        self.weights = [self.weight(kind) for kind in self.kinds]

    def weight(self, kind):
        """How often a kind is chosen; a start of the network costs as much as a hundred light commands"""
        commands = [one for seed in self.of_kind[kind] for one in seed.commands]
        return min(6.0, sum(seed.share for seed in self.of_kind[kind])) * (0.02 if all(one.network for one in commands) else 1.0)

    def call(self, command, argv=None):
        limit = limits.NETWORK if command.network else limits.LIGHT
        return limits.called([self.program, *(argv or command.argv)], self.box, limit)

    def answer(self, command, outcome):
        """What may not change without a word"""
        if command.answer is None:
            return None
        if command.answer == "stdout":
            return outcome.out
        if isinstance(command.answer, str):
            path = self.box / command.answer
            return path.read_bytes() if path.exists() else None
        return self.call(inputs.Command("export", command.answer)).out

    def good_outcome(self, seed, command):
        """(exit code, words, answer) of the unchanged input"""
        key = (seed.kind, seed.name, command.argv)
        if key not in self.good:
            sandbox(self.box, seed, seed.data)
            outcome = self.call(command)
            self.good[key] = (outcome.code, words(outcome), self.answer(command, outcome))
        return self.good[key]

    def mutant(self, number, start):
        """Everything about mutant `number` follows from the seed and the number"""
        rng = random.Random(f"{start}:{number}")
        some = self.of_kind[rng.choices(self.kinds, self.weights)[0]]
        seed, other = rng.choices(some, [one.share for one in some], k=2)
        command = rng.choices(seed.commands, [one.share for one in seed.commands])[0]
        data, said, must = rng.choice(seed.mutations)(rng, seed.data, other.data)
        if rng.random() < 0.1 and len(data) > 50:
            data, more, _ = rng.choice(seed.mutations)(rng, data, other.data)
            said, must = f"{said}; {more}", ""
        if seed.place is None:
            text = data.decode("utf-8", "surrogateescape")
            command = inputs.Command(command.name, tuple(part.replace("{}", text) for part in command.argv), command.network)
        return seed, command, data, said, must, rng

    def run(self, number, start):
        """(kind, command), columns to count, findings"""
        seed, command, data, said, must, rng = self.mutant(number, start)
        good = self.good_outcome(seed, command) if command.answer or must else None
        sandbox(self.box, seed, data)
        outcome = self.call(command)
        counted = ["runs", {0: "ok", 1: "partial", 2: "refused"}.get(outcome.code, "signals")]
        if counted[1] == "signals":
            counted.pop()
        found = limits.faults(outcome, limits.NETWORK if command.network else limits.LIGHT) + self.left_behind(seed, command, data)
        silent = outcome.code == 0 and good is not None and not words(outcome) - good[1]
        # `inspect` says what it sees in any file.
        if silent and must == "word" and data != seed.data and good[0] == 0 and command.name != "inspect":
            found.append(("believed", "exit code 0 and no word"))
        answer = self.answer(command, outcome) if silent and command.answer else None
        if answer is not None and answer != good[2]:
            found.append(("numbers", "other numbers without a word") if must == "same" else ("changed", ""))
        if command.threads and outcome.code in (0, 1) and rng.random() < AGAIN:
            answer = answer if answer is not None else self.answer(command, outcome)
            # In a fresh folder: old results are not the question here.
            sandbox(self.box, seed, data)
            many = self.call(command, [*command.argv[:-1], "4"])
            other = self.answer(command, many)
            if (many.code, other) != (outcome.code, answer) or words(many) != words(outcome):
                found.append(("threads", f"exit code {outcome.code} with 1 thread, {many.code} with 4; or other numbers or words"))
        # The box is as it was before the command: what is kept can be run again.
        bad = [one for one in found if one[0] in (*BAD, *self.also)]
        findings = [self.finding(number, start, seed, command, data, said, what, detail, outcome) for what, detail in bad]
        return (seed.kind, command.name), counted + [what for what, _ in found], findings

    def left_behind(self, seed, command, data):
        """Pages that carry a script, inputs that are not as they were, files outside of the results"""
        found = []
        given = inputs_of(seed, data)
        # These commands write into the run directory that they read.
        into_run = command.name in ("report", "rank", "scan")
        for path in self.box.rglob("*"):
            place = str(path.relative_to(self.box))
            if path.name == "index.html" and path.is_file() and ALIVE.search(path.read_bytes()):
                found.append(("html", f"{place}: {ALIVE.search(path.read_bytes()).group()[:60]}"))
            elif place in given:
                if path.read_bytes() != given[place] and not (into_run and place.startswith("run")) and not place.startswith("out/"):
                    found.append(("files", f"{place} was changed"))
            elif (
                not place.startswith("out")
                and not path.is_dir()
                and not (into_run and place.startswith("run"))
                and seed.place
                and not place.startswith(SPECIAL)
            ):
                found.append(("files", f"{place} was made"))
        strays = {path.name for path in self.box.parent.iterdir()} - {"box", "stdout", "stderr"}
        return found + [("files", f"{name} was made outside") for name in strays]

    def finding(self, number, start, seed, command, data, said, what, detail, outcome):
        line = limits.last_line(outcome.err) if what in ("believed", "numbers", "threads") else detail
        signature = f"{what} {seed.kind} {command.name} " + re.sub(r"0x[0-9a-f]+|\d+|`[^`]*`|'.*'", "_", line)[:160]
        place = None
        if self.keep:
            place = self.keep / re.sub(r"\W+", "-", f"{what}-{seed.kind}-{command.name}-{start}-{number}")
            sandbox(place / "box", seed, data)
            again = f'#!/bin/sh\n# {seed.kind}: {seed.name}: {said}\n# {what}: {detail}\ncd "$(dirname "$0")/box" && ${{1:-{self.program}}} {shlex.join(command.argv)}\n'
            (place / "again.sh").write_text(again.encode("utf-8", "replace").decode())
            (place / "stderr").write_bytes(outcome.err[:100_000])
        shown = f"{what}: {detail}\n  {seed.kind}: {seed.name}: {said}\n  bumphound {shlex.join(command.argv)[:300]}"
        return {"signature": signature, "text": shown, "place": str(place) if place else None, "number": number}


def words(outcome):
    """The warnings and notes of a run, without the figures in them"""
    lines = (outcome.err + b"\n" + outcome.out[:200_000]).decode("utf-8", "replace").splitlines()
    told = [line for line in lines if re.match(r"\s*(warning|note|error|caution|skipped)\b", line, re.I) or "warning" in line]
    return {re.sub(r"\d+", "_", line) for line in told}


# What the workers share: set before they are forked.
SHARED = None


def work(worker):
    options, seeds, folder = SHARED
    hunt = Hunt(options.bumphound, seeds, folder / f"worker{worker}", options.keep, ("changed",) if options.changed else ())
    hunt.box.parent.mkdir(parents=True, exist_ok=True)
    counts, findings, number = collections.Counter(), {}, options.first + worker
    end, last = time.monotonic() + options.seconds, time.monotonic()
    while time.monotonic() < end and number < options.first + options.mutants:
        before = time.monotonic()
        row, counted, found = hunt.run(number, options.seed)
        counts[row, "ms"] += 1000 * (time.monotonic() - before)
        for column in counted:
            counts[row, column] += 1
        for one in found:
            again = findings.setdefault(one["signature"], {**one, "times": 0})
            again["times"] += 1
            if again["times"] == 1:
                print(f"mutant {one['number']}: {one['text']}".encode("utf-8", "backslashreplace").decode(), flush=True)
            elif again["times"] > KEPT and one["place"]:
                shutil.rmtree(one["place"], ignore_errors=True)
        number += options.jobs
        if time.monotonic() > last + 60:
            last = time.monotonic()
            print(
                f"... {sum(n for (_, column), n in counts.items() if column == 'runs')} runs of worker {worker}, {sum(one['times'] for one in findings.values())} findings",
                flush=True,
            )
    return counts, findings


def table(counts):
    shown = [("input", "command", "ms", *COLUMNS)]
    rows = sorted({row for row, _ in counts})
    total = {column: sum(counts[row, column] for row in rows) for column in ("ms", *COLUMNS)}
    for row in rows:
        shown.append((*row, round(counts[row, "ms"] / counts[row, "runs"]), *(counts[row, column] for column in COLUMNS)))
    shown.append(("all", "", round(total["ms"] / max(1, total["runs"])), *(total[column] for column in COLUMNS)))
    widths = [max(len(str(line[i])) for line in shown) for i in range(len(shown[0]))]
    for line in shown:
        print(
            "  ".join(
                str(cell).ljust(width) if i < 2 else str(cell if cell else ".").rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths))
            )
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bumphound")
    parser.add_argument("--seconds", type=float, default=None, help="stop after this time (default: 60, or none with --mutants)")
    parser.add_argument("--mutants", type=int, default=None)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--only", help="only kinds of input whose name holds this, or KIND/COMMAND")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for what is found")
    parser.add_argument("--changed", action="store_true", help="keep inputs with changed numbers as well, to look at them")
    parser.add_argument("--crash", action="store_true", help="kill the program and fill its disk instead")
    options = parser.parse_args()
    options.bumphound = str(pathlib.Path(options.bumphound).resolve())
    options.seconds = options.seconds or (1e9 if options.mutants else 60.0)
    options.mutants = options.mutants or 10**12
    options.keep = options.keep.resolve() if options.keep else None
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="hostile-", dir=memory) as folder:
        folder = pathlib.Path(folder)
        maker = inputs.Maker(options.bumphound, PROJECT, folder)
        if options.crash:
            sys.exit(crash.main(options, maker, folder))
        seeds = maker.make()
        if options.only:
            kind, _, name = options.only.partition("/")
            seeds = [seed for seed in seeds if kind in seed.kind]
            for seed in seeds:
                seed.commands = [one for one in seed.commands if not name or one.name == name]
            seeds = [seed for seed in seeds if seed.commands]
        if not seeds:
            sys.exit(f"no input of the kind `{options.only}`; without the network there are no reports, cards and plans")
        print(f"{len(seeds)} good inputs of {len({seed.kind for seed in seeds})} kinds, seed {options.seed}", flush=True)
        start = time.monotonic()
        global SHARED
        SHARED = options, seeds, folder
        with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
            done = pool.map(work, range(options.jobs), chunksize=1)
    counts, findings = collections.Counter(), {}
    for some, found in done:
        counts.update(some)
        for signature, one in found.items():
            findings.setdefault(signature, {**one, "times": 0})["times"] += one["times"]
    table(counts)
    runs = sum(n for (_, column), n in counts.items() if column == "runs")
    print(f"{runs} runs in {time.monotonic() - start:.0f} s, {len(findings)} different findings")
    for one in findings.values():
        print(f"\n{one['times']}x mutant {one['number']}: {one['text']}".encode("utf-8", "backslashreplace").decode())
        print(
            f"  sh {one['place']}/again.sh"
            if one["place"]
            else f"  again: --seed {options.seed} --first {one['number']} --mutants 1 --keep DIR"
            + (f" --only '{options.only}'" if options.only else "")
        )
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
