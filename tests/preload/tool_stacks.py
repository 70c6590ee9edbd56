#!/usr/bin/env python3
"""goshim stacks: a deadlocked process, running, stopped and as a core file; 10,000 goroutines; C++; a server at work."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import tool
from tool import Program, Tool, matches, wrong

# What two threads that hold what the other wants look like.
DEADLOCK = (r'^goroutine 1 "deadlock" \[join, .*, the end of (\d+)\]', r"^    .*join", r"^    main\+0x")


def check_deadlock(text, what):
    matches(text, *DEADLOCK)
    ids = dict(re.findall(r'^goroutine (\d+) "(first|second)"', text, re.M))
    names = {name: number for number, name in ids.items()}
    if sorted(names) != ["first", "second"]:
        wrong(f"{what}: no first and second in:\n{text[:2000]}")
        return
    for name, other in (("first", "second"), ("second", "first")):
        matches(text, rf'^goroutine {names[name]} "{name}" \[mutex lock, [^,]*, 0x[0-9a-f]+, '
                      rf'held by {names[other]} "{other}"\]', r"^    pthread_mutex_lock(_slow[^+]*)?\+0x[0-9a-f]+ \(libgoshim",
                r"^    take\+0x", r"^    hold_and_want\+0x", rf"^    {name}\+0x")


def stopped(pid):
    with open(f"/proc/{pid}/status") as f:
        return "T (stopped)" in f.read()


def check_hung(exe):
    with Program(exe) as p:
        tool.settled(p.pid)
        check_deadlock(Tool("stacks", p.pid).good(), "running")
        os.kill(p.pid, signal.SIGSTOP)
        time.sleep(0.1)
        check_deadlock(Tool("stacks", p.pid).good(), "stopped")
        if not stopped(p.pid):
            wrong("a stopped process goes on after goshim stacks")
        os.kill(p.pid, signal.SIGCONT)
        frames = Tool("stacks", "--all-frames", p.pid).good()
        matches(frames, "goshim::gopark")


def check_many(exe):
    with Program(exe, "10000") as p:
        before = time.monotonic()
        text = Tool("stacks", p.pid).good()
        took = time.monotonic() - before
        print(f"10,000 goroutines: {took:.2f} s")
        if took > 5:
            wrong(f"10,000 goroutines took {took:.1f} s")
        matches(text, r"^process \d+: 10003 goroutines", r"^10000 goroutines \[sleep, .* to .*\]: ",
                r"^    .*sleep", r"^    sleeper\+0x")
        single = Tool("stacks", "--no-groups", p.pid).good()
        if single.count("    sleeper+0x") != 10000:
            wrong(f"--no-groups shows {single.count('    sleeper+0x')} of 10000")


def check_core(exe, folder):
    found = tool.core_of(folder, exe, "100")
    if not found:
        return
    pid, core = found
    text = Tool("stacks", core).good()
    matches(text, rf"^core of process {pid}: 103 goroutines", r"^100 goroutines \[sleep")
    check_deadlock(text, "core")
    matches(Tool("stats", core).good(), r"^goroutines +103$")
    # However much of it is missing: one line, or what can be told; never a crash.
    size = os.path.getsize(core)
    for part in (0, 1, 63, 64, 100, 4096, 20000, size // 100, size // 3, size // 2, size - 100000):
        os.truncate(core, size)
        with open(core, "rb") as f, open(os.path.join(folder, "part"), "wb") as to:
            os.posix_fallocate(to.fileno(), 0, 1)
            os.truncate(to.fileno(), 0)
            for at in range(0, part, 1 << 20):
                to.write(f.read(min(1 << 20, part - at)))
        run = Tool("stacks", os.path.join(folder, "part"))
        if run.status not in (0, 2) or (run.status == 2 and len(run.err.splitlines()) != 1):
            wrong(f"a core cut to {part}: status {run.status}, {run.err!r}")


def check_cxx(exe):
    with Program(exe) as p:
        text = Tool("stacks", p.pid).good()
        spinner = re.search(r'^goroutine (\d+) "spinner"', text, re.M).group(1)
        matches(text, r'^goroutine \d+ "spinner" \[running.*thread \d+\]', r"^    shop::Counter<long>::spin\(\)\+0x")
        matches(text, rf'^goroutine \d+ "locker" \[mutex lock, .*held by {spinner} "spinner"\]',
                r"^    pthread_mutex_lock", r"^    shop::Counter<long>::wait\(\)\+0x")
        matches(text, r'^goroutine \d+ "waiter" \[cond wait, .*0x', r"^    .*cond", r"main::\{lambda")
        matches(text, r'^goroutine \d+ "poller" \[poll, .*2 fds, the first is \d+\]', r"^    .*poll")
        matches(text, r'^goroutine \d+ "hidden" \[running.*thread \d+\]', r"main::\{lambda")


def check_moved(exe):
    """A signalled thread that was moved to the mutex's queue waits for the mutex."""
    with Program(exe) as p:
        tool.settled(p.pid)
        text = Tool("stacks", "--no-groups", p.pid).good()
        holder = re.search(r'^goroutine (\d+) "holder" \[sleep', text, re.M).group(1)
        for name in ("waiter", "timed"):
            matches(text, rf'^goroutine \d+ "{name}" \[mutex lock, .*held by {holder} "holder"\]',
                    r"^    .*cond\w*wait", rf"^    {name}\+0x")
        matches(text, r'^goroutine \d+ "left" \[cond wait, [^,]*, 0x[0-9a-f]+\]')


def check_server(exe):
    with Program(exe, "0") as p:
        port = re.search(r"(\d+)$", p.line.strip()).group(1)
        load = subprocess.Popen(["wrk", "-t1", "-c16", "-d3", f"http://127.0.0.1:{port}/"], stdout=subprocess.PIPE)
        time.sleep(1)
        for _ in range(5):
            text = Tool("stacks", p.pid).good()
            matches(text, r"^process \d+: 17 goroutines", r"\bserve\+0x")
            matches(text, r'^goroutine 1 "http_server" \[accept, .*fd \d+\]')
        out = load.communicate()[0].decode()
        if "Socket errors" in out or "Non-2xx" in out:
            wrong(f"looking breaks the server: {out}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        deadlock = tool.compile_c("tests/preload/programs/deadlock.c", folder)
        check_hung(deadlock)
        check_many(deadlock)
        check_core(deadlock, folder)
        check_moved(tool.compile_c("tests/preload/programs/moved.c", folder))
        check_cxx(tool.compile_c("tests/preload/programs/busy.cc", folder, "-std=c++17"))
        tool.need("wrk")
        check_server(tool.compile_c("examples/http_server.c", folder))
    tool.finish()


main()
