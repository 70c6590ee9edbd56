#!/usr/bin/env python3
"""The core never calls a libc function that preload/ replaces: undefined symbols of the archive and the hook table
have nothing in common.

usage: core_symbols.py libgoshim_core.a preload/interpose.def
"""
import os
import subprocess
import sys

import common

sys.path.insert(0, os.path.join(common.ROOT, "tools"))
import interpose_table  # noqa: E402

# Where the hook, reached from inside, does nothing but go on to libc's.
HARMLESS = {"__sigsetjmp": "pthread_cleanup_push saves no mask"}


def symbols(archive, *flags):
    done = subprocess.run(["nm", "-A", *flags, archive], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    out = {}
    for line in done.stdout.decode().splitlines():
        place, name = line.split()[0], line.split()[-1]
        out.setdefault(name.split("@")[0], place.split(":")[1] if ":" in place else place)
    return out


def main():
    archive, table = sys.argv[1:3]
    hooked = {row.name for row in interpose_table.exported(table)}
    missing = symbols(archive, "--undefined-only")
    defined = symbols(archive, "--defined-only", "--extern-only")
    findings = [f"{place}: calls {name}, which preload/ replaces"
                for name, place in sorted(missing.items()) if name in hooked and name not in defined and name not in HARMLESS]
    common.finish(findings, f"core_symbols: {len(missing)} undefined symbols against {len(hooked)} hooks")


main()
