#!/usr/bin/env python3
"""The main benchmark: one HTTP job, driven by wrk, done by the same work in several ways.

  pthreads   examples/http_server.c, a thread for each connection
  goshim     the same binary under LD_PRELOAD=libgoshim.so (GOSHIM_LIB, else looked for in build/)
  epoll      tools/bench/epoll_server.c, a hand-written edge-triggered loop on two threads
  uring      tools/bench/uring_server.c, an io_uring loop on two threads
  go         tools/bench/go_server, a goroutine for each connection

The servers take turns (A B C A B C ...), so that a noisy neighbour disturbs all of them alike; each run has a fresh server.
Medians are printed with their spread (min–max over the rounds); only ratios within one run of this script mean anything.
CPU per request is the server's, user and system, read off its CPU clock from outside. A short run with many connections
is half connecting: --skip leaves that out (-w 0 -d 11 --skip 6 for 19,000), of all but the latencies.
A busy neighbour does not just slow things down: it squeezes server and wrk onto one CPU, where waking each other costs no
inter-processor interrupt and a request can cost half. Such runs are repeated (--quiet, --retries) or reported.
"""

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time

import common

LUA = {
    'pipeline': 'local all\ninit = function() local t = {} for i = 1, 16 do t[i] = wrk.format() end all = table.concat(t) end\n'
                'request = function() return all end\n',
}
MANY_PORTS = 14000  # half of what there are by default: see common.own_network
TAIL = 0.7  # seconds before wrk's end where --skip stops counting: wrk may have started that much before us
METRICS = ['rps', 'cpu_us', 'client_us', 'p50_us', 'p99_us', 'threads', 'rss_kb', 'pte_kb']


def busy_seconds():
    """CPU seconds used by anything on this machine, stolen ones included."""
    with open('/proc/stat', encoding='ascii') as f:
        v = [int(x) for x in f.readline().split()[1:9]]
    return (v[0] + v[1] + v[2] + v[5] + v[6] + v[7]) / os.sysconf('SC_CLK_TCK')


def microseconds(text):
    value, unit = re.fullmatch(r'([\d.]+)(us|ms|s|m)', text).groups()
    return float(value) * {'us': 1, 'ms': 1e3, 's': 1e6, 'm': 6e7}[unit]


def start_wrk(port, conns, seconds, load, pin):
    command = ['wrk', '-t1', f'-c{conns}', f'-d{seconds}s', '--latency', '--timeout', '10s']
    if load == 'churn':
        command += ['-H', 'Connection: close']
    if load in LUA:
        script = os.path.join(common.OUT, f'{load}.lua')
        with open(script, 'w', encoding='ascii') as f:
            f.write(LUA[load])
        command += ['-s', script]
    if pin is not None:
        command = ['taskset', '-c', str(pin), *command]
    return subprocess.Popen([*command, f'http://127.0.0.1:{port}/'], stdout=subprocess.PIPE, text=True)


class Look:
    """What has been used up so far: time, CPU seconds of the server, of wrk and of the machine, requests sent."""

    def __init__(self, server, load=None):
        self.busy, self.cpu, self.time = busy_seconds(), common.process_cpu(server.pid), time.monotonic()
        past = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.load_cpu = past.ru_utime + past.ru_stime + (common.process_cpu(load.pid) if load else 0.0)
        self.requests = writes(load.pid) if load else 0


def writes(pid):
    """The write calls of a process; wrk makes one for each request."""
    with open(f'/proc/{pid}/io', encoding='ascii') as f:
        return int(re.search(r'syscw: (\d+)', f.read())[1])


