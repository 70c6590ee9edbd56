#!/usr/bin/env python3
"""CPython's own test suite: no test may fail under the library that passes plain.

usage: cpython.py [-h] [--all] [--runs N] [--jobs N] [--config NAME] [MODULE[:PATTERN] ...]

Each module is run plain, then preloaded, by Debian's python3 and the suite in libpython3.11-testsuite; results are
compared test by test, subtests counted. Without arguments: the modules that take a few seconds, preloaded once, with
defaults. --all, or GOSHIM_CPYTHON=all in the environment, takes every module of MODULES, preloaded with defaults, with
GOSHIM_MAXPROCS 1, 2 and 4, and with both pollers: hours. --config NAME makes one of these runs only (p1-uring), --runs N
each of them N times. A PATTERN is what `python3 -m test -m` takes.

Tests that may differ are in EXPECTED, each with its reason.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

PYTHON = "/usr/bin/python3"
# What has to do with threads, signals, processes, files and sockets.
MODULES = """
test_threading test_thread test_threading_local test_threadsignals test_socket test_socketserver test_signal
test_subprocess test_fork1 test_queue test_concurrent_futures test_selectors test_select test_poll test_epoll
test_asyncio test_httpservers test_ssl test_ftplib test_smtplib test_logging test_io test_multiprocessing_fork
test_multiprocessing_spawn test_multiprocessing_forkserver test_os test_posix test_time test_pty test_mmap
""".split()
QUICK = """
test_threading test_queue test_fork1 test_threadsignals test_time test_select test_httpservers test_smtplib test_os
test_posix test_thread test_socketserver test_threading_local test_epoll test_pty test_mmap
""".split()

ALL_CONFIGS = ["default", *(f"p{procs}-{poller}" for procs in (1, 2, 4) for poller in ("epoll", "uring"))]

# Test -> why it may fail here. Patterns.
EXPECTED = {}

# Not run: two talk to the Internet; the last to the host of a virtual machine, which may never answer.
IGNORED = ("NetworkedTests", "test_idna", "ThreadedVSOCKSocketStreamTest")

# Without any sign of life from a test for so long, it hangs.
PATIENCE = 180
TEXT = 3000

# Runs in the interpreter under test: regrtest as it is, but each event of a test is noted in a file at once. The thread
# before it all is there because the library does nothing in a process that never makes one.
RUNNER = r"""
import json, os, re, sys, threading
from test import libregrtest
from test.support import testresult

path, open_, write, close, getpid, pid = sys.argv[1], os.open, os.write, os.close, os.getpid, os.getpid()

