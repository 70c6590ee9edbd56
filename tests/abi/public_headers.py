#!/usr/bin/env python3
"""include/goshim/*.h compile alone as C11, C17 and C++20, *.hpp as C++20, without a warning, with every compiler there is.

usage: public_headers.py (the arguments of tests/abi are not needed)
"""
import os
import shutil
import subprocess
import sys

ROOT = os.environ["GOSHIM_SOURCE"]
INCLUDE = os.path.join(ROOT, "include")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]


def compile_alone(compiler, language, std, header, *more):
    command = [compiler, f"-std={std}", *WARNINGS, *more, f"-I{INCLUDE}", "-fsyntax-only", "-x", language, "-"]
    done = subprocess.run(command, input=f"#include <goshim/{header}>\n".encode(), check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return None if done.returncode == 0 else f"{' '.join(command)}: {header}\n{done.stderr.decode()[:1500]}"


def main():
    headers = sorted(os.listdir(os.path.join(INCLUDE, "goshim")))
    findings, count = [], 0
    for cc, cxx in (("gcc", "g++"), ("clang", "clang++")):
        if not shutil.which(cc) or not shutil.which(cxx):
            continue
        for header in headers:
            runs = [(cxx, "c++", "c++20")]
            if header.endswith(".h"):
                runs += [(cc, "c", "c11"), (cc, "c", "c17")]
            for run in runs:
                for more in ((), ("-DGOSHIM_DEBUG",)):
                    count += 1
                    findings.append(compile_alone(*run, header, *more))
    findings = [f for f in findings if f]
    print("\n".join(findings) or f"public_headers: {count} compilations")
    sys.exit(bool(findings) or count == 0)


main()
