"""Good inputs of every kind, what is done to them, and the commands that read them.

In: the program, the folder of the project, a folder to work in. Out: a list of `Seed`. Everything is small: a mutant should
cost milliseconds. What must be made first (run directories, networks) is made here by the program itself.
"""

import dataclasses
import gzip
import json
import pathlib
import re
import shutil
import subprocess

import mutate

LARGEST = 135_000


# A training plan that is over in a second.
# fmt: off
PLAN = {"name": "T", "seed": 1, "steps": 2, "batch": 2, "learning_rate": 0.002, "steady_part": 0.6, "bins": [30, 40], "bins_wide": [20, 50],
    "zmax_weight": 0.5, "background_weight": 0.3,
    "recipe": {"functions": 0.4, "wide_functions": 0.1, "sparse": 0.08, "trimmed": 0.2, "dilepton": 0.1, "simulation": 0.12, "y_min": 10.0,
        "y_max": 1000.0, "signal_share": 0.7, "signal_z_max": 10.0, "signal_widths": [1.0], "target_widths": [1.0], "second_signal_share": 0.05},
    "network": {"channels": 8, "layers": 1, "kernels": [3, 5], "head": 8, "by_width": False, "shape_average": [1.0], "spread": True}}
# fmt: on


@dataclasses.dataclass
class Command:
    name: str
    argv: tuple
    network: bool = False
    # What must not change without a word: None, "stdout", a file, or a command line whose stdout it is.
    answer: object = None
    # Is the same asked with 4 threads?
    threads: bool = False
    share: float = 1.0


@dataclasses.dataclass
class Seed:
    kind: str
    name: str
    # The changed file in the sandbox (None: the changed text is an argument, `{}` in the command).
    place: str
    data: bytes
    # The other files of the sandbox.
    files: dict
    mutations: tuple
    commands: list
    share: float = 1.0


def command(text, **more):
    """`fill c.yaml --out out` as a Command; its name is the program's word"""
    argv = tuple(part.replace("\N{NO-BREAK SPACE}", " ") for part in text.split(" "))
    return Command(argv[0], argv, **more)


# Commands of which a word is changed.
ARGUMENTS = """
check c.yaml --set {}
check c.yaml --set name={}
check c.yaml --set {}=1
check c.yaml --set masses.max_objects={}
check c.yaml --set scan.min_bins={}
check c.yaml --set inputs.{}.files=a.root
check c.yaml --sample-events {}
check {}
fill {} --out out
skim c.yaml --out out.root --cut={}
skim c.yaml --out out.root --category={}
skim c.yaml --out out.root --mass={}
skim c.yaml --out out.root --mass m(mu1,mu2) --low={}
skim c.yaml --out out.root --mass m(mu1,mu2) --high={}
skim run --out out.root --rank={}
inspect {}
inspect a.root --event={}
inspect a.root --campaign={} --event 0
inspect a.root --sample-events={}
fill c.yaml --out out --threads={}
fill c.yaml --out {}x
significance s.csv --widths={}
significance {}
export {} --spectra
report run --rows={}
report run --top={}
merge run {} --out out
shapes run --out out.csv --most={}
shapes {} --out out.csv
"""

EXPORT = ("export", "out", "--spectra")

EVENTS = [
    command("inspect m.root", share=2),
    command("inspect m.root --all", share=2),
    command("inspect m.root --json"),
    command("inspect m.root --emit-map"),
    command("inspect m.root --event 3 --campaign c.yaml"),
    command("check c.yaml", share=2),
    command("fill c.yaml --out out --threads 1", answer=EXPORT, threads=True, share=6),
    command("fill c.yaml --out out --threads 2 --on-bad-file skip", answer=EXPORT, share=2),
    command("skim c.yaml --out out.root --cut n(jet)\N{NO-BREAK SPACE}>=\N{NO-BREAK SPACE}0.5 --threads 1", answer="out.root"),
]


