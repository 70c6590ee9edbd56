#!/usr/bin/env python3
"""Programs with nothing to gain, plain and under libgoshim.so in turn: they should lose nothing.

  xz, zstd, sort, ffmpeg  as Debian ships them, two threads; what they write is compared too
  matrix                  micro/compute.c, two threads and four
  gzip                    one thread, never makes another
  start-up                a program that does nothing, 300 times

Seconds by the clock and of CPU. Only ratios within one run mean anything. A program that is absent is left out.
"""

import argparse
import hashlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import common


def write_text(path, megabytes):
    """Lines of words by chance, the same each time: something that compresses and sorts as text does."""
    chance = random.Random(1)
    words = [''.join(chance.choices('etaoinshrdlu', k=chance.randint(2, 9))) for _ in range(5000)]
    weights = [1 / (i + 1) for i in range(len(words))]
    size = 0
    with open(path, 'w', encoding='ascii') as f:
        while size < megabytes << 20:
            size += f.write(' '.join(chance.choices(words, weights, k=200)).replace(' a', '\n') + '\n')


def programs(folder):
    text = os.path.join(folder, 'text')
    write_text(text, 24)
    matrix = common.build_c('tools/bench/micro/compute.c')
    nothing = os.path.join(folder, 'nothing')
    subprocess.run(['cc', '-O2', '-x', 'c', '-', '-o', nothing], input=b'int main(void) { return 0; }', check=True)
    many_times = 'i=0; while [ $i -lt 300 ]; do "$0"; i=$((i + 1)); done'
    return {
        'xz -T2': ['xz', '-T2', '-1', '--block-size=2MiB', '-c', text],
        'zstd -T2': ['zstd', '-T2', '-12', '-q', '-c', text],
        'sort --parallel=2': ['sort', '--parallel=2', '-S', '500M', text, text, text, text],
        'ffmpeg -threads 2': ['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=25:duration=6', '-threads', '2',
                              '-c:v', 'libx264', '-f', 'md5', '-'],
        'matrix, 2 threads': [matrix, '2', '2400'],
        'matrix, 4 threads': [matrix, '4', '2400'],
        'gzip': ['gzip', '-n', '-c', text],
        '300 starts': ['sh', '-c', many_times, nothing],
    }


def run(command, library):
    """Seconds by the clock and of CPU, and what was written."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with tempfile.TemporaryFile() as out:
        subprocess.run(command, env=common.preload_env(library), stdin=subprocess.DEVNULL, stdout=out, check=True)
        elapsed, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        out.seek(0)
        written = hashlib.file_digest(out, 'md5').hexdigest()
    return elapsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, written


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('-r', '--rounds', type=int, default=5)
    args = parser.parse_args()
    library = common.find_library()
    if not library:
        sys.exit('compute: no libgoshim.so (set GOSHIM_LIB or build it)')
    rows, wrong = [['', 'plain s', 'goshim s', 'time ratio', 'CPU ratio']], []
    with tempfile.TemporaryDirectory() as folder:
        for name, command in programs(folder).items():
            if not shutil.which(command[0]):
                continue
            run(command, None)  # the file caches are warm for both
            runs = [(run(command, None), run(command, library)) for _ in range(args.rounds)]
            # The matrix program prints its own time.
            if not name.startswith('matrix') and any(plain[2] != preloaded[2] for plain, preloaded in runs):
                wrong.append(name)
            clock, cpu = [[[both[way][i] for both in runs] for way in (0, 1)] for i in (0, 1)]
            rows.append([name, common.spread(clock[0]), common.spread(clock[1]), common.spread(common.ratios(clock[1], clock[0])),
                         common.spread(common.ratios(cpu[1], cpu[0]))])
            print(f'{name} done', file=sys.stderr)
    common.print_table(rows)
    for name in wrong:
        print(f'ERROR {name}: writes something else under goshim')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
