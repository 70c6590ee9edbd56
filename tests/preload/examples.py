#!/usr/bin/env python3
"""examples/goroutines as a user meets them.

The build is installed into an empty folder, each program is made with `cc FILE $(pkg-config --cflags --libs goshim)`
against that, and what it says is compared: linked, with the library preloaded beside, and with GOSHIM_DISABLE=1, when
goroutines are kernel threads.
"""
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

SOURCE = os.environ["GOSHIM_SOURCE"]
BUILD = os.environ["GOSHIM_BUILD"]
PATIENCE = 60

faults = 0


def wrong(text):
    global faults
    faults += 1
    print(f"WRONG {text}", flush=True)


def output(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
                          **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}")
    return done.stdout


class Stage:
    """What `meson install` puts where, under a root of its own."""

    def __init__(self, root):
        self.root = root
        meson = [shutil.which("meson")] if shutil.which("meson") else [sys.executable, "-m", "mesonbuild.mesonmain"]
        output([*meson, "install", "-C", BUILD, "--no-rebuild", "--quiet", "--tags", "runtime,devel", "--destdir", root])
        self.library = self.find("libgoshim.so")
        self.environment = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=root,
                                PKG_CONFIG_PATH=os.path.dirname(self.find("goshim.pc")))
        for name in list(self.environment):
            if name.startswith("GOSHIM_") or name in ("GOMAXPROCS", "LD_PRELOAD"):
                del self.environment[name]

    def find(self, name):
        found = glob.glob(f"{self.root}/**/{name}", recursive=True)
        if not found:
            sys.exit(f"{name} is not installed")
        return found[0]

    def flags(self):
        return output(["pkg-config", "--cflags", "--libs", "goshim"], env=self.environment).split()

    def environments(self):
        linked = dict(self.environment, LD_LIBRARY_PATH=os.path.dirname(self.library))
        yield "linked", linked
        yield "linked and preloaded", dict(linked, LD_PRELOAD=self.library)
        yield "linked, one P", dict(linked, GOMAXPROCS="1")
        yield "disabled", dict(linked, GOSHIM_DISABLE="1")


def says(pattern):
    """A program that ends by itself, with this on stdout."""

    def check(name, exe, env):
        done = subprocess.run([exe], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE,
                              check=False)
        if done.returncode != 0 or done.stderr or not re.fullmatch(pattern, done.stdout):
            wrong(f"{name}: status {done.returncode}, {done.stdout!r} {done.stderr!r}")

    return check


def serves(talk):
    """A server, with which `talk` has a word; ends by SIGTERM."""

    def check(name, exe, env):
        with subprocess.Popen([exe, "0"], env=env, stdout=subprocess.PIPE, text=True) as server:
            try:
                listening = re.fullmatch(r"listening on (\d+)\n", server.stdout.readline())
                if not listening:
                    wrong(f"{name}: does not listen")
                    return
                problem = talk(int(listening[1]))
                if problem:
                    wrong(f"{name}: {problem}")
            finally:
                server.terminate()
                if server.wait(PATIENCE) != -signal.SIGTERM:
                    wrong(f"{name}: status {server.returncode}")

    return check


def dial(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def receive(conn, n):
    data = b""
    while len(data) < n:
        more = conn.recv(n - len(data))
        if not more:
            break
        data += more
    return data


def talk_echo(port):
    connections = [dial(port) for _ in range(50)]
    for i, conn in enumerate(connections):
        conn.sendall(b"%d " % i * 1000)
    for i, conn in enumerate(connections):
        want = b"%d " % i * 1000
        if receive(conn, len(want)) != want:
            return f"connection {i} has another echo"
        conn.shutdown(socket.SHUT_WR)
        if conn.recv(1) != b"":
            return f"connection {i} is not closed"
        conn.close()
    return None


def talk_http(port):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"
    with dial(port) as idle, dial(port) as conn:
        idle.sendall(b"GET /slow HTTP/1.1\r\n")
        for i in range(20):
            conn.sendall(b"GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % i)
            if (got := receive(conn, len(answer))) != answer:
                return f"answer {i} is {got}"
        conn.sendall(b"GET / HTTP/1.1\r\n\r\n" * 3)
        if (got := receive(conn, 3 * len(answer))) != 3 * answer:
            return f"three at once: {got}"
        idle.sendall(b"\r\n")
        if (got := receive(idle, len(answer))) != answer:
            return f"the slow one: {got}"
    return None


def talk_chat(port):
    people = [dial(port).makefile("rwb", buffering=0) for _ in range(3)]
    if [p.readline() for p in people] != [b"welcome\n"] * 3:
        return "not everybody is welcome"
    people[0].write(b"hello\n")
    if [p.readline() for p in people[1:]] != [b"hello\n"] * 2:
        return "hello is not heard"
    people[2].close()
    people[1].write(b"still there?\n")
    if people[0].readline() != b"still there?\n":
        return "no talk after somebody left"
    return None


PROGRAMS = {
    "hey": says(r"hey hey, my main G\nhey, wait up\n"),
    "ticker_and_get": says(r"(tick\.\.\n)+HTTP/1\.1 200 OK\n(tick\.\.\n)*"),  # one may come before main has returned
    "prime_sieve": says(r"2\n3\n5\n7\n11\n13\n17\n19\n23\n29\n"),
    "ping_pong": says(r"ping 1\npong 2\nping 3\npong 4\nping 5\npong 6\n"),
    "fan_in_fan_out": says(r"1000 squares, sum 333833500\n"),
    "worker_pool": says(r"9 jobs, results add up to 90, at most [123] at a time\n"),
    "with_pthreads": says(r"100 goroutines, total 38500\n"),
    "echo_server": serves(talk_echo),
    "http_server": serves(talk_http),
    "chat_server": serves(talk_chat),
}


def main():
    if not shutil.which("pkg-config") or not shutil.which("cc"):
        print("pkg-config or cc is not installed")
        sys.exit(77)
    sources = glob.glob(os.path.join(SOURCE, "examples/goroutines/*.c"))
    if {os.path.basename(s)[:-2] for s in sources} != set(PROGRAMS):
        sys.exit("the list of programs is not that of examples/goroutines")
    with tempfile.TemporaryDirectory() as root:
        stage = Stage(root)
        flags = stage.flags()
        print("flags:", *flags)
        for source in sorted(sources):
            name = os.path.basename(source)[:-2]
            exe = os.path.join(root, name)
            output(["cc", "-Wall", "-Wextra", "-Werror", "-O2", source, "-o", exe, *flags])
            for how, env in stage.environments():
                PROGRAMS[name](f"{name}, {how}", exe, env)
            print(name, "done", flush=True)
    sys.exit(1 if faults else 0)


main()
