#!/usr/bin/env python3
"""Threads blocked in what can be waited for without a kernel thread take none: 80 in ten kinds of call."""
import os
import re
import subprocess
import sys
import tempfile

LIB = os.environ["GOSHIM_LIB"]
HERE = os.path.dirname(os.path.abspath(__file__))
# Beside those that run: sysmon, the signal M, the ring's thread, up to four Ms that wait for children, idle ones.
SPARE = 16


def main():
    with tempfile.TemporaryDirectory() as folder:
        exe = os.path.join(folder, "pollable")
        subprocess.run(["cc", "-O1", "-g", "-pthread", f"-I{HERE}/../support", f"{HERE}/programs/pollable.c", "-o", exe, "-lrt"],
                       check=True)
        for procs, poller in ((1, "epoll"), (2, "epoll"), (2, "uring"), (4, "epoll")):
            settings = {"GOSHIM_MAXPROCS": str(procs), "GOSHIM_NETPOLL": poller}
            with tempfile.TemporaryDirectory() as cwd:
                child = subprocess.Popen([exe], cwd=cwd, env={**os.environ, "LD_PRELOAD": LIB, **settings},
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                line = child.stdout.readline()
                with open(f"/proc/{child.pid}/status", encoding="ascii", errors="replace") as f:
                    threads = int(re.search(r"^Threads:\s*(\d+)", f.read(), re.M).group(1))
                _, errors = child.communicate("go\n", timeout=60)
            if child.returncode == 77:
                print(errors)
                sys.exit(77)
            if child.returncode != 0 or "blocked" not in line:
                sys.exit(f"pollable.py: {settings}: status {child.returncode}: {errors[-400:]}")
            print(f"{settings}: {line.strip()}, {threads} kernel threads")
            if threads > procs + SPARE:
                sys.exit(f"pollable.py: {settings}: {threads} kernel threads, want at most {procs + SPARE}")


main()