class Maker:
    def __init__(self, program, project, folder):
        self.program, self.project, self.folder = str(program), pathlib.Path(project), pathlib.Path(folder)
        self.data = self.project / "data-samples"
        self.shared = self.project / "../shared/samples"
        self.seeds = []

    def call(self, *argv, folder=None):
        return subprocess.run([self.program, *map(str, argv)], cwd=folder or self.folder, capture_output=True, stdin=subprocess.DEVNULL)

    def small(self, *patterns):
        paths = [path for root, pattern in patterns for path in sorted(root.glob(pattern)) if root.exists()]
        return [path for path in paths if path.is_file() and 0 < path.stat().st_size <= LARGEST]

    def add(self, kind, name, place, data, files, mutations, commands, share=1.0):
        self.seeds.append(Seed(kind, name, place, data, files, mutations, commands, share))

    # -------------------------------------------------------------------------------------------- events

    def campaign_for(self, path, name):
        """A campaign that fills something from this file: its own, a layout by name, or the map that `inspect` proposes"""
        proposed = []
        own = sorted(path.parent.glob(path.name.split("_")[0] + "_*.yaml"))
        for one in own:
            text = one.read_text()
            if path.name in text:
                # Keep only this file of the campaign's inputs.
                document = json.loads(text)
                document["inputs"] = [i for i in document["inputs"] if path.name in json.dumps(i)][:1]
                document["inputs"][0]["files"] = name
                proposed.append(json.dumps(document))
        proposed += [json.dumps({"inputs": [{"files": name, "layout": layout}]}) for layout in ("delphes", "nanoaod", "darkmachines_csv")]
        box = self.folder / "try"
        shutil.rmtree(box, ignore_errors=True)
        box.mkdir()
        shutil.copy(path, box / name)
        mapped = self.call("inspect", name, "--emit-map", folder=box).stdout.decode("utf-8", "replace")
        proposed.append(mapped)
        for text in proposed:
            (box / "c.yaml").write_text(text)
            shutil.rmtree(box / "out", ignore_errors=True)
            if self.call("fill", "c.yaml", "--out", "out", folder=box).returncode == 0:
                return text.encode()
        return None

    def events(self):
        paths = self.small(
            (self.data, "branches/*.root"),
            (self.data, "rntuple/*.root"),
            (self.data, "formats/*.root"),
            (self.data, "leptonstream/A_diboson_01.root"),
            (self.shared, "faults/*.root"),
            (self.shared, "pathological/*.root"),
            (self.shared, "formats/*.root"),
            (self.shared, "tiny/*.root"),
        )
        seen = set()
        for path in paths:
            data = path.read_bytes()
            if data in seen:
                continue
            seen.add(data)
            campaign = self.campaign_for(path, "m.root")
            commands = EVENTS if campaign else [one for one in EVENTS if one.name == "inspect" and "c.yaml" not in one.argv]
            share = 1.0 if len(data) < 60_000 else 0.4
            self.add(
                "root", path.name, "m.root", data, {"c.yaml": campaign or b""}, mutate.ROOT, commands, share * (1 if campaign else 0.4)
            )
        for path in self.small((self.data, "formats/*.csv")):
            text = b"".join(path.read_bytes().splitlines(keepends=True)[:120])
            for name, data, mutations in (
                ("events.csv", text, mutate.TEXT),
                ("events.csv.gz", gzip.compress(text, 6, mtime=0), mutate.GZIP),
            ):
                campaign = json.dumps({"layout": "darkmachines_csv", "inputs": [{"files": name}]}).encode()
                commands = [dataclasses.replace(one, argv=tuple(name if part == "m.root" else part for part in one.argv)) for one in EVENTS]
                self.add(
                    "event text" if mutations is mutate.TEXT else "event gzip",
                    path.stem,
                    name,
                    data,
                    {"c.yaml": campaign},
                    mutations,
                    commands,
                )

    # -------------------------------------------------------------------------------------------- campaigns

    # fmt: off
    def campaign_documents(self):
        cheap = {"masses": {"max_objects": 3, "leave_out": ["V"], "transverse": True, "only": []}, "report": {"plots": 2, "rows": 20}}
        one = lambda **more: {"sample": "a", "files": "a.root", "layout": "delphes", **more}
        yield "short", {"inputs": [one(data=True)]}
        yield "every key", {
            "name": "n", "about": "about", "seed": 7, "base": ".", "layout": "delphes", "inputs": [one(data=True, events=100, planted=True),
                {"sample": "b", "files": ["b.root"], "data": True}],
            "selection": {"electron": {"pt_min": 15, "eta_max": 2.5}, "muon": {"pt_min": 15, "eta_max": 2.7}, "photon": {"pt_min": 20,
                "eta_max": 2.37}, "jet": {"pt_min": 20, "eta_max": 2.8}, "overlap_removal": False},
            "composites": {"z": True, "z_window_gev": 15, "heavy_jets": True, "v_min_gev": 60, "t_min_gev": 110, "hm_min_gev": 200},
            "preselection": "n(lepton, pt > 20) >= 1", "regions": {"incl": None, "met": "MET > 50 and not (HT < 30 or MET / HT > 2)"},
                "jet_schemes": ["exclusive", "inclusive"],
            "binning": {"resolution": "r.yaml", "m_min_gev": 10, "m_min_jet_gev": 20, "m_max_gev": 13000}, "on_bad_value": "drop", "pseudo_data": "off",
            "scan": {"tail_min": 1, "min_bins": 30, "min_entries": 100, "min_raw_fraction": 1}, "ranking": {"z_min": 2, "max_per_spectrum": 3,
                "min_window_events": 3, "toys": 20}, **cheap,
        }
        yield "simulation", {"lumi_ifb": 10, "inputs": [one(mc={"cross_section_pb": 19.3})], "channel": "2b", "pseudo_data": "poisson",
            "masses": {"only": ["m(mu1,mu2)", "mT(mu1,met)", "m(e1,e2)"]}}
        yield "unweight", {"lumi_ifb": 0.05, "inputs": [one(mc={"cross_section_pb": 19.3})], "pseudo_data": "unweight", "masses": {"max_objects": 2}}
        yield "delphes names", {"inputs": [one(layout={"delphes": {"tree": "Delphes", "electron": "Electron", "muon": "Muon", "photon": "Photon",
            "jet": "Jet", "met": "MissingET", "event": "Event", "btag_bit": 0, "without": []}})], **cheap}
        group = lambda p: {"pt": f"{p}.PT", "eta": f"{p}.Eta", "phi": f"{p}.Phi"}
        yield "branch map", {
            "inputs": [{"sample": "a", "files": "a.root", "layout": {"branches": {
                "tree": "Delphes", "units": "GeV", "electron": {**group("Electron"), "charge": "Electron.Charge",
                    "require": [{"branch": "Electron.PT", "above": 5}]},
                "muon": [{**group("Muon"), "charge": "Muon.Charge"}], "jet": {**group("Jet"), "mass": "Jet.Mass", "btag": {"branch": "Jet.BTag", "bit": 0}},
                "met": {"pt": "MissingET.MET", "phi": "MissingET.Phi"}, "weight": "Event.Weight",
                "require_event": [{"branch": "Electron_size", "at_least": 0, "absolute": True}]}}}], **cheap}

    # fmt: on
    def campaigns(self):
        root = (self.data / "leptonstream/A_diboson_01.root").read_bytes()
        files = {
            "a.root": root,
            "b.root": (self.data / "leptonstream/A_diboson_02.root").read_bytes(),
            "r.yaml": (self.project / "resolution/default.yaml").read_bytes(),
        }
        few = ("--set", "scan.min_entries=60", "--set", "scan.min_bins=10", "--set", "ranking.toys=10", "--set", "report.plots=1")
        commands = [
            command("check c.yaml --sample-events 200", share=5),
            command("check c.yaml --sample-events 0", share=5),
            command("fill c.yaml --out out --threads 2", share=3),
            command("skim c.yaml --out out.root --cut n(jet)\N{NO-BREAK SPACE}>=\N{NO-BREAK SPACE}0.5"),
            command("inspect a.root --event 3 --campaign c.yaml"),
            Command("run", ("run", "c.yaml", "--out", "out", "--threads", "2", *few), network=True, share=0.15),
        ]
        for name, document in self.campaign_documents():
            self.add("campaign", name, "c.yaml", json.dumps(document).encode(), files, mutate.YAML_STRICT, commands)
        for path in sorted((self.project / "selections").glob("*.yaml")):
            letters = iter("abcdefgh" * 5)
            text = re.sub(r"\.\./data-samples/[^\s,}\]]+", lambda _: next(letters) + ".root", path.read_text())
            self.add("campaign", path.name, "c.yaml", text.encode(), files, mutate.TEXT, [one for one in commands if not one.network], 0.4)
        small = json.dumps(
            {"inputs": [{"files": "a.root", "layout": "delphes"}], "binning": {"resolution": "r.yaml"}, "masses": {"max_objects": 3}}
        ).encode()
        # fmt: off
        table = {"name": "t", "objects": {
            "muon": {"source": "s", "rows": [{"eta": [0.0, 2.5], "constant": 0.015, "linear": 1.5e-4, "binning": True}]}, "electron": {"source": "s",
                "rows": [{"eta": [0.0, 3.2], "constant": 0.0017, "stochastic": 0.101, "binning": True}]},
            "photon": {"source": "s", "rows": [{"eta": [0.0, 3.2], "constant": 0.0017, "stochastic": 0.101, "binning": True}]},
                "jet": {"source": "s", "rows": [{"eta": [0.0, 0.8], "noise": 3.16, "stochastic": 0.74, "constant": 0.055, "binning": True}]}},
            "composites": {"Z": {"of": "muon", "constituents": 2}, "V": {"of": "jet", "constituents": 2}, "T": {"of": "jet", "constituents": 3},
                "HM": {"of": "jet", "constituents": 3}}}
        # fmt: on
        for name, data, mutations in (
            ("document", json.dumps(table).encode(), mutate.YAML_STRICT),
            ("default.yaml", files["r.yaml"], mutate.TEXT),
        ):
            self.add("resolution", name, "r.yaml", data, {**files, "c.yaml": small}, mutations, [commands[0], commands[2]])
        # The changed text is an argument; no space stands in what is fixed.
        argued = [Command(line.split()[0], tuple(line.split())) for line in ARGUMENTS.strip().splitlines()]
        self.add("argument", "text", None, b"", {**files, "c.yaml": small, **self.run_dir}, mutate.ARGUMENT, argued, 3)

    # -------------------------------------------------------------------------------------------- results of the program

    def make_run_dirs(self):
        """Two small finished run directories; without the network only what `fill` leaves"""
        document = {
            "name": "small",
            "layout": "delphes",
            "selection": {"jet": {"pt_min": 30}},
            "masses": {"only": ["m(j1,j2)", "m(mu1,mu2)", "m(e1,e2)", "mT(mu1,met)", "mT(e1,met)"]},
            "jet_schemes": ["inclusive"],
            "scan": {"min_bins": 20, "min_entries": 50},
            "ranking": {"toys": 20, "z_min": 1},
            "report": {"plots": 2, "rows": 20},
        }
        self.run_dir, self.other_dir, self.network = {}, {}, True
        for name, file, into in (("run", "A_diboson_01.root", self.run_dir), ("run2", "A_diboson_02.root", self.other_dir)):
            document["inputs"] = [{"sample": name, "files": "a.root" if name == "run" else "b.root", "data": True}]
            shutil.copy(self.data / "leptonstream" / file, self.folder / document["inputs"][0]["files"])
            (self.folder / f"{name}.yaml").write_text(json.dumps(document))
            done = self.call("run", f"{name}.yaml", "--out", name)
            if done.returncode not in (0, 1):
                print(done.stderr.decode("utf-8", "replace"), "without the network: its commands are left out", sep="\n")
                self.network = False
                assert self.call("fill", f"{name}.yaml", "--out", name).returncode == 0
            for path in sorted((self.folder / name).iterdir()):
                if path.is_file():
                    into[f"{name}/{path.name}"] = path.read_bytes()
        # Written with the folder of the sandbox.
        for files in (self.run_dir, self.other_dir):
            for place in list(files):
                if place.endswith("resolved.yaml"):
                    files[place] = re.sub(rb"(?m)^base:.*$", b"base: ..", files[place])

    def results(self):
        files = {
            **self.run_dir,
            **self.other_dir,
            "a.root": (self.folder / "a.root").read_bytes(),
            "b.root": (self.folder / "b.root").read_bytes(),
        }
        export = [command("export run --categories", answer="stdout"), command("export run --spectra", answer="stdout", share=2)]
        join = [
            command("merge run run2 --out out", answer=EXPORT),
            command("merge run2 run --out out", answer=EXPORT),
            command("shapes run --out out.csv", answer="out.csv"),
        ]
        ranked = [command("rank run", network=True, share=0.1), command("scan run", network=True, share=0.1)]
        report = [command("report run"), command("report run --rows 3 --top 3")]
        skim = [command("skim run --rank 1 --out out.root", answer="out.root")]
        for name, kind, mutations, commands in (
            ("book.bumphound", "book", mutate.BOOK, export + join + ranked),
            ("report.json", "report.json", mutate.JSON_LAX, report + report + skim),
            ("fill.json", "run directory", mutate.JSON_LAX, join[:2] + ranked),
            ("run.json", "run directory", mutate.JSON_LAX, join[:1] + ranked),
            ("campaign.resolved.yaml", "run directory", mutate.TEXT, join + skim + ranked),
        ):
            if f"run/{name}" in files:
                self.add(kind, name, f"run/{name}", files[f"run/{name}"], files, mutations, commands)

    # -------------------------------------------------------------------------------------------- spectra and networks

    def spectra(self):
        toys = ["--toys", "0", "--out", "out"]
        significance = [
            command("significance s.csv", answer="stdout", share=3),
            command("significance s.csv --widths 1,2,3,4,7.5", answer="stdout", share=2),
        ]
        validate = Command("validate", ("validate", "s.csv", *toys), network=True, share=0.05)
        for path in self.small((self.data, "spectra/*.csv"), (self.shared, "faults/*.csv")):
            self.add("counts", path.name, "s.csv", path.read_bytes(), {}, mutate.TEXT, significance + [validate])
        scan = [
            command("scan s.json --out out.csv --threads 1", network=True),
            command("scan s.json --out out.csv --trim --threads 1", network=True),
        ]
        for path in self.small((self.data, "spectra/*.json"), (self.shared, "faults/*.json")):
            self.add("UHI", path.name, "s.json", path.read_bytes(), {}, mutate.JSON_STRICT, scan, 0.5)
        spectrum = self.data / "spectra/atlas_Hyy_13TeV_36fb.csv"
        listed = {
            "about": "a",
            "spectra": [
                {
                    "file": "s.csv",
                    "name": "n",
                    "mass": "m",
                    "sigma": 1.7,
                    "range_gev": [105, 160],
                    "rebin": 1,
                    "trim": False,
                    "note": "x",
                    "expect": {"near_gev": 125, "within_gev": 2, "z": 6.8, "within": 2, "largest": True},
                }
            ],
        }
        self.add(
            "validate list",
            "document",
            "list.yaml",
            json.dumps(listed).encode(),
            {"s.csv": spectrum.read_bytes()},
            mutate.YAML_STRICT,
            [Command("validate", ("validate", "list.yaml", *toys), network=True)],
            0.5,
        )
        models = self.project / "models"
        model = {"m.json": (models / "dmf1w.json").read_bytes(), "m.safetensors": (models / "dmf1w.safetensors").read_bytes()}
        one = json.loads((self.data / "spectra/published.json").read_text())
        files = {**model, "s.json": json.dumps(dict(list(one.items())[:1])).encode()}
        use = [
            command("scan s.json --model m.safetensors --out out.csv --threads 1", network=True, share=5),
            command("evaluate m.safetensors --spectra 2 --threads 1", network=True),
        ]
        self.add("model card", "dmf1w.json", "m.json", files["m.json"], files, mutate.JSON_LAX, use, 0.5)
        self.add("weights", "dmf1w.safetensors", "m.safetensors", files["m.safetensors"], files, mutate.WEIGHTS, use, 0.5)
        train = Command(
            "train",
            ("train", "p.yaml", "--out", "out", "--minutes", "0.01", "--calibration-toys", "20", "--test-spectra", "5"),
            network=True,
        )
        self.add("training plan", "document", "p.yaml", json.dumps(PLAN).encode(), {}, mutate.YAML_STRICT, [train], 0.5)
        if self.network:
            (self.folder / "p.yaml").write_text(json.dumps(PLAN))
            self.call(*train.argv[:2], "--out", "trained", *train.argv[4:])
            checkpoint = self.folder / "trained/checkpoint.safetensors"
            if checkpoint.exists():
                self.add(
                    "checkpoint",
                    "checkpoint.safetensors",
                    "out/checkpoint.safetensors",
                    checkpoint.read_bytes(),
                    {"p.yaml": json.dumps({**PLAN, "steps": 4}).encode()},
                    mutate.WEIGHTS,
                    [train],
                    0.3,
                )

    def make(self):
        self.make_run_dirs()
        self.run_dir["s.csv"] = (self.data / "spectra/atlas_Hyy_13TeV_36fb.csv").read_bytes()
        self.events()
        self.campaigns()
        self.results()
        self.spectra()
        for seed in self.seeds:
            seed.commands = [one for one in seed.commands if self.network or not one.network]
        return [seed for seed in self.seeds if seed.commands]
