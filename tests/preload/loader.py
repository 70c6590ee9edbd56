#!/usr/bin/env python3
"""Libraries that come and go: compiles tests/preload/programs/loader and lets run.py judge each program there."""
import glob
import os
import re
import subprocess
import sys
import tempfile

SOURCE = os.environ["GOSHIM_SOURCE"]
PROGRAMS = f"{SOURCE}/tests/preload/programs/loader/"
# In folders of their own, where only one library's RUNPATH leads.
HIDDEN = {"lib_plain": "hidden/lib_hidden.so"}
FLAGS = {"lib_finder": ["-Wl,-rpath,$ORIGIN/hidden"]}
COMPILE = ["cc", "-O1", "-g", "-Wall", "-Wextra", "-pthread"]


def build(folder):
    for source in sorted(glob.glob(PROGRAMS + "lib_*.c")):
        name = os.path.basename(source)[:-2]
        for out in filter(None, (name + ".so", HIDDEN.get(name))):
            subprocess.run([*COMPILE, "-shared", "-fPIC", *FLAGS.get(name, []), source, "-o", os.path.join(folder, out)],
                           check=True)
    programs = [p for p in sorted(glob.glob(PROGRAMS + "*.c")) if not os.path.basename(p).startswith("lib_")]
    for source in programs:
        with open(source) as f:
            link = re.findall(r"^// link: (.*)$", f.read(), re.M)
        subprocess.run([*COMPILE, source, "-o", os.path.join(folder, os.path.basename(source)[:-2]), f"-L{folder}",
                        "-Wl,-rpath,$ORIGIN", *" ".join(link).split()], check=True)
    return programs


def main():
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "hidden"))
        for source in build(folder):
            print(f"# {os.path.basename(source)}", flush=True)
            done = subprocess.run([f"{SOURCE}/tests/programs/run.py", source, os.path.join(folder, os.path.basename(source)[:-2])],
                                  check=False)
            failed |= done.returncode != 0
    sys.exit(1 if failed else 0)


main()
