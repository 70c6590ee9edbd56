#!/usr/bin/env python3
"""C and C++ sources are as clang-format leaves them.

usage: format.py [ROOT] [--changed] [--fix]     --changed: only what differs from the last commit
Ends with 77 (skipped) where clang-format or git is absent.
"""
import shutil
import subprocess
import sys

import common

FOLDERS = ("src", "preload", "include", "tests", "examples", "tools")


def git(base, *args):
    done = subprocess.run(["git", "-C", base, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode().split("\n") if done.returncode == 0 else None


def main():
    base = common.root()
    if not shutil.which("clang-format"):
        print("no clang-format")
        sys.exit(77)
    paths = common.files(base, FOLDERS, (".h", ".c", ".cc"))
    if "--changed" in sys.argv:
        changed = git(base, "diff", "--name-only", "--relative", "HEAD")
        new = git(base, "ls-files", "--others", "--exclude-standard")
        if changed is None or new is None:
            print("no git work tree")
            sys.exit(77)
        paths = [p for p in paths if p in set(changed + new)]
    findings = []
    for at in range(0, len(paths), 50):
        some = paths[at : at + 50]
        if "--fix" in sys.argv:
            subprocess.run(["clang-format", "-i", *some], cwd=base, check=True)
            continue
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", *some], cwd=base, stderr=subprocess.PIPE,
                              check=False)
        bad = {line.split(":")[0] for line in done.stderr.decode().splitlines() if ": error:" in line}
        findings += [f"{path}: run tools/lint/format.py --fix" for path in sorted(bad)]
        if done.returncode != 0 and not bad:
            findings.append(done.stderr.decode()[:500])
    common.finish(findings, f"format: {len(paths)} files")


main()
