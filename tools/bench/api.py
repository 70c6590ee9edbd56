#!/usr/bin/env python3
"""The API (tools/bench/api/api.c, linked with libgoshim.so) against Go (go_api/main.go), the same work in turn.

ns per operation by the clock; for the tickers, which wait most of the time, CPU time of the process. Medians with their spread
(min–max over the rounds), ratios of the same round, and the geometric mean of their medians.
"""

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys

import common

BENCHES = [('pingpong', 500000), ('buffered1', 1000000), ('buffered64', 3000000), ('buffered1024', 3000000),
           ('fanin1000', 1000000), ('select2', 500000), ('select16', 300000), ('spawn', 500000), ('mutex', 5000000),
           ('tickers', 100000), ('sieve', 500)]
BY_CPU = {'tickers'}


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(program, name, n, timeout):
    before = children_cpu()
    done = subprocess.run([program, name, str(n)], stdout=subprocess.PIPE, text=True, timeout=timeout, check=True)
    if name in BY_CPU:
        return (children_cpu() - before) * 1e9 / n
    return float(done.stdout.split()[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', help='of ' + ', '.join(name for name, _ in BENCHES))
    parser.add_argument('-r', '--rounds', type=int, default=5)
    parser.add_argument('-t', '--timeout', type=float, default=60, help='seconds for one run')
    args = parser.parse_args()

    library = common.find_library()
    if not library:
        sys.exit('api: no libgoshim.so (set GOSHIM_LIB or build it)')
    go = common.build_go('go_api')
    if not go:
        sys.exit('api: no go')
    where = os.path.dirname(library)
    api = common.build_c('tools/bench/api/api.c', '-I' + os.path.join(common.ROOT, 'include'), '-L' + where, '-lgoshim')
    os.environ['LD_LIBRARY_PATH'] = where  # the binary may be of another run, with another library
    chosen = [b for b in BENCHES if not args.names or b[0] in args.names]
    results = {name: ([], []) for name, _ in chosen}
    for round_ in range(args.rounds):
        for name, n in chosen:
            for series, program in zip(results[name], (api, go)):
                series.append(measure(program, name, n, args.timeout))
        print(f'round {round_ + 1} of {args.rounds} done', file=sys.stderr)
    rows, logs = [['ns', 'goshim', 'go', 'goshim / go']], []
    for name, (ours, theirs) in results.items():
        ratios = common.ratios(ours, theirs)
        logs.append(math.log(statistics.median(ratios)))
        rows.append([name + (' (CPU)' if name in BY_CPU else ''), common.spread(ours), common.spread(theirs),
                     common.spread(ratios)])
    common.print_table(rows)
    print(f'geometric mean {math.exp(statistics.mean(logs)):.2f}')


main()
