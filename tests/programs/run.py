#!/usr/bin/env python3
"""Runs one test program natively and then under the library in every configuration; prints TAP.

The oracle is the program without us: it must exit 0 on plain glibc (77 means skip), else the test itself is wrong.
A program that links the library (`// link: -lgoshim`) has it always: its native run is the one with GOSHIM_DISABLE=1, on kernel
threads, and the others are made as they are and once preloaded as well.

Under the library the exit status must be the same, stdout too where the program says `// output: same`, and no line
of stderr may start with "goshim:" unless the program expects it.

usage: run.py SOURCE EXECUTABLE        judge one program
       run.py --list DIR               path|compiler args|linker args|timeout of each program, for meson

Environment: GOSHIM_LIB the library (without it only the native run is made), GOSHIM_TEST_SEEDS="1 2" perturbation seeds,
GOSHIM_TEST_QUICK=1 a few configurations only, GOSHIM_TEST_ROOT a folder that programs are run in as their root.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile

DEFAULT_TIMEOUT = 20
# A program that hangs everywhere must not hold the whole run: after so many timeouts the rest is not run.
MAX_TIMEOUTS = 2
# Another root, with another libc (tools/matrix); "" is ours.
ROOT = os.environ.get("GOSHIM_TEST_ROOT", "")
HEADER = re.compile(r"^//\s*(covers|link|cflags|args|env|also|timeout|configs|output|exit|expect-stderr):\s*(.*?)\s*$")


class Header:
    """The `// key: value` lines at the top of a program; the first other line ends them."""

    def __init__(self, path):
        self.values = {}
        with open(path, errors="replace") as f:
            for line in f:
                match = HEADER.match(line)
                if match:
                    self.values.setdefault(match.group(1), []).append(match.group(2))
                elif not line.startswith("//"):
                    break

    def words(self, key):
        return " ".join(self.values.get(key, [])).split()

    def links_goshim(self):
        return "-lgoshim" in self.words("link")

    def lines(self, key):
        return self.values.get(key, [])

    def also(self):
        """(name, environment) of the runs that it asks for besides, each with one P and with the defaults."""
        out = []
        for line in self.lines("also"):
            more = dict(word.split("=", 1) for word in line.split())
            out += [(line, more), (f"p1 {line}", {"GOSHIM_MAXPROCS": "1", **more})]
        return out

    def timeout(self):
        return float(self.words("timeout")[0]) if self.words("timeout") else DEFAULT_TIMEOUT

    def exit_status(self):
        """0, a number, or a signal's name."""
        word = (self.words("exit") or ["0"])[0]
        return int(word) if word.isdigit() else -int(getattr(signal, word))


def configurations(quick):
    """(name, environment) of each preloaded run."""
    seeds = os.environ.get("GOSHIM_TEST_SEEDS", "1 2").split()
    plain = [("default", {})]
    rows = [
        (f"p{procs}-{poller}-seed{seed}",
         {"GOSHIM_MAXPROCS": procs, "GOSHIM_NETPOLL": poller, "GOSHIM_DEBUG": f"perturb={seed}"})
        for procs in ("1", "2", "4") for poller in ("epoll", "uring") for seed in seeds
    ]
    if quick:
        # One of each kind: a lone P, both pollers, more Ps than cores.
        wanted = (("p1-uring", 0), ("p4-epoll", -1))
        rows = [r for r in rows
                if any(r[0] == f"{start}-seed{seeds[at]}" for start, at in wanted)]
    return plain + rows


def backtraces(pid):
    """What every kernel thread of a hung process is doing: gdb's view, and the kernel's."""
    out = []
    try:
        for tid in sorted(os.listdir(f"/proc/{pid}/task"), key=int):
            base = f"/proc/{pid}/task/{tid}/"
            with open(base + "comm") as comm, open(base + "stat") as stat, open(base + "wchan") as wchan:
                out.append(f"{tid} {comm.read().strip()} {stat.read().rsplit(')', 1)[1].split()[0]} "
                           f"{wchan.read().strip()}")
    except OSError:
        pass
    # Kernel threads, not libthread_db's: that one reads TCBs, and a thread here may stand on a G's.
    command = ["gdb", "-nx", "-batch", "-iex", "set libthread-db-search-path /nonexistent",
               "-iex", "set debuginfod enabled off", "-p", str(pid), "-ex", "thread apply all bt 24"]
    if ROOT:
        # Its own name for the program leads nowhere from here; its libraries are the root's.
        command[1:1] = ["-iex", f"set sysroot {ROOT}", f"/proc/{pid}/exe"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=40, check=False)
        out += done.stdout.decode(errors="replace").splitlines()
    except (OSError, subprocess.TimeoutExpired) as e:
        out.append(f"no gdb output: {e}")
    return out


