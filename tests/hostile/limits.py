"""One process under limits, and what was wrong with it.

In: a command line, a folder, limits. Out: exit code or signal, what it printed, seconds, memory, and a list of faults.
Limits are those of the calling process, which its children inherit: nothing has to run between fork and exec.
"""

import dataclasses
import os
import pathlib
import re
import resource
import select
import signal
import subprocess
import time

MEGABYTE = 1 << 20


@dataclasses.dataclass
class Limits:
    seconds: float
    # Address space, MB (0: none), and what the process may really use.
    space: int
    memory: int
    file_mb: int = 300


# libtorch maps several GB that it never uses.
LIGHT = Limits(seconds=20, space=2500, memory=700)
NETWORK = Limits(seconds=90, space=16000, memory=1500)


# A process that uses no time of its own is waited for so many times longer.
PATIENCE = 5


@dataclasses.dataclass
class Outcome:
    code: int
    out: bytes
    err: bytes
    seconds: float
    memory_mb: float
    hang: bool


def set_limits(limits):
    for what, value in (
        (resource.RLIMIT_AS, limits.space * MEGABYTE),
        (resource.RLIMIT_FSIZE, limits.file_mb * MEGABYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        soft = resource.RLIM_INFINITY if value == 0 and what != resource.RLIMIT_CORE else value
        resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def called(argv, folder, limits, environment=None, stdout=None):
    """Runs it to its end, or to the end of its time"""
    set_limits(limits)
    folder = pathlib.Path(folder)
    # Files, not pipes: nothing is lost if the reader is slow, and their size is limited.
    out_path, err_path = folder.parent / "stdout", folder.parent / "stderr"
    start = time.monotonic()
    with open(out_path, "wb") as out, open(err_path, "wb") as err:
        process = subprocess.Popen(
            argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=stdout or out, stderr=err, env=environment, start_new_session=True
        )
        pidfd = os.pidfd_open(process.pid)
        try:
            # Seconds of its own: a busy machine makes nothing hang. What waits for ever uses none.
            hang, end = True, start + PATIENCE * limits.seconds
            while hang and time.monotonic() < end and own_seconds(process.pid) < limits.seconds:
                hang = not select.select([pidfd], [], [], max(0.1, limits.seconds - own_seconds(process.pid)))[0]
        finally:
            os.close(pidfd)
        if hang:
            process.kill()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - start
    return Outcome(process.returncode, out_path.read_bytes(), err_path.read_bytes(), seconds, usage.ru_maxrss / 1024, hang)


def own_seconds(pid):
    """CPU time of a process"""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# Bytes that a terminal obeys: C0 but tab and line ends, DEL, C1, and the marks that turn the direction of writing.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")
GREED = (b"memory allocation of", b"capacity overflow", b"Cannot allocate memory", b"std::bad_alloc")


def faults(outcome, limits):
    """(column of the table, one line) for everything that no input may cause"""
    found = []
    code, err = outcome.code, outcome.err
    if outcome.hang:
        found.append(("hangs", f"still running after {limits.seconds:.0f} s"))
    elif any(word in err for word in GREED):
        found.append(("memory", last_line(err)))
    elif code < 0:
        found.append(("signals", f"{signal.Signals(-code).name}: {last_line(err)}"))
    if b"panicked at" in err or code == 101:
        at = re.search(rb"panicked at ([^\n]*)\n?([^\n]*)", err)
        found.append(("panics", b" ".join(at.groups()).decode("utf-8", "replace") if at else last_line(err)))
    elif not outcome.hang and code >= 0 and code not in (0, 1, 2):
        found.append(("signals", f"exit code {code}: {last_line(err)}"))
    if outcome.memory_mb > limits.memory:
        found.append(("memory", f"{outcome.memory_mb:.0f} MB used"))
    # What clap says of a wrong command line repeats what was typed.
    typed = b"For more information, try '--help'" in err
    for name, text in (("stderr", b"" if typed else err), ("stdout", outcome.out)):
        obeyed = OBEYED.search(text[: 1 << 20].decode("utf-8", "replace"))
        if obeyed:
            around = text[: 1 << 20].decode("utf-8", "replace")[max(0, obeyed.start() - 40) : obeyed.end() + 10]
            found.append(("control bytes", f"{name}: {around!r}"))
    if code == 2 and b"error: " not in err:
        found.append(("signals", f"exit code 2 without `error: `: {last_line(err)}"))
    return found


def last_line(text):
    lines = [line for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
