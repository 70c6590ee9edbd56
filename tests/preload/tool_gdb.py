#!/usr/bin/env python3
"""tools/gdb: loaded by gdb itself beside the library; a deadlocked process and its core; a running goroutine; a process without
goshim. A stripped library is enough."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import tool
from tool import Program, matches, wrong


def gdb(folder, target, *commands):
    """What gdb says to the commands, with scripts that belong to libraries under folder/auto-load."""
    scripts = os.path.join(folder, "auto-load")
    words = ["gdb", "-nx", "-batch", "-iex", f"set auto-load safe-path {scripts}:$debugdir:$datadir/auto-load",
             "-iex", f"set auto-load scripts-directory {scripts}", "-iex", "set width 0", "-iex", "set debuginfod enabled off"]
    for command in commands:
        words += ["-ex", command]
    done = subprocess.run([*words, *target], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False,
                          env=tool.environment(), stdin=subprocess.DEVNULL)
    return done.stdout.decode(errors="replace")


def installed(folder):
    """A stripped copy of the library, and the script where an installation has it."""
    library = os.path.join(folder, "lib", "libgoshim.so")
    os.mkdir(os.path.dirname(library))
    subprocess.run(["strip", "-o", library, tool.LIB], check=True)
    script = os.path.join(folder, "auto-load") + library + "-gdb.py"
    os.makedirs(os.path.dirname(script))
    shutil.copy(os.path.join(tool.SOURCE, "tools/gdb/goshim-gdb.py"), script)
    return library


def check_deadlock(text, what):
    ids = {name: number for number, name in re.findall(r"^ +(\d+) (first|second) ", text, re.M)}
    if sorted(ids) != ["first", "second"]:
        wrong(f"{what}: no first and second in:\n{text[:3000]}")
        return
    matches(text, r"^ +1 deadlock +\[join, .*the end of \d+ ", r"^ +\d+ deadlock +\[sleep, \d+ \w+\] sleeper$",
            rf'^ +{ids["first"]} first +\[mutex lock, .*0x[0-9a-f]+, held by {ids["second"]} "second"\] take$',
            rf'^ +{ids["second"]} second +\[mutex lock, .*held by {ids["first"]} "first"\] take$',
            # goroutine first bt
            "^BT$", r"^#0 ", r"^#\d+ .*\btake \(m=", r"^#\d+ .*hold_and_want \(mine=", r"^#\d+ .* first \(arg=0x0\)",
            # goroutine first frame function first
            "^FRAME$", r"^#\d+ .* first \(arg=0x0\)",
            # bt 1 of the selected thread, which is no goroutine's
            "^SELF$", r"^#0 ",
            # goroutine all bt
            "^ALL$", r'^goroutine 1 "deadlock"', r"^#\d+ .*main \(", r'^goroutine \d+ "second"',
            r"^#\d+ .* second \(arg=0x0\)")


COMMANDS = ("info goroutines", "echo BT\\n", "goroutine first bt", "echo FRAME\\n", "goroutine first frame function first",
            "echo SELF\\n", "bt 1", "echo ALL\\n", "goroutine all bt", "echo NONE\\n", "goroutine 99999", "goroutine deadlock",
            "goroutine 2 bt 2")


def check_live(folder, library, exe):
    with Program(exe, "2", preload=False, LD_PRELOAD=library) as p:
        tool.settled(p.pid)
        text = gdb(folder, ["-p", str(p.pid)], *COMMANDS)
        check_deadlock(text, "live")
        matches(text, "^NONE$", "No goroutine 99999", "3 goroutines are called deadlock", "^#0 ", "^#1 ")
        if re.search(r"^#2 ", text[text.index("goroutines are called") :], re.M):
            wrong("bt 2 shows more than two frames")
        # Only read: it goes on as before.
        check_deadlock(gdb(folder, ["-p", str(p.pid)], *COMMANDS), "live, again")
        if p.process.poll() is not None:
            wrong(f"the process ends with {p.process.poll()} after gdb")


def check_core(folder, library, exe):
    found = tool.core_of(folder, exe, "2", lib=library)
    if found:
        check_deadlock(gdb(folder, [exe, found[1]], *COMMANDS), "core")


def check_running(folder, library, exe):
    with Program(exe, preload=False, LD_PRELOAD=library) as p:
        text = gdb(folder, ["-p", str(p.pid)], "info goroutines", "echo BT\\n", "goroutine spinner bt", "echo WAITER\\n",
                   "goroutine waiter bt")
        matches(text, r"^ +\d+ spinner +\[running, LWP \d+\]", r'^ +\d+ locker +\[mutex lock, .*held by \d+ "spinner"\]',
                r"^ +\d+ poller +\[poll, .*2 fds, the first is \d+\]", "^BT$", r"^#\d+ .*shop::Counter<long>::spin",
                "^WAITER$", r"^#\d+ .*operator\(\) .*/busy\.cc")


def check_plain(folder, exe):
    with Program(exe, "0", preload=False) as p:
        text = gdb(folder, ["-p", str(p.pid)], "source " + os.path.join(tool.SOURCE, "tools/gdb/goshim-gdb.py"),
                   "info goroutines", "goroutine 1", "goroutine")
        if text.count("No libgoshim.so in this process.") < 1 or "Traceback" in text:
            wrong(f"without goshim: {text}")


def main():
    tool.need("gdb")
    tool.need("strip")
    if "yes" not in gdb("/", [], "python print('yes')"):
        print("this gdb has no Python")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        library = installed(folder)
        deadlock = tool.compile_c("tests/preload/programs/deadlock.c", folder)
        check_live(folder, library, deadlock)
        check_core(folder, library, deadlock)
        check_running(folder, library, tool.compile_c("tests/preload/programs/busy.cc", folder, "-std=c++17"))
        check_plain(folder, deadlock)
    tool.finish()


main()
