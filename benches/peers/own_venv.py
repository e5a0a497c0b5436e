"""A Python environment for one peer, under target/peers: made on the first call, so that nothing has to be installed by hand.

In: its name, a line that imports what must be there, the pip arguments of each installation. Out: the script goes on inside it.
"""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INSIDE = "BUMPHOUND_PEER_VENV"


def go_inside(name, imports, installations):
    """Restarts the script in the environment. An installation is a list of alternatives, tried in order; the last one must work."""
    venv = os.path.join(ROOT, "target", "peers", name)
    python = os.path.join(venv, "bin", "python")
    if os.environ.get(INSIDE) == venv:
        return
    works = os.path.exists(python) and subprocess.run([python, "-c", imports], capture_output=True).returncode == 0
    if not works:
        print(f"installing what {name} needs into target/peers/{name} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        pip = [python, "-m", "pip", "install", "-q", "--no-cache-dir"]
        for *first, last in installations:
            if not any(subprocess.run([*pip, *arguments], capture_output=True).returncode == 0 for arguments in first):
                subprocess.run([*pip, *last], check=True)
    os.execve(python, [python, *sys.argv], {**os.environ, INSIDE: venv})
