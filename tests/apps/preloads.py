#!/usr/bin/env python3
"""Other libraries beside ours: allocators (jemalloc, mimalloc, tcmalloc), libeatmydata. Programs of the suite that are right
with one of them alone are right with both, whichever is preloaded first, and one that is linked with an allocator is right
too. Not libfaketime: of 60 runs of process-child_creates_threads with it alone 8 hang, so it is no oracle."""
import glob
import os
import signal
import subprocess
import sys
import tempfile

LIB = os.environ["GOSHIM_LIB"]
BUILD = os.environ["GOSHIM_BUILD"]
SOURCE = os.environ["GOSHIM_SOURCE"]
FOLDER = "/usr/lib/x86_64-linux-gnu/"
ALLOCATORS = ["libjemalloc.so.2", "libmimalloc.so.2", "libtcmalloc_minimal.so.4"]
OTHERS = ["libeatmydata.so.1"]
PROGRAMS = """thread-malloc_across_threads thread-detached_churn thread-many_2000_at_once thread-cxx_thread_local_destructors
    thread-tls_dlopen_living_threads thread-key_destructor_iterations thread-cxx_async_future server-worker_pool
    process-fork_while_others_lock process-child_creates_threads stdio-pipes_and_children cancel-cxx_destructors
    cond-bounded_queue cond-timedwait_times_out mutex-contention_64 sem-timedwait time-sleep_order io-stdio_on_sockets
    file-appends_and_positions signal-storm""".split()
CONFIGURATIONS = [{}, {"GOSHIM_MAXPROCS": "4", "GOSHIM_DEBUG": "perturb=1"}]
PATIENCE = 20

faults = []
runs = 0


def run(exe, **more):
    """The exit status, or what else has happened."""
    global runs
    runs += 1
    env = {k: v for k, v in os.environ.items() if not k.startswith("GOSHIM_") and k not in ("GOMAXPROCS", "LD_PRELOAD")}
    with tempfile.TemporaryDirectory() as cwd:
        child = subprocess.Popen([exe], env={**env, **more}, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, start_new_session=True)
        try:
            text = child.communicate(timeout=PATIENCE)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            text = child.communicate()[1].decode(errors="replace")
            return "hung", text
    if any(line.startswith("goshim:") for line in text.splitlines()):
        return "a complaint", text
    return child.returncode, text


def judge(what, exe, preload, **more):
    for configuration in CONFIGURATIONS:
        status, text = run(exe, LD_PRELOAD=preload, **configuration, **more)
        if status != 0:
            faults.append(what)
            print(f"WRONG {what} {configuration}: {status}\n{text[-1500:]}", flush=True)


def programs():
    found = [os.path.join(BUILD, "tests/programs/program-" + name) for name in PROGRAMS]
    return [p for p in found if os.path.exists(p)]


def beside(other, exes):
    path = FOLDER + other
    if not os.path.exists(path):
        print(f"no {other}")
        return 0
    judged = 0
    for exe in exes:
        if run(exe, LD_PRELOAD=path)[0] != 0:
            print(f"{os.path.basename(exe)} is not right with {other} alone")
            continue
        judged += 1
        judge(f"{os.path.basename(exe)} with {other} and then ours", exe, f"{path}:{LIB}")
        judge(f"{os.path.basename(exe)} with ours and then {other}", exe, f"{LIB}:{path}")
    return judged


def linked(allocator, folder):
    for source in glob.glob(f"{SOURCE}/tests/programs/thread/malloc_across_threads.c"):
        exe = os.path.join(folder, "linked")
        subprocess.run(["cc", "-O1", "-g", "-pthread", f"-I{SOURCE}/tests/support", source, "-o", exe,
                        "-Wl,--no-as-needed", f"-l:{allocator}"], check=True)
        if run(exe)[0] == 0:
            judge(f"{os.path.basename(source)} linked with {allocator}", exe, LIB)


def main():
    exes = programs()
    if not exes:
        print("no programs are built")
        sys.exit(77)
    judged = sum(beside(other, exes) for other in ALLOCATORS + OTHERS)
    if judged == 0:
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for allocator in ALLOCATORS:
            if os.path.exists(FOLDER + allocator):
                linked(allocator, folder)
    print(f"{len(faults)} wrong of {runs} runs" if faults else f"{runs} runs, all right")
    sys.exit(1 if faults else 0)


main()
