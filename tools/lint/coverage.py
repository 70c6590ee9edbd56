#!/usr/bin/env python3
"""Each row of the hook table is named in the `// covers:` line of a test program; an alias by its target.

usage: coverage.py [ROOT] [--strict]        prints the uncovered rows; fails on them with --strict only
"""
import os
import re
import sys

import common

sys.path.insert(0, os.path.join(common.ROOT, "tools"))
import interpose_table  # noqa: E402


def main():
    base = common.root()
    table = os.path.join(base, "preload/interpose.def")
    if not os.path.exists(table):
        print("coverage: no hook table yet")
        return
    covered = set()
    for path in common.files(base, ["tests/programs"], (".c", ".cc")):
        for line in re.findall(r"^// covers:(.*)$", common.read(base, path), re.M):
            covered.update(line.replace(",", " ").split())
    rows = interpose_table.exported(table)
    missing = [r.name for r in rows if r.name not in covered and r.target not in covered]
    unknown = sorted(covered - {r.name for r in interpose_table.parse(table)})
    print(f"coverage: {len(rows) - len(missing)} of {len(rows)} rows; {len(unknown)} covered names are no rows")
    for name in missing:
        print(f"  {name} is in no program's covers line")
    if missing and "--strict" in sys.argv:
        sys.exit(1)


main()
