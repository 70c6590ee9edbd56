#!/usr/bin/env python3
"""Threads that are blocked inside libc park; libc's text is as it was but for the redirected entries.

Compiles two programs of tests/programs/stdio, holds them while their 100 threads are blocked, and looks at the
process from outside.
"""
import os
import re
import subprocess
import sys
import tempfile

LIB = os.environ["GOSHIM_LIB"]
SOURCE = os.environ.get("GOSHIM_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
PROGRAMS = ("hundred_blocked", "libc_own_sleep")
# Ms beside those that run: sysmon, the signal M, some that were needed for a moment.
SPARE = 8


def fail(text):
    sys.exit(f"patch.py: {text}")


def compile_program(name, folder):
    exe = os.path.join(folder, name)
    subprocess.run(["cc", "-O1", "-g", "-pthread", f"-I{SOURCE}/tests", f"-I{SOURCE}/tests/support",
                    f"{SOURCE}/tests/programs/stdio/{name}.c", "-o", exe, "-ldl"], check=True)
    return exe


class Held:
    """A program with its threads blocked."""

    def __init__(self, exe, **settings):
        env = dict(os.environ, LD_PRELOAD=LIB, GOSHIM_DEBUG="verbose=1", **settings)
        self.process = subprocess.Popen([exe, "hold"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        if self.process.stdout.readline() != b"blocked\n":
            fail(f"{exe} {settings}: {self.process.communicate()}")

    def read(self, name):
        with open(f"/proc/{self.process.pid}/{name}") as f:
            return f.read()

    def threads(self):
        return int(re.search(r"^Threads:\s*(\d+)", self.read("status"), re.M).group(1))

    def release(self):
        """Lets it go on; returns the line about the redirection."""
        _, errors = self.process.communicate(b"go\n", timeout=60)
        if self.process.returncode != 0:
            fail(f"status {self.process.returncode}: {errors.decode()}")
        found = re.search(rb"goshim: libc: (\d+) entries redirected, (\d+) left alone, (\d+) not found", errors)
        return tuple(int(n) for n in found.groups()) if found else None


def libc_entry(held, symbol):
    """(bytes at the function's entry in memory, bytes in the file)"""
    lines = [line.split() for line in held.read("maps").splitlines() if "/libc.so.6" in line]
    base = int(lines[0][0].split("-")[0], 16)
    path = lines[0][5]
    table = subprocess.run(["nm", "-D", "--defined-only", path], stdout=subprocess.PIPE, check=True).stdout.decode()
    at = int(re.search(rf"^([0-9a-f]+) [TWi] {symbol}@", table, re.M).group(1), 16)
    with open(f"/proc/{held.process.pid}/mem", "rb") as f:
        f.seek(base + at)
        memory = f.read(16)
    with open(path, "rb") as f:
        f.seek(at)
        return memory, f.read(16)


def check_protection(held):
    """All of libc's text can be read and executed, nothing of it written, and nothing else is both."""
    executable = [line for line in held.read("maps").splitlines() if re.match(r"\S+ ..x", line)]
    writable = [line for line in executable if re.match(r"\S+ .w", line)]
    if writable:
        fail(f"writable text: {writable}")
    if not any("/libc.so.6" in line and " r-xp " in line for line in executable):
        fail(f"libc's text: {executable}")


def check_redirected(exe, procs):
    held = Held(exe, GOSHIM_MAXPROCS=str(procs))
    threads = held.threads()
    check_protection(held)
    changed = {name: libc_entry(held, name) for name in ("read", "write", "poll", "close", "open")}
    counts = held.release()
    if threads > procs + SPARE:
        fail(f"{exe} with {procs} Ps: {threads} kernel threads for 100 that are blocked in libc")
    if counts is None or counts[0] < 20 or counts[1:] != (0, 0):
        fail(f"entries redirected, left alone, not found: {counts}")
    for name, (memory, file) in changed.items():
        if (memory != file) != (name in ("read", "write", "poll")):
            fail(f"entry of {name} is {memory.hex()}, in the file {file.hex()}")


def check_off(exe, procs):
    held = Held(exe, GOSHIM_MAXPROCS=str(procs), GOSHIM_PATCH="0")
    check_protection(held)
    for name in ("read", "write", "poll"):
        memory, file = libc_entry(held, name)
        if memory != file:
            fail(f"GOSHIM_PATCH=0 and the entry of {name} is {memory.hex()}")
    counts = held.release()
    if counts is not None:
        fail(f"GOSHIM_PATCH=0 and entries redirected, left alone, not found: {counts}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name in PROGRAMS:
            exe = compile_program(name, folder)
            for procs in (1, 2, 4):
                check_redirected(exe, procs)
            check_off(exe, 1)
            check_off(exe, 2)


if __name__ == "__main__":
    main()
