#!/usr/bin/env python3
"""What library code never uses: the program's allocator, stdio, C++ runtime types, TLS outside its places.

src/ and preload/ live inside somebody else's process: its malloc may use our mutexes, its stdout is not
ours. base/poison.h catches calls at compile time; this sees templates and macros that are not yet expanded too.
"""
import re

import common

CALLS = ("malloc calloc realloc free posix_memalign aligned_alloc memalign printf fprintf dprintf sprintf vprintf "
         "vfprintf puts fputs putchar fwrite fopen fclose fflush perror strerror strdup getline abort exit "
         "atexit").split()
TYPES = r"\bstd::(?:mutex|recursive_mutex|shared_mutex|condition_variable|thread|jthread|function|string|vector|map|" \
        r"unordered_map|deque|shared_ptr|i?ostream|cout|cerr)\b"
TLS = r"\b(?:thread_local|__thread|errno)\b"

# (what, pattern, files that may)
RULES = (
    ("is a libc call the library does not make",
     r"(?<![\w.>:])(?:std::|::)?(?:" + "|".join(CALLS) + r")\s*\(", ("src/base/poison.h",)),
    ("is a C++ runtime type", TYPES, ()),
    # real.cc runs before anything is set up: it answers for symbols that this glibc lacks.
    ("is allowed in sched/tls.*, preload/blocking.h and preload/real.cc only", TLS,
     ("src/sched/tls.h", "src/sched/tls.cc", "preload/blocking.h", "preload/real.cc")),
    ("is allowed in base/atomic.h and preload/real.cc only", r"\bstd::atomic\b|\b__atomic_\w+|\b__sync_\w+",
     ("src/base/atomic.h", "preload/real.cc")),
)
# A line that must stand against a rule says so: `// lint: allow, because ...`
ALLOWED = re.compile(r"//.*\blint: allow\b")


def main():
    base = common.root()
    findings, count = [], 0
    for path in common.files(base, ["src", "preload"], (".h", ".cc")):
        count += 1
        text = common.read(base, path)
        raw = text.splitlines()
        for number, line in enumerate(common.code_only(text).splitlines()):
            if line.lstrip().startswith("#"):
                continue
            above = raw[number - 1] if number and raw[number - 1].lstrip().startswith("//") else ""
            if ALLOWED.search(raw[number]) or ALLOWED.search(above):
                continue
            for what, pattern, may in RULES:
                match = re.search(pattern, line)
                if match and path not in may:
                    findings.append(f"{path}:{number + 1}: '{match.group(0).rstrip('( ')}' {what}")
    common.finish(findings, f"forbidden: {count} files")


main()
