#!/usr/bin/env python3
"""The USDT probes: all events have one, with two operands and the semaphore that all share; the example for bpftrace sees a
server at work, where bpftrace works, and afterwards nothing is left on."""
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import tool
from tool import Program, matches, wrong


def check_notes():
    notes = subprocess.run(["readelf", "-nW", tool.LIB], stdout=subprocess.PIPE, check=True).stdout.decode()
    probes = re.findall(r"Provider: goshim\s+Name: (\w+)\s+Location: (\w+), Base: \w+, Semaphore: (\w+)\s+Arguments: (.*)", notes)
    if not probes:
        print("built without sys/sdt.h")
        sys.exit(77)
    with open(os.path.join(tool.SOURCE, "include/goshim/trace_format.h")) as f:
        events = set(re.findall(r"^  X\((\w+), ", f.read(), re.M)) - {"none"}
    if {name for name, *_ in probes} != events:
        wrong(f"probes and events differ: {sorted({name for name, *_ in probes} ^ events)}")
    if len({semaphore for _, _, semaphore, _ in probes}) != 1 or int(probes[0][2], 16) == 0:
        wrong(f"semaphores: {probes}")
    for name, _, _, operands in probes:
        if len(operands.split()) != 2 or not all(o.startswith("8@") for o in operands.split()):
            wrong(f"operands of {name}: {operands}")


def watched(pid):
    """The probes' semaphore in the process."""
    symbols = subprocess.run(["nm", tool.LIB], stdout=subprocess.PIPE, check=True).stdout.decode()
    found = re.search(r"^(\w+) . goshim_trace_control$", symbols, re.M)
    if not found:
        return None
    with open(f"/proc/{pid}/maps") as f:
        base = next(int(line.split("-")[0], 16) for line in f if line.rstrip().endswith(tool.LIB))
    with open(f"/proc/{pid}/mem", "rb") as f:
        f.seek(base + int(found.group(1), 16))
        return int.from_bytes(f.read(8), "little")


def bpftrace(*args):
    return subprocess.run(["bpftrace", *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          timeout=60, check=False).stdout.decode()


def check_bpftrace(server, folder):
    tool.need("bpftrace")
    tool.need("wrk")
    if "works" not in bpftrace("-e", 'BEGIN { printf("works\\n"); exit(); }'):
        print("bpftrace does not work here")
        return
    with open(os.path.join(tool.SOURCE, "tools/bpftrace/scheduling.bt")) as f:
        script = f.read()
    ends = os.path.join(folder, "ends.bt")
    with open(ends, "w") as f:
        f.write(script + "\ninterval:s:4 {\n  exit();\n}\n")
    with Program(server, "0") as p:
        port = re.search(r"(\d+)$", p.line.strip()).group(1)
        load = subprocess.Popen(["wrk", "-t1", "-c8", "-d20", f"http://127.0.0.1:{port}/"], stdout=subprocess.PIPE)
        try:
            text = bpftrace("-p", str(p.pid), ends, tool.LIB)
        finally:
            load.terminate()
            load.communicate()
        # 2: fd read
        matches(text, r"^@waited_us\[2\]:", r"^\[.*\|@", r"^@runnable_us:", r"^\[.*\|@")
        for _ in range(100):
            left = watched(p.pid)
            if not left:
                break
            time.sleep(0.05)
        if left:
            wrong(f"bpftrace has gone, and {left} is still watched")


def main():
    tool.need("readelf")
    check_notes()
    with tempfile.TemporaryDirectory() as folder:
        check_bpftrace(tool.compile_c("examples/http_server.c", folder), folder)
    tool.finish()


main()
