#!/usr/bin/env python3
"""Includes go down only: a folder of src/ includes itself and the layers below it.

sync and netpoll are siblings; nothing in src/ includes preload/; tools see only include/, the trace format
and the rules files (tools/bench is programs of its own).
"""
import re

import common

# Rank of each layer; equal ranks do not see each other.
RANK = {"os": 0, "arch": 1, "base": 2, "trace": 3, "sched": 4, "netpoll": 5, "sync": 5, "thread": 6, "chan": 7,
        "runtime": 8}
TOOLS_MAY = ("goshim/", "trace/format.h", "base/rules_files.h")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def fault(layer, target):
    """Why a file of this layer may not include this, or None."""
    first = target.split("/")[0]
    if ".." in target.split("/"):
        return "an include path is relative to src/, without .."
    if first == "preload":
        return "src/ does not know preload/"
    if first not in RANK or first == layer or "/" not in target:
        return None
    if RANK[first] < RANK[layer]:
        return None
    return f"{layer} may not know {first}"


def main():
    base = common.root()
    findings, count = [], 0
    for path in common.files(base, ["src", "tools"]):
        count += 1
        parts = path.split("/")
        if parts[0] == "tools" and parts[1] == "bench":
            continue
        if parts[0] == "src" and parts[1] not in RANK:
            findings.append(f"{path}: src/{parts[1]} is no layer")
            continue
        for number, line in enumerate(common.read(base, path).splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1)
            if parts[0] == "src":
                why = fault(parts[1], target)
            elif target.split("/")[0] in RANK or target.startswith("preload/"):
                why = None if target.startswith(TOOLS_MAY) else "tools know only include/, the trace format and the rules files"
            else:
                why = None
            if why:
                findings.append(f'{path}:{number}: includes "{target}": {why}')
    common.finish(findings, f"layers: {count} files")


main()
