#!/usr/bin/env python3
"""Each lint passes a right tree and reports a wrong one: a lint that cannot fail proves nothing. Prints TAP."""
import os
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("GOSHIM_SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
LINTS = os.path.join(SOURCE, "tools", "lint")
TABLE = "HOOK(int, hooked_call, (int fd))\nALIAS(hooked_twin, hooked_call)\nNOT_HOOKED(fread, \"seen (by nobody)\")\n"
RELEASE = "void f() { x.store_release(1); }  // [a.b]\n"
ACQUIRE = "int g() { return x.load_acquire(); }  // [a.b]\n"

# (lint, what, files, further arguments, does it pass, words of the report)
CASES = [
    ("layers", "down", {"src/sched/g.h": '#include "base/list.h"\n'}, [], True, ""),
    ("layers", "up", {"src/base/list.h": '#include "sched/g.h"\n'}, [], False, "base may not know sched"),
    ("layers", "sibling", {"src/sync/a.cc": '#include "netpoll/netpoll.h"\n'}, [], False, "sync may not know netpoll"),
    ("layers", "preload", {"src/sync/a.cc": '#include "preload/real.h"\n'}, [], False, "does not know preload"),
    ("layers", "tools", {"tools/goshim/a.cc": '#include "sched/g.h"\n'}, [], False, "tools know only"),
    ("orders", "both ends", {"src/base/a.cc": RELEASE + ACQUIRE}, [], True, ""),
    ("orders", "above, over two lines",
     {"src/base/a.cc": "// why [a.b]\nif (one &&\n    y.cas_acq_rel(1, 2)) {\n}\n"}, [], True, ""),
    ("orders", "no tag", {"preload/a.cc": "int g() { return x.load_acquire(); }\n"}, [], False, "has no [protocol"),
    ("orders", "no tag on a fence", {"src/base/a.cc": "fence_seq_cst();\n"}, [], False, "has no [protocol"),
    ("orders", "one end", {"src/base/a.cc": RELEASE}, [], False, "[a.b] has no acquiring end"),
    ("orders", "other end", {"src/base/a.cc": ACQUIRE}, [], False, "[a.b] has no releasing end"),
    ("size", "small", {"src/base/a.cc": "\n" * 600}, [], True, ""),
    ("size", "long", {"src/base/a.cc": "\n" * 601}, [], False, "at most 600"),
    ("size", "long readme", {"src/base/README.md": "\n" * 31}, [], False, "at most 30"),
    ("forbidden", "clean", {"src/base/a.cc": 'int f() { return free_list(p->free(1), "malloc(1)"); }  // malloc(2)\n'},
     [], True, ""),
    ("forbidden", "malloc", {"src/base/a.cc": "void* f() { return malloc(1); }\n"}, [], False, "malloc"),
    ("forbidden", "std::mutex", {"preload/a.cc": "std::mutex m;\n"}, [], False, "C++ runtime type"),
    ("forbidden", "thread_local", {"src/sync/a.cc": "thread_local int x;\n"}, [], False, "tls"),
    ("forbidden", "allowed", {"src/sync/a.cc": "thread_local int x;  // lint: allow, because of a test\n"}, [], True, ""),
    ("headers", "alone", {"src/base/a.h": "#pragma once\n#include <cstdint>\ninline uint32_t f() { return 1; }\n"},
     [], True, ""),
    ("headers", "not alone", {"src/base/a.h": "#pragma once\ninline Unknown f();\n"}, [], False, "compile alone"),
    ("coverage", "covered", {"preload/interpose.def": TABLE, "tests/programs/a/b.c": "// covers: hooked_call\n"},
     ["--strict"], True, ""),
    ("coverage", "uncovered", {"preload/interpose.def": TABLE}, ["--strict"], False, "hooked_call is in no program"),
    ("coverage", "uncovered but lenient", {"preload/interpose.def": TABLE}, [], True, "hooked_twin"),
    ("families", "nothing known", {"preload/interpose.def": TABLE}, [], False, "pthread_create is exported by libc"),
    ("families", "twice", {"preload/interpose.def": TABLE + "NOT_HOOKED(a fread, \"why\")\n"}, [], False,
     "fread stands there twice"),
    ("format", "formatted", {".clang-format": "BasedOnStyle: Google\n", "src/a.cc": "int f() { return 1; }\n"}, [], True,
     ""),
    ("format", "unformatted", {".clang-format": "BasedOnStyle: Google\n", "src/a.cc": "int  f( ){return 1;}\n"}, [],
     False, "src/a.cc"),
]

# Lints on binaries: (lint, what, C source, how it is linked, does it pass, words)
BINARIES = [
    ("exports", "right", "int hooked_call(int x) { return x; } int hooked_twin(int x) { return x; } void goshim_a(void) {}",
     True, ""),
    ("exports", "one missing", "int hooked_call(int x) { return x; }", False, "hooked_twin is in the table but not exported"),
    ("exports", "one too many", "int hooked_call(int x) { return x; } int hooked_twin(int x) { return x; } void leak(void) {}",
     False, "leak is exported"),
    ("families", "a libc whose calls are all known", "int hooked_call(int x) { return x; } int fread(void) { return 1; }",
     True, "hooked 1, not hooked with reason 1, unknown 0"),
    ("families", "a newer libc's new call", "int hooked_call(int x) { return x; } int pthread_newest_np(void) { return 1; }",
     False, "pthread_newest_np is exported by libc"),
    ("families", "a new twin", "int hooked_call(int x) { return x; } int hooked_call64(int x) { return x; }", False,
     "hooked_call64 is exported by libc"),
    ("core_symbols", "right", "int other(int); int f(void) { return other(1); }", True, ""),
    ("core_symbols", "calls a hook", "int hooked_call(int); int f(void) { return hooked_call(1); }", False,
     "calls hooked_call"),
]


def write(base, files):
    for path, text in files.items():
        full = os.path.join(base, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as f:
            f.write(text)


def lint(name, args):
    done = subprocess.run([sys.executable, os.path.join(LINTS, name + ".py"), *args], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode()


def compile_for(name, base, source):
    """A library for exports, an archive for core_symbols."""
    write(base, {"a.c": source, "interpose.def": TABLE, "preload/interpose.def": TABLE})
    here = {"cwd": base, "check": True}
    if name in ("exports", "families"):
        subprocess.run(["cc", "-shared", "-fPIC", "-o", "a.out", "a.c"], **here)
    else:
        subprocess.run(["cc", "-c", "-o", "a.o", "a.c"], **here)
        subprocess.run(["ar", "crs", "a.out", "a.o"], **here)
    if name == "families":
        return [base, "--libc", os.path.join(base, "a.out")]
    return [os.path.join(base, "a.out"), os.path.join(base, "interpose.def")]


def main():
    print(f"1..{len(CASES) + len(BINARIES)}")
    failed = number = 0

    def report(name, what, status, out, passes, words):
        nonlocal failed, number
        number += 1
        skip = " # SKIP " + out.strip() if status == 77 else ""
        right = status == 77 or ((status == 0) == passes and words in out)
        failed += not right
        print(f"{'ok' if right else 'not ok'} {number} - {name}: {what}{skip}")
        if not right:
            print("".join(f"# {line}\n" for line in [f"status {status}"] + out.splitlines()), end="")

    for name, what, files, args, passes, words in CASES:
        with tempfile.TemporaryDirectory() as base:
            write(base, files)
            report(name, what, *lint(name, [base, *args]), passes, words)
    for name, what, source, passes, words in BINARIES:
        with tempfile.TemporaryDirectory() as base:
            report(name, what, *lint(name, compile_for(name, base, source)), passes, words)
    sys.exit(1 if failed else 0)


main()