def note(what, test, text=""):
    if getpid() == pid:
        fd = open_(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        write(fd, json.dumps([what, re.sub(r" at 0x[0-9a-f]+|(?<=@test_)\d+", "", test.id()), text]).encode() + b"\n")
        close(fd)

class Result(testresult.RegressionTestResult):
    def startTest(self, test):
        note("start", test)
        super().startTest(test)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        note("failed" if err else "passed", subtest, self._exc_info_to_string(err, test) if err else "")

    def addError(self, test, err):
        super().addError(test, err)
        note("failed", test, self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        note("failed", test, self.failures[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        note("skipped", test, reason)

    def addSuccess(self, test):
        super().addSuccess(test)
        note("passed", test)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        note("passed", test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        note("failed", test, "unexpected success")

testresult.RegressionTestResult = Result
thread = threading.Thread(target=lambda: None)
thread.start()
thread.join()
del sys.argv[1]
libregrtest.main()
"""


class Run:
    """What became of each test of a module, {id: (outcome, text)}, and of the process."""

    def __init__(self, module, config, env):
        self.module, self.config = module, config
        self.tests, self.faults = {}, []
        name, _, pattern = module.partition(":")
        self.notes = tempfile.NamedTemporaryFile()
        self.output = tempfile.TemporaryFile()
        options = [word for test in IGNORED for word in ("-i", test)] + (["-m", pattern] if pattern else [])
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            self.process = subprocess.Popen(
                [PYTHON, "-c", RUNNER, self.notes.name, "--fail-env-changed", "-ucpu,network", "--tempdir", folder, *options, name], cwd=folder,
                env=env, stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT, start_new_session=True,
                # A shell's background job inherits SIGINT ignored.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
            self._wait()
            self._end_rest()
        self.seconds = time.monotonic() - start
        self.status = self.process.returncode
        self._read()

    def _wait(self):
        size, quiet_since = 0, time.monotonic()
        while True:
            try:
                self.process.wait(1)
                return
            except subprocess.TimeoutExpired:
                pass
            now = os.path.getsize(self.notes.name)
            if now != size:
                size, quiet_since = now, time.monotonic()
            elif time.monotonic() - quiet_since > PATIENCE:
                break
        self.faults.append(f"no test began or ended for {PATIENCE} s")
        for pid in [self.process.pid, *app.descendants(self.process.pid)]:
            self.faults += [f"process {pid}:", *app.backtraces(pid)]
        # faulthandler says in which lines its threads are.
        self.process.send_signal(signal.SIGABRT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _end_rest(self):
        """Whatever the tests left running."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def _read(self):
        running = None
        for line in self.notes.read().decode().splitlines():
            what, test, text = json.loads(line)
            running = test if what == "start" else None
            if what != "start" and self.tests.get(test, ("",))[0] != "failed":
                self.tests[test] = (what, text)
        if running:
            self.tests[running] = ("failed", f"began and did not end; {app.status_text(self.status)}")
        text = app.Server.read(self.output)
        self.faults += [line for line in text.splitlines() if line.startswith("goshim:")]
        if self.status not in (0, 2):
            self.faults.append(f"{app.status_text(self.status)}: {text[-TEXT:]}")


def environment(config=None):
    """Plain without a configuration; like "default", "p2", "uring" or "p1-epoll" with one."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("GOSHIM_", "PYTHON")) and k not in ("GOMAXPROCS", "LD_PRELOAD")}
    # Not the python3 of a version manager, in tests that look for one.
    env["PATH"] = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
    for word in config.split("-") if config else ():
        if re.fullmatch(r"p\d+", word):
            env["GOSHIM_MAXPROCS"] = word[1:]
        elif word != "default":
            env["GOSHIM_NETPOLL"] = word
    if config:
        env["LD_PRELOAD"] = app.LIB
    return env


def expected(test):
    return any(fnmatch.fnmatchcase(test, pattern) for pattern in EXPECTED)


def differences(plain, run):
    """Lines for what is worse in `run`."""
    out = []
    for test, (outcome, text) in sorted(run.tests.items()):
        before = plain.tests.get(test, ("absent", ""))[0]
        if before == "failed" or outcome == before or expected(test):
            continue
        if outcome == "failed" or (outcome == "skipped" and before == "passed"):
            out.append(f"{test}: {outcome}, {before} plain: {text[-TEXT:]}")
    absent = [t for t, (o, _) in sorted(plain.tests.items()) if o == "passed" and t not in run.tests and not expected(t)]
    if absent:
        out.append(f"{len(absent)} tests absent that passed plain: {' '.join(absent)[:TEXT]}")
    # Plain may fail where we pass: some of its tests are about time.
    if run.status not in (0, plain.status) and not any(expected(t) and o == "failed" for t, (o, _) in run.tests.items()):
        out.append(f"{app.status_text(run.status)}, plain {app.status_text(plain.status)}")
    return out


def judge(module, configs):
    """Runs a module plain and in each configuration; returns the number of runs that are wrong."""
    plain = Run(module, "plain", environment())
    report(plain, [])
    wrong = 0
    for config in configs:
        run = Run(module, config, environment(config))
        faults = differences(plain, run) + run.faults
        report(run, faults)
        wrong += bool(faults)
    return wrong


def report(run, faults):
    counts = collections.Counter(outcome for outcome, _ in run.tests.values())
    text = ", ".join(f"{counts[k]} {k}" for k in ("passed", "failed", "skipped"))
    lines = [f"{run.module}, {run.config}: {text}; {app.status_text(run.status)}, {run.seconds:.1f} s"]
    if run.config == "plain":
        lines += [f"    {outcome} plain: {test}" for test, (outcome, _) in sorted(run.tests.items()) if outcome == "failed"]
    lines += [f"WRONG {run.module}, {run.config}: {fault}" for fault in faults]
    print("\n".join(lines), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", default=os.environ.get("GOSHIM_CPYTHON") == "all")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--config", action="append")
    parser.add_argument("module", nargs="*")
    options = parser.parse_args()
    modules = options.module or (MODULES if options.all else QUICK)
    configs = options.config or (ALL_CONFIGS if options.all else ["default"])

    app.need(PYTHON)
    if subprocess.run([PYTHON, "-c", "import test.test_threading"], env=environment(), capture_output=True).returncode:
        app.skip("no libpython3.11-testsuite")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        wrong = sum(pool.map(lambda m: judge(m, configs * options.runs), modules))
    sys.exit(1 if wrong else 0)


main()
