#!/usr/bin/env python3
"""Servers that people run, as Debian ships them, plain and under libgoshim.so in turn: what a request costs.

  microsocks, tinyproxy   proxies; tunnel_client asks an HTTP server through them, keep-alive
  stunnel                 TLS; wrk asks an HTTP server behind it
  mhd, iostream, rust     examples/mhd_server (libmicrohttpd), iostream_server (C++), rust_server; wrk, as bench.py
  mariadb                 sysbench oltp_point_select; also with its own pool of threads
  worker, event, python   Apache httpd by mpm_worker and mpm_event, what python3 -m http.server runs; wrk, a small file
  memcached, redis        loops in threads of their own, not a thread a connection: get, by tunnel_client and redis-benchmark
  haproxy, nginx, varnish likewise; wrk
  named, unbound          loops in threads; dnsperf
  slapd                   a pool of threads; tunnel_client searches for one entry

CPU per request is the server's and its children's, read off their CPU clocks from outside. Only ratios within one run of this script mean anything.
A server whose package is absent is left out.
"""
import argparse
import contextlib
import glob
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import bench
import common

sys.path.append(os.path.join(common.ROOT, 'tests/apps/support'))
import commands  # noqa: E402

PATIENCE = 30


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def family(pid):
    """A process and all that descend from it."""
    out = [pid]
    for path in glob.glob(f'/proc/{pid}/task/*/children'):
        # The threads of a server come and go.
        with contextlib.suppress(OSError), open(path, encoding='ascii') as f:
            for child in f.read().split():
                out += family(int(child))
    return out


def family_cpu(server):
    return sum(common.process_cpu(pid) for pid in family(server.pid))


class Process(common.Server):
    """A server that says nothing; it is there when its port answers."""

    def __init__(self, command, library, port):
        super().__init__(command, library)
        self.port = port

    def __enter__(self):
        self.stderr = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(self.command, env=common.preload_env(self.library), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.stderr)
        self.pid = self.process.pid
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                socket.create_connection(('127.0.0.1', self.port)).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f'{self.command[0]} did not start')


    def status(self):
        """Of all its processes together."""
        total = {}
        for pid in family(self.pid):
            with contextlib.suppress(OSError), open(f'/proc/{pid}/status', encoding='ascii', errors='replace') as f:
                for key, value in re.findall(r'^(Threads|VmRSS):\s+(\d+)', f.read(), re.M):
                    total[key] = total.get(key, 0) + int(value)
        return total

    def __exit__(self, *exc):
        super().__exit__(*exc)
        # These talk, and some die of the signal that ends them.
        self.complaints = [c for c in self.complaints if 'goshim:' in c or not c.startswith(('stderr:', 'exit status -15'))]


class Job:
    """One server: how it is started, and how it is asked."""

    variants = {'plain': [], 'goshim': []}

    def __init__(self, folder, origin):
        self.folder, self.origin = folder, origin

    def server(self, library, more):
        port = free_port()
        return Process(self.command(port) + more, library, port)

    def path(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, 'w', encoding='ascii') as f:
                f.write(text)
        return path

    def warm(self, server, args):
        self.load(server, args, 1)


class Wrk(Job):
    """load() returns (requests, seconds, p50, p99, errors)."""

    scheme, page = 'http', '13'

    def load(self, server, args, seconds):
        command = ['wrk', '-t1', f'-c{args.conns}', f'-d{seconds}s', '--latency', '--timeout', '10s',
                   f'{self.scheme}://127.0.0.1:{server.port}/{self.page}']
        start = time.monotonic()
        text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
        percentile = [bench.microseconds((re.search(rf'^\s+{p}%\s+(\S+)$', text, re.M) or [0, '0us'])[1]) for p in (50, 99)]
        errors = [m.group(0).strip() for m in re.finditer(r'Socket errors:.*|Non-2xx.*', text)]
        requests = int((re.search(r'(\d+) requests in', text) or [0, 0])[1])
        return (requests, time.monotonic() - start, *percentile, errors)


class Example(Wrk):
    def server(self, library, more):
        return common.Server([self.program(), '0'], library)


class Mhd(Example):
    needs = ['/usr/include/microhttpd.h']

    def program(self):
        return common.build_c('examples/mhd_server.c', '-lmicrohttpd')


class Iostream(Example):
    needs = ['/usr/bin/c++']

    def program(self):
        return common.build('examples/iostream_server.cc', ['c++', '-std=c++20', '-O2', '-pthread'])


class Rust(Example):
    needs = ['/usr/bin/rustc']

    def program(self):
        return common.build('examples/rust_server.rs', ['/usr/bin/rustc', '-O'])


