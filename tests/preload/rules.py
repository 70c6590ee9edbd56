#!/usr/bin/env python3
"""Rules files: which programs they reach, what holds over what, and that nothing in a file keeps a program from running.

The system's file is put in place by an overlay on /etc in a mount namespace of this test's own; where that may not be
made, its cases are left out. A probe says whether its thread is a goroutine, and how many run at once.
"""
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import tool
from tool import LIB, SOURCE, Tool, matches, wrong

SHIPPED = os.path.join(SOURCE, "tools/packaging/goshim.conf")
QUICK = os.environ.get("GOSHIM_TEST_QUICK") == "1"
START_LIMIT = 1e-3
PLAIN, TWO = "plain\n", "procs 2\n"
NOBODY = 65534


def environment(**more):
    env = tool.environment(**{"LD_PRELOAD": LIB, "GOSHIM_MAXPROCS": "2", **more})
    for name in ("HOME", "XDG_CONFIG_HOME", "GOSHIM_LIB"):
        if name not in more:
            env.pop(name, None)
    return {k: v for k, v in env.items() if v is not None}


class Case:
    """Runs the probe; `error` is all that may stand on stderr."""

    def __init__(self, folder):
        self.folder = folder
        self.rules = os.path.join(folder, "rules")

    def write(self, text, path=None):
        with open(path or self.rules, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())

    def expect(self, what, out, command=None, error="", **more):
        done = subprocess.run(command or [os.path.join(self.folder, "rules_probe")], env=environment(**more),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              timeout=tool.PATIENCE)
        if (done.returncode, done.stdout.decode(), done.stderr.decode()) != (0, out, error):
            wrong(f"{what}: {done.returncode} {done.stdout} {done.stderr.decode()!r}, want {out!r} {error!r}")

    def text(self, text, out, error="", **more):
        self.write(text)
        self.expect(text, out, error=f"goshim: {self.rules}{error}\n" if error else "", GOSHIM_RULES=self.rules, **more)


def check_programs(case):
    for text in ("rules_probe disable", "rules_* disable\n", "r???s_probe disable", "* disable", "*/rules_probe disable",
                 f"{case.folder}/* disable", "# x\n\n\trules_probe\tdisable=1 # why\r\n", "$WANTED disable",
                 "$WANTED=y* disable", "x disable=0\nrules_probe disable\ny disable=0"):
        case.text(text, PLAIN, WANTED="yes")
    for text in ("", "\n", "# rules_probe disable", "rules disable", "probe disable", "/rules_probe disable", "$NOT disable",
                 "$WANTED=n* disable", "rules_probe disable\n* disable=0\n", "RULES_PROBE disable"):
        case.text(text, TWO, WANTED="yes")
    # The name it was started by counts beside the file's: a script's, a link's.
    script = os.path.join(case.folder, "script")
    case.write(f"#!{case.folder}/rules_probe\n", script)
    os.chmod(script, 0o755)
    link = os.path.join(case.folder, "link")
    os.symlink("rules_probe", link)
    for name in ("script", "link"):
        case.write(f"{name} disable\n")
        case.expect(name, PLAIN, [os.path.join(case.folder, name)], GOSHIM_RULES=case.rules)
    case.write("rules_probe disable\n")
    case.expect("the file behind a link", PLAIN, [link], GOSHIM_RULES=case.rules)


# What Go's linker leaves, behind a note of somebody else.
GO_NOTE = """
.section .note.go.buildid, "a", @note
.balign 4
.long 6, 5, 4
.asciz "Other"
.balign 4
.ascii "12345"
.balign 4
.long 4, 3, 4
.asciz "Go\\0"
.ascii "a/b"
.balign 4
.section .note.GNU-stack, "", @progbits
"""


