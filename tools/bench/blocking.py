#!/usr/bin/env python3
"""Nobody stops anybody: what blocks, computes or spins beside others, each figure with its limit.

  stdio      100 threads blocked inside fgets, getline, fprintf: kernel threads
  names      64 threads in getaddrinfo, whose server takes 500 ms: how long all take, how late others' sleeps of 10 ms are
  blocked    32 threads blocked at once in each kind of call, one more releases them (tests/programs/blocked)
  spin       8 threads spin on flags that others set after 20 ms
  hog        a thread computes for 2 s beside 1,000 that sleep 10 ms in a loop: how late these are
  compute    threads that only compute: time over pthreads'
  load       the HTTP server with 64 connections beside two busy processes: kernel threads
  files      1,000 threads, each 100 random reads of 4 KB of a file of 1 GB and one synced append, out of the page cache, then from
             it: time over pthreads', kernel threads
  idle       the HTTP server with 10,000 connections that say nothing: CPU
  statistics the paths that were taken, as `goshim stats` has them

The machine must be otherwise idle for all but stdio and blocked. Ends with status 0 when every figure is within its limit.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import common

LIBRARY = common.find_library()
GOSHIM = os.path.join(common.ROOT, 'build/tools/goshim/goshim')
CPUS = len(os.sched_getaffinity(0))
failed = 0


def line(name, value, unit, limit=None, note=''):
    """Prints a figure, of which at most `limit` is right."""
    global failed
    good = limit is None or value <= limit
    failed += not good
    verdict = '' if limit is None else f'at most {common.number(limit)}: ' + ('good' if good else 'TOO MUCH')
    print(f'{name:<52} {common.number(value):>8} {unit:<8} {verdict} {note}'.rstrip(), flush=True)


def run(command, library=LIBRARY, cwd=None, timeout=100, **settings):
    """The values that a program prints as "name value unit"; its status must be 0."""
    env = {**common.preload_env(library), **settings}
    done = subprocess.run(command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f'{os.path.basename(command[0])}: status {done.returncode}: {done.stderr.strip()[-300:]}')
    return {m[1]: float(m[2]) for m in re.finditer(r'^(\S+) (\S+) \S+$', done.stdout, re.M)}


def kernel_threads(pid):
    """(those that are not io_uring's, io_uring's workers)"""
    names = []
    for tid in os.listdir(f'/proc/{pid}/task'):
        try:
            with open(f'/proc/{pid}/task/{tid}/comm', encoding='ascii', errors='replace') as f:
                names.append(f.read())
        except OSError:
            pass
    workers = sum(name.startswith('iou-wrk') for name in names)
    return len(names) - workers, workers


def hold(command, **settings):
    """A program of which stdout says when its threads are where they shall be; it goes on at the end of its stdin."""
    return subprocess.Popen(command, env={**common.preload_env(LIBRARY), **settings}, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)


def stdio():
    program = common.build_c('tests/programs/stdio/hundred_blocked.c')
    for procs in (1, CPUS):
        with hold([program, 'hold'], GOSHIM_MAXPROCS=str(procs)) as child:
            child.stdout.readline()
            threads = kernel_threads(child.pid)[0]
            child.communicate('go\n', timeout=60)
        line(f'stdio: 100 blocked, MAXPROCS={procs}', threads, 'threads', procs + 8)


def names():
    program = common.build_c('tests/programs/stdio/getaddrinfo_64.c', '-lresolv')
    values = run([program, '500'])
    line('names: 64 getaddrinfo of 500 ms, all done in', values['getaddrinfo_64'], 'ms', 2000)
    line('names: latest sleep of 10 ms meanwhile, late by', values['getaddrinfo_64_late'], 'ms', 50)


def blocked():
    folder = os.path.join(common.ROOT, 'tests/programs/blocked')
    for name in sorted(os.listdir(folder)):
        if not name.endswith('.c'):
            continue
        program = common.build_c(f'tests/programs/blocked/{name}')
        took = []
        for procs in ('1', str(CPUS)):
            for patch in ('0', '1'):
                with tempfile.TemporaryDirectory() as cwd:
                    start = time.monotonic()
                    run([program], cwd=cwd, GOSHIM_MAXPROCS=procs, GOSHIM_PATCH=patch)
                    took.append(time.monotonic() - start)
        line(f'blocked: {name[:-2]}, slowest of MAXPROCS 1, {CPUS}, PATCH 0, 1', max(took) * 1000, 'ms', 20000)


def spin():
    program = common.build_c('tests/programs/thread/spin_on_flag.c')
    for procs in (1, 2):
        values = run([program], GOSHIM_MAXPROCS=str(procs))
        line(f'spin: 8 on flags, MAXPROCS={procs}', values['spin_on_flag'], 'ms', 1000)
        line(f'spin: 8 with sched_yield, MAXPROCS={procs}', values['spin_and_yield'], 'ms', 1000)


def hog():
    program = common.build_c('tools/bench/micro/hog.c')
    plain = run([program], None)
    for procs in (1, 2):
        values = run([program], GOSHIM_MAXPROCS=str(procs))
        line(f'hog: p99 lateness, MAXPROCS={procs}', values['hog_late_p99'], 'ms', 20,
             f'(pthreads {common.number(plain["hog_late_p99"])})')


def compute():
    program = common.build_c('tools/bench/micro/compute.c')
    for threads in (CPUS, 8):
        # More than a second: throughput, in which how it begins and ends is no part.
        pairs = [[run([program, str(threads), '2400'], library)['compute'] for library in (None, LIBRARY)] for _ in range(5)]
        line(f'compute: {threads} threads, time over pthreads\'', statistics.median(b / a for a, b in pairs), '', 1 / 0.97)


def load():
    busy = [subprocess.Popen([sys.executable, '-c', 'while True: pass']) for _ in range(CPUS)]
    try:
        with common.Server([common.build_c('examples/http_server.c'), '0'], LIBRARY) as server:
            most = 0
            with subprocess.Popen(['wrk', '-t1', '-c64', '-d4s', f'http://127.0.0.1:{server.port}/'],
                                  stdout=subprocess.DEVNULL) as client:
                while client.poll() is None:
                    most = max(most, kernel_threads(server.pid)[0])
                    time.sleep(0.01)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    line('load: 64 connections beside two busy processes', most, 'threads', CPUS + 7)


def files_round(program, library):
    """The values of one round, and the most kernel threads that were seen."""
    most = (0, 0)
    with tempfile.TemporaryDirectory(dir='.') as cwd, tempfile.TemporaryFile('w+') as out:
        child = subprocess.Popen([program, '1000', '1024'], env=common.preload_env(library), cwd=cwd, stdout=out)
        while child.poll() is None:
            try:
                most = tuple(map(max, most, kernel_threads(child.pid)))
            except OSError:
                pass
            time.sleep(0.02)
        out.seek(0)
        return {m[1]: float(m[2]) for m in re.finditer(r'^(\S+) (\S+) \S+$', out.read(), re.M)}, most


def files():
    program = common.build_c('tools/bench/micro/files.c')
    rounds = [[files_round(program, library) for library in (None, LIBRARY)] for _ in range(5)]
    for name in ('files_cold', 'files_cached'):
        pairs = [(plain[0][name], ours[0][name]) for plain, ours in rounds]
        each = ' '.join(f'{b / a:.2f}' for a, b in pairs)
        line(f'files: {name[6:]}, time over pthreads\'', statistics.median(b / a for a, b in pairs), '', 1.0,
             f'({each}; pthreads {common.number(statistics.median(a for a, _ in pairs))} ms)')
    line('files: Ms', max(ours[1][0] for _, ours in rounds), 'threads', 32,
         f'(and {max(ours[1][1] for _, ours in rounds)} workers of io_uring)')


def idle():
    # Each wait is looked at again 1, 2 and 8 s after it began (netpoll's sweep); what comes after that is idleness.
    connections, settling, seconds = 10000, 12, 20
    client = common.build_c('tools/bench/hold_client.c')
    with common.Server([common.build_c('examples/http_server.c'), '0'], LIBRARY) as server:
        with subprocess.Popen([client, str(server.port), '-n', str(connections), '-s', str(settling + seconds + 3)],
                              stdout=subprocess.PIPE, text=True) as holder:
            print('idle:', holder.stdout.readline().strip())
            time.sleep(settling)
            cpu = common.process_cpu(server.pid)
            time.sleep(seconds)
            cpu = common.process_cpu(server.pid) - cpu
            answers = holder.communicate()[0].strip().splitlines()
            if holder.returncode != 0:
                raise RuntimeError(f'hold_client: {answers}')
    line(f'idle: {connections:,} parked connections', 100 * cpu / seconds, '% CPU', 0.1)


def statistics_shown():
    """Two programs that take the paths, looked at while they are in the middle."""
    seen = {}
    for source, arguments in (('tests/programs/stdio/hundred_blocked.c', ['hold']),
                              ('tools/bench/micro/files.c', ['200', '64', 'hold'])):
        program = common.build_c(source)
        with tempfile.TemporaryDirectory(dir='.') as cwd:
            with subprocess.Popen([program, *arguments], env=common.preload_env(LIBRARY), cwd=cwd, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True) as child:
                child.stdout.readline()
                stats = json.loads(subprocess.run([GOSHIM, 'stats', '--json', str(child.pid)], stdout=subprocess.PIPE,
                                                  check=True).stdout)
                child.communicate('go\n', timeout=60)
        for name, value in stats.items():
            if isinstance(value, int):
                seen[name] = max(seen.get(name, 0), value)
    print('statistics:', ', '.join(f'{k} {v}' for k, v in seen.items() if re.match('retakes|patch|files|fsync|libc', k)))


LINES = {'stdio': stdio, 'names': names, 'blocked': blocked, 'spin': spin, 'hog': hog, 'compute': compute, 'load': load,
         'files': files, 'idle': idle, 'statistics': statistics_shown}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('lines', nargs='*', help='which (default: all)')
    args = parser.parse_args()
    if not LIBRARY:
        sys.exit('blocking: no libgoshim.so (set GOSHIM_LIB or build it)')
    start, errors = time.monotonic(), 0
    for name in args.lines or LINES:
        try:
            LINES[name]()
        except (OSError, RuntimeError, subprocess.SubprocessError, KeyError) as e:
            errors += 1
            print(f'ERROR {name}: {e}', flush=True)
    print(f'blocking: {"good" if failed + errors == 0 else "FAILED"}, in {time.monotonic() - start:.0f} s')
    return 1 if failed + errors else 0


if __name__ == '__main__':
    sys.exit(main())