class Result:
    def __init__(self, status, stdout, stderr, hung):
        self.status, self.stdout, self.stderr, self.hung = status, stdout, stderr, hung


def enter_root():
    """In the child, whose working folder lies in the new root."""
    folder = os.getcwd()
    os.chroot(ROOT)
    os.chdir(os.path.join("/", os.path.relpath(folder, ROOT)))


def run(command, env, timeout):
    """One run in a process group of its own. Output goes to files: a descendant that keeps the pipe open
    must not keep us."""
    folder = f"{ROOT}/tmp" if ROOT else None
    with tempfile.TemporaryDirectory(dir=folder) as cwd, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                 start_new_session=True, preexec_fn=enter_root if ROOT else None)
        hung = None
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            hung = backtraces(child.pid)
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        out.seek(0)
        err.seek(0)
        return Result(child.returncode, out.read(), err.read().decode(errors="replace"), hung)


def status_text(status):
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def faults(result, header, native):
    """What is wrong with a run, as lines; empty when it is right. native is None for the native run."""
    if result.hung is not None:
        return [f"still running after {header.timeout():g} s", *result.hung]
    out = []
    if header.links_goshim():
        out += [f"no line on stderr matches {e}" for e in header.lines("expect-stderr") if not re.search(e, result.stderr, re.M)]
    if native is None:
        if result.status != header.exit_status():
            out.append(f"{status_text(result.status)}, want {status_text(header.exit_status())}")
        return out
    if result.status != native.status:
        out.append(f"{status_text(result.status)}, natively {status_text(native.status)}")
    if header.words("output") == ["same"] and result.stdout != native.stdout:
        out.append(f"stdout differs: {result.stdout[:400]!r}, natively {native.stdout[:400]!r}")
    expected = header.lines("expect-stderr")
    for line in result.stderr.splitlines():
        if line.startswith("goshim:") and not any(re.search(e, line) for e in expected):
            out.append(f"unexpected on stderr: {line}")
            break
    return out


def tap(number, name, wrong, result):
    print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
    if wrong:
        for line in wrong + ["stderr:"] + result.stderr.splitlines()[-40:]:
            print(f"# {line}")
    sys.stdout.flush()


def judge(source, executable):
    header = Header(source)
    env = {k: v for k, v in os.environ.items() if not k.startswith("GOSHIM_") and k not in ("GOMAXPROCS", "LD_PRELOAD", "LD_LIBRARY_PATH")}
    env.update(word.split("=", 1) for word in header.words("env"))
    command = [os.path.abspath(executable)] + header.words("args")
    library = os.environ.get("GOSHIM_LIB")
    quick = os.environ.get("GOSHIM_TEST_QUICK") == "1" or header.words("configs") == ["quick"]
    runs = configurations(quick) + header.also() if library else []

    native_env, under = env, {"LD_PRELOAD": library}
    if header.links_goshim():
        native_env, under = {**env, "GOSHIM_DISABLE": "1"}, {}
        if runs:
            runs.insert(1, ("preloaded", {"LD_PRELOAD": library}))
    native = run(command, native_env, header.timeout())
    if native.status == 77 and native.hung is None:
        print(f"1..0 # SKIP {' '.join(native.stderr.split())[:200] or 'exit status 77'}")
        return 0
    wrong = faults(native, header, None)
    # A program that is wrong natively proves nothing: its other runs are not made.
    print(f"1..{1 if wrong else 1 + len(runs)}")
    tap(1, "native", wrong, native)
    if wrong:
        return 1
    failed = timeouts = 0
    for number, (name, options) in enumerate(runs, 2):
        if timeouts >= MAX_TIMEOUTS:
            print(f"not ok {number} - {name}\n# not run: {timeouts} configurations timed out before it")
            continue
        result = run(command, {**env, **options, **under}, header.timeout())
        wrong = faults(result, header, native)
        timeouts += result.hung is not None
        failed += bool(wrong)
        tap(number, name, wrong, result)
    return 1 if failed else 0


def list_programs(directory):
    for path, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            relative = os.path.relpath(os.path.join(path, name), directory)
            if not name.endswith((".c", ".cc")) or os.sep not in relative:
                continue
            header = Header(os.path.join(path, name))
            runs = 2 + len(configurations(header.words("configs") == ["quick"])) + len(header.also())
            seconds = int(runs * header.timeout() + MAX_TIMEOUTS * 60)
            print("|".join([relative, " ".join(header.words("cflags")), " ".join(header.words("link")), str(seconds)]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--list"]:
        list_programs(sys.argv[2])
    else:
        sys.exit(judge(sys.argv[1], sys.argv[2]))
