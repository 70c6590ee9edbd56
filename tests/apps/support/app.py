"""A server as it is, many clients, every answer checked: what the scripts of tests/apps share.

A script derives from App and calls main(). The server runs plain first, briefly: that run is the oracle for exit status
and output, and proves that the clients are as many as they say. Then it runs under the library with both pollers and 1
and 2 Ps, GOSHIM_APP_SECONDS each, and is stopped by SIGTERM or SIGINT while some clients are still connected. All of
this GOSHIM_APP_ROUNDS times, plain and preloaded in turn.

With GOSHIM_APP_SOAK=SECONDS there is one preloaded run, so long; beside the clients that check there are some that are killed
in the midst of it. Afterwards nothing is left connected, and the server's memory must not have grown. GOSHIM_APP_PAUSE=SECONDS is
how long a client waits, in the middle, before it sends: such a run leaves the machine to others.
"""
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

LIB = os.environ["GOSHIM_LIB"]
SOURCE = os.environ.get("GOSHIM_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
BUILD = os.environ.get("GOSHIM_BUILD", os.path.join(SOURCE, "build"))
SECONDS = float(os.environ.get("GOSHIM_APP_SECONDS", "3"))
PLAIN_SECONDS = min(SECONDS, 2)
SOAK = float(os.environ.get("GOSHIM_APP_SOAK", "0"))
PAUSE = float(os.environ.get("GOSHIM_APP_PAUSE", "0"))
ROUNDS = int(os.environ.get("GOSHIM_APP_ROUNDS", "1"))
CLIENTS = 200
PROCESSES = 4
# Connected at the end, when nobody else is: the plain server has a thread for each, however busy the machine.
HELD = CLIENTS // 4
# How long an answer, a connection, or the server's end may take. The machine may be busy; a hang is for ever.
PATIENCE = 30
# The runtime's own threads are three: sysmon, sigm, and the one that asks /proc. The others are Ms beside those that hold
# a P: blocked in the kernel for a moment, on their way to or from a P, or idle. On a busy machine there are more: what
# waits for a core looks long.
SPARE_THREADS = 16
SAMPLE_EVERY = 0.2 if SOAK else 0.01
DOOMED = 20
DOOMED_FOR = 3
MAX_WRONG = 10
MAY_GROW = 1.05
MAX_FAULTS = 400
# Both signals meet both pollers and both numbers of Ps.
CONFIGURATIONS = (("epoll", 1, signal.SIGTERM), ("epoll", 2, signal.SIGINT),
                  ("uring", 1, signal.SIGINT), ("uring", 2, signal.SIGTERM))

sys.path.append(os.path.join(SOURCE, "tests/programs"))
from run import backtraces, status_text  # noqa: E402
from commands import write  # noqa: E402,F401  (scripts call app.write)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def need(*programs):
    """Paths of programs; skips the test when one is not there."""
    for program in programs:
        if not shutil.which(program):
            skip(f"no {program}")
    return [shutil.which(program) for program in programs]


def letters(size):
    """What the servers of examples/ answer with."""
    return bytes(97 + i % 26 for i in range(size))


def compile_c(source, folder, *libraries):
    """Builds a program of one file, C or C++."""
    name, suffix = os.path.splitext(os.path.basename(source))
    exe = os.path.join(folder, name)
    compiler = ["cc", "-std=gnu11"] if suffix == ".c" else ["c++", "-std=c++20"]
    subprocess.run([*compiler, "-O2", "-g", "-pthread", os.path.join(SOURCE, source), "-o", exe, *libraries], check=True)
    return exe


def free_port():
    """For servers that cannot choose one by themselves; not one that a connection may get as its own end."""
    while True:
        port = random.randrange(10000, 30000)
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def descendants(pid):
    out = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as f:
                for child in f.read().split():
                    out += [int(child), *descendants(int(child))]
    except OSError:
        pass
    return out


class Wrong(Exception):
    """An answer that is not what it must be."""


class Server:
    """A process that listens on one TCP port of its own choice."""

    def __init__(self, command, poller=None, procs=None):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith("GOSHIM_") and k not in ("GOMAXPROCS", "LD_PRELOAD")}
        if poller:
            env.update(LD_PRELOAD=LIB, GOSHIM_NETPOLL=poller, GOSHIM_MAXPROCS=str(procs))
        self.output, self.errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        # A shell's background job inherits SIGINT ignored.
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=self.output,
                                        stderr=self.errors,
                                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.pid = self.process.pid
        self.peak = 0
        # (time, kB) of its resident memory, once a second.
        self.memory = []
        self.port = self._port()

    def _port(self):
        """The port it listens on, as the kernel tells: not every server can say."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                base = f"/proc/{self.pid}/fd"
                inodes = {os.readlink(f"{base}/{fd}") for fd in os.listdir(base)}
            except OSError:
                inodes = set()
            with open("/proc/net/tcp") as f:
                for line in f.readlines()[1:]:
                    field = line.split()
                    if field[3] == "0A" and f"socket:[{field[9]}]" in inodes:
                        return int(field[1].split(":")[1], 16)
            time.sleep(0.02)
        text = self.read(self.errors)
        self.kill()
        sys.exit(f"the server does not listen: {text}")

    def sample(self):
        try:
            with open(f"/proc/{self.pid}/status") as f:
                text = f.read()
            self.peak = max(self.peak, int(re.search(r"^Threads:\s*(\d+)", text, re.M).group(1)))
            if not self.memory or time.monotonic() >= self.memory[-1][0] + 1:
                self.memory.append((time.monotonic(), int(re.search(r"^VmRSS:\s*(\d+)", text, re.M).group(1))))
        except (OSError, AttributeError):
            pass

    def connections(self):
        """How many TCP connections it has, listening sockets not counted."""
        sockets = {os.readlink(f"/proc/{self.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{self.pid}/fd")}
        with open("/proc/net/tcp") as f:
            fields = [line.split() for line in f.readlines()[1:]]
        return sum(field[3] != "0A" and f"socket:[{field[9]}]" in sockets for field in fields)

    def still_connected(self):
        """Lines for connections that it keeps though every client has gone."""
        end = time.monotonic() + PATIENCE
        while left := self.connections():
            if time.monotonic() > end:
                return [f"{left} connections are left, {PATIENCE} s after the last client"]
            time.sleep(0.1)
        return []

    def growth(self):
        """Lines for memory that grew: the last quarter of a long run against the second."""
        if len(self.memory) < 16:
            print(f"resident memory: only {len(self.memory)} samples, too few to judge")
            return []
        quarter = len(self.memory) // 4
        before, after = (statistics.median(kb for _, kb in self.memory[n * quarter:(n + 1) * quarter]) for n in (1, 3))
        print(f"resident memory: {before:.0f} kB in the second quarter, {after:.0f} kB in the last ({after / before:.3f})")
        return [f"resident memory grew from {before} to {after} kB"] if after > MAY_GROW * before else []

    def cpu(self):
        """Seconds of CPU, by its process clock."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:
            return float("nan")

    @staticmethod
    def read(file):
        file.seek(0)
        return file.read().decode(errors="replace")

    def stop(self, how):
        """Sends the signal and returns the exit status; None when it does not end."""
        self.process.send_signal(how)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            print("\n".join(backtraces(self.pid)))
            self.kill()
            return None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Client:
    """One of many; converses again and again until time is up."""

    def __init__(self, number, port, seconds):
        self.number, self.port = number, port
        self.end = time.monotonic() + seconds
        self.random = random.Random(number)
        self.answers = self.connections = 0
        self.socket = None
        self.unread = b""

    def connect(self):
        self.close()
        sock = socket.socket()
        sock.settimeout(PATIENCE)
        # Sources of their own keep a long run from using up the ports of one address.
        sock.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        sock.bind((f"127.0.0.{1 + self.number % 200}", 0))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(("127.0.0.1", self.port))
        self.socket, self.unread = sock, b""
        self.connections += 1

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def time_is_up(self):
        return time.monotonic() >= self.end

    def send(self, data):
        if PAUSE:
            time.sleep(self.random.random() * 2 * PAUSE)
        self.socket.sendall(data)

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise Wrong(f"end of file after {self.unread[-60:]!r}")
        return data

    def take(self, size):
        while len(self.unread) < size:
            self.unread += self.receive()
        data, self.unread = self.unread[:size], self.unread[size:]
        return data

    def take_until(self, mark):
        while mark not in self.unread:
            self.unread += self.receive()
        return self.take(self.unread.index(mark) + len(mark))

    def expect(self, data):
        got = self.take(len(data))
        if got != data:
            at = next(i for i in range(len(data)) if got[i] != data[i])
            raise Wrong(f"byte {at} of {len(data)}: {got[at:at + 40]!r}, want {data[at:at + 40]!r}")

    def http(self, path, method="GET", more=""):
        """Asks, and returns (status line, fields) of the answer; the body is yet to be read."""
        self.send(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode())
        return self.http_head()

    def http_head(self):
        lines = self.take_until(b"\r\n\r\n").decode().split("\r\n")
        return lines[0], dict(line.split(": ", 1) for line in lines[1:-2])

    def expect_end(self):
        if self.unread or self.socket.recv(1):
            raise Wrong("bytes after the last answer")


