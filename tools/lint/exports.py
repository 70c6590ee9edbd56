#!/usr/bin/env python3
"""libgoshim.so exports exactly the hook table and goshim_*, and needs libc and the loader only.

usage: exports.py libgoshim.so preload/interpose.def
"""
import os
import re
import subprocess
import sys

import common

sys.path.insert(0, os.path.join(common.ROOT, "tools"))
import interpose_table  # noqa: E402

MAY_NEED = {"libc.so.6", "ld-linux-x86-64.so.2"}


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()


def main():
    library, table = sys.argv[1:3]
    rows = interpose_table.exported(table)
    wanted = {row.name for row in rows}
    found = {line.split()[-1].split("@")[0]
             for line in output("nm", "-D", "--defined-only", library).splitlines()}
    findings = [f"{name} is in the table but not exported" for name in sorted(wanted - found)]
    findings += [f"{name} is exported but not in the table" for name in sorted(found - wanted)
                 if not name.startswith("goshim_")]
    for row in rows:
        if row.target and row.target not in wanted:
            findings.append(f"{table}:{row.line}: ALIAS of {row.target}, which is not in the table")
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", library)):
        if name not in MAY_NEED:
            findings.append(f"NEEDED {name}")
    common.finish(findings, f"exports: {len(found)} symbols")


main()
