#!/usr/bin/env python3
"""src/doc/api.md: every snippet compiles without a warning, and no call of goshim.h is missing from tables and snippets."""
import os
import re
import shutil
import subprocess
import sys

SOURCE = os.environ["GOSHIM_SOURCE"]
PRELUDE = "#include <goshim/goshim.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
# A snippet is not a program: what it defines need not be used.
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unused-function", "-fsyntax-only", "-x", "c", "-"]


def main():
    with open(os.path.join(SOURCE, "include/goshim/goshim.h"), encoding="utf-8") as f:
        header = f.read()
    with open(os.path.join(SOURCE, "src/doc/api.md"), encoding="utf-8") as f:
        reference = f.read()
    faults = 0
    snippets = re.findall(r"^```c\n(.*?)^```$", reference, re.M | re.S)
    tables = "\n".join(line.split("|")[1] for line in reference.splitlines() if line.startswith("| `"))
    calls = set(re.findall(r"^(?:GOSHIM_[A-Z]+ )*GOSHIM_API [^(;]*?\b(goshim_\w+)\(", header, re.M))
    calls |= set(re.findall(r"^static inline goshim_case (goshim_\w+)\(", header, re.M))
    for name in sorted(calls):
        for what, text in (("table", tables), ("snippet", "\n".join(snippets))):
            if not re.search(rf"\b{name}\b", text):
                print(f"WRONG {name} is in no {what}")
                faults += 1
    for name in sorted(set(re.findall(r"\bgoshim_\w+", tables)) - calls):
        if not re.search(rf"\b{name}\b", header):
            print(f"WRONG {name} is not in the header")
            faults += 1
    compilers = [c for c in ("gcc", "clang") if shutil.which(c)]
    for i, snippet in enumerate(snippets):
        for compiler in compilers:
            done = subprocess.run([compiler, "-I" + os.path.join(SOURCE, "include"), *FLAGS], input=PRELUDE + snippet,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
            if done.returncode != 0:
                print(f"WRONG snippet {i + 1}, {compiler}:\n{done.stdout}")
                faults += 1
    print(f"{len(calls)} calls, {len(snippets)} snippets, {' and '.join(compilers)}")
    if len(calls) < 50 or not snippets or not compilers:
        sys.exit("nothing was checked")
    sys.exit(1 if faults else 0)


main()
