#!/usr/bin/env python3
"""Every option: good values act, bad ones cost one line and the default is used, GOSHIM_DISABLE=1 is as if not there.

A probe with 20 waiting threads tells what it can see of the library: kernel threads, stack size, poller. The rest is
read off the schedtrace line. Then the cap on kernel threads, and the two fallbacks that a new kernel does not need.
"""
import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

LIB = os.environ["GOSHIM_LIB"]
SOURCE = os.environ.get("GOSHIM_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
QUICK = os.environ.get("GOSHIM_TEST_QUICK") == "1"
PATIENCE = 60
WAITING = 20  # threads of the probe
BLOCKED = 60  # threads of the blocker

sys.path.append(os.path.join(SOURCE, "tests/programs"))
from run import Header, backtraces, status_text  # noqa: E402

PROBE = r"""
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kThreads = 20 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int waiting, go;
static size_t stack_size;
static __thread long own = 7;

static void* work(void* arg) {
  pthread_attr_t attr;
  size_t size = 0;
  void* low;
  pthread_getattr_np(pthread_self(), &attr);
  pthread_attr_getstack(&attr, &low, &size);
  pthread_attr_destroy(&attr);
  own += (long)arg;
  pthread_mutex_lock(&lock);
  stack_size = size;
  waiting++;
  pthread_cond_broadcast(&changed);
  while (!go) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  return (void*)own;
}

static int entries(const char* path, const char* target) {
  char link[256];
  struct dirent* entry;
  int n = 0;
  DIR* dir = opendir(path);
  while ((entry = readdir(dir))) {
    if (entry->d_name[0] == '.') continue;
    ssize_t size = target ? readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1) : 0;
    if (size < 0) continue;
    link[size] = 0;
    n += !target || strcmp(link, target) == 0;
  }
  closedir(dir);
  return n;
}

int main(void) {
  pthread_t threads[kThreads];
  long sum = 0;
  for (long i = 0; i < kThreads; i++)
    if (pthread_create(&threads[i], NULL, work, (void*)i) != 0) return 1;
  pthread_mutex_lock(&lock);
  while (waiting < kThreads) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  /* Until schedtrace has written once more, which on a busy machine may take its time. */
  struct stat before, now;
  fstat(2, &before);
  for (int i = 0; i < (getenv("TRACED") ? 2000 : 6); i++) {
    usleep(10000);
    if (fstat(2, &now) == 0 && now.st_size != before.st_size) break;
  }
  printf("kernel threads %s\n", entries("/proc/self/task", NULL) > kThreads ? "one each" : "few");
  printf("stack %zu\n", stack_size);
  printf("epoll %d\nuring %d\n", entries("/proc/self/fd", "anon_inode:[eventpoll]"),
         entries("/proc/self/fd", "anon_inode:[io_uring]"));
  pthread_mutex_lock(&lock);
  go = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  for (long i = 0; i < kThreads; i++) {
    void* result;
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("sum %ld\n", sum);
  return 5;
}
"""

# Threads that block where the library cannot see it, or must give a kernel thread for it.
BLOCKER = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kThreads = 60 };
static const char* path;
static char mode;
static pid_t children[kThreads];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int right;

static long raw(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}

static void* block(void* arg) {
  char byte = 0;
  int good = 0, status, fd;
  switch (mode) {
    case 'r':
      good = raw(SYS_read, 0, (long)&byte, 1) == 1 && byte == 'x';
      break;
    case 'f':
      fd = open(path, O_RDWR);
      good = flock(fd, LOCK_SH) == 0;
      close(fd);
      break;
    case 'w':
      good = waitpid(children[(long)arg], &status, 0) == children[(long)arg] && status == 0;
      break;
  }
  pthread_mutex_lock(&lock);
  right += good;
  pthread_mutex_unlock(&lock);
  return NULL;
}

int main(int argc, char** argv) {
  pthread_t threads[kThreads];
  mode = argv[1][0];
  path = argc > 2 ? argv[2] : NULL;
  for (int i = 0; i < kThreads && mode == 'w'; i++) {
    char byte;
    children[i] = fork();
    if (children[i] == 0) _exit(read(0, &byte, 1) != 1);
  }
  for (long i = 0; i < kThreads; i++)
    if (pthread_create(&threads[i], NULL, block, (void*)i) != 0) return 1;
  for (int i = 0; i < kThreads; i++) pthread_join(threads[i], NULL);
  printf("%d right\n", right);
  return 0;
}
"""

# Says for each of its threads on which kernel thread it began and whether it was ever on another; they wait for each other
# in between.
WIRED = r"""
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_barrier_t barrier;
static const char* names[] = {"db-1", "db-22", "net", "renamed", "xdb-1"};
static int moved[5];
static long begun[5];

static long kernel_tid(void) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_gettid) : "rcx", "r11", "memory");
  return result;
}