class Sampler(threading.Thread):
    """Watches the server's kernel threads and memory while it is under load."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.peak, self.done = server, {}, threading.Event()

    def run(self):
        while not self.done.wait(0.1):
            status = self.server.status()
            for key in ('Threads', 'VmRSS', 'VmPTE'):
                self.peak[key] = max(self.peak.get(key, 0), status.get(key, 0))

    def stop(self):
        self.done.set()
        self.join()
        return self.peak


def measure(command, library, conns, args):
    """One run: a dictionary of its figures."""
    alone = common.own_network()
    server = common.Server(command, library)
    with server:
        if args.warmup > 0:
            start_wrk(server.port, conns, args.warmup, args.load, args.pin_wrk).communicate()
        sampler = Sampler(server)
        sampler.start()
        first = Look(server)
        load = start_wrk(server.port, conns, args.seconds, args.load, args.pin_wrk)
        if args.skip:
            time.sleep(args.skip)
            first = Look(server, load)
            time.sleep(args.seconds - args.skip - TAIL)
            last = Look(server, load)
        text = load.communicate()[0]
        if not args.skip:
            last = Look(server)
        peak = sampler.stop()
    elapsed, cpu, load_cpu = last.time - first.time, last.cpu - first.cpu, last.load_cpu - first.load_cpu
    if args.skip:
        requests = last.requests - first.requests
        rps = requests / elapsed
    else:
        requests = int((re.search(r'(\d+) requests in', text) or [0, 0])[1])
        rps = float((re.search(r'Requests/sec:\s+([\d.]+)', text) or [0, 0])[1])
    percentile = {p: re.search(rf'^\s+{p}%\s+(\S+)$', text, re.M) for p in (50, 99)}
    errors = [m.group(0).strip() for m in re.finditer(r'Socket errors:.*|Non-2xx.*', text)]
    if not requests:
        errors.append('no answer at all')
    if conns > MANY_PORTS and not alone:
        errors.append('no network of its own (needs root): the client spends seconds on finding free ports')
    nan = float('nan')
    return {
        'requests': requests,
        'rps': rps,
        'cpu_us': cpu * 1e6 / requests if requests else nan,
        'client_us': load_cpu * 1e6 / requests if requests else nan,
        'p50_us': microseconds(percentile[50][1]) if percentile[50] else nan,
        'p99_us': microseconds(percentile[99][1]) if percentile[99] else nan,
        'threads': peak.get('Threads', nan),
        'rss_kb': peak.get('VmRSS', nan),
        'pte_kb': peak.get('VmPTE', nan),
        'server_cpu': cpu / elapsed,
        'other_cpu': max(0.0, (last.busy - first.busy - cpu - load_cpu) / elapsed),
        'errors': errors + server.complaints,
    }


def report(conns, results, args):
    """results: name -> list of runs, one for each round."""
    rounds = min(len(runs) for runs in results.values())
    print(f'\n{conns:,} connection{"s" if conns > 1 else ""}, {args.load}, {args.body} byte body: '
          f'{rounds} round{"s" if rounds > 1 else ""} of {args.seconds} s, median (min–max)')

    def series(name, key, scale=1.0):
        return [run[key] / scale for run in results[name]]

    rows = [['server', 'requests/s', 'CPU µs/request', 'client µs', 'p50 ms', 'p99 ms', 'kernel threads', 'RSS MB', 'page tables MB']]
    for name in results:
        rows.append([
            name, common.spread(series(name, 'rps')), common.spread(series(name, 'cpu_us')),
            common.number(statistics.median(series(name, 'client_us'))),
            common.number(statistics.median(series(name, 'p50_us', 1000))),
            common.number(statistics.median(series(name, 'p99_us', 1000))),
            f'{max(series(name, "threads")):,.0f}', common.number(max(series(name, 'rss_kb', 1024))),
            common.number(max(series(name, 'pte_kb', 1024)))
        ])
    common.print_table(rows)

    base = 'goshim' if 'goshim' in results else 'pthreads'
    others = [n for n in results if n != base]
    if base in results and others:
        print()
        rows = [['ratio', 'requests/s', 'CPU per request', 'p50', 'p99']]
        for other in others:
            rows.append([f'{base} / {other}'] + [
                common.spread(common.ratios(series(base, key), series(other, key)))
                for key in ('rps', 'cpu_us', 'p50_us', 'p99_us')
            ])
        common.print_table(rows)

    noise = [run['other_cpu'] for runs in results.values() for run in runs]
    if max(noise) > args.quiet:
        print(f'NOISE: {sum(n > args.quiet for n in noise)} of {len(noise)} runs had company: other processes took up to '
              f'{max(noise):.2f} CPUs (median {statistics.median(noise):.2f}); do not trust small differences')
    for name, runs in results.items():
        for text in sorted({e for run in runs for e in run['errors']}):
            print(f'ERROR {name}, {conns} connections: {text}')


def chart(path, results, counts):
    """CPU per request by connections as an SVG, a bar a server, by gnuplot."""
    names = list(results[counts[0]])
    rows = [['connections', *names]]
    for conns in counts:
        rows.append([f'{conns:,}'] + [f'{statistics.median(r["cpu_us"] for r in results[conns][n]):.2f}' for n in names])
    data = os.path.join(common.OUT, 'chart.dat')
    with open(data, 'w', encoding='ascii') as f:
        f.writelines('\t'.join(row) + '\n' for row in rows)
    colours = {'goshim': '#2a7fba', 'pthreads': '#b5b5b5', 'epoll': '#7a9a58', 'go': '#d9a441'}
    bars = ', '.join(f"'{data}' every ::1 using {i + 2}:xtic(1) title '{n}' linecolor rgb '{colours.get(n, '#8a6fae')}'"
                     for i, n in enumerate(names))
    labels = ', '.join(f"'{data}' every ::1 using ($0 + {(i - (len(names) - 1) / 2) / (len(names) + 1):.3f}):{i + 2}:(sprintf('%.3g', ${i + 2})) "
                       "with labels offset 0,0.6 font ',10' notitle" for i in range(len(names)))
    script = f"""set terminal svg size 720,380 dynamic background rgb 'white' font 'sans-serif,12'
