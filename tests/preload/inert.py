#!/usr/bin/env python3
"""Where there is nothing to do, nothing happens.

Until the first pthread_create the library adds no thread, no fd, no handler, and under 1 ms to the start; programs that
people preload into by accident say and return what they do without; static and setuid programs never meet it.
"""
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

LIB = os.environ["GOSHIM_LIB"]
QUICK = os.environ.get("GOSHIM_TEST_QUICK") == "1"
PATIENCE = 120
START_LIMIT = 1e-3
START_RUNS = 100 if QUICK else 300
# The machine may be busy for a while; a start that is slow in itself is slow every time.
START_ATTEMPTS = 5

# Uses what the library hooks, then tells what a process can know about itself.
SELF = r"""
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void list(const char* path) {
  char link[256];
  struct dirent* entry;
  DIR* dir = opendir(path);
  while ((entry = readdir(dir))) {
    if (entry->d_name[0] == '.') continue;
    ssize_t size = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);
    // Only what a fd is: numbers of processes and pipes differ from run to run.
    link[size > 0 ? strcspn(link, ":[") : 0] = 0;
    printf("%s/%s %s\n", path, strcmp(path, "/proc/self/fd") ? "" : entry->d_name,
           size > 0 && link[0] != '/' ? link : "");
  }
  closedir(dir);
}

int main(void) {
  char buf[256];
  int fd[2], status;
  struct timespec nap = {0, 1000000};
  pthread_mutex_lock(&lock);
  pthread_mutex_unlock(&lock);
  socketpair(AF_UNIX, SOCK_STREAM, 0, fd);
  pid_t child = fork();
  if (child == 0) {
    nanosleep(&nap, NULL);
    _exit(write(fd[1], "from child", 10) != 10);
  }
  struct pollfd ready = {fd[0], POLLIN, 0};
  printf("poll %d\n", poll(&ready, 1, -1));
  printf("read %zd\n", read(fd[0], buf, sizeof buf));
  waitpid(child, &status, 0);
  printf("child %d\n", status);
  close(fd[0]);
  close(fd[1]);
  printf("self %d %d\n", pthread_self() != 0, gettid() == getpid());
  list("/proc/self/task");
  list("/proc/self/fd");
  FILE* f = fopen("/proc/self/status", "r");
  while (fgets(buf, sizeof buf, f))
    if (!strncmp(buf, "Sig", 3) || !strncmp(buf, "Shd", 3) || !strncmp(buf, "Threads", 7)) {
      if (strncmp(buf, "SigQ", 4)) fputs(buf, stdout);
    }
  fclose(f);
  return 6;
}
"""

TRIVIAL = "int main(void) { return 0; }\n"

# Threads, and whether the library is there.
LOADED = r"""
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

static const char* library;

static int find(struct dl_phdr_info* info, size_t size, void* found) {
  (void)size;
  if (strcmp(info->dlpi_name, library) == 0) *(int*)found = 1;
  return 0;
}

static void* work(void* arg) { return arg; }

int main(int argc, char** argv) {
  long sum = 0;
  int found = 0;
  library = argv[argc - 1];
  for (long i = 1; i <= 10; i++) {
    pthread_t thread;
    void* result;
    if (pthread_create(&thread, NULL, work, (void*)i) != 0) return 1;
    pthread_join(thread, &result);
    sum += (long)result;
  }
  dl_iterate_phdr(find, &found);
  printf("secure %lu loaded %d sum %ld\n", getauxval(AT_SECURE), found, sum);
  return 4;
}
"""

faults = 0


def wrong(text):
    global faults
    faults += 1
    print(f"WRONG {text}", flush=True)