class App:
    """The parts that a script fills in."""

    name = ""
    # Threads of the plain server that prove the clients' number.
    concurrent = HELD
    # Kernel threads that the library may have beside those that hold a P.
    spare = SPARE_THREADS

    def prepare(self, folder):
        """Before the first run."""

    def command(self):
        raise NotImplementedError

    def converse(self, client):
        """One conversation with the server; raises when anything is wrong."""
        raise NotImplementedError

    def begin(self, client):
        """Connects and leaves a thread of the server waiting."""
        self.converse(client)

    def doomed(self, client):
        """What a client does that is going to be killed."""
        self.converse(client)

    def beside(self, port, seconds):
        """Client programs to run too; their status must be 0. A line "N right answers" is counted."""
        return []

    def meanwhile(self, server, elapsed):
        """Called again and again while clients are at work."""

    def check(self, output, errors, answers):
        """What is wrong with the server's output, as lines."""
        return []


def run_clients(converse, numbers, port, seconds, result):
    """In a process of its own: a thread for each client."""
    clients = [Client(n, port, seconds) for n in numbers]
    wrong = []

    def run(client):
        try:
            while not client.time_is_up():
                converse(client)
            client.close()
        except (OSError, Wrong) as e:
            wrong.append(f"client {client.number} after {client.answers} answers: {type(e).__name__}: {e}")

    threads = [threading.Thread(target=run, args=(c,)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.write(json.dumps({"answers": sum(c.answers for c in clients), "wrong": wrong,
                             "connections": sum(c.connections for c in clients)}).encode())
    result.flush()


class Doomed:
    """Clients that are killed again and again, by SIGKILL, wherever they are."""

    def __init__(self, app, server, seconds):
        self.app, self.server, self.seconds = app, server, seconds
        self.pid, self.lives = 0, 0

    def kill(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0

    def go_on(self, elapsed):
        if elapsed < self.lives * DOOMED_FOR:
            return
        self.kill()
        self.lives += 1
        self.pid = os.fork()
        if self.pid == 0:
            first = CLIENTS + self.lives * DOOMED
            run_clients(self.app.doomed, range(first, first + DOOMED), self.server.port, self.seconds, tempfile.TemporaryFile())
            os._exit(0)


def drive(app, server, seconds):
    """All clients at once, while the server's threads are counted; returns (answers, connections, faults)."""
    programs = []
    for command in app.beside(server.port, seconds):
        file = tempfile.TemporaryFile()
        programs.append((command, file, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)))
    workers = {}
    sys.stdout.flush()
    for i in range(PROCESSES if type(app).converse is not App.converse else 0):
        result = tempfile.TemporaryFile()
        pid = os.fork()
        if pid == 0:
            try:
                run_clients(app.converse, range(i, CLIENTS, PROCESSES), server.port, seconds, result)
            finally:
                os._exit(0)
        workers[pid] = result

    running, doomed = set(workers), Doomed(app, server, seconds)
    start = time.monotonic()
    end = start + seconds + 3 * PATIENCE
    while running or any(p.poll() is None for _, _, p in programs):
        server.sample()
        app.meanwhile(server, time.monotonic() - start)
        if SOAK and seconds == SOAK and time.monotonic() < start + seconds:
            doomed.go_on(time.monotonic() - start)
        running -= {pid for pid in running if os.waitpid(pid, os.WNOHANG)[0]}
        if time.monotonic() > end:
            for pid in running:
                os.kill(pid, signal.SIGKILL)
            for _, _, process in programs:
                process.kill()
            end = float("inf")
        time.sleep(SAMPLE_EVERY)
    doomed.kill()

    answers = connections = 0
    faults = []
    for result in workers.values():
        text = Server.read(result)
        if not text:
            faults.append("clients died or did not end")
            continue
        report = json.loads(text)
        answers += report["answers"]
        connections += report["connections"]
        faults += report["wrong"][:MAX_WRONG]
    for command, file, process in programs:
        text = Server.read(file)
        if process.returncode != 0:
            faults.append(f"{' '.join(command[:2])}: {status_text(process.returncode)}: {text[-600:]}")
        found = re.search(r"(\d+) right answers(?: on (\d+) connections)?", text)
        answers += int(found.group(1)) if found else 0
        connections += int(found.group(2) or 0) if found else 0
    return answers, connections, faults


def stop_held(app, server, how):
    """Stops the server under clients that are connected and quiet; returns (status, faults)."""
    faults, held = [], []
    for n in range(HELD):
        client = Client(n, server.port, PATIENCE)
        try:
            app.begin(client)
            held.append(client)
        except (OSError, Wrong) as e:
            faults.append(f"held client {n}: {type(e).__name__}: {e}")
    server.sample()
    status = server.stop(how)
    if status is None:
        faults.append(f"still there {PATIENCE} s after {how.name}")
    for client in held:
        try:
            client.expect_end()
        except ConnectionError:
            pass
        except (OSError, Wrong) as e:
            faults.append(f"held client {client.number} after {how.name}: {type(e).__name__}: {e}")
        client.close()
    return status, faults


def run(app, seconds, how, oracle=None, poller=None, procs=None):
    """One run; returns (status, stdout, faults)."""
    server = Server(app.command(), poller, procs)
    try:
        start, cpu = time.monotonic(), server.cpu()
        answers, connections, faults = drive(app, server, seconds)
        took, cpu = time.monotonic() - start, server.cpu() - cpu
        if server.process.poll() is not None:
            faults.insert(0, f"the server ended by itself: {status_text(server.process.returncode)}")
        elif faults:
            faults += backtraces(server.pid)
        if SOAK and server.process.poll() is None:
            faults += server.still_connected() + server.growth()
        status, more = stop_held(app, server, how)
        faults += more
    finally:
        server.kill()
    output = server.read(server.output).replace(str(server.port), "PORT")
    errors = server.read(server.errors)
    if answers == 0:
        faults.append("no answer at all")
    for line in errors.splitlines():
        if line.startswith("goshim:") or "Traceback" in line:
            faults.append(f"on stderr: {errors[errors.index(line):][:2000]}")
            break
    if not faults:
        faults += app.check(output, errors, answers)
    if poller is None:
        if server.peak < app.concurrent:
            faults.append(f"natively only {server.peak} threads: too few clients at once")
    else:
        if server.peak > procs + app.spare:
            faults.append(f"{server.peak} kernel threads with {procs} Ps")
        if status != oracle[0]:
            faults.append(f"status {status} after {how.name}, natively {oracle[0]}")
        if output != oracle[1]:
            faults.append(f"stdout {output[-300:]!r}, natively {oracle[1][-300:]!r}")
    what = f"{poller}, {procs} Ps" if poller else "plain"
    print(f"{app.name}, {what}, {how.name}: {answers} right answers on {connections} connections in {took:.1f} s "
          f"({answers / took:.0f}/s, {cpu / max(answers, 1) * 1e6:.0f} us CPU each), "
          f"at most {server.peak} kernel threads, status {status}", flush=True)
    for fault in faults[:MAX_FAULTS]:
        print(f"WRONG {fault}", flush=True)
    return status, output, faults


def judge(app):
    """All configurations once; returns the number of preloaded runs that are wrong."""
    oracle = {}
    for how in (signal.SIGTERM, signal.SIGINT):
        status, output, faults = run(app, PLAIN_SECONDS, how)
        oracle[how] = (status, output)
        if faults:
            sys.exit("the plain run is wrong: nothing can be judged")
    if SOAK:
        return bool(run(app, SOAK, signal.SIGTERM, oracle[signal.SIGTERM], "epoll", 2)[2])
    return sum(bool(run(app, SECONDS, how, oracle[how], poller, procs)[2]) for poller, procs, how in CONFIGURATIONS)


def main(*apps):
    wrong = 0
    for app in apps:
        with tempfile.TemporaryDirectory() as folder:
            app.prepare(folder)
            for _ in range(ROUNDS):
                wrong += judge(app)
    sys.exit(1 if wrong else 0)