set output '{path}'
set datafile separator tab
set style data histograms
set style histogram clustered gap 1
set style fill solid noborder
set key top left
set yrange [0:*]
set offsets 0, 0, graph 0.1, 0
set grid y linecolor rgb '#dddddd'
set border 3
set tics nomirror
set xlabel 'keep-alive connections'
set ylabel 'server CPU, µs per request'
plot {bars}, {labels}
"""
    subprocess.run(['gnuplot'], input=script, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('-c', '--conns', default='1,64,1000', help='connection counts (default %(default)s; 10000 is possible)')
    parser.add_argument('-r', '--rounds', type=int, default=5)
    parser.add_argument('-d', '--seconds', type=int, default=3, help='length of a run')
    parser.add_argument('-w', '--warmup', type=int, default=1, help='seconds of load before it')
    parser.add_argument('--skip', type=float, default=0, metavar='SECONDS',
                        help='leave out so much of the beginning of a run, when it connects (keepalive only)')
    parser.add_argument('-b', '--body', type=int, default=13, help='body bytes')
    parser.add_argument('-l', '--load', choices=['keepalive', 'churn', 'pipeline'], default='keepalive',
                        help='churn: a connection for each request; pipeline: 16 requests at a time')
    parser.add_argument('-s', '--servers', default='pthreads,goshim,epoll,go',
                        help='which, in turn (default %(default)s; also uring, epoll1, nethttp)')
    parser.add_argument('-o', '--output', help='write every run to this file as tab-separated values')
    parser.add_argument('--chart', metavar='SVG', help='draw CPU per request (needs gnuplot)')
    parser.add_argument('--pin-wrk', type=int, metavar='CPU', help='keep wrk on one CPU')
    parser.add_argument('--quiet', type=float, default=0.25, metavar='CPUS',
                        help='repeat a run beside which other processes took more than this (default %(default)s)')
    parser.add_argument('--retries', type=int, default=2, help='how often to repeat such a run before keeping it')
    parser.add_argument('--budget', type=float, metavar='SECONDS',
                        help='start no round that would not end in time (one round is always done)')
    args = parser.parse_args()
    if args.skip and (args.load != 'keepalive' or args.skip + TAIL >= args.seconds):
        parser.error('--skip: for --load keepalive, and shorter than a run')
    if not shutil.which('wrk'):
        sys.exit('bench: wrk is not installed (Debian package wrk)')
    if args.chart and not shutil.which('gnuplot'):
        sys.exit('bench: gnuplot is not installed (Debian package gnuplot-nox)')

    library = common.find_library()
    body = ['-b', str(args.body), '0']
    server = common.build_c('examples/http_server.c')
    commands = {}
    for name in args.servers.split(','):
        if name == 'pthreads':
            commands[name] = [server, *body], None
        elif name == 'goshim':
            if library:
                commands[name] = [server, *body], library
            else:
                print('bench: no libgoshim.so (set GOSHIM_LIB or build it): goshim left out', file=sys.stderr)
        elif name in ('epoll', 'epoll1'):
            threads = ['-t', '1'] if name == 'epoll1' else []
            commands[name] = [common.build_c('tools/bench/epoll_server.c'), *threads, *body], None
        elif name == 'uring':
            commands[name] = [common.build_c('tools/bench/uring_server.c', '-l:liburing.a'), *body], None
        elif name in ('go', 'nethttp'):
            program = common.build_go('go_server')
            flag = ['-nethttp'] if name == 'nethttp' else []
            if program:
                commands[name] = [program, *flag, *body], None
            else:
                print('bench: no go command: the Go server is left out', file=sys.stderr)
        else:
            parser.error(f'unknown server {name}')

    tsv = open(args.output, 'w', encoding='ascii', errors='replace') if args.output else None
    if tsv:
        print('round', 'server', 'load', 'conns', 'body', 'requests', *METRICS, 'server_cpu', 'other_cpu', 'errors', sep='\t', file=tsv)
    counts = [int(c) for c in args.conns.split(',')]
    results = {c: {name: [] for name in commands} for c in counts}
    start, rounds = time.monotonic(), 0
    while rounds < args.rounds:
        spent = time.monotonic() - start
        if args.budget and rounds and spent * (rounds + 1) / rounds > args.budget:
            break
        for conns in counts:
            for name, (command, preload) in commands.items():
                for _ in range(args.retries + 1):
                    run = measure(command, preload, conns, args)
                    if run['other_cpu'] <= args.quiet:
                        break
                results[conns][name].append(run)
                print(f'round {rounds + 1}: {conns} {name}: {run["rps"]:,.0f}/s, {run["cpu_us"]:.2f} µs'
                      + ''.join(f', {e}' for e in run['errors']), file=sys.stderr)
                if tsv:
                    print(rounds, name, args.load, conns, args.body, run['requests'], *(f'{run[m]:.6g}' for m in METRICS),
                          f'{run["server_cpu"]:.3f}', f'{run["other_cpu"]:.3f}', '; '.join(run['errors']).replace('\n', ' '),
                          sep='\t', file=tsv, flush=True)
        rounds += 1
    for conns in counts:
        report(conns, results[conns], args)
    if args.chart:
        chart(args.chart, results, counts)
    return 1 if any(run['errors'] for by in results.values() for runs in by.values() for run in runs) else 0


if __name__ == '__main__':
    sys.exit(main())
