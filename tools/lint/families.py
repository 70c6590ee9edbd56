#!/usr/bin/env python3
"""Every call of libc that has to do with threads stands in the hook table: hooked, or NOT_HOOKED with its reason.

What has to do with threads, of what libc exports for programs:
  - what the headers below declare (of <unistd.h> and the like, what WORDS names);
  - what WORDS names, whether a header declares it or not: a new call of a newer glibc is seen without its headers;
  - every twin (__x, x64, x_chk, ...) of a row.
A row for a name that this libc does not have (it is of a newer one) is right; a row twice is not.

usage: families.py [ROOT] [--libc FILE]... [--list]     --list prints every row with what it is
"""
import os
import re
import subprocess
import sys

import common

sys.path.insert(0, os.path.join(common.ROOT, "tools"))
import interpose_table  # noqa: E402

# Whole headers, and headers of which a part is about threads.
HEADERS = "pthread.h semaphore.h threads.h signal.h sched.h sys/wait.h spawn.h mqueue.h aio.h setjmp.h ucontext.h".split()
PARTLY = "unistd.h time.h sys/time.h sys/resource.h sys/prctl.h stdlib.h sys/capability.h sys/io.h".split()
WORDS = re.compile(
    r"_*(?:(?:libc_)?(?:pthread|sem_|mtx_|cnd_|tss_|thrd_|call_once|sig(?!nbit)|xpg_sig|psig|[bs]sd_signal|timer|clock|sched|mq_|"
    r"aio_|lio_|posix_spawn|wait|exec|v?fork|daemon|clone|nanosleep|u?sleep|u?alarm|[gs]etitimer|getcpu|gettid|"
    r"setns|unshare|prctl|arch_prctl|[gs]etpriority|nice|cap[gs]et|ioprio|pidfd|pkey_(?:get|set)|tgkill|kill|raise|pause|_?setjmp|"
    r"longjmp|[gs]etcontext|makecontext|swapcontext|initgroups|setgroups|sete?[ug]id|setres?[ug]id|setfs[ug]id|"
    r"at_quick_exit|quick_exit|atexit|exit|Exit|abort|register_atfork|cxa_(?:thread_)?at|cxa_finalize|rseq|membarrier|"
    r"ptrace|personality|tc(?:drain|flow|flush|sendbreak|set)|getrusage)\w*)")
NOT_PROGRAMS = re.compile(r"GLIBC_PRIVATE|ABS")


def output(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                          universal_newlines=True).stdout


def libc_path():
    for line in output("ldd", "/bin/sh").splitlines():
        if "libc.so" in line:
            return line.split()[2]
    sys.exit("families: no libc.so found")


def exported(libc):
    """Functions and variables that programs may link with, without versions."""
    names = set()
    for line in output("nm", "-D", "--defined-only", libc).splitlines():
        kind, name = line.split()[-2:]
        if kind in "TWViBD" and not NOT_PROGRAMS.search(name):
            names.add(name.split("@")[0])
    return names


def declared(headers):
    """Names that stand before a parenthesis in the headers, with everything these include."""
    text = output("cc", "-D_GNU_SOURCE", "-E", "-P", "-x", "c", "-",
                  text="".join(f"#if __has_include(<{h}>)\n#include <{h}>\n#endif\n" for h in headers))
    return set(re.findall(r"\b([A-Za-z_]\w*)\s*\(", text))


def bases(name):
    """What a name is perhaps a twin of."""
    found, new = set(), {name}
    while new:
        found |= new
        new = {x for n in new for x in (re.sub(r"^_+(?:libc_|xpg_)?", "", n),
                                        re.sub(r"(?:64|_2|_r|_np|_chk|_nocancel|_time64)$", "", n))} - found
    return found - {name, ""}


def main():
    base = common.root()
    table = os.path.join(base, "preload/interpose.def")
    rows = interpose_table.parse(table)
    kinds = {}
    findings = []
    for row in rows:
        if row.name in kinds:
            findings.append(f"{table}:{row.line}: {row.name} stands there twice")
        kinds[row.name] = row.kind
    hooked = {name for name, kind in kinds.items() if kind != "NOT_HOOKED"}
    given = [sys.argv[i + 1] for i, a in enumerate(sys.argv) if a == "--libc"]
    names = set().union(*(exported(libc) for libc in given or [libc_path()]))
    about = declared(HEADERS) & names
    about -= {n for n in about & declared(PARTLY) if not WORDS.fullmatch(n)}
    about |= {n for n in names if WORDS.fullmatch(n) or bases(n) & hooked}
    if "--list" in sys.argv:
        why = {row.name: row.target for row in rows}
        for name in sorted(about | set(kinds)):
            print(f"{name}: {kinds.get(name, 'unknown')} {why.get(name) or ''}".rstrip())
    unknown = sorted(about - set(kinds))
    findings += [f"{name} is exported by libc, has to do with threads, and is not in the table" for name in unknown]
    known = about | (set(kinds) & names)
    counts = (len(known & hooked), len(known - hooked - set(unknown)), len(unknown))
    print("families: hooked %d, not hooked with reason %d, unknown %d" % counts)
    common.finish(findings, f"families: {len(rows)} rows")


main()
