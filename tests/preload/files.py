#!/usr/bin/env python3
"""1,000 threads that read uncached pages of one file and sync an append need a handful of Ms.

Runs tools/bench/micro/files.c and counts its kernel threads all the while: at most 32 that are not io_uring's.
"""
import os
import subprocess
import sys
import tempfile
import time

LIB = os.environ["GOSHIM_LIB"]
SOURCE = os.environ.get("GOSHIM_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
LIMIT = 32


def fail(text):
    sys.exit(f"files.py: {text}")


def threads(pid):
    """Kernel threads of the process: (ours, io_uring's workers)."""
    ours = workers = 0
    try:
        for tid in os.listdir(f"/proc/{pid}/task"):
            try:
                with open(f"/proc/{pid}/task/{tid}/comm") as f:
                    if f.read().startswith("iou-wrk"):
                        workers += 1
                    else:
                        ours += 1
            except OSError:
                pass
    except OSError:
        pass
    return ours, workers


def run(exe, folder, **settings):
    env = {**os.environ, "LD_PRELOAD": LIB, "GOSHIM_DEBUG": "schedtrace=200", **settings}
    child = subprocess.Popen([exe, "1000", "256", "hold"], cwd=folder, env=env, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.set_blocking(child.stdout.fileno(), False)
    most = most_workers = 0
    line = ""
    end = time.time() + 100
    while not line and child.poll() is None and time.time() < end:
        ours, workers = threads(child.pid)
        most, most_workers = max(most, ours), max(most_workers, workers)
        line = child.stdout.readline()
        time.sleep(0.002)
    time.sleep(0.5)  # one more line of the trace
    _, errors = child.communicate()
    if child.returncode != 0 or not line:
        fail(f"{settings}: status {child.returncode}, {errors[-400:]}")
    traces = [l for l in errors.splitlines() if "files=" in l]
    if not traces:
        fail(f"{settings}: no trace in {errors[-400:]}")
    served = traces[-1].split("files=")[1].split()[0]
    print(f"{settings}: {line.strip()}, at most {most} Ms and {most_workers} workers, files at once+ring+blocked+shared {served}")
    at_once, ring, _, shared = map(int, served.split("+"))
    if most > LIMIT:
        fail(f"{settings}: {most} kernel threads, want at most {LIMIT}")
    if at_once + ring == 0:
        fail(f"{settings}: nothing was read by our way: {served}")
    if shared == 0:
        fail(f"{settings}: 1,000 threads in fsync of one file, and each made the call itself: {served}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        exe = os.path.join(folder, "files")
        subprocess.run(["cc", "-O2", "-pthread", f"{SOURCE}/tools/bench/micro/files.c", "-o", exe], check=True)
        for poller in ("epoll", "uring"):
            run(exe, folder, GOSHIM_MAXPROCS="2", GOSHIM_NETPOLL=poller)


main()
