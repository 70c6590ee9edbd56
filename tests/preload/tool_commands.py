#!/usr/bin/env python3
"""goshim run, stats, top, doctor, bench; and what each says to bad input."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import tool
from tool import Program, Terminal, Tool, matches, wrong

STATUS = "import sys; sys.exit(7)"
WAITS = ("sh", "-c", "echo waits; read line")
STATIC = "int main(void) { return 0; }\n"


def check_bad_input(folder):
    empty, text, alien = (os.path.join(folder, name) for name in ("empty", "text", "alien"))
    open(empty, "w").close()
    with open(text, "w") as f:
        f.write("no core\n")
    with open(alien, "wb") as f:
        f.write(b"\x7fELF\x01\x01\x01" + b"\0" * 9 + b"\x04\0\x03\0" + b"\xff" * 200)
    gone = subprocess.Popen(["true"])
    gone.wait()
    Tool("nosuch").bad("nosuch")
    for command in ("stats", "stacks"):
        Tool(command).bad("needs")
        Tool(command, "a", "b").bad("one argument")
        Tool(command, "--nosuch", "1").bad("--nosuch")
        Tool(command, gone.pid).bad("no process")
        Tool(command, "99999999999").bad("not a process id")
        Tool(command, "-5").bad("-5")
        Tool(command, "five").bad("five")
        Tool(command, os.getpid()).bad("goshim loaded")
        for path in (empty, text, alien, "/bin/true", os.path.join(folder, "nosuch"), folder):
            Tool(command, path).bad(path)
    Tool("stats", "--json", "--prometheus", "1").bad("not both")
    Tool("top", "--sort", "x", "1").bad("--sort")
    Tool("top", "-n", "0", "1").bad("-n")
    Tool("top", "/bin/true").bad("not a process id")
    Tool("run").bad("program")
    Tool("run", "--procs").bad("value")
    Tool("run", "--stats=5", "true").bad("no value")
    Tool("run", "nosuch-program").bad("PATH")
    Tool("run", "/nonexistent/a").bad("/nonexistent/a")
    Tool("run", text).bad("not an executable")
    Tool("run", "true", GOSHIM_LIB="/nonexistent.so").bad("GOSHIM_LIB")
    Tool("bench").bad("server")
    Tool("bench", "true").bad("load")
    Tool("doctor", "a", "b").bad("one argument")


def check_not_ours():
    """Another user's process; root would be let in."""
    if os.getuid() != 0:
        return
    # Where nobody can get at it: the build may be under a home of root's.
    with tempfile.TemporaryDirectory() as folder, Program(*WAITS, preload=False) as p:
        os.chmod(folder, 0o755)
        mine = shutil.copy(tool.TOOL, folder)
        for command in (["stats"], ["stacks"], ["top", "-n", "1"], ["trace", "-t", "1", "-o", "/dev/null"]):
            done = subprocess.run([mine, *command, str(p.pid)], env=tool.environment(), user=65534, group=65534,
                                  extra_groups=[], capture_output=True, timeout=tool.PATIENCE, check=False)
            if done.returncode != 2 or done.stdout or not re.fullmatch(rb"goshim: .*may not be read.*\n", done.stderr):
                wrong(f"{command} of root's process by nobody: {done.returncode} {done.stdout!r} {done.stderr!r}")


def check_alien(folder):
    """Libraries that only look like ours."""
    library = os.path.join(folder, "libgoshim.so")
    head = 'struct { char magic[8]; unsigned version, size; char rest[500]; } goshim_layout = {"%s", %d, %d};'
    for source, words in (("int goshim_something;", "no goshim_layout"), (head % ("other", 1, 516), "not what it should be"),
                          (head % ("goshim!", 77, 516), "layout 77"), (head % ("goshim!", 1, 516), None)):
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=source.encode(), check=True)
        with Program(*WAITS, preload=False, LD_PRELOAD=library) as p:
            for command in ("stats", "stacks"):
                if words:
                    Tool(command, p.pid).bad(words)
                # All that a layout of zeros leads to is nothing.
                elif Tool(command, p.pid).status not in (0, 2):
                    wrong(f"{command} of a layout of zeros")


