#!/usr/bin/env python3
"""Peak memory of `bumphound fill` for one and for ten copies of the same files, and bytes per spectrum.

Memory must be bounded by the number of spectra, not by events or files: ten differently named copies may not need more
than 10 % above one. In: the program, files (default: the first two files of ttbar, wjets, zjets and qcd of the bulk samples
in $BUMPHOUND_SHARED or ../shared, else data-samples/leptonstream). Peak memory is that of the process as the kernel
states it (ru_maxrss), the median of nine runs. Ends with 1 if ten copies need too much.

Usage: memory.py BUMPHOUND [FILES...]     Environment: THREADS (default: 1 and 2 are both tried)
"""

import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from run import default_files, timed  # noqa: E402


def main():
    bumphound = os.path.abspath(sys.argv[1])
    files = [os.path.abspath(path) for path in sys.argv[2:]] or default_files()
    threads = [int(n) for n in os.environ.get("THREADS", "1 2").split()]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for i in range(10):
            for path in files:
                shutil.copy(path, os.path.join(folder, f"copy{i}_{os.path.basename(path)}"))
        for n in threads:
            peak = {}
            for copies, pattern in ((1, "copy0_*.root"), (10, "copy*.root")):
                campaign, out = os.path.join(folder, f"{copies}.yaml"), os.path.join(folder, f"out{copies}")
                with open(campaign, "w") as yaml:
                    json.dump({"inputs": [{"sample": "all", "data": True, "files": os.path.join(folder, pattern)}]}, yaml)
                runs = [timed([bumphound, "fill", campaign, "--out", out, "--threads", str(n)])[3] for _ in range(9)]
                peak[copies] = sorted(runs)[4]
            growth = peak[10] / peak[1] - 1
            print(f"{n} thread(s): {peak[1]:.1f} MB for {len(files)} files, {peak[10]:.1f} MB for ten copies of them: "
                  f"{100 * growth:+.1f} % (at most 10 % is allowed)")
            failed |= growth > 0.10
        book = os.path.getsize(os.path.join(folder, "out10", "book.bumphound"))
        rows = timed([bumphound, "export", os.path.join(folder, "out10"), "--spectra"])[0].splitlines()[1:]
        rows = [row for row in rows if not row.endswith(",0,0,0")]
        spectra = len({row.split('",')[0] for row in rows})
        print(f"book on disk: {book / 1e6:.2f} MB for {spectra} spectra, {book / max(spectra, 1):.0f} bytes per spectrum; "
              f"{len(rows)} filled bins, {book / max(len(rows), 1):.1f} bytes each")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