def check_go(case):
    """A program that Go made is left alone, unless a rule or the environment says otherwise."""
    source, plain = os.path.join(case.folder, "note.s"), os.path.join(case.folder, "rules_probe")
    os.mkdir(os.path.join(case.folder, "go"))
    for name, text, out in (("of_go", GO_NOTE, PLAIN), ("of_another", GO_NOTE.replace("Go\\0", "Og\\0"), TWO),
                            ("of_another_type", GO_NOTE.replace("4, 3, 4", "4, 3, 5"), TWO)):
        probe = os.path.join(case.folder, "go", name)
        case.write(text, source)
        subprocess.run(["cc", "-pthread", f"-I{SOURCE}/include", os.path.join(SOURCE, "tests/preload/programs/rules_probe.c"), source,
                        "-o", probe], check=True)
        case.expect(name, out, [probe])
    probe = os.path.join(case.folder, "go/of_go")
    case.write("of_go disable=0\n")
    case.expect("a rule for Go's", TWO, [probe], GOSHIM_RULES=case.rules)
    case.expect("GOSHIM_DISABLE=0 for Go's", TWO, [probe], GOSHIM_DISABLE="0")
    matches(Tool("doctor", probe, HOME="/nonexistent").good(), "^note +the build ID of Go's linker: disable", "leaves .*of_go alone")
    if "Go" in Tool("doctor", plain, HOME="/nonexistent").good():
        wrong("doctor takes a C program for one of Go's")


def check_precedence(case):
    case.text("* maxprocs=3", "procs 3\n", GOSHIM_MAXPROCS=None)
    case.text("* maxprocs=3\nrules_probe maxprocs=4", "procs 4\n", GOSHIM_MAXPROCS=None)
    case.text("* maxprocs=3", TWO)
    case.text("* maxprocs=3", "procs 5\n", GOSHIM_MAXPROCS=None, GOMAXPROCS="5")
    case.text("* disable", TWO, GOSHIM_DISABLE="0")
    case.text("* disable=0", PLAIN, GOSHIM_DISABLE="1")
    # GOSHIM_DISABLE=1 reads nothing, and so says nothing.
    case.text("nonsense", PLAIN, GOSHIM_DISABLE="1")


def check_user_file(case):
    home = os.path.join(case.folder, "home")
    path = os.path.join(home, ".config/goshim/rules")
    os.makedirs(os.path.dirname(path))
    case.write("* disable\n", path)
    case.expect("HOME", PLAIN, HOME=home)
    case.expect("XDG_CONFIG_HOME", PLAIN, XDG_CONFIG_HOME=f"{home}/.config", HOME="/nonexistent")
    case.expect("XDG_CONFIG_HOME first", TWO, XDG_CONFIG_HOME="/nonexistent", HOME=home)
    case.expect("a relative home", TWO, HOME=os.path.relpath(home))
    case.expect("a long home", TWO, HOME="/" + "x" * 5000)
    os.chmod(path, 0o666)
    case.expect("a file that everybody may write", TWO, HOME=home)
    os.chmod(path, 0o644)
    if os.getuid() == 0:
        os.chown(path, NOBODY, NOBODY)
        case.expect("root with somebody's home", TWO, HOME=home)
        os.chown(path, 0, 0)
    case.write("* disable=0 maxprocs=4\n")
    case.expect("GOSHIM_RULES stands for the user's file", "procs 4\n", HOME=home, GOSHIM_RULES=case.rules, GOSHIM_MAXPROCS=None)


def check_odd_files(case):
    case.text("# x\nrules_probe\n* netpoll=kqueue", TWO, ":2: says nothing about the program")
    case.text("* maxprocs=0\nrules_probe disable", PLAIN, ":1: maxprocs=0 is not a number from 1 to 1024, ignored")
    case.text("\n\njava dissable\nrules_probe disable", PLAIN, ":3: dissable is no option")
    case.text(bytes(range(256)) * 100, TWO, ":1: not text")
    case.text(b"\0" * 30000, TWO, ":1: not text")
    case.text(b"x" * 32768, TWO, ":1: says nothing about the program")
    case.text("rules_probe disable\n" * 1638, PLAIN)
    case.text("rules_probe disable\n" * 1639, TWO, ": is longer than 32 KB and not used")
    with open(case.rules, "r+b") as f:
        f.truncate(1 << 40)
    case.expect("a sparse file", TWO, GOSHIM_RULES=case.rules,
                error=f"goshim: {case.rules}: is longer than 32 KB and not used\n")
    fifo = os.path.join(case.folder, "fifo")
    os.mkfifo(fifo)
    for path, why in ((case.folder, "is no file with rules"), (fifo, "is no file with rules"),
                      ("/dev/zero", "is no file with rules"), ("/nonexistent", "is not there"),
                      (f"{case.rules}/x", "cannot be opened"), ("/" + "x" * 300, "cannot be opened")):
        case.expect(path, TWO, GOSHIM_RULES=path, error=f"goshim: {path}: {why}\n")
    case.expect("/dev/null", TWO, GOSHIM_RULES="/dev/null")
    case.expect("empty", TWO, GOSHIM_RULES="")