def environment(preload):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("GOSHIM_") and k not in ("GOMAXPROCS", "LD_PRELOAD")}
    env.update(LC_ALL="C", GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
    if preload:
        env["LD_PRELOAD"] = LIB
    return env


def compile_text(text, name, folder, *flags):
    source = os.path.join(folder, name + ".c")
    with open(source, "w") as f:
        f.write(text)
    exe = os.path.join(folder, name)
    done = subprocess.run(["cc", "-O1", "-pthread", *flags, source, "-o", exe], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return exe if done.returncode == 0 else None


def run(command, preload, folder):
    """(status, stdout, stderr)"""
    done = subprocess.run(command, env=environment(preload), cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout, done.stderr


def check_same(name, command, folder, clean=lambda out: out):
    plain, ours = run(command, False, folder), run(command, True, folder)
    if (plain[0], plain[1], plain[2]) != (ours[0], clean(ours[1]), ours[2]):
        wrong(f"{name}: {ours[0]} {ours[1][-300:]} {ours[2][-300:]}, "
              f"plain {plain[0]} {plain[1][-300:]} {plain[2][-300:]}")
    else:
        print(f"{name}: status {plain[0]}, {len(plain[1])} bytes of output, the same")
    return plain


def check_tools(folder):
    numbers = os.path.join(folder, "numbers")
    with open(numbers, "w") as f:
        for i in range(50000 if QUICK else 300000):
            f.write(f"{i * 2654435761 % 1000003} line {i}\n")
    sh = ["bash", "-c"]
    if shutil.which("bash"):
        check_same("bash", [*sh, "echo out; echo err >&2; (exit 3)"], folder)
        check_same("bash, children", [*sh, "x=$(echo a | tr a b); sleep 0.01 & wait; echo $x; "
                                           "for i in 1 2 3; do echo $i; done | sort -r; cat < <(echo sub); "
                                           "kill -TERM $$; echo not here"], folder)
    check_same("env", ["env"], folder,
               lambda out: b"".join(line for line in out.splitlines(True) if not line.startswith(b"LD_PRELOAD=")))
    check_same("sort", ["sort", "--parallel=4", "-S", "64M", numbers], folder)
    check_same("sort -n", ["sort", "--parallel=4", "-S", "1M", "-n", "-u", numbers], folder)
    check_same("sort, no such file", ["sort", "--parallel=4", "/nonexistent"], folder)
    if shutil.which("xz"):
        packed = check_same("xz", ["xz", "-T2", "-1", "--block-size=1MiB", "-c", numbers], folder)[1]
        with open(os.path.join(folder, "numbers.xz"), "wb") as f:
            f.write(packed)
        check_same("xz -d", ["xz", "-T2", "-dc", "numbers.xz"], folder)
        with open(os.path.join(folder, "torn.xz"), "wb") as f:
            f.write(packed[:len(packed) // 2])
        check_same("xz -d of half", ["xz", "-T2", "-dc", "torn.xz"], folder)
    if shutil.which("git"):
        make = ("git init -q . && for i in 1 2 3; do echo $i > f; git add f; git -c user.name=a -c user.email=a@b "
                "commit -q -m \"commit $i\"; done")
        repository = os.path.join(folder, "repository")
        os.mkdir(repository)
        status, _, errors = run(["sh", "-c", make], True, repository)
        if status != 0 or errors:
            wrong(f"making commits: {status} {errors}")
        check_same("git log", ["git", "log", "-p", "--stat"], repository)
        check_same("git grep", ["git", "grep", "--threads=4", "-n", "3"], repository)
        check_same("git log of nothing", ["git", "log", "nonexistent"], repository)
    for python in ("/usr/bin/python3", sys.executable):
        if os.path.exists(python):
            check_same(python, [python, "-c", "print(1)"], folder)
            check_same(f"{python}, thread", [python, "-c", "import threading, sys\nt = threading.Thread(target=print, "
                                             "args=(2,))\nt.start(); t.join(); sys.exit(9)"], folder)


def check_unmet(folder):
    """Static and setuid programs: the loader does not load us."""
    static = compile_text(LOADED, "static", folder, "-static")
    if static:
        # ld.so is not there to say a word about it.
        check_same("static", [static, LIB], folder)
    else:
        print("static: not tried, this compiler has no static libc")
    setuid = compile_text(LOADED, "setuid", folder)
    loaded = run([setuid, LIB], True, folder)
    if loaded != (4, b"secure 0 loaded 1 sum 55\n", b""):
        wrong(f"not setuid: {loaded}")
    if os.geteuid() == 0:
        os.chown(setuid, 65534, 65534)
        os.chmod(setuid, 0o4755)
        status, out, errors = run([setuid, LIB], True, folder)
        if out.startswith(b"secure 0"):
            print("setuid: not tried, set-user-ID has no effect here")
        # The loader itself may say that it ignores us.
        elif (status, out) != (4, b"secure 1 loaded 0 sum 55\n") or b"goshim:" in errors:
            wrong(f"setuid: {status} {out} {errors}")
        else:
            print(f"setuid: {out.decode().strip()}")


def check_self(folder):
    exe = compile_text(SELF, "self", folder)
    plain = check_same("before the first thread", [exe], folder)
    if plain[0] != 6 or len(re.findall(rb"^/proc/self/task/", plain[1], re.M)) != 1:
        wrong(f"self, plain: {plain}")


def check_start(folder):
    """What preloading adds to a run, from start to end; CPU and wall clock."""
    exe = compile_text(TRIVIAL, "trivial", folder)
    environments = environment(False), environment(True)
    best = float("inf")
    for _ in range(START_ATTEMPTS):
        wall, cpu = ([], []), ([], [])
        for i in range(2 * START_RUNS):
            start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            status = os.waitpid(os.posix_spawn(exe, [exe], environments[i % 2]), 0)[1]
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            wall[i % 2].append(time.perf_counter() - start)
            cpu[i % 2].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            if status != 0:
                wrong(f"trivial program: status {status}")
                return
        wall_more, cpu_more = (statistics.median(t[1]) - statistics.median(t[0]) for t in (wall, cpu))
        print(f"start: {wall_more * 1e6:.0f} us more ({statistics.median(wall[0]) * 1e6:.0f} us without), "
              f"{cpu_more * 1e6:.0f} us of CPU")
        best = min(best, wall_more)
        if best < START_LIMIT:
            return
    wrong(f"the start takes {best * 1e6:.0f} us longer")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        check_self(folder)
        check_unmet(folder)
        check_tools(folder)
        check_start(folder)
    sys.exit(1 if faults else 0)


main()
