"""kill -9 and full disks at random moments: an old result stays whole or a new one is whole.

In: the program, the small inputs of `inputs.py`. Out: a table, and what went wrong. Every command that leaves files runs
over an old result and is stopped in one of these ways; then every file must be that of the old result or all must be those
of the new one, what is half-written must have `part` in its name, and the same command once more must give the new result.
"""

import collections
import dataclasses
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time

import inputs
import limits

# Wall time, host and date stand in it.
VARIES = re.compile(r"(^|/)run\.json$")
COLUMNS = ("runs", "old", "new", "torn", "neither", "leftover", "again", "code", "panics")
BAD = COLUMNS[3:]


@dataclasses.dataclass
class Case:
    name: str
    argv: tuple
    # What may change: a folder, or files.
    results: tuple
    # An older result: made by this command line first.
    older: tuple
    network: bool = False


def snapshot(box, results):
    """Name -> content of everything that a command may leave"""
    found = {}
    for place in results:
        path = box / place
        if path.is_dir():
            found.update({str(one.relative_to(box)): one.read_bytes() for one in sorted(path.rglob("*")) if one.is_file()})
        else:
            # Beside a file: whatever begins with its name, parts and companions, and hidden ones.
            for one in sorted(path.parent.iterdir()):
                if path.name in one.name and one.is_file():
                    found[str(one.relative_to(box))] = one.read_bytes()
    return found


def is_part(name):
    return "part" in name


def same(name, content, wanted):
    if name not in wanted:
        return False
    if not VARIES.search(name):
        return content == wanted[name]
    try:
        return json.loads(content).keys() == json.loads(wanted[name]).keys()
    except ValueError:
        return False


def verdict(now, old, new):
    """(column, detail): what is left of the old and the new result"""
    final = {name: content for name, content in now.items() if not is_part(name)}
    for column, wanted in (("new", new), ("old", old)):
        if final.keys() == wanted.keys() and all(same(name, content, wanted) for name, content in final.items()):
            return column, ""
    torn = [name for name, content in final.items() if not same(name, content, old) and not same(name, content, new)]
    if torn:
        return "torn", f"{torn[0]} ({len(final[torn[0]])} bytes; old {len(old.get(torn[0], b''))}, new {len(new.get(torn[0], b''))})"
    which = lambda name: (
        "same" if same(name, final[name], old) and same(name, final[name], new) else "old" if same(name, final[name], old) else "new"
    )
    told = [f"{name} {which(name) if name in final else 'gone'}" for name in sorted(final.keys() | old.keys() | new.keys())]
    return "neither", ", ".join(told)


