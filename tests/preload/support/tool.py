"""The goshim command from the outside: running it, programs to look at, and a terminal for it."""
import os
import pty
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import termios
import time

LIB = os.environ["GOSHIM_LIB"]
TOOL = os.environ["GOSHIM_TOOL"]
SOURCE = os.environ["GOSHIM_SOURCE"]
PATIENCE = 60

faults = []


def wrong(text):
    faults.append(text)
    print(f"WRONG {text}", flush=True)


def finish():
    print(f"{len(faults)} wrong" if faults else "all right")
    sys.exit(1 if faults else 0)


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("GOSHIM_") and k not in ("GOMAXPROCS", "LD_PRELOAD")}
    return {**env, "GOSHIM_LIB": LIB, **more}


class Tool:
    """One run of the command to its end."""

    def __init__(self, *args, **more):
        done = subprocess.run([TOOL, *map(str, args)], env=environment(**more), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        self.args, self.status = args, done.returncode
        self.out, self.err = done.stdout.decode(), done.stderr.decode()

    def good(self):
        if self.status != 0 or self.err:
            wrong(f"{self.args}: status {self.status}, {self.err!r}")
        return self.out

    def bad(self, *words):
        """One line that has these words, and status 2."""
        if self.status != 2 or self.out or len(self.err.splitlines()) != 1 or not self.err.startswith("goshim: "):
            wrong(f"{self.args}: status {self.status}, {self.out!r}, {self.err!r}")
        for word in words:
            if word not in self.err:
                wrong(f"{self.args}: {self.err!r} does not say '{word}'")


def compile_c(source, folder, *flags):
    exe = os.path.join(folder, os.path.basename(source).rsplit(".", 1)[0])
    compiler = "c++" if source.endswith(".cc") else "cc"
    subprocess.run([compiler, "-O1", "-g", "-pthread", *flags, os.path.join(SOURCE, source), "-o", exe], check=True)
    return exe


class Program:
    """A program under goshim that has said its first line."""

    def __init__(self, *command, preload=True, **more):
        env = environment(**more)
        if preload:
            env["LD_PRELOAD"] = LIB
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.pid = self.process.pid
        self.line = self.process.stdout.readline().decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def settled(pid):
    """Returns once main is in pthread_join."""
    for _ in range(500):
        if '"join": 1' in Tool("stats", "--json", pid).out:
            return
        time.sleep(0.01)
    wrong(f"main of {pid} does not come to its join")


def core_of(folder, *command, lib=LIB):
    """(pid, core file) of a program under goshim, aborted when main is in pthread_join; None where no core is written."""
    with open("/proc/sys/kernel/core_pattern") as f:
        if f.read().strip() not in ("core", "core.%p"):
            print("cores go elsewhere")
            return None
    limit = lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    child = subprocess.Popen(command, env=environment(LD_PRELOAD=lib), cwd=folder, stdout=subprocess.PIPE,
                             preexec_fn=limit)
    child.stdout.readline()
    settled(child.pid)
    os.kill(child.pid, signal.SIGABRT)
    child.wait()
    cores = [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("core")]
    if not cores:
        print("no core is written here")
        return None
    return child.pid, cores[0]


def matches(text, *patterns):
    """Each pattern is found, in this order."""
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.M).search(text, at)
        if not found:
            wrong(f"no '{pattern}' behind offset {at} in:\n{text[:3000]}")
            return False
        at = found.start()
    return True


class Terminal:
    """The command on a terminal of 24 lines and 120 columns."""

    def __init__(self, *args):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            termios.tcsetwinsize(0, (24, 120))
            os.execve(TOOL, [TOOL, *map(str, args)], environment(TERM="xterm"))

    def read(self, seconds):
        """True if there was something to read."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            self.text += os.read(self.fd, 65536).decode(errors="replace")
            return True
        except OSError:
            time.sleep(0.01)  # the command has closed the terminal
            return False

    def until(self, pattern, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            if re.search(pattern, self.text):
                return True
            self.read(0.1)
        wrong(f"the terminal does not show '{pattern}': {self.text[-2000:]!r}")
        return False

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        end = time.time() + 20
        while time.time() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            # What is written last must be read, or its close waits; and it may have ended with some of it unread.
            more = self.read(0.05)
            while pid and more:
                more = self.read(0)
            if pid:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        wrong("the command does not end")
        return None


def need(program):
    if not shutil.which(program):
        print(f"no {program}")
        sys.exit(77)
