#!/usr/bin/env python3
"""goshim trace: of a server under load, of a program from its start to its end; hand-offs, retakes and steals are in it; the
JSON keeps the rules of the trace event format; recordings that are cut or damaged are refused in a line or read as far as
they go; an untraced process has no rings.
"""
import collections
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import tool
from tool import Program, Tool, wrong

PS, GS, MS = 1, 2, 3
HEADER = 56  # bytes of a goshim_trace_header

SCENARIO = r"""
// Threads that are made ready while who did it computes; then one that holds its P in a declared blocking call, one that
// computes, one that sleeps unseen, and many that yield.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int stop;

static void compute(int ms) {
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  do clock_gettime(CLOCK_MONOTONIC, &b);
  while ((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < ms);
}

static void* hog(void* arg) {
  pthread_setname_np(pthread_self(), "hog");
  compute(100);
  return arg;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER;
static int gone;

static void* waiter(void* arg) {
  pthread_mutex_lock(&lock);
  while (!gone) pthread_cond_wait(&go, &lock);
  pthread_mutex_unlock(&lock);
  return arg;
}

static void* blocker(void* arg) {
  pthread_setname_np(pthread_self(), "blocker");
  pid_t child = fork();
  if (child == 0) {
    usleep(60000);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  return arg;
}

static void* yielder(void* arg) {
  while (!stop) sched_yield();
  return arg;
}

static void* passer(void* arg) {
  for (int i = 0; i < 200; i++) usleep(100);
  return arg;
}

int main(void) {
  pthread_t t[20];
  int n = 0;
  for (int i = 0; i < 4; i++) pthread_create(&t[n++], NULL, waiter, NULL);
  usleep(20000);
  pthread_mutex_lock(&lock);
  gone = 1;
  pthread_mutex_unlock(&lock);
  pthread_cond_broadcast(&go);
  compute(20);
  for (int i = 0; i < 4; i++) pthread_create(&t[n++], NULL, yielder, NULL);
  pthread_create(&t[n++], NULL, hog, NULL);
  pthread_create(&t[n++], NULL, blocker, NULL);
  for (int i = 0; i < 10; i++) pthread_create(&t[n++], NULL, passer, NULL);
  usleep(250000);
  stop = 1;
  for (int i = 0; i < n; i++) pthread_join(t[i], NULL);
  puts("done");
  return 3;
}
"""


def converted(path):
    return json.loads(Tool("trace", "--json", path).good())


def check_format(data, what):
    """The rules of the trace event format that viewers rely on."""
    begun, ended = {}, {}
    slices = collections.defaultdict(list)
    for e in data["traceEvents"]:
        if not isinstance(e["name"], str) or not isinstance(e["pid"], int) or not isinstance(e["tid"], int):
            wrong(f"{what}: {e}")
        if not isinstance(e["cat"], str) or not isinstance(e["args"], dict) or not isinstance(e.get("id", ""), str):
            wrong(f"{what}: {e}")
        if e["ph"] == "M":
            if e["name"] not in ("process_name", "thread_name") or not isinstance(e["args"]["name"], str):
                wrong(f"{what}: {e}")
            continue
        if not isinstance(e["ts"], (int, float)) or e["ts"] < 0:
            wrong(f"{what}: {e}")
        if e["ph"] == "X":
            if e["dur"] < 0:
                wrong(f"{what}: {e}")
            slices[e["pid"], e["tid"]].append((e["ts"], e["ts"] + e["dur"], e["name"]))
        elif e["ph"] in "sf":
            (begun if e["ph"] == "s" else ended)[e["id"]] = e
        elif e["ph"] != "i" or e["s"] != "t":
            wrong(f"{what}: {e}")
    if set(begun) != set(ended):
        wrong(f"{what}: flows without an end: {sorted(set(begun) ^ set(ended))[:5]}")
    for i, e in begun.items():
        if i in ended and ended[i]["ts"] < e["ts"]:
            wrong(f"{what}: flow {e} ends before it begins: {ended[i]}")
    # One thing at a time on each track (times are rounded to 1 ns).
    for track, of in slices.items():
        of.sort()
        for a, b in zip(of, of[1:]):
            if b[0] < a[1] - 0.002:
                wrong(f"{what}: track {track}: {a} and {b} overlap")
                break
    return slices


def names(data, pid):
    return {e["tid"]: e["args"]["name"] for e in data["traceEvents"] if e["ph"] == "M" and e["pid"] == pid and
            e["name"] == "thread_name"}


def load(line, seconds):
    """wrk on the port that the line ends with."""
    port = re.search(r"(\d+)$", line.strip()).group(1)
    return subprocess.Popen(["wrk", "-t1", "-c16", f"-d{seconds}", f"http://127.0.0.1:{port}/"], stdout=subprocess.PIPE, text=True)


def check_served(data, requests=None):
    """A server's trace under load. With `requests` it is all of its life: then there is about a slice on a P for each."""
    slices = check_format(data, "server")
    # 16 connections; wrk makes one before them to see whether anybody is there.
    served = {tid for pid, tid in slices if pid == GS and tid > 1}
    if len(served) < 16 or any(not names(data, GS).get(tid, "").startswith(f"G{tid}") for tid in served):
        wrong(f"server: tracks {sorted(slices)}")
    started = sum(len(of) for (pid, _), of in slices.items() if pid == PS)
    if requests and data["otherData"]["lost"] == 0 and not 0.3 * requests < started < 3 * requests:
        wrong(f"server: {started} slices on Ps for {requests} requests")
    waits = {name for (pid, _), of in slices.items() if pid == GS for _, _, name in of}
    if not any(re.fullmatch(r"fd read \(fd \d+\)", name) for name in waits):
        wrong(f"server: waits {sorted(waits)[:20]}")