def check_shipped(case):
    case.expect("the shipped rules", TWO, GOSHIM_RULES=SHIPPED)
    case.expect("valgrind's", PLAIN, GOSHIM_RULES=SHIPPED, LD_PRELOAD=f"{LIB}:/nonexistent/vgpreload_core.so",
                error="ERROR: ld.so: object '/nonexistent/vgpreload_core.so' from LD_PRELOAD cannot be preloaded "
                      "(cannot open shared object file): ignored.\n")
    case.expect("rr's", PLAIN, GOSHIM_RULES=SHIPPED, RUNNING_UNDER_RR="1")
    for name in ("java", "qemu-system-x86_64", "gdb", "firefox-esr", "chromium"):
        copy = os.path.join(case.folder, name)
        shutil.copy(os.path.join(case.folder, "rules_probe"), copy)
        case.expect(name, PLAIN, [copy], GOSHIM_RULES=SHIPPED)


def check_command(case):
    """The goshim command: sets them, and tells of them."""
    probe = os.path.join(case.folder, "rules_probe")
    case.write("# x\nrules_probe maxprocs=3 # a reason\n")
    if Tool("run", "--rules", case.rules, probe).good() != "procs 3\n":
        wrong("run --rules does not set them")
    matches(Tool("doctor", probe, GOSHIM_RULES=case.rules).good(), rf"^note +{case.rules}:2: rules_probe maxprocs=3 \(a reason\)$")
    case.write("rules_probe disable=1\n")
    run = Tool("run", "--rules", os.path.relpath(case.rules), "--", "sh", "-c", f"cd /; {probe}")
    if (run.status, run.out, run.err) != (0, PLAIN, ""):
        wrong(f"run --rules with a relative path: {run.status} {run.out!r} {run.err!r}")
    run = Tool("run", "--rules", case.rules, probe)
    if run.status != 0 or run.out != PLAIN or run.err != f"goshim: {probe} runs without goshim: {case.rules}:1 says so\n":
        wrong(f"run of a program that a rule leaves alone: {run.status} {run.out!r} {run.err!r}")
    matches(Tool("doctor", probe, GOSHIM_RULES=case.rules).good(), rf"^note +{case.rules}:1: ", "leaves .*rules_probe alone")
    if Tool("run", "--rules", case.rules, probe, GOSHIM_DISABLE="0").good() == PLAIN:
        wrong("GOSHIM_DISABLE=0 does not undo a rule")
    Tool("run", "--rules", "/nonexistent", probe).bad("/nonexistent")
    java = os.path.join(case.folder, "java")
    matches(Tool("doctor", java, HOME="/nonexistent").good(), r"^note +.*java disable \(")


# In namespaces of its own: SYSTEM is what /etc/goshim.conf says, PRELOAD whether /etc/ld.so.preload has the library.
IN_NAMESPACE = """
set -e
mount -t tmpfs none "$1" || exit 77
mkdir "$1/up" "$1/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$1/up,workdir=$1/work" none /etc || exit 77
printf '%b' "$SYSTEM" >/etc/goshim.conf
if [ -n "$PRELOAD" ]; then echo "$PRELOAD" >/etc/ld.so.preload; fi
if [ -n "$MODE" ]; then chmod "$MODE" /etc/goshim.conf; fi
shift
exec "$@"
"""


def in_namespace(case, folder, command):
    namespaces = ["-m"] if os.getuid() == 0 else ["-r", "-m"]
    return ["unshare", *namespaces, "sh", "-c", IN_NAMESPACE, "sh", folder, *command]


