#!/usr/bin/env python3
"""The micro benchmarks (tools/bench/micro/*.c), each plain and under goshim in turn, and their Go twins.

Medians with their spread (min–max over the rounds), and ratios of the same round. Lower is better, except for "%" (fairness:
the share of the thread that got least, of an even share) and "threads".
"""

import argparse
import mmap
import os
import re
import subprocess
import sys

import common

# Program and arguments. sleepers: as many as both ways can do.
PROGRAMS = [['pingpong'], ['create'], ['mutex'], ['yield'], ['pipeline']]
SCALE = [['sleepers', '10000'], ['sleepers', '100000'], ['waiters', '1000000'], ['files', '1000', '256']]

# What Go has one name for.
GO_TWIN = {'cond_pingpong': 'pingpong', 'sem_pingpong': 'pingpong', 'pipe_pingpong': 'pingpong'}


# What the largest of those that live on memory takes.
ON_MEMORY = ('sleepers', 'waiters')
TOUCHED = 14 << 30


def touch_memory():
    """Writes to memory that is free. The hypervisor of a virtual machine may have to find each page of it that nobody has used for a while, for
    seven times the price of a page fault; that is not to be counted as the cost of whoever is measured next."""
    with open('/proc/meminfo', encoding='ascii') as f:
        free = next(int(line.split()[1]) for line in f if line.startswith('MemFree:')) << 10
    with mmap.mmap(-1, min(free * 9 // 10, TOUCHED), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        for at in range(0, len(memory), mmap.PAGESIZE):
            memory[at] = 1


def run(command, library, timeout):
    """name -> (value, unit) of the program's output, and what went wrong."""
    try:
        done = subprocess.run(command, env=common.preload_env(library), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=timeout, check=False)
        out, error = done.stdout, done.stderr.strip()[:500]
        if done.returncode != 0:
            error = f'status {done.returncode} {error}'
    except subprocess.TimeoutExpired as e:
        out, error = (e.stdout or b'').decode(), f'not done after {timeout} s'
    values = {}
    for line in out.splitlines():
        match = re.fullmatch(r'(\S+) (\S+) (\S+)', line)
        if match:
            values[match[1]] = float(match[2]), match[3]
    return values, error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('programs', nargs='*', help=f'of {", ".join(p[0] for p in PROGRAMS)}, sleepers, waiters, files (default: all but these three)')
    parser.add_argument('-r', '--rounds', type=int, default=5)
    parser.add_argument('-t', '--timeout', type=float, default=120, help='seconds for one program')
    parser.add_argument('-o', '--output', help='write every value to this file as tab-separated values')
    parser.add_argument('--no-go', action='store_true')
    args = parser.parse_args()

    library = common.find_library()
    if not library:
        print('micro: no libgoshim.so (set GOSHIM_LIB or build it): plain runs only', file=sys.stderr)
    chosen = [p for p in PROGRAMS + SCALE if p[0] in args.programs] or PROGRAMS
    jobs = [([common.build_c(f'tools/bench/micro/{p[0]}.c'), *p[1:]], ' '.join(p[1:])) for p in chosen]
    go = None if args.no_go or chosen[0] in SCALE else common.build_go('go_micro')

    results, units, errors = {}, {}, []
    tsv = open(args.output, 'w', encoding='ascii') if args.output else None
    if tsv:
        print('round', 'way', 'name', 'value', 'unit', sep='\t', file=tsv)

    def note(round_, way, command, preload, suffix=''):
        if os.path.basename(command[0]) in ON_MEMORY:
            touch_memory()
        values, error = run(command, preload, args.timeout)
        if error:
            errors.append(f'{way}: {os.path.basename(command[0])}: {error}')
        for name, (value, unit) in values.items():
            name += f' {suffix}' if suffix else ''
            units.setdefault(name, unit)
            results.setdefault(name, {}).setdefault(way, []).append(value)
            if tsv:
                print(round_, way, name, value, unit, sep='\t', file=tsv, flush=True)

    for round_ in range(args.rounds):
        for command, suffix in jobs:
            note(round_, 'pthreads', command, None, suffix)
            if library:
                note(round_, 'goshim', command, library, suffix)
        if go:
            note(round_, 'go', [go], None)
        print(f'round {round_ + 1} of {args.rounds} done', file=sys.stderr)

    ways = ['pthreads'] + (['goshim'] if library else []) + (['go'] if go else [])
    rows = [['', *ways] + (['goshim / pthreads'] if library else []) + (['goshim / go'] if library and go else [])]
    for name, by in results.items():
        if 'pthreads' not in by and 'goshim' not in by:
            continue
        series = dict(by)
        series['go'] = results.get(GO_TWIN.get(name, name), {}).get('go', [])
        row = [f'{name}, {units[name]}'] + [common.spread(series.get(way, [])) for way in ways]
        if library:
            row.append(common.spread(common.ratios(series.get('goshim', []), series.get('pthreads', []))))
        if library and go:
            row.append(common.spread(common.ratios(series.get('goshim', []), series['go'])))
        rows.append(row)
    common.print_table(rows)
    for text in sorted(set(errors)):
        print(f'ERROR {text}')
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main())