def check_server(server, folder):
    tool.need("wrk")
    path = os.path.join(folder, "server.trace")
    run = subprocess.Popen([tool.TOOL, "trace", "-o", path, "--", server, "0"], env=tool.environment(), stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True)
    answer = load(run.stdout.readline(), 1).communicate()[0]
    with open(f"/proc/{run.pid}/task/{run.pid}/children") as f:
        os.kill(int(f.read()), signal.SIGTERM)
    _, err = run.communicate(timeout=tool.PATIENCE)
    if run.returncode != 0 or "events in" not in err:
        wrong(f"trace of all: {run.returncode} {err}")
    check_served(converted(path), int(re.search(r"(\d+) requests in", answer).group(1)))


def check_attached(server, folder):
    tool.need("wrk")
    path = os.path.join(folder, "attached.trace")
    with Program(server, "0") as p:
        wrk = load(p.line, 2)
        time.sleep(0.5)
        run = Tool("trace", "-t", "1", "-o", path, p.pid)
        wrk.communicate()
        if run.status != 0 or "events in" not in run.err:
            wrong(f"trace: {run.status} {run.err}")
        # An interrupted recorder leaves the process as it was.
        again = subprocess.Popen([tool.TOOL, "trace", "-o", path + "2", str(p.pid)], env=tool.environment(),
                                 stderr=subprocess.PIPE)
        time.sleep(0.3)
        Tool("trace", "-o", path + "3", p.pid).bad("traced already")
        again.send_signal(signal.SIGINT)
        again.communicate(timeout=10)
        if again.returncode != 0:
            wrong(f"trace interrupted: {again.returncode}")
        Tool("trace", "-t", "1", "-o", path + "3", p.pid)
    check_served(converted(path))


def check_scenario(exe, folder):
    path = os.path.join(folder, "scenario.trace")
    seen = set()
    for attempt in range(5):
        run = Tool("trace", "-o", path, "--", exe, GOSHIM_MAXPROCS="2")
        if (run.status, run.out) != (3, "done\n"):
            wrong(f"scenario: {run.status} {run.out!r} {run.err!r}")
        data = converted(path)
        slices = check_format(data, "scenario")
        instants = [(e["name"], e["args"]["what"]) for e in data["traceEvents"] if e["ph"] == "i" and e["pid"] == PS]
        seen |= {name for name, _ in instants} | {what.split(":")[0] for name, what in instants if name == "retake"}
        if any(e["ph"] == "s" for e in data["traceEvents"]):
            seen.add("flow")
        if {"hand-off", "retake", "steal", "a G computes for long", "flow"} <= seen:
            break
    else:
        wrong(f"scenario: seen {seen}")
    # From the first to the last.
    threads = names(data, GS)
    if len(threads) != 21:
        wrong(f"scenario: {len(threads)} goroutines: {threads}, {run.err!r}")
    print("scenario:", ", ".join(sorted(seen)))


def check_damaged(folder):
    source = os.path.join(folder, "scenario.trace")
    with open(source, "rb") as f:
        image = f.read()
    bad = os.path.join(folder, "bad")

    def convert(data, must_fail=False):
        with open(bad, "wb") as f:
            f.write(data)
        run = Tool("trace", "--json", bad)
        if run.status == 0 and not must_fail:
            try:
                json.loads(run.out)
            except ValueError as e:
                wrong(f"damaged recording: {e}")
        elif run.status != 2 or len(run.err.splitlines()) != 1:
            wrong(f"damaged recording: status {run.status}, {run.err!r}")

    for size in (0, 1, 7, 8, 40, HEADER - 1):
        convert(image[:size], must_fail=True)
    for size in (HEADER, HEADER + 14, 100, 1000, len(image) // 2, len(image) - 1):
        convert(image[:size])
    convert(b"GOSHIMT\0" + image[8:], must_fail=True)
    convert(image[:8] + b"\x09" + image[9:], must_fail=True)
    rng = random.Random(5)
    for _ in range(20):
        data = bytearray(image[:20000])
        for _ in range(50):
            data[rng.randrange(16, len(data))] = rng.randrange(256)
        convert(bytes(data))


def check_bad_input(folder):
    Tool("trace").bad("needs")
    Tool("trace", "--nosuch").bad("--nosuch")
    Tool("trace", "-t", "x", "1").bad("-t")
    Tool("trace", "-o", "/nonexistent/x", "--", "true").bad("/nonexistent/x")
    Tool("trace", os.getpid()).bad("goshim loaded")
    Tool("trace", "--json", os.path.join(folder, "nosuch")).bad("nosuch")
    Tool("trace", "--json", "/etc/passwd").bad("not a recording")
    Tool("trace", "--off", "x").bad("not a process id")


def check_untraced(exe):
    """Until somebody traces there is no ring."""
    def mapped(pid):
        with open(f"/proc/{pid}/status") as f:
            return int(re.search(r"VmSize:\s+(\d+)", f.read()).group(1))

    with Program(exe, "20") as p:
        tool.settled(p.pid)
        before = mapped(p.pid)
        Tool("stats", p.pid).good()
        Tool("stacks", p.pid).good()
        if mapped(p.pid) != before:
            wrong(f"looking makes the process {mapped(p.pid) - before} KB larger")


def main():
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "scenario.c")
        with open(source, "w") as f:
            f.write(SCENARIO)
        check_bad_input(folder)
        check_untraced(tool.compile_c("tests/preload/programs/deadlock.c", folder))
        check_scenario(tool.compile_c(source, folder), folder)
        check_damaged(folder)
        server = tool.compile_c("examples/http_server.c", folder)
        check_server(server, folder)
        check_attached(server, folder)
    tool.finish()


main()