def check_refusals(folder):
    source = os.path.join(folder, "static.c")
    with open(source, "w") as f:
        f.write(STATIC)
    exe = os.path.join(folder, "static")
    subprocess.run(["cc", "-static", source, "-o", exe], check=True)
    Tool("run", exe).bad("statically linked")
    musl = os.path.join(folder, "musl")
    with open("/bin/true", "rb") as f:
        image = f.read()
    name = b"/lib64/ld-linux-x86-64.so.2"
    with open(musl, "wb") as f:
        f.write(image.replace(name, b"/lib/ld-musl-x86_64.so.1\0\0\0", 1))
    os.chmod(musl, 0o755)
    Tool("run", musl).bad("musl")
    other = os.path.join(folder, "other")
    with open(other, "wb") as f:
        f.write(image[:18] + b"\xb7\0" + image[20:])
    os.chmod(other, 0o755)
    Tool("run", other).bad("architecture")
    if os.getuid() == 0:
        setuid = os.path.join(folder, "setuid")
        with open(setuid, "wb") as f:
            f.write(image)
        os.chown(setuid, 65534, 65534)
        os.chmod(setuid, 0o4755)
        Tool("run", setuid).bad("setuid")


def check_run(folder, deadlock):
    run = Tool("run", "--procs", "3", "--", "sh", "-c", "echo $GOSHIM_MAXPROCS; echo $LD_PRELOAD; exit 7")
    if (run.status, run.out.split()) != (7, ["3", tool.LIB]):
        wrong(f"run: {run.status} {run.out!r} {run.err!r}")
    script = os.path.join(folder, "script")
    with open(script, "w") as f:
        f.write("#!/bin/sh\necho script $1\nkill -9 $$\n")
    os.chmod(script, 0o755)
    for options in ((), ("--stats",)):
        run = Tool("run", *options, script, "x")
        if (run.status, run.out) != (-9, "script x\n"):
            wrong(f"run {options}: {run.status} {run.out!r} {run.err!r}")
    # The statistics at the end, whatever the end is.
    for end in (signal.SIGTERM, signal.SIGKILL):
        p = subprocess.Popen([tool.TOOL, "run", "--stats", deadlock, "5"], env=tool.environment(),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stdout.readline()
        with open(f"/proc/{p.pid}/task/{p.pid}/children") as f:
            child = int(f.read().split()[0])
        for sig in (signal.SIGSTOP, signal.SIGCONT, signal.SIGWINCH):
            os.kill(child, sig)
            time.sleep(0.05)
        os.kill(child, end)
        _, err = p.communicate(timeout=tool.PATIENCE)
        if p.returncode != -end:
            wrong(f"run --stats ends with {p.returncode} after {end}")
        matches(err.decode(), r"^goshim: 8 goroutines at the end", r"^goshim: \d+ switches", r"^goshim: libc: [1-9]")
    out = os.path.join(folder, "stats")
    run = Tool("run", f"--stats-file={out}", "sh", "-c", "exit 3")
    with open(out) as f:
        if run.status != 3 or run.err or "no thread" not in f.read():
            wrong(f"run --stats-file: {run.status} {run.err!r}")


def check_stats(deadlock):
    with Program(deadlock, "7") as p:
        tool.settled(p.pid)
        matches(Tool("stats", p.pid).good(), r"^goroutines +10$", r"^retakes_unseen +\d+$", r"^libc_patched +[1-9]",
                r"^goroutines in +2 mutex lock$", r"^goroutines in +7 sleep$", r"^P0 ")
        data = json.loads(Tool("stats", "--json", p.pid).good())
        if (data["pid"], data["goroutines"], data["states"].get("sleep")) != (p.pid, 10, 7) or not data["procs"]:
            wrong(f"stats --json: {data}")
        lines = Tool("stats", "--prometheus", p.pid).good().splitlines()
        for line in lines:
            if not re.fullmatch(r'# TYPE \w+ (gauge|counter)|goshim_\w+({\w+="[^"]*"})? -?\d+', line):
                wrong(f"stats --prometheus: {line!r}")
        if 'goshim_goroutines_in{state="sleep"} 7' not in lines:
            wrong(f"stats --prometheus: {lines}")
        matches(Tool("doctor", p.pid).good(), r"ok +process", "10 goroutines")


def rows(page):
    """The goroutines of one page of top, in order."""
    return [line.split() for line in page[page.index(" ID ") :].splitlines()[1:] if line.strip()]


def check_top(deadlock, busy):
    with Program(deadlock, "3") as p:
        tool.settled(p.pid)
        text = Tool("top", "-d", "1", "-n", "2", p.pid).good()
        if text.count("goshim top:") != 2 or "\033" in text:
            wrong(f"plain top: {text!r}")
        matches(text, r"^6 goroutines", r"^per second: ", r"^P0 \d+/s", r"2 mutex lock, 3 sleep",
                r'^ +\d+ first +mutex lock .* held by \d+ "second"$')
        terminal = Terminal("top", p.pid)
        if terminal.until(r"(?s)6 goroutines.*held by.*sort by t:since\*"):
            terminal.type("i")
            terminal.until(r"(?s)FOR\S*\s+1 deadlock +join.*\b2 .*i:id\*")
            terminal.text = ""
            terminal.type("/mutexx\b")
            terminal.until(r"filter: mutex_")
            terminal.type("\n")
            terminal.until('/:filter "mutex"')
            last = terminal.text[terminal.text.rindex(" ID ") :]
            if "first" not in last or "second" not in last or "deadlock" in last or "sleep" in last:
                wrong(f"top with a filter shows {last!r}")
            terminal.type("q")
        if terminal.end() != 0 or "\033[?1049l" not in terminal.text:
            wrong(f"top on a terminal: {terminal.text[-300:]!r}")
        terminal = Terminal("top", p.pid)
        terminal.until("6 goroutines")
        p.process.kill()
        if terminal.end() != 0:
            wrong("top does not end well when its process does")
    with Program(busy) as p:
        def sorted_by(key, *more):
            return rows(Tool("top", "-d", "1", "-n", "2", "--sort", key, *more, p.pid).good().split("goshim top:")[2])
        first = sorted_by("cpu")[0]
        if first[1:3] != ["spinner", "running"] or float(first[3]) <= 0:
            wrong(f"top --sort cpu begins with {first}")
        first = sorted_by("waits")[0]
        # Its state is a matter of the moment: it naps for 2 ms, and then needs a CPU.
        if first[1] != "napper" or float(first[-1]) <= 5:
            wrong(f"top --sort waits begins with {first}")
        names = [row[1] for row in sorted_by("name")]
        if names != sorted(names) or len(names) != 7:
            wrong(f"top --sort name: {names}")
        names = [row[1] for row in sorted_by("id", "--filter", "wait")]
        if names != ["waiter"]:
            wrong(f"top --filter wait: {names}")


def check_doctor():
    run = Tool("doctor")
    if run.status != 0 or run.err or not matches(run.out, r"ok +x86-64", r"ok +glibc [\d.]+, goshim .*goroutines",
                                                 r"ok +\d+ of libc's"):
        wrong(f"doctor: {run.status} {run.out} {run.err}")
    matches(Tool("doctor", "sh").good(), "dynamically linked")


def check_bench(server):
    tool.need("wrk")
    port = 21000 + os.getpid() % 10000
    run = Tool("bench", "-n", "1", "--load", f"wrk -t1 -c8 -d1 http://127.0.0.1:{port}/", "--", server, port)
    if run.status != 0 or not matches(run.out, r"^medians of 1 +pthreads +goshim +ratio",
                                      r"^requests/s +[\d.]+ +[\d.]+ +[\d.]+$", r"^server CPU, µs a request"):
        wrong(f"bench: {run.status} {run.out} {run.err}")
    Tool("bench", "-n", "1", "--load", "true", "--", "true").bad("ended before")


def main():
    with tempfile.TemporaryDirectory() as folder:
        deadlock = tool.compile_c("tests/preload/programs/deadlock.c", folder)
        check_bad_input(folder)
        check_not_ours()
        check_alien(folder)
        check_refusals(folder)
        check_run(folder, deadlock)
        check_stats(deadlock)
        check_top(deadlock, tool.compile_c("tests/preload/programs/busy.cc", folder, "-std=c++17"))
        check_doctor()
        check_bench(tool.compile_c("examples/http_server.c", folder))
    tool.finish()


main()