static void* body(void* arg) {
  long i = (long)arg;
  pthread_setname_np(pthread_self(), names[i]);
  long first = begun[i] = kernel_tid();
  for (int k = 0; k < 300; k++) {
    pthread_barrier_wait(&barrier);
    moved[i] |= kernel_tid() != first;
  }
  return NULL;
}

int main(void) {
  pthread_t t[5];
  pthread_barrier_init(&barrier, NULL, 5);
  for (long i = 0; i < 5; i++) pthread_create(&t[i], NULL, body, (void*)i);
  for (int i = 0; i < 5; i++) pthread_join(t[i], NULL);
  for (int i = 0; i < 5; i++) printf("%s %ld %s\n", names[i], begun[i], moved[i] ? "moved" : "stayed");
  return 0;
}
"""

# (variables, a word of the one line)
BAD = (
    [({name: value}, name) for name, values in (
        ("GOSHIM_DISABLE", ("maybe", "2", "-1", " 1")),
        ("GOSHIM_MAXPROCS", ("abc", "0", "-1", "1025", "4x", "+2", " 2", "0x2", "99999999999999999999", "9" * 10000)),
        ("GOMAXPROCS", ("none", "0")),
        ("GOSHIM_MAXMS", ("3", "1000001", "many")),
        ("GOSHIM_NETPOLL", ("kqueue", "EPOLL", "epoll,uring", "x" * 10000)),
        ("GOSHIM_STACK_SIZE", ("1", "15K", "8X", "8MM", "2G", "K", "-8M", "9223372036854775807G")),
        ("GOSHIM_PATCH", ("2", "no")),
    ) for value in values] +
    [({"GOSHIM_DEBUG": value}, "GOSHIM_DEBUG") for value in (
        "nonsense", "nonsense=1", "guard=2", "guard=", "guard=x", "perturb=-1", "=1", "y" * 10000, "help=1",
        ",,nonsense,,")] +
    # Several good ones beside a bad one.
    [({"GOSHIM_MAXPROCS": "junk", "GOSHIM_NETPOLL": "epoll", "GOSHIM_PATCH": "1", "GOSHIM_DEBUG": "guard=1"},
      "GOSHIM_MAXPROCS")]
)
# Nothing to say about these, and they change nothing.
QUIET = ({"GOSHIM_MAXPROCS": ""}, {"GOSHIM_DEBUG": ""}, {"GOSHIM_DEBUG": ",,"}, {"GOSHIM_DISABLE": "0"},
         {"GOSHIM_NETPOLL": ""}, {"GOSHIM_PATCH": "1"}, {"GOSHIM_MAXMS": "10000"}, {"GOSHIM_STACK_SIZE": ""})

faults = 0


def wrong(text):
    global faults
    faults += 1
    print(f"WRONG {text}", flush=True)


def environment(preload=True, **options):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("GOSHIM_") and k not in ("GOMAXPROCS", "LD_PRELOAD")}
    if preload:
        env["LD_PRELOAD"] = LIB
    env.update(options)
    return env


def compile_text(text, name, folder):
    source = os.path.join(folder, name + ".c")
    with open(source, "w") as f:
        f.write(text)
    exe = os.path.join(folder, name)
    subprocess.run(["cc", "-O1", "-g", "-pthread", source, "-o", exe], check=True)
    return exe


class Run:
    """A run to its end: status, stdout, and the library's lines on stderr, schedtrace's apart."""

    def __init__(self, command, env):
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
            try:
                out, _ = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                print("\n".join(backtraces(process.pid)))
                process.kill()
                out, _ = process.communicate()
                wrong(f"{command[0]} hangs")
            errors.seek(0)
            lines = errors.read().decode().splitlines()
        self.status, self.out = process.returncode, out.decode()
        self.trace = [line for line in lines if line.startswith("goshim: SCHED ")]
        self.lines = [line for line in lines if not line.startswith("goshim: SCHED ")]

    def __eq__(self, other):
        return (self.status, self.out, self.lines) == (other.status, other.out, other.lines)

    def facts(self):
        """What the probe and schedtrace tell."""
        found = dict(line.rsplit(" ", 1) if not line.startswith("kernel") else ("kernel threads", line[15:])
                     for line in self.out.splitlines())
        # Slots come in powers of two; guard, or what is left beside it, is within 64 KB.
        size = int(found.get("stack", 0)) >> 10
        found["stack"] = f"{min((256, 1024, 8192), key=lambda k: abs(k - size))}K" if size else "none"
        if self.trace:
            found["procs"] = re.search(r"gomaxprocs=(\d+)", self.trace[-1]).group(1)
            found["patched"] = str(int(re.search(r"patched=(\d+)", self.trace[-1]).group(1)) > 0)
        return found


def shown(options):
    return " ".join(f"{k}={v[:40]}" for k, v in options.items())


def traced(options):
    """The same options and schedtrace."""
    debug = options.get("GOSHIM_DEBUG")
    return {**options, "GOSHIM_DEBUG": f"schedtrace=10,{debug}" if debug else "schedtrace=10", "TRACED": "1"}


def check_bad(probe, default):
    for options, word in BAD:
        run = Run([probe], environment(**traced(options)))
        if len(run.lines) != 1 or not run.lines[0].startswith("goshim: ") or word not in run.lines[0]:
            wrong(f"{shown(options)}: {len(run.lines)} lines: {[line[:200] for line in run.lines]}")
        if run.status != 5 or run.facts() != default:
            wrong(f"{shown(options)}: status {run.status}, {run.facts()}, default {default}")
    # Also where no thread is ever made.
    run = Run(["/bin/echo", "hello"], environment(GOSHIM_MAXPROCS="junk"))
    if run.out != "hello\n" or run.status != 0 or len(run.lines) != 1:
        wrong(f"echo: {run.status} {run.out!r} {run.lines}")


def check_quiet(probe, default):
    for options in QUIET:
        run = Run([probe], environment(**traced(options)))
        if run.lines or run.status != 5 or run.facts() != default:
            wrong(f"{shown(options)}: status {run.status}, {run.lines}, {run.facts()}, default {default}")


def check_good(probe, default):
    for options, change in (
            ({"GOSHIM_MAXPROCS": "3"}, {"procs": "3"}),
            ({"GOMAXPROCS": "3"}, {"procs": "3"}),
            ({"GOMAXPROCS": "3", "GOSHIM_MAXPROCS": "4"}, {"procs": "4"}),
            ({"GOMAXPROCS": "3", "GOSHIM_MAXPROCS": "junk"}, {"procs": "3"}),
            ({"GOSHIM_NETPOLL": "epoll"}, {"epoll": "1", "uring": "0"}),
            ({"GOSHIM_NETPOLL": "uring"}, {"uring": "1"}),  # which wakes and is woken through an epoll too
            ({"GOSHIM_STACK_SIZE": "256K"}, {"stack": "256K"}),
            ({"GOSHIM_STACK_SIZE": "1048576"}, {"stack": "1024K"}),
            ({"GOSHIM_PATCH": "0"}, {"patched": "False"})):
        run = Run([probe], environment(**traced(options)))
        if run.facts() != {**default, **change} or run.status != 5 or (run.lines and "junk" not in options.values()):
            wrong(f"{shown(options)}: {run.status} {run.lines} {run.facts()}, want {change}")


def check_disable(probe):
    plain = Run([probe], environment(preload=False))
    for others in ({}, {"GOSHIM_MAXPROCS": "junk", "GOSHIM_NETPOLL": "junk", "GOSHIM_DEBUG": "schedtrace=10,junk"}):
        off = Run([probe], environment(GOSHIM_DISABLE="1", **others))
        if off != plain or off.trace:
            wrong(f"GOSHIM_DISABLE=1: {off.out!r} {off.lines}, plain {plain.out!r} {plain.lines}")


def check_help():
    run = Run(["/bin/echo", "hello"], environment(GOSHIM_DEBUG="help"))
    if run.out != "hello\n" or run.status != 0:
        wrong(f"help: {run.status} {run.out!r}")
    text = "\n".join(run.lines)
    for word in ("GOSHIM_DISABLE", "GOSHIM_MAXPROCS", "GOMAXPROCS", "GOSHIM_MAXMS", "GOSHIM_NETPOLL",
                 "GOSHIM_STACK_SIZE", "GOSHIM_PATCH", "GOSHIM_WIRE", "GOSHIM_DEBUG", "schedtrace", "perturb", "invariants"):
        if word not in text:
            wrong(f"help does not tell of {word}")
    if not all(line.startswith("goshim: ") and "default" in line for line in run.lines):
        wrong(f"help: {text}")


def check_wire(wired):
    for globs, stay in (("db-?", {"db-1"}), ("db-*,ren?med", {"db-1", "db-22", "renamed"}), ("*", None), (",,", set())):
        run = Run([wired], environment(GOSHIM_WIRE=globs, GOSHIM_MAXPROCS="2"))
        stayed = {line.split()[0] for line in run.out.splitlines() if line.endswith(" stayed")}
        everybody = {line.split()[0] for line in run.out.splitlines()}
        # Who is not wired may stay too, and on a busy machine all do; but then they share.
        threads = {line.split()[1] for line in run.out.splitlines()}
        if stay is None:
            right = stayed == everybody and len(threads) == 5
        else:
            right = stay <= stayed and (stayed != everybody or len(threads) < 5)
        if run.status != 0 or len(everybody) != 5 or not right:
            wrong(f"GOSHIM_WIRE={globs}: {run.status} stayed: {sorted(stayed)} {run.lines}")


class Blocker:
    """The blocker with all its threads on their way into the kernel, the cap at 4."""

    def __init__(self, exe, mode, path, cap=4):
        self.process = subprocess.Popen([exe, mode, path], env=environment(GOSHIM_MAXMS=str(cap)),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.mode = mode

    def wait_for_line(self, seconds):
        """Until it has said something; the line is not read yet."""
        return bool(select.select([self.process.stderr], [], [], seconds)[0])

    def kernel_threads(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"^Threads:\s*(\d+)", f.read(), re.M).group(1))

    def end(self, data):
        try:
            out, err = self.process.communicate(data, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            print("\n".join(backtraces(self.process.pid)))
            self.process.kill()
            out, err = self.process.communicate()
            wrong(f"blocker {self.mode} hangs after all were released")
        return self.process.returncode, out.decode(), err.decode().splitlines()


def check_cap(blocker, folder):
    path = os.path.join(folder, "locked")
    for mode, must_warn in (("read", True), ("flock", False), ("waitpid", False)):
        with open(path, "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            start = time.monotonic()
            run = Blocker(blocker, mode, path)
            warned = run.wait_for_line(PATIENCE if must_warn else 2)
            time.sleep(0.3)
            threads, seconds = run.kernel_threads(), time.monotonic() - start
            fcntl.flock(held, fcntl.LOCK_UN)
            status, out, lines = run.end(b"x" * BLOCKED)
        print(f"cap of 4, {mode}: {threads} kernel threads, {lines}")
        if (status, out) != (0, f"{BLOCKED} right\n"):
            wrong(f"cap of 4, {mode}: {status_text(status)}, {out!r}")
        # sysmon, sigm and the ring's thread are not Ms; while all Ms are blocked there is one more every 100 ms.
        if threads > 4 + 3 + seconds * 10:
            wrong(f"cap of 4, {mode}: {threads} kernel threads")
        if len(lines) > 1 or (must_warn and not warned) or not all("GOSHIM_MAXMS" in line for line in lines):
            wrong(f"cap of 4, {mode}: {lines}")


def check_fallbacks(probe, default, folder):
    """The probe, and the programs of tests/programs/thread, as on a kernel without them."""
    settings = ("fsgsbase=0", "guard=0", "fsgsbase=0,guard=0")
    for debug in settings:
        run = Run([probe], environment(**traced({"GOSHIM_DEBUG": debug})))
        if run.status != 5 or run.lines or run.facts() != default:
            wrong(f"{debug}: {run.status} {run.lines} {run.facts()}")
    run = Run([probe], environment(GOSHIM_DEBUG="fsgsbase=0,verbose=1"))
    if sum("fsgsbase" in line for line in run.lines) != 1:
        wrong(f"fsgsbase=0,verbose=1 says {run.lines}")
    base = os.path.join(SOURCE, "tests/programs/thread")
    names = sorted(name for name in os.listdir(base) if name.endswith(".c"))
    for name in names[::4] if QUICK else names:
        header = Header(os.path.join(base, name))
        exe = os.path.join(folder, name[:-2])
        subprocess.run(["cc", "-std=gnu11", "-O1", "-g", "-pthread", f"-I{SOURCE}/tests", f"-I{SOURCE}/tests/programs",
                        f"-I{SOURCE}/tests/support", *header.words("cflags"), os.path.join(base, name), "-o", exe,
                        *header.words("link")], check=True)
        for debug in settings[2:]:
            own = dict(word.split("=", 1) for word in header.words("env"))
            run = Run([exe, *header.words("args")], environment(GOSHIM_DEBUG=debug, GOSHIM_MAXPROCS="2", **own))
            lines = [line for line in run.lines if line.startswith("goshim:")]
            lines = [line for line in lines if not any(re.search(e, line) for e in header.lines("expect-stderr"))]
            if run.status not in (header.exit_status(), 77) or lines:
                wrong(f"{debug}: {name}: {status_text(run.status)} {run.lines[-5:]}")


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    with tempfile.TemporaryDirectory() as folder:
        probe, blocker = compile_text(PROBE, "probe", folder), compile_text(BLOCKER, "blocker", folder)
        run = Run([probe], environment(**traced({})))
        default = run.facts()
        print(f"default: {default}")
        if run.status != 5 or run.lines or default.get("kernel threads") != "few" or default.get("sum") != "330":
            sys.exit(f"the probe without options: {run.status} {run.lines} {default}")
        check_bad(probe, default)
        check_quiet(probe, default)
        check_good(probe, default)
        check_disable(probe)
        check_help()
        check_cap(blocker, folder)
        check_fallbacks(probe, default, folder)
        check_wire(compile_text(WIRED, "wired", folder))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
