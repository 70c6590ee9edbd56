#!/usr/bin/env python3
"""A program of the API in which nobody can wake anybody ends with Go's message, all stacks and status 2; no other does.

programs/asleep.c stands still in one way after the other, linked with the library, and preloaded with and without
GOSHIM_DEBUG=deadlock=1; over 1 and 4 Ps and both pollers.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

LIB = os.environ["GOSHIM_LIB"]
SOURCE = os.environ["GOSHIM_SOURCE"]
CONFIGS = [{"GOSHIM_MAXPROCS": p, "GOSHIM_NETPOLL": n} for p in ("1", "4") for n in ("epoll", "uring")]

# What stands still for ever, and the reasons that are told.
DEAD = {
    "main_waits": ["chan receive"], "all_wait": ["chan receive", "chan send (nil chan)"],
    "select_nothing": ["select (no cases)"], "select_some": ["select of channels"], "group": ["WaitGroup.Wait"],
    "mutex": ["mutex lock"], "rwmutex": ["RWMutex.Lock"], "cond_wait": ["Cond.Wait"], "once_twice": ["mutex lock"],
    "locked_too": ["chan receive"], "joined": ["join", "chan receive"], "after_timers": ["chan receive"],
    "after_a_function": ["chan receive"], "main_gone": ["chan receive"],
}
# What is woken by itself, when it is given this long.
WOKEN = ["sleeper", "ticker", "deadline", "ctx", "handler", "computes", "blocks", "foreign"]
# What waits for who watches: a byte, a signal.
PATIENT = {"fd": "byte", "select_fd": "byte", "handler_only": signal.SIGUSR1, "alarm_only": -signal.SIGALRM,
           "posix_timer": -signal.SIGTERM, "pthread_cond": None}
PATIENCE = 1.6

faults = []


def wrong(text):
    print(f"deadlock_report.py: {text}", file=sys.stderr)
    faults.append(text)


def build(folder):
    exe = os.path.join(folder, "asleep")
    subprocess.run([*os.environ.get("CC", "cc").split(), "-D_GNU_SOURCE", "-std=gnu11", "-O1", "-g", "-rdynamic", "-pthread",
                    f"-I{SOURCE}/include", f"{SOURCE}/tests/preload/programs/asleep.c", "-o", exe,
                    f"-L{os.path.dirname(LIB)}", "-lgoshim", f"-Wl,-rpath,{os.path.dirname(LIB)}"], check=True)
    return exe


def start(exe, what, **env):
    return subprocess.Popen([exe, what], env={**os.environ, **env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def end(child, seconds):
    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        return "still there", out.decode(), err.decode()
    return child.returncode, out.decode(), err.decode()


def check_dead(exe, what, reasons, env):
    status, out, err = end(start(exe, what, **env), 10)
    lines = err.splitlines()
    if status != 2 or out or not lines or lines[0] != "goshim: fatal error: all goroutines are asleep - deadlock!":
        return wrong(f"{what} {env}: status {status}, {out!r}\n{err}")
    told = re.findall(r"^goroutine \d+ \[(.*)\]:$", err, re.M)
    if set(told) != set(reasons):
        wrong(f"{what} {env}: goroutines in {told}, not {reasons}")
    if "chan receive" in reasons and not re.search(r"asleep\(wait_here\+|asleep\(\+0x", err):
        wrong(f"{what} {env}: no stack of who waits:\n{err}")
    return None


def check_woken(exe, env):
    children = {what: start(exe, what, **env) for what in WOKEN}
    for what, child in children.items():
        status, out, err = end(child, 10)
        if status != 0 or out != "woken\n" or "deadlock" in err:
            wrong(f"{what} {env}: status {status}, {out!r}, {err!r}")


def check_patient(exe, env):
    children = {what: start(exe, what, **env) for what in PATIENT}
    time.sleep(PATIENCE)
    for what, child in children.items():
        how = PATIENT[what]
        if how is None:
            if child.poll() is not None:
                wrong(f"{what} {env}: status {child.returncode}, {child.stderr.read()!r}")
            child.kill()
            child.communicate()
            continue
        if how == "byte":
            child.stdin.write(b"x")
            child.stdin.flush()
        elif how > 0:
            child.send_signal(how)
        status, out, err = end(child, 10)
        expected = (0, "woken\n") if how == "byte" or how > 0 else (how, "")
        if (status, out) != expected or "deadlock" in err:
            wrong(f"{what} {env}: status {status}, {out!r}, {err!r}")


def check_asked(exe):
    """Off by option; on by option for locks that are not the API's."""
    for env, what in (({"GOSHIM_DEBUG": "deadlock=0"}, "main_waits"), ({"GOSHIM_DISABLE": "1"}, "main_waits")):
        child = start(exe, what, **env)
        time.sleep(PATIENCE)
        if child.poll() is not None:
            wrong(f"{what} {env}: status {child.returncode}")
        child.kill()
        child.communicate()
    check_dead(exe, "pthread_cond", ["cond wait"], {"GOSHIM_DEBUG": "deadlock=1"})


def check_preloaded(folder):
    """Not the API's program: only when asked."""
    exe = os.path.join(folder, "plain")
    subprocess.run([*os.environ.get("CC", "cc").split(), "-pthread", f"{SOURCE}/tests/preload/programs/deadlock.c", "-o", exe],
                   check=True)
    child = subprocess.Popen([exe], env={**os.environ, "LD_PRELOAD": LIB}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    time.sleep(PATIENCE)
    if child.poll() is not None:
        wrong(f"preloaded: status {child.returncode}, {child.stderr.read()!r}")
    child.kill()
    child.communicate()
    child = subprocess.Popen([exe], env={**os.environ, "LD_PRELOAD": LIB, "GOSHIM_DEBUG": "deadlock=1"}, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    status, _, err = end(child, 10)
    if status != 2 or sorted(re.findall(r"^goroutine \d+ \[(.*)\]:$", err, re.M)) != ["join", "mutex lock", "mutex lock"]:
        wrong(f"preloaded and asked: status {status}\n{err}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        exe = build(folder)
        for env in CONFIGS:
            for what, reasons in DEAD.items():
                check_dead(exe, what, reasons, env)
        for env in ({}, CONFIGS[0], {"GOSHIM_DEBUG": "perturb=5"}):
            check_woken(exe, env)
            check_patient(exe, env)
        check_asked(exe)
        check_preloaded(folder)
    sys.exit(bool(faults))


main()