def check_system_file(case):
    """True where a system file could be had."""
    folder = os.path.join(case.folder, "etc")
    os.mkdir(folder)
    probe = os.path.join(case.folder, "rules_probe")
    try_it = subprocess.run(in_namespace(case, folder, ["true"]), env=tool.environment(SYSTEM="", PRELOAD="", MODE=""),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if try_it.returncode != 0:
        print("no overlay on /etc here: the system's file is not tried")
        return

    def expect(what, out, system, command=(probe,), preload="", mode="", **more):
        # The library must be the probe's only, not the shell's and mount's.
        case.expect(what, out, in_namespace(case, folder, ["env", *(() if preload else [f"LD_PRELOAD={LIB}"]), *command]),
                    LD_PRELOAD=None, SYSTEM=system, PRELOAD=preload, MODE=mode, **more)

    expect("the system's file", PLAIN, "rules_probe disable\\n")
    expect("the system's options", "procs 3\n", "* maxprocs=3\\n", GOSHIM_MAXPROCS=None)
    case.write("* disable=0 maxprocs=4\n")
    expect("the user's over the system's", "procs 4\n", "* maxprocs=3 disable\\n", GOSHIM_RULES=case.rules, GOSHIM_MAXPROCS=None)
    expect("the environment over both", TWO, "* maxprocs=3 disable\\n", GOSHIM_RULES=case.rules)
    expect("/dev/null takes the user's away only", PLAIN, "* disable\\n", GOSHIM_RULES="/dev/null")
    expect("a fault in the system's file", TWO, "x y\\n", error="goshim: /etc/goshim.conf:1: y is no option\n")
    if os.getuid() != 0:
        return
    as_nobody = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    expect("a system file one may not read", TWO, "* disable\\n", [*as_nobody, probe], mode="0600")
    # Preloaded into everything, as an administrator may. A program with more rights than its caller is left alone, but for
    # what the system's file says; the caller's environment says nothing.
    setuid = os.path.join(case.folder, "setuid")
    shutil.copy(probe, setuid)
    os.chmod(setuid, 0o4755)
    expect("preloaded everywhere", TWO, "", preload=LIB)
    expect("setuid", "secure plain\n", "", [*as_nobody, setuid], preload=LIB)
    expect("setuid with an environment", "secure plain\n", "", [*as_nobody, "env", "GOSHIM_DISABLE=0", "GOSHIM_DEBUG=help",
                                                                f"GOSHIM_RULES={case.rules}", setuid], preload=LIB)
    expect("setuid that the system's file allows", "secure procs 3\n", "setuid disable=0 maxprocs=3\\n",
           [*as_nobody, setuid], preload=LIB, GOSHIM_MAXPROCS="7", GOSHIM_RULES=case.rules)


def check_start(case):
    """Start-up with the longest file against start-up with none."""
    case.write("program-*-of-some-name maxprocs=4 stack_size=256K # why\n" * 560)

    def best(rules):
        env = environment(GOSHIM_RULES=rules)
        times = []
        for _ in range(60 if QUICK else 200):
            start = time.perf_counter()
            subprocess.run(["/bin/true"], env=env, check=True)
            times.append(time.perf_counter() - start)
        return min(times)

    for _ in range(5):
        cost = best(case.rules) - best("/dev/null")
        if cost < START_LIMIT:
            print(f"reading 32 KB of rules takes {cost * 1e6:.0f} µs")
            return
    wrong(f"reading the rules takes {cost * 1e3:.1f} ms of each start")


def main():
    with tempfile.TemporaryDirectory() as folder:
        # Other users come by too.
        os.chmod(folder, stat.S_IRWXU | stat.S_IXGRP | stat.S_IRGRP | stat.S_IROTH | stat.S_IXOTH)
        tool.compile_c("tests/preload/programs/rules_probe.c", folder, f"-I{SOURCE}/include")
        case = Case(folder)
        check_programs(case)
        check_go(case)
        check_precedence(case)
        check_user_file(case)
        check_odd_files(case)
        check_shipped(case)
        check_command(case)
        check_system_file(case)
        check_start(case)
    tool.finish()


main()
