#!/usr/bin/env python3
"""Makes the linker's version script from the hook table: the table's names and goshim_* are global, all else local.

usage: gen_map.py preload/interpose.def OUT
"""
import sys

import interpose_table


def main():
    table, out = sys.argv[1:]
    try:
        names = sorted(row.name for row in interpose_table.exported(table))
    except interpose_table.TableError as e:
        sys.exit(str(e))
    with open(out, "w") as f:
        f.write("{\n  global:\n")
        f.writelines(f"    {name};\n" for name in names)
        f.write("    goshim_*;\n  local:\n    *;\n};\n")


main()
