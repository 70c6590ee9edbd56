"""What the benchmark scripts share: building the programs, finding libgoshim.so, running a server, medians."""

import ctypes
import fcntl
import os
import re
import select
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
OUT = os.environ.get('GOSHIM_BENCH_DIR') or os.path.join(ROOT, 'build', 'bench-bin')
CFLAGS = ['-std=gnu11', '-O2', '-g', '-Wall', '-Wextra', '-pthread']


def find_library():
    """The path of libgoshim.so, or None."""
    given = os.environ.get('GOSHIM_LIB')
    if given:
        return os.path.abspath(given) if os.path.exists(given) else None
    for path in ('build/preload/libgoshim.so', 'build/libgoshim.so', 'build/src/libgoshim.so'):
        if os.path.exists(os.path.join(ROOT, path)):
            return os.path.join(ROOT, path)
    return None


def _make(output, sources, command):
    newest = max(os.stat(s).st_mtime for s in sources)
    if os.path.exists(output) and os.stat(output).st_mtime >= newest:
        return output
    os.makedirs(os.path.dirname(output), exist_ok=True)
    # Another run may be using the old one, or building too: replace it in one step.
    part = f'{output}.{os.getpid()}'
    subprocess.run(command(part), check=True)
    os.replace(part, output)
    return output


def _headers(directory):
    return [os.path.join(directory, f) for f in os.listdir(directory) if f.endswith('.h')]


def build_c(path, *libs):
    """Builds ROOT/path, a C program of one file, and returns the binary."""
    source = os.path.join(ROOT, path)
    sources = [source] + _headers(os.path.dirname(source)) + _headers(os.path.join(ROOT, 'examples'))
    output = os.path.join(OUT, os.path.splitext(os.path.basename(path))[0])
    cc = os.environ.get('CC', 'cc').split()
    return _make(output, sources, lambda out: [*cc, *CFLAGS, source, '-o', out, *libs])


def build(path, compiler):
    """Builds ROOT/path, a program of one file, by another compiler."""
    source = os.path.join(ROOT, path)
    output = os.path.join(OUT, os.path.splitext(os.path.basename(path))[0])
    return _make(output, [source], lambda out: [*compiler, source, '-o', out])


def build_go(directory):
    """Builds the Go program in HERE/directory; None when there is no go."""
    if not shutil.which('go'):
        return None
    source = os.path.join(HERE, directory, 'main.go')
    os.environ.setdefault('GOCACHE', os.path.join(OUT, 'gocache'))
    return _make(os.path.join(OUT, directory), [source], lambda out: ['go', 'build', '-o', out, source])


def preload_env(library):
    env = dict(os.environ)
    if library:
        env['LD_PRELOAD'] = library
    return env


def process_cpu(pid):
    """CPU seconds of a process with all its threads, past ones too, to the nanosecond (a clock id as in kernel/time)."""
    return time.clock_gettime((~pid << 3) | 2)


def own_network():
    """From here on the calling thread and its children have a loopback that nobody used before; False: not allowed to.

    A client's port is not free for a minute after its connection, and of the 28,000 there are connect() tries the even ones
    first, one by one: from the 14,117th on each call looks at all of those before it (19,000 take four seconds instead of
    one). So the network is new, and has more ports.
    """
    clone_newnet, siocsifflags, iff_up_running = 0x40000000, 0x8914, 0x41
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newnet) != 0:
        return False
    with socket.socket() as s:
        fcntl.ioctl(s, siocsifflags, struct.pack('16sh22x', b'lo', iff_up_running))
    with open('/proc/sys/net/ipv4/ip_local_port_range', 'w', encoding='ascii') as f:
        f.write('1024 65535')
    return True


class Server:
    """A server that prints "listening on PORT"; stopped by SIGTERM when the block ends."""

    def __init__(self, command, library=None):
        self.command, self.library = command, library
        self.complaints = []

    def __enter__(self):
        self.stderr = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(self.command, env=preload_env(self.library), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.stderr)
        self.pid = self.process.pid
        ready, _, _ = select.select([self.process.stdout], [], [], 10)
        line = self.process.stdout.readline().decode() if ready else ''
        match = re.match(r'listening on (\d+)', line)
        if not match:
            self.__exit__(None, None, None)
            raise RuntimeError(f'{self.command[0]} did not start: {line!r} {self.complaints}')
        self.port = int(match.group(1))
        return self

    def status(self):
        """The numbers of /proc/PID/status (kB for sizes)."""
        try:
            with open(f'/proc/{self.pid}/status', encoding='ascii', errors='replace') as f:
                return {k: int(v) for k, v in re.findall(r'^(\w+):\s+(\d+)', f.read(), re.M)}
        except OSError:
            return {}

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.complaints.append('did not stop on SIGTERM')
                self.process.kill()
                self.process.wait()
        else:
            self.complaints.append('ended by itself')
        if self.process.returncode != 0:
            self.complaints.append(f'exit status {self.process.returncode}')
        self.stderr.seek(0)
        text = self.stderr.read(2000).strip()
        if text:
            self.complaints.append(f'stderr: {text}')
        self.stderr.close()
        self.process.stdout.close()


def number(x):
    """Three significant digits, thousands grouped."""
    if x != x:
        return '-'
    if abs(x) >= 100:
        return f'{x:,.0f}'
    return f'{x:.1f}' if abs(x) >= 10 else f'{x:.2f}'


def spread(values):
    """median (min–max)"""
    values = [v for v in values if v == v]
    if not values:
        return '-'
    if len(values) == 1:
        return number(values[0])
    return f'{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})'


def ratios(above, below):
    """The ratios of two series taken in turn, round by round; where one is 0 there is none."""
    return [a / b for a, b in zip(above, below) if a == a and b == b and b]


def print_table(rows):
    """The first row is the heading; the first column is text, the others are right-aligned."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
        print('  '.join(cells).rstrip())
