#!/usr/bin/env python3
"""Every command beside a server under load: what it prints, and that the server answers all the while. And those that have
something to do with it on a program that hangs for ever: tool_commands.py and tool_stacks.py look into that one.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import tool
from tool import Terminal, Tool, matches, wrong

CLIENTS = 16
GOROUTINES = CLIENTS + 1


def start(server):
    """The server under `run --stats`, its own process id, and its load."""
    run = subprocess.Popen([tool.TOOL, "run", "--stats", "--", server, "0"], env=tool.environment(),
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    port = re.search(r"(\d+)$", run.stdout.readline().decode().strip()).group(1)
    with open(f"/proc/{run.pid}/task/{run.pid}/children") as f:
        pid = int(f.read().split()[0])
    load = subprocess.Popen(["wrk", "-t1", f"-c{CLIENTS}", "-d100", f"http://127.0.0.1:{port}/"], stdout=subprocess.PIPE)
    for _ in range(500):
        if f'"goroutines": {GOROUTINES},' in Tool("stats", "--json", pid).out:
            break
        time.sleep(0.02)
    else:
        wrong("the load does not come")
    return run, pid, load


def check_stats(pid):
    text = Tool("stats", pid).good()
    matches(text, rf"^goroutines +{GOROUTINES}$", r"^threads +[1-9]", r"^polled +[1-9]", r"^goroutines in +1 accept$",
            r"^P0 +(idle|scheduler|program), thread \d+, started [1-9]\d*, queued \d+, timers \d+$")

    def started(look):
        return sum(p["started"] for p in look["procs"])

    looks = [json.loads(Tool("stats", "--json", pid).good())]
    # On a busy machine the load may not get a core from one look to the next.
    end = time.monotonic() + tool.PATIENCE
    while len(looks) < 2 or (started(looks[-1]) <= started(looks[0]) and time.monotonic() < end):
        looks.append(json.loads(Tool("stats", "--json", pid).good()))
    for look in looks:
        if (look["pid"], look["goroutines"]) != (pid, GOROUTINES) or not look["started"]:
            wrong(f"stats --json: {look}")
        # A server that runs is read at more than one moment.
        if abs(sum(look["states"].values()) - GOROUTINES) > 1 or look["states"].get("accept") != 1:
            wrong(f"stats --json: states {look['states']}")
    if started(looks[-1]) <= started(looks[0]):
        wrong(f"stats --json: nothing has been started between {looks[0]['procs']} and {looks[-1]['procs']}")
    lines = Tool("stats", "--prometheus", pid).good().splitlines()
    for name in ("goroutines", "threads", "polled_total"):
        if not any(re.fullmatch(rf"goshim_{name} [1-9]\d*", line) for line in lines):
            wrong(f"stats --prometheus has no {name}: {lines}")


def check_top(pid):
    text = Tool("top", "-d", "1", "-n", "2", pid).good()
    matches(text[text.index("goshim top:", 1):], rf"^{GOROUTINES} goroutines, \d+ threads", r"^per second: [1-9]\d* switches",
            r"^P0 \d+/s queue \d+", r"\b1 accept", r"^ +ID NAME +STATE +SINCE +CPU% +WAITS/s +FOR$", r"^ +1 http_server +accept .* fd \d+$")
    terminal = Terminal("top", "-d", "1", pid)
    if terminal.until(rf"(?s){GOROUTINES} goroutines.*per second: [1-9]\d* switches"):
        terminal.type("/accept\n")
        terminal.until('/:filter "accept"')
        last = terminal.text[terminal.text.rindex(" ID ") :]
        if "accept" not in last or "fd read" in last:
            wrong(f"top with a filter shows {last!r}")
        terminal.type("q")
    if terminal.end() != 0:
        wrong(f"top on a terminal: {terminal.text[-300:]!r}")


def check_stacks(pid):
    # `run --stats` is its tracer.
    run = Tool("stacks", pid)
    if run.status != 0 or not re.fullmatch(r"goshim: process \d+ traces it .*\n", run.err):
        wrong(f"stacks: {run.status} {run.err!r}")
    matches(run.out, rf"^process {pid}: {GOROUTINES} goroutines on [1-9]", r"^    serve\+0x")
    matches(run.out, r'^goroutine 1 "http_server" \[accept, [^,]*, fd \d+\]', r"^    accept", r"^    main\+0x")


def check_trace(pid, folder):
    path = os.path.join(folder, "trace")
    run = Tool("trace", "-t", "1", "-o", path, pid)
    if run.status != 0 or not re.match(r"goshim: [1-9]\d* events in", run.err):
        wrong(f"trace: {run.status} {run.err!r}")
    events = json.loads(Tool("trace", "--json", path).good())["traceEvents"]
    if not any(e["ph"] == "X" and re.match(r"running on P\d", e["name"]) for e in events):
        wrong("trace: nothing ran")


def check_doctor(pid):
    matches(Tool("doctor", pid).good(), rf"^ok +process {pid} has ", rf"^ok +{GOROUTINES} goroutines on \d+ threads$")


def check_under_load(server, folder):
    run, pid, load = start(server)
    check_stats(pid)
    check_top(pid)
    check_stacks(pid)
    check_trace(pid, folder)
    check_doctor(pid)
    # It has been stopped and looked into, and not a connection is lost.
    if f'"goroutines": {GOROUTINES},' not in Tool("stats", "--json", pid).good():
        wrong("connections are lost under the tools")
    load.send_signal(signal.SIGINT)
    said = load.communicate(timeout=tool.PATIENCE)[0].decode()
    if not re.search(r"^ +[1-9]\d* requests in", said, re.M) or "Socket errors" in said or "Non-2xx" in said:
        wrong(f"the load: {said}")
    os.kill(pid, signal.SIGTERM)
    _, err = run.communicate(timeout=tool.PATIENCE)
    if run.returncode != 0:
        wrong(f"run --stats ends with {run.returncode}")
    matches(err.decode(), r"^goshim: \d+ goroutines at the end, on \d+ threads", r"^goshim: [1-9]\d* switches, ")


def check_hung(deadlock, folder):
    with tool.Program(deadlock, "3") as p:
        tool.settled(p.pid)
        path = os.path.join(folder, "hung")
        run = Tool("trace", "-t", "1", "-o", path, p.pid)
        if run.status != 0 or "events in" not in run.err:
            wrong(f"trace of a program that hangs: {run.status} {run.err!r}")
        events = json.loads(Tool("trace", "--json", path).good())["traceEvents"]
        if any(e["ph"] == "X" and e["name"].startswith("running") for e in events):
            wrong(f"trace of a program that hangs: {[e for e in events if e['ph'] == 'X'][:3]}")
    run = Tool("bench", "-n", "1", "--load", "sleep 0.1", "--", deadlock)
    if run.status != 0 or not matches(run.out, r"^medians of 1 +pthreads +goshim +ratio", r"^time of the load, s "):
        wrong(f"bench of a program that hangs: {run.status} {run.out!r} {run.err!r}")
    Tool("bench", "-n", "1", "--load", "echo one; echo two; exit 3", "--", deadlock).bad("status 3", "one two")


def main():
    tool.need("wrk")
    with tempfile.TemporaryDirectory() as folder:
        check_under_load(tool.compile_c("examples/http_server.c", folder), folder)
        check_hung(tool.compile_c("tests/preload/programs/deadlock.c", folder), folder)
    tool.finish()


main()
