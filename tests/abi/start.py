#!/usr/bin/env python3
"""At load the library runs one constructor and no other code; nothing of C++'s runtime is asked for.

usage: start.py libgoshim.so TABLE
"""
import re
import subprocess
import sys

# The compiler's own start file puts this one in every shared object.
TOOLCHAIN = {"frame_dummy"}
CXX_RUNTIME = re.compile(r"^(_ZSt|_ZNSt|_ZNKSt|_ZTI|_ZTV|_Zn[wa]|_Zd[la]|__cxa_(?!finalize)|__gxx_|__tls_get_addr$)")


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()


def constructors(library):
    """Names of the functions in .init_array, in order."""
    section = re.search(r"\.init_array\s+INIT_ARRAY\s+(\w+)\s+\w+\s+(\w+)", output("readelf", "-SW", library))
    if not section:
        return []
    start, size = int(section.group(1), 16), int(section.group(2), 16)
    names = {}
    for line in output("nm", library).splitlines():
        parts = line.split()
        if len(parts) == 3 and parts[1] in "tT":
            names[int(parts[0], 16)] = parts[2]
    found = []
    for line in output("readelf", "-rW", library).splitlines():
        match = re.match(r"([0-9a-f]{16})\s+\w+\s+(R_X86_64_\w+)\s+(.*)", line)
        if match and start <= int(match.group(1), 16) < start + size:
            value = match.group(3).split()[-1]
            found.append(names.get(int(value, 16), value))
    return found


def main():
    library = sys.argv[1]
    faults = []
    own = [name for name in constructors(library) if name not in TOOLCHAIN]
    if len(own) > 1:
        faults.append("more than one constructor: " + ", ".join(own))
    for line in output("nm", "-D", "--undefined-only", library).splitlines():
        name = line.split()[-1].split("@")[0]
        if CXX_RUNTIME.match(name):
            faults.append(f"asks for {name}")
    for line in output("nm", "-D", "--defined-only", library).splitlines():
        kind, name = line.split()[-2:]
        if kind not in "TWiA" and not name.startswith("goshim_"):
            faults.append(f"{name} is exported as '{kind}', not as a function")
    if "TEXTREL" in output("readelf", "-dW", library):
        faults.append("has text relocations")
    print("\n".join(faults) or f"start: constructors {own}")
    sys.exit(1 if faults else 0)


main()