class Stunnel(Wrk):
    needs = ['/usr/bin/stunnel', '/usr/bin/openssl']
    scheme, page = 'https', ''

    def command(self, port):
        return commands.stunnel(self.folder, port, self.origin)


class Tunnel(Job):
    """load() lets the client warm up, and measures from its word on."""

    def load(self, server, args, seconds):
        command = [common.build_c('tools/bench/tunnel_client.c'), '-p', self.how, '-n', str(args.conns), '-s', str(seconds),
                   '-w', '1', str(server.port), str(self.origin)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            process.stdout.readline()
            server.cpu_before, start = family_cpu(server), time.monotonic()
            text = process.stdout.read()
        found = re.fullmatch(r'(\d+) requests, (\d+) p50, (\d+) p99, (\d+) errors\n', text)
        if not found:
            return 0, time.monotonic() - start, 0, 0, [f'tunnel_client: {text!r}']
        requests, p50, p99, errors = map(int, found.groups())
        return requests, time.monotonic() - start, p50, p99, [f'{errors} errors'] if errors else []

    def warm(self, server, args):
        pass


class Microsocks(Tunnel):
    needs, how = ['/usr/bin/microsocks'], 'socks'

    def command(self, port):
        return ['microsocks', '-i', '127.0.0.1', '-p', str(port)]


class Tinyproxy(Tunnel):
    needs, how = ['/usr/bin/tinyproxy'], 'connect'

    def command(self, port):
        return ['tinyproxy', '-d', '-c', self.path('tinyproxy.conf', f'Port {port}\nListen 127.0.0.1\nTimeout 600\n'
                                                   f'MaxClients 20000\nLogLevel Critical\nLogFile "{self.folder}/log"\n')]


class Memcached(Tunnel):
    needs, how = ['/usr/bin/memcached'], 'memcached'

    def command(self, port):
        return ['memcached', '-l', '127.0.0.1', '-p', str(port), '-U', '0', '-t', '4', '-c', '20000', '-u', 'root']


class Redis(Job):
    needs = ['/usr/bin/redis-server', '/usr/bin/redis-benchmark']

    def command(self, port):
        return ['redis-server', '--bind', '127.0.0.1', '--port', str(port), '--dir', self.folder, '--io-threads', '2', '--save', '',
                '--logfile', f'{self.folder}/log']

    def load(self, server, args, seconds):
        """Its client counts requests, not seconds."""
        text = subprocess.run(['redis-benchmark', '-p', str(server.port), '-c', str(args.conns), '-n', str(40000 * seconds), '-t', 'get',
                               '--csv'], capture_output=True, text=True, check=False).stdout
        found = re.search(r'^"GET",(.*)', text, re.M)
        if not found:
            return 0, 1, 0, 0, [text[-300:]]
        rps, _, _, p50, _, p99, _ = (float(field.strip('"')) for field in found[1].split(','))
        return 40000 * seconds, 40000 * seconds / rps, p50 * 1000, p99 * 1000, []


class Www(Wrk):
    """A folder with a file "13" of so many bytes."""

    def __init__(self, folder, origin):
        super().__init__(folder, origin)
        os.chmod(folder, 0o755)
        os.mkdir(f'{folder}/www')
        self.path('www/13', 'abcdefghijklm')


class Worker(Www):
    needs, mpm, threads = ['/usr/sbin/apache2'], 'worker', 100

    def command(self, port):
        modules = ''.join(f'LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n'
                          for name in (f'mpm_{self.mpm}', 'authz_core'))
        return ['apache2', '-DFOREGROUND', '-f', self.path('apache.conf', f"""{modules}
ServerRoot "{self.folder}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile "{self.folder}/pid"
ErrorLog "{self.folder}/error.log"
DocumentRoot "{self.folder}/www"
User www-data
Group www-data
MaxKeepAliveRequests 0
StartServers 4
ServerLimit 4
ThreadLimit {self.threads}
ThreadsPerChild {self.threads}
MaxRequestWorkers {4 * self.threads}
MaxSpareThreads {4 * self.threads}
KeepAliveTimeout 60
""")]


class Event(Worker):
    # When all workers of a process are busy, it closes its keep-alive connections.
    mpm, threads = 'event', 256


class Python(Www):
    needs = ['/usr/bin/python3']
    program = """import http.server, os, sys
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass
os.chdir(sys.argv[1])
http.server.test(Handler, Server, 'HTTP/1.1', int(sys.argv[2]), '127.0.0.1')
"""

    def command(self, port):
        return ['/usr/bin/python3', '-c', self.program, f'{self.folder}/www', str(port)]


class Haproxy(Wrk):
    needs, page = ['/usr/sbin/haproxy'], ''

    def command(self, port):
        return commands.haproxy(self.folder, port, self.origin)


class Varnish(Wrk):
    needs, page = ['/usr/sbin/varnishd'], ''

    def command(self, port):
        return commands.varnishd(self.folder, port, self.origin)


class Nginx(Www):
    needs = ['/usr/sbin/nginx']

    def command(self, port):
        return commands.nginx(self.folder, port)


class Named(Job):
    needs = ['/usr/sbin/named', '/usr/bin/dnsperf']

    def command(self, port):
        return commands.named(self.folder, port)

    def load(self, server, args, seconds):
        """As many sockets as connections, a question under way on each; it tells no percentiles."""
        queries = self.path('queries', ''.join(f'{name}.t.test A\n' for name, _ in commands.dns_addresses()))
        text = subprocess.run(['dnsperf', '-p', str(server.port), '-d', queries, '-c', str(args.conns), '-q', str(args.conns),
                               '-l', str(seconds)], capture_output=True, text=True, check=False).stdout
        figures = [re.search(rf'{what}:\s+([\d.]+)', text) for what in ('Queries completed', r'Run time \(s\)', r'Average Latency \(s\)')]
        if not all(figures):
            return 0, 1, 0, 0, [text[-300:]]
        count, took, latency = (float(found[1]) for found in figures)
        lost = re.search(r'Queries lost:\s+([1-9]\d*)', text)
        wrong = [] if re.search(r'Response codes:\s+NOERROR \d+ \(100.00%\)', text) else ['not all are NOERROR']
        return int(count), took, latency * 1e6, float('nan'), wrong + ([f'{lost[1]} lost'] if lost else [])


class Unbound(Named):
    needs = ['/usr/sbin/unbound', '/usr/bin/dnsperf']

    def command(self, port):
        return commands.unbound(self.folder, port)


class Slapd(Tunnel):
    needs, how = ['/usr/sbin/slapd', '/usr/bin/ldapadd'], 'ldap'

    def command(self, port):
        return commands.slapd(self.folder, port)

    def warm(self, server, args):
        if not os.path.exists(f'{self.folder}/ldif'):
            subprocess.run(['ldapadd', '-x', '-H', f'ldap://127.0.0.1:{server.port}', '-D', 'cn=a,dc=t', '-w', 'x', '-f',
                            commands.ldap_people(self.folder)], check=True, capture_output=True)


class Mariadb(Job):
    needs = ['/usr/sbin/mariadbd', '/usr/bin/mariadb-install-db', '/usr/bin/sysbench']
    variants = {'plain': [], 'goshim': [], 'pool': ['--thread-handling=pool-of-threads']}

    def __init__(self, folder, origin):
        super().__init__(folder, origin)
        subprocess.run(['mariadb-install-db', '--no-defaults', f'--datadir={folder}/data', '--user=root',
                        '--auth-root-authentication-method=normal'], check=True, capture_output=True)
        with self.server(None, []) as server:
            self.sysbench(server, 'prepare', ['--threads=1'])

    def command(self, port):
        return ['mariadbd', '--no-defaults', f'--datadir={self.folder}/data', '--user=root', '--bind-address=127.0.0.1',
                f'--port={port}', f'--socket={self.folder}/socket', '--max-connections=2000', '--back-log=2000',
                f'--log-error={self.folder}/log.err', '--innodb-buffer-pool-size=256M', f'--pid-file={self.folder}/pid']

    def sysbench(self, server, what, more, library=None):
        return subprocess.run(['sysbench', 'oltp_point_select', '--mysql-host=127.0.0.1', f'--mysql-port={server.port}',
                               '--mysql-user=root', '--mysql-db=test', '--tables=2', '--table-size=20000', *more, what],
                              env=common.preload_env(library), capture_output=True, text=True, check=False).stdout

    def load(self, server, args, seconds):
        text = self.sysbench(server, 'run', [f'--threads={args.conns}', f'--time={seconds}', '--histogram=on'], args.load_library)
        count, took = re.search(r'transactions:\s+(\d+)', text), re.search(r'total time:\s+([\d.]+)s', text)
        if not count:
            return 0, 1, 0, 0, [text[-300:]]
        histogram = [(float(ms) * 1000, int(n)) for ms, n in re.findall(r'^\s*([\d.]+) \|\**\s*(\d+)$', text, re.M)]
        return int(count[1]), float(took[1]), percentile(histogram, 0.5), percentile(histogram, 0.99), []


JOBS = {'microsocks': Microsocks, 'tinyproxy': Tinyproxy, 'stunnel': Stunnel, 'mhd': Mhd, 'iostream': Iostream, 'rust': Rust,
        'mariadb': Mariadb, 'worker': Worker, 'event': Event, 'python': Python, 'memcached': Memcached, 'redis': Redis,
        'haproxy': Haproxy, 'nginx': Nginx, 'varnish': Varnish, 'named': Named, 'unbound': Unbound, 'slapd': Slapd}


def percentile(histogram, share):
    """Of (value, count) in order."""
    left = share * sum(count for _, count in histogram)
    for value, count in histogram:
        left -= count
        if left <= 0:
            return value
    return 0.0


def measure(job, variant, library, args):
    server = job.server(library if variant == 'goshim' else None, job.variants[variant])
    with server:
        job.warm(server, args)
        sampler = bench.Sampler(server)
        sampler.start()
        busy, ours = bench.busy_seconds(), resource.getrusage(resource.RUSAGE_CHILDREN)
        server.cpu_before, start = family_cpu(server), time.monotonic()
        requests, seconds, p50, p99, errors = job.load(server, args, args.seconds)
        cpu, elapsed = family_cpu(server) - server.cpu_before, time.monotonic() - start
        busy, now = bench.busy_seconds() - busy, resource.getrusage(resource.RUSAGE_CHILDREN)
        peak = sampler.stop()
    # The origin's work is company too, but the same for all.
    load_cpu = now.ru_utime + now.ru_stime - ours.ru_utime - ours.ru_stime
    return {'rps': requests / seconds, 'cpu_us': cpu * 1e6 / requests if requests else float('nan'), 'p50_us': p50,
            'p99_us': p99, 'threads': peak.get('Threads', 0), 'rss_kb': peak.get('VmRSS', 0),
            'other_cpu': max(0.0, (busy - cpu - load_cpu) / elapsed), 'errors': errors + server.complaints}


def report(name, runs, args):
    print(f'\n{name}, {args.conns:,} connections: {args.rounds} rounds of {args.seconds} s, median (min–max)')
    rows = [['', 'requests/s', 'CPU µs/request', 'p50 ms', 'p99 ms', 'kernel threads', 'RSS MB']]

    def series(variant, key, scale=1.0):
        return [run[key] / scale for run in runs[variant]]

    for variant in runs:
        rows.append([variant, common.spread(series(variant, 'rps')), common.spread(series(variant, 'cpu_us')),
                     common.number(statistics.median(series(variant, 'p50_us', 1000))),
                     common.number(statistics.median(series(variant, 'p99_us', 1000))),
                     f'{max(series(variant, "threads")):,.0f}', common.number(max(series(variant, 'rss_kb', 1024)))])
    for other in runs:
        if 'goshim' in runs and other != 'goshim':
            rows.append([f'goshim / {other}'] + [common.spread(common.ratios(series('goshim', key), series(other, key)))
                                                 for key in ('rps', 'cpu_us', 'p50_us', 'p99_us', 'threads', 'rss_kb')])
    common.print_table(rows)
    for variant, all_runs in runs.items():
        for text in sorted({e for run in all_runs for e in run['errors']}):
            print(f'ERROR {name}, {variant}: {text}')
    noise = [run['other_cpu'] for all_runs in runs.values() for run in all_runs]
    print(f'other processes took {statistics.median(noise):.2f} CPUs (at most {max(noise):.2f}), the origin among them')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('-c', '--conns', type=int, default=256)
    parser.add_argument('-r', '--rounds', type=int, default=3)
    parser.add_argument('-d', '--seconds', type=int, default=2, help='length of a run')
    parser.add_argument('-v', '--variants', help='which, in turn (default all; plain, goshim, pool)')
    parser.add_argument('--preload-load', action='store_true', help="mariadb: its load too under goshim, whose threads are one a connection")
    parser.add_argument('server', nargs='*', help=f'default all of {", ".join(JOBS)}')
    args = parser.parse_args()
    library = common.find_library()
    if not library:
        sys.exit('apps: no libgoshim.so (set GOSHIM_LIB or build it)')
    args.load_library = library if args.preload_load else None
    wrong = False
    with common.Server([common.build_c('tools/bench/epoll_server.c'), '0']) as origin:
        for name in args.server or JOBS:
            kind = JOBS[name]
            missing = [path for path in kind.needs if not os.path.exists(path)]
            if missing or not shutil.which('wrk'):
                print(f'{name}: left out, no {" ".join(missing) or "wrk"}', file=sys.stderr)
                continue
            with tempfile.TemporaryDirectory() as folder:
                job = kind(folder, origin.port)
                runs = {v: [] for v in job.variants if not args.variants or v in args.variants.split(',')}
                for _ in range(args.rounds):
                    for variant, results in runs.items():
                        results.append(measure(job, variant, library, args))
                report(name, runs, args)
                wrong |= any(run['errors'] for results in runs.values() for run in results)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
