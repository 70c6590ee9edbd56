#!/usr/bin/env python3
"""A crash on a goroutine leaves the status and the core that it leaves on a thread: gdb, as anybody starts it, shows the
stack of the thread that crashed."""
import os
import re
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import tool
from tool import wrong

# How it dies, and what gdb shows inside of innermost().
WAYS = {"fault": "", "overflow": "", "raise": "raise", "abort": "abort", "assert": "__assert_fail", "throw": "terminate"}


def unlimited():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    # 8 MB of frames take gdb its time.
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, resource.RLIM_INFINITY))


def crash(exe, way, folder, **more):
    """(raw wait status, the core or None); both are the program's own."""
    child = subprocess.Popen([exe, way], env=tool.environment(**more), cwd=folder, stdin=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, preexec_fn=unlimited)
    _, status = os.waitpid(child.pid, 0)
    child.returncode = status
    cores = [n for n in os.listdir(folder) if n.startswith("core")]
    return status, os.path.join(folder, cores[0]) if cores else None


def check_stack(exe, way, core):
    done = subprocess.run(["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", exe, core, "-ex", "bt 30",
                           "-ex", "bt -12"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    text = done.stdout.decode(errors="replace")
    frames = " ".join(re.findall(r"^#\d+ +(?:0x[0-9a-f]+ in )?(\S+)", text, re.M))
    if not re.search(rf"{WAYS[way]}.* innermost.* middle crasher\b", frames):
        wrong(f"{way}: gdb shows {frames}\n{text[-3000:]}")
    if "corrupt stack" in text:
        wrong(f"{way}: gdb does not find the stack's end")


def main():
    tool.need("gdb")
    with open("/proc/sys/kernel/core_pattern") as f:
        if f.read().strip() not in ("core", "core.%p"):
            print("cores go elsewhere")
            sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        exe = tool.compile_c("tests/preload/programs/crash.cc", folder)
        for way in WAYS:
            plain, core = crash(exe, way, folder)
            if core is None:
                print("no core is written here")
                sys.exit(77)
            os.unlink(core)
            status, core = crash(exe, way, folder, LD_PRELOAD=tool.LIB)
            if status != plain or not os.WCOREDUMP(plain):
                wrong(f"{way}: status {status:#x}, plain {plain:#x}")
            if core is None:
                wrong(f"{way}: no core")
                continue
            check_stack(exe, way, core)
            os.unlink(core)
    tool.finish()


main()
