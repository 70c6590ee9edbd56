#!/usr/bin/env python3
"""stress-ng --verify: no stressor may fail under the library that passes plain.

usage: stress_ng.py [-h] [--all] [--seconds N] [--config NAME] [STRESSOR ...]

Each stressor runs with two instances for a second, plain and preloaded with defaults; a preloaded run must also end when
its time is up and have done something. Every process of stress-ng makes a thread first (support/thread_first.c), so that
the library is at work in those that have none of their own too. Without arguments: THREADS, SIGNALS, PROCESSES and IO.
--all adds MORE, and the configurations p1-epoll, p1-uring, p4-epoll and p4-uring; --config NAME makes that one only.
"""
import argparse
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

THREADS = "pthread mutex futex sem sem-sysv switch mq msg"
IO = "sock sockpair pipe epoll poll timer timerfd"
SIGNALS = """alarm itimer kill sigabrt sigchld sigfd sigfpe sigio signal signest sigpending sigpipe sigq sigrt sigsegv
             sigsuspend sigtrap"""
PROCESSES = "fork vfork"
MORE = """affinity bad-altstack clone context cyclic daemon dnotify eventfd exec fifo funccall get hrtimers inotify
          io-uring lockf longjmp membarrier mcontend nanosleep pipeherd prctl pty race-sched resched ring-pipe
          schedpolicy seccomp sendfile session sleep sockfd sockmany spawn splice stack stackmmap tee udp unshare
          vforkmany wait yield zombie"""
CONFIGS = ["default"]
ALL_CONFIGS = CONFIGS + ["p1-epoll", "p1-uring", "p4-epoll", "p4-uring"]

# Each has a child that fills a pipe at once. Who asks for the signal only after that, as happens on a busy machine, gets none.
INSTANCES = {"sigio": 8}
# What prepares for long: 32,000 pairs are opened before the first operation. On a busy machine a second is too short.
LONGER = {"sockpair": 5}

# What a stressor calls a failure and later versions do not: a child that lives past the deadline its parent set for it.
NO_FAILURE = {"mq": "mq_timedreceive failed, errno=110 "}

# Seconds beyond its time that a run may take to end. The plain one needs some too, on a busy machine.
PATIENCE = 60
TEXT = 3000


def environment(config, starter):
    """Plain without a configuration; like "default", "p2" or "p1-epoll" with one."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("GOSHIM_") and k not in ("GOMAXPROCS", "LD_PRELOAD")}
    for word in config.split("-") if config else ():
        if re.fullmatch(r"p\d+", word):
            env["GOSHIM_MAXPROCS"] = word[1:]
        elif word != "default":
            env["GOSHIM_NETPOLL"] = word
    env["LD_PRELOAD"] = f"{app.LIB}:{starter}" if config else starter
    return env


def end(process):
    """With all its descendants: they have process groups of their own."""
    for pid in [process.pid, *app.descendants(process.pid)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()


class Run:
    """One run of one stressor."""

    def __init__(self, stressor, seconds, config, starter):
        self.faults = []
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
            start = time.monotonic()
            process = subprocess.Popen(
                [STRESS_NG, f"--{stressor}", str(INSTANCES.get(stressor, 2)), "--verify", "--timeout", str(seconds), "--metrics-brief",
                 "--temp-path", folder],
                cwd=folder, env=environment(config, starter), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
            try:
                process.wait(seconds + PATIENCE)
            except subprocess.TimeoutExpired:
                self.faults.append(f"still running {PATIENCE} s after its time")
                for pid in [process.pid, *app.descendants(process.pid)]:
                    self.faults += [f"process {pid}:", *app.backtraces(pid)]
                end(process)
            self.seconds = time.monotonic() - start
            self.status = process.returncode
            text = app.Server.read(output)
        self.text = text[-TEXT:]
        found = re.search(rf"metrc: \[\d+\] {re.escape(stressor)} +(\d+) ", text)
        self.operations = int(found.group(1)) if found else 0
        self.complaints = [line for line in text.splitlines()
                           if re.search(r"stress-ng: (fail|error):|^goshim:", line)
                           and NO_FAILURE.get(stressor, "\n") not in line]


def judge(stressor, seconds, configs, starter):
    """Returns (right, wrong, lines): runs under the library."""
    seconds *= LONGER.get(stressor, 1)
    plain = Run(stressor, seconds, None, starter)
    lines = [f"{stressor}, plain: {plain.operations} operations, status {plain.status}, {plain.seconds:.1f} s"]
    if plain.status != 0 or plain.faults:
        return 0, 0, lines + [f"    not judged: {line}" for line in plain.complaints[:3]]
    wrong = 0
    for config in configs:
        run = Run(stressor, seconds, config, starter)
        faults = run.faults + run.complaints
        if run.status != plain.status:
            faults.append(f"{app.status_text(run.status)}: {run.text}")
        if plain.operations and not run.operations:
            faults.append("nothing was done")
        lines.append(f"{stressor}, {config}: {run.operations} operations, status {run.status}, {run.seconds:.1f} s")
        lines += [f"WRONG {stressor}, {config}: {fault}" for fault in faults[:app.MAX_FAULTS]]
        wrong += bool(faults)
    return len(configs) - wrong, wrong, lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--config", action="append")
    parser.add_argument("stressor", nargs="*")
    options = parser.parse_args()
    configs = options.config or (ALL_CONFIGS if options.all else CONFIGS)
    stressors = options.stressor or " ".join([THREADS, IO, SIGNALS, PROCESSES, MORE if options.all else ""]).split()
    right = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        starter = app.compile_c("tests/apps/support/thread_first.c", folder, "-shared", "-fPIC")
        # They sleep much of their time.
        with concurrent.futures.ThreadPoolExecutor(2 * os.cpu_count()) as pool:
            for good, bad, lines in pool.map(lambda s: judge(s, options.seconds, configs, starter), stressors):
                print("\n".join(lines), flush=True)
                right += good
                wrong += bad
    print(f"{right} runs right, {wrong} wrong")
    sys.exit(1 if wrong or not right else 0)


STRESS_NG, = app.need("stress-ng")
main()