class Crash:
    def __init__(self, options, maker, folder):
        self.options, self.maker, self.folder = options, maker, folder
        self.rng = random.Random(f"crash {options.seed}")
        self.counts, self.findings, self.times = collections.Counter(), {}, collections.Counter()
        self.box = folder / "crash" / "box"

    def place(self, files):
        shutil.rmtree(self.box, ignore_errors=True)
        self.box.mkdir(parents=True)
        self.write(files)

    def write(self, files):
        for name, content in files.items():
            path = self.box / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def start(self, argv, stdout=subprocess.DEVNULL, **more):
        # A pipe: no limit on files and no full disk takes the message away.
        return subprocess.Popen(
            [self.options.bumphound, *argv], cwd=self.box, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, **more
        )

    def ended(self, process):
        _, self.err = process.communicate(timeout=300)
        return process.returncode

    def whole(self, argv):
        limits.set_limits(limits.Limits(0, 0, 0, 4000))
        began = time.monotonic()
        code = self.ended(self.start(argv))
        return code, time.monotonic() - began

    def found(self, case, how, column, detail):
        self.counts[case.name, how, column] += 1
        if column in BAD:
            signature = (case.name, how, column, re.sub(r"\d+", "_", detail))
            if signature not in self.findings:
                print(f"{case.name}, {how}: {column}: {detail}\n  bumphound {' '.join(case.argv)}", flush=True)
            self.findings.setdefault(signature, detail)
            self.times[signature] += 1

    def look(self, case, how, old, new, code):
        now = snapshot(self.box, case.results)
        column, detail = verdict(now, old, new)
        self.found(case, how, "runs", "")
        self.found(case, how, column, detail)
        err = self.err
        if b"panicked" in err or code == 101:
            self.found(case, how, "panics", limits.last_line(err))
        if code == 0 and column != "new":
            self.found(case, how, "code", "exit code 0 without the new result")
        if code == 2 and b"error: " not in err:
            self.found(case, how, "code", "exit code 2 without a message")
        if code is not None and code >= 0 and any(is_part(name) for name in now):
            self.found(case, how, "leftover", f"{next(filter(is_part, now))} although the program could clean up")

    def again(self, case, how, new):
        code, _ = self.whole(case.argv)
        now = snapshot(self.box, case.results)
        column, detail = verdict(now, {}, new)
        if code not in (0, 1) or column != "new":
            self.found(case, how, "again", f"exit code {code}: {detail or limits.last_line(self.err)}")
        elif any(map(is_part, now)):
            self.found(case, how, "leftover", f"{next(filter(is_part, now))} stays after the same command once more")

    def limited(self, case, size, ignored):
        """No file may grow beyond `size`; with `ignored` the program sees an error, else a signal ends it"""
        limits.set_limits(limits.Limits(0, 0, 0, 4000))
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        process = self.start(case.argv, restore_signals=not ignored)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        return self.ended(process)

    def on_small_disk(self, case, old, new, base):
        """The same on a tmpfs that is too small, where root may mount one"""
        shutil.rmtree(self.box, ignore_errors=True)
        self.box.mkdir(parents=True)
        if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.box], capture_output=True).returncode != 0:
            return False
        try:
            self.write({**base, **old})
            room = os.statvfs(self.box)
            used, wanted = room.f_blocks - room.f_bfree, sum(len(content) // room.f_frsize + 1 for content in new.values())
            size = (used + self.rng.randrange(wanted + 2)) * room.f_frsize
            subprocess.run(["mount", "-o", f"remount,size={size}", self.box], check=True)
            self.look(case, "full disk", old, new, self.ended(self.start(case.argv)))
        finally:
            subprocess.run(["umount", self.box], check=True)
        return True

    def case(self, case, base, repeats):
        # The old result, then the new one from nothing, twice: what differs is no fault of a crash.
        self.place(base)
        code, _ = self.whole(case.older)
        assert code in (0, 1), (case.older, self.err)
        old = snapshot(self.box, case.results)
        code, _ = self.whole(case.argv)
        assert code in (0, 1), (case.argv, self.err)
        new = snapshot(self.box, case.results)
        self.place({**base, **old})
        code, seconds = self.whole(case.argv)
        assert (
            verdict(snapshot(self.box, case.results), {}, new)[0] == "new"
        ), f"{case.name}: two runs differ: {verdict(snapshot(self.box, case.results), {}, new)}"
        assert verdict(old, old, new)[0] == "old", f"{case.name}: old and new are the same"
        largest = max(map(len, new.values()))
        for turn in range(repeats):
            self.place({**base, **old})
            process = self.start(case.argv)
            time.sleep(self.rng.uniform(0, 1.05 * seconds))
            process.send_signal(signal.SIGKILL)
            code = self.ended(process)
            self.look(case, "kill -9", old, new, code)
            if turn % 5 == 0:
                self.again(case, "kill -9", new)
        for turn in range(max(3, repeats // 3)):
            size = self.rng.choice((self.rng.randrange(largest + 1), int(largest ** self.rng.random())))
            for ignored, how in ((True, "write error"), (False, "SIGXFSZ")):
                self.place({**base, **old})
                code = self.limited(case, size, ignored)
                self.look(case, how, old, new, code)
                if turn % 5 == 0:
                    self.again(case, how, new)
        for turn in range(max(3, repeats // 3)):
            if not self.on_small_disk(case, old, new, base):
                break

    def printing(self, base):
        """Whatever prints data says so if stdout is full, and ends in peace if nobody reads"""
        for argv in (
            ("schema",),
            ("check", "c.yaml"),
            ("inspect", "a.root"),
            ("inspect", "a.root", "--json"),
            ("inspect", "a.root", "--emit-map"),
            ("inspect", "a.root", "--event", "3"),
            ("export", "run", "--spectra"),
            ("export", "run", "--categories"),
            ("report", "run"),
            ("significance", "s.csv"),
            ("run", "c.yaml", "--out", "printed"),
            ("rank", "run"),
            ("validate", "s.csv", "--toys", "0", "--out", "validated"),
            ("doctor",),
            ("evaluate", "--spectra", "2"),
        ):
            if argv[0] in ("run", "rank", "validate", "evaluate") and not self.maker.network:
                continue
            case = Case(argv[0], argv, (), ())
            self.place(base)
            for how in ("/dev/full", "closed pipe"):
                if how == "/dev/full":
                    with open("/dev/full", "wb") as full:
                        code = self.ended(self.start(argv, stdout=full))
                else:
                    reader, writer = os.pipe()
                    os.close(reader)
                    code = self.ended(self.start(argv, stdout=writer))
                    os.close(writer)
                err = self.err
                self.found(case, how, "runs", "")
                if b"panicked" in err or code in (101, -signal.SIGABRT, -signal.SIGSEGV):
                    self.found(case, how, "panics", f"{' '.join(argv)}: exit code {code}: {limits.last_line(err)}")
                elif how == "/dev/full" and code == 0:
                    self.found(case, how, "code", f"{' '.join(argv)}: exit code 0")

    def table(self):
        rows = sorted({(name, how) for name, how, _ in self.counts})
        shown = [("command", "stopped by", *COLUMNS)] + [
            (*row, *(self.counts[(*row, column)] or "." for column in COLUMNS)) for row in rows
        ]
        widths = [max(len(str(line[i])) for line in shown) for i in range(len(shown[0]))]
        for line in shown:
            print(
                "  ".join(str(cell).ljust(width) if i < 2 else str(cell).rjust(width) for i, (cell, width) in enumerate(zip(line, widths)))
            )


def main(options, maker, folder):
    maker.make_run_dirs()
    crash = Crash(options, maker, folder)
    read = lambda name: (folder / name).read_bytes()
    # The old result is that of another seed; all selections of the new one differ.
    other = json.loads(read("run.yaml"))
    other["selection"]["jet"]["pt_min"], other["about"] = 45, "the older one"
    base = {
        "a.root": read("a.root"),
        "b.root": read("b.root"),
        "c.yaml": read("run.yaml"),
        "older.yaml": json.dumps(other).encode(),
        **maker.run_dir,
        **maker.other_dir,
        "s.csv": (maker.data / "spectra/atlas_Hyy_13TeV_36fb.csv").read_bytes(),
        "t.csv": (maker.data / "spectra/atlas_dijet_139fb.csv").read_bytes(),
        "s.json": (maker.data / "spectra/published.json").read_bytes(),
        "p.yaml": json.dumps(inputs.PLAN).encode(),
    }
    older = {name.replace("run2/", "older/"): content for name, content in maker.other_dir.items()}
    base.update(older)
    to = ("--out", "out")
    train = ("--calibration-toys", "200", "--test-spectra", "20", "--threads", "1")
    cases = [
        Case("fill", ("fill", "c.yaml", *to), ("out",), ("run" if maker.network else "fill", "older.yaml", *to)),
        Case("merge", ("merge", "run", "run2", *to), ("out",), ("run" if maker.network else "fill", "older.yaml", *to)),
        Case(
            "skim",
            ("skim", "c.yaml", "--out", "out.root", "--cut", "n(jet) >= 2"),
            ("out.root",),
            ("skim", "c.yaml", "--out", "out.root", "--cut", "MET > 30"),
        ),
        Case("shapes", ("shapes", "run", "run2", "--out", "out.csv"), ("out.csv",), ("shapes", "run", "--out", "out.csv", "--most", "1")),
        Case("report", ("report", "run", "--rows", "5"), ("run",), ("report", "run", "--rows", "50")),
    ]
    if maker.network:
        cases += [
            Case("run", ("run", "c.yaml", *to), ("out",), ("run", "older.yaml", *to), True),
            Case("rank", ("rank", "run", "--set", "ranking.z_min=2"), ("run",), ("rank", "run", "--set", "ranking.z_min=1"), True),
            Case("scan DIR", ("scan", "run2"), ("run2",), ("scan", "run2", "--model", "m.safetensors"), True),
            Case("scan", ("scan", "s.json", "--out", "out.csv"), ("out.csv",), ("scan", "s.json", "--trim", "--out", "out.csv"), True),
            Case("validate", ("validate", "s.csv", "--toys", "0", *to), ("out",), ("validate", "t.csv", "--toys", "0", *to), True),
            Case("train", ("train", "p.yaml", *to, *train), ("out",), ("train", "older_p.yaml", *to, *train), True),
        ]
        base["older_p.yaml"] = base["p.yaml"].replace(b'"seed": 1', b'"seed": 2')
        base["m.safetensors"], base["m.json"] = ((maker.project / f"models/dmf1w.{end}").read_bytes() for end in ("safetensors", "json"))
    began = time.monotonic()
    # A share of the time for every command; those of the network are slower.
    repeats = 60 if options.seconds > 1e6 else max(6, int(options.seconds / 4))
    for case in cases:
        if options.only and options.only != case.name:
            continue
        try:
            crash.case(case, base, max(6, repeats // 8) if case.network else repeats)
        except AssertionError as error:
            crash.found(case, "before", "again", f"the command itself fails: {str(error)[:500]}")
    if not options.only or options.only == "stdout":
        crash.printing(base)
    crash.table()
    print(
        f"{sum(n for (_, _, column), n in crash.counts.items() if column == 'runs')} runs in {time.monotonic() - began:.0f} s, {len(crash.findings)} different findings"
    )
    return 1 if crash.findings else 0
