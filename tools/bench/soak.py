#!/usr/bin/env python3
"""Many clients of every manner against the example servers, then many connections held at once; every answer is checked.

Starts examples/{http,echo,kv}_server under goshim (--plain: without) and drives each with tools/bench/clients, then the HTTP
server with tools/bench/hold_client. Watches kernel threads and memory, stops each server by SIGTERM and wants status 0.
Ends with status 0 when everything was right.
"""

import argparse
import os
import subprocess
import sys

import bench
import common


def drive(name, server_command, library, client, max_threads):
    """True when the client was content, the server ended well and had at most max_threads kernel threads."""
    print(f'\n{name}{" under goshim" if library else ""}:', flush=True)
    server = common.Server(server_command, library)
    with server:
        sampler = bench.Sampler(server)
        sampler.start()
        cpu = common.process_cpu(server.pid)
        status = subprocess.run([a.format(port=server.port, pid=server.pid) for a in client], check=False).returncode
        alive = server.process.poll() is None
        cpu = common.process_cpu(server.pid) - cpu if alive else float('nan')
        peak = sampler.stop()
    print(f'server: {cpu:.2f} s CPU, at most {peak.get("Threads", 0):,} kernel threads, {peak.get("VmRSS", 0) / 1024:.1f} MB RSS, '
          f'{peak.get("VmPTE", 0) / 1024:.1f} MB page tables')
    complaints = list(server.complaints)
    if status != 0:
        complaints.append(f'client status {status}')
    if library and peak.get('Threads', 0) > max_threads:
        complaints.append(f'more than {max_threads} kernel threads')
    for text in complaints:
        print(f'ERROR {name}: {text}')
    return not complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('-t', '--seconds', type=float, default=10, help='for each server (default %(default)s)')
    parser.add_argument('-k', '--clients', type=int, default=200)
    parser.add_argument('-n', '--hold', type=int, default=15000, help='connections held at once; 0: none (default %(default)s)')
    parser.add_argument('-m', '--modes', default='http,echo,kv')
    parser.add_argument('-S', '--seed', type=int, help="the clients' seed")
    parser.add_argument('--plain', action='store_true', help='without goshim')
    args = parser.parse_args()

    library = None if args.plain else common.find_library()
    if not library and not args.plain:
        sys.exit('soak: no libgoshim.so (set GOSHIM_LIB, build it, or say --plain)')
    procs = os.environ.get('GOSHIM_MAXPROCS') or os.environ.get('GOMAXPROCS') or len(os.sched_getaffinity(0))
    max_threads = int(procs) + 8
    clients, hold = common.build_c('tools/bench/clients.c'), common.build_c('tools/bench/hold_client.c')
    seed = ['-S', str(args.seed)] if args.seed is not None else []
    good = True
    for mode in args.modes.split(',') if args.modes else []:
        server = common.build_c(f'examples/{mode}_server.c')
        good &= drive(f'{mode}_server', [server, '0'], library,
                      [clients, '{port}', '-m', mode, '-k', str(args.clients), '-t', str(args.seconds), *seed], max_threads)
    if args.hold:
        server = common.build_c('examples/http_server.c')
        good &= drive('http_server, connections held', [server, '0'], library,
                      [hold, '{port}', '-n', str(args.hold), '-r', '3', '-i', '{pid}'], max_threads)
    print('\nsoak: good' if good else '\nsoak: FAILED')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
