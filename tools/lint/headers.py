#!/usr/bin/env python3
"""Each header of src/, include/ and preload/ compiles alone.

usage: headers.py [ROOT] [--compiler CXX]
"""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import common


def main():
    base = common.root()
    compiler = sys.argv[sys.argv.index("--compiler") + 1] if "--compiler" in sys.argv else "c++"
    command = [compiler, "-std=c++20", "-fsyntax-only", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra",
               "-Isrc", "-Iinclude", "-I."]
    if compiler.split("/")[-1].startswith("clang"):
        command.append("-Wno-pragma-once-outside-header")

    def compile_alone(path):
        source = f'#include "{path}"\n'
        done = subprocess.run(command + ["-x", "c++", "-"], input=source.encode(), cwd=base, check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return None if done.returncode == 0 else f"{path} does not compile alone:\n{done.stderr.decode()[:1500]}"

    headers = common.files(base, ["src", "include", "preload"], (".h",))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = [f for f in pool.map(compile_alone, headers) if f]
    common.finish(findings, f"headers: {len(headers)} headers")


main()
