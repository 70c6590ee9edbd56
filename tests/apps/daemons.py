#!/usr/bin/env python3
"""More daemons with threads, each under the client that goes with it: the same answers and exit status as plain.

HAProxy (threads bound to CPUs), Varnish (a forked child with a pool), nginx (files read by a pool), BIND and unbound (a loop for each
thread, UDP and TCP), OpenLDAP's slapd (a pool). One that is not there is left out; so is one whose client is not.

usage: daemons.py [NAME ...]
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app
import commands

CONFIGURATIONS = (("epoll", 2), ("uring", 2), ("epoll", 1))
ONLY = sys.argv[1:]


def shell(command):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=4 * app.PATIENCE)
    if done.returncode:
        raise app.Wrong(f"{command[:60]}: {app.status_text(done.returncode)}: {(done.stdout + done.stderr)[-300:]}")
    return done.stdout


class Daemon:
    """One server; ask() returns what must be the same as plain."""

    needs = ()

    def __init__(self, folder, origin):
        self.folder, self.origin, self.port = folder, origin, app.free_port()

    def wait(self):
        """Some listen with another process, and later, than the one that was started."""
        end = time.monotonic() + app.PATIENCE
        while True:
            try:
                app.socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                if time.monotonic() > end:
                    raise app.Wrong("it does not listen") from None
                time.sleep(0.05)


class Http(Daemon):
    needs = ("wrk", "curl")

    def ask(self):
        text = shell(f"wrk -t1 -c100 -d{app.SECONDS:.0f}s --timeout 10s http://127.0.0.1:{self.port}/")
        self.figure = re.search(r"Requests/sec:.*", text)[0]
        return re.findall(r"Socket errors:.*|Non-2xx.*", text), shell(f"curl -sS -f http://127.0.0.1:{self.port}/")


class Haproxy(Http):
    def command(self):
        return commands.haproxy(self.folder, self.port, self.origin)


class Varnishd(Http):
    def command(self):
        return commands.varnishd(self.folder, self.port, self.origin)


class Nginx(Http):
    def command(self):
        os.mkdir(f"{self.folder}/www")
        commands.write(self.folder, "www/index.html", "some text\n" * 5000)
        return commands.nginx(self.folder, self.port)


class Dns(Daemon):
    needs = ("dig",)

    def ask(self):
        # On a busy machine a datagram may be lost: dig says so, and asks again, soon.
        queries = commands.write(self.folder, "queries", "".join(f"{name}.t.test A +short\n" for name, _ in commands.dns_addresses()))
        dig = f"dig @127.0.0.1 -p {self.port} +time=1 +tries=30 -f {queries}"
        parts = [f"({dig} {how} >{self.folder}/{how}{n}) &" for how in ("+tcp", "+notcp") for n in range(3)]
        shell(" ".join(parts) + " wait")
        return shell(f"grep -v '^;' {self.folder}/+tcp0 | md5sum; cat {self.folder}/+*tcp[0-9] | grep -v '^;' | sort | uniq -c | sort -n | awk '{{print $1}}' | uniq -c")


class Named(Dns):
    def command(self):
        return commands.named(self.folder, self.port)


class Unbound(Dns):
    def command(self):
        return commands.unbound(self.folder, self.port)


class Slapd(Daemon):
    needs = ("ldapadd", "ldapsearch")

    def command(self):
        return commands.slapd(self.folder, self.port)

    def ask(self):
        at = f"-x -H ldap://127.0.0.1:{self.port}"
        return shell(f"ldapadd {at} -D cn=a,dc=t -w x -f {commands.ldap_people(self.folder)} | grep -c adding; (for k in $(seq 20); do "
                     f"(for j in 1 2 3; do ldapsearch {at} -LLL -b dc=t '(sn=s1*)' cn | sort | md5sum; done) & done; wait) | sort | "
                     "uniq -c")


def run(kind, folder, origin, configuration):
    """(exit status, answers) of one run; raises Wrong."""
    start, daemon = time.monotonic(), kind(folder, origin)
    server = app.Server(daemon.command(), *(configuration or ()))
    try:
        daemon.wait()
        answers = daemon.ask()
        server.sample()
        status = server.stop(signal.SIGTERM)
    except (app.Wrong, subprocess.TimeoutExpired):
        print("\n".join(app.backtraces(server.pid)), flush=True)
        raise
    finally:
        server.kill()
    errors = server.read(server.errors)
    if "goshim:" in errors:
        raise app.Wrong(errors[errors.index("goshim:"):][:300])
    name = "{}, {} Ps".format(*configuration) if configuration else "plain"
    print(f"{kind.__name__.lower()}, {name}: status {status} {getattr(daemon, 'figure', '')}; {time.monotonic() - start:.1f} s", flush=True)
    return status, answers


def main():
    wrong = tried = 0
    with tempfile.TemporaryDirectory() as folder:
        origin = app.Server([app.compile_c("examples/http_server.c", folder), "0"])
        try:
            for kind in (Haproxy, Varnishd, Nginx, Named, Unbound, Slapd):
                if ONLY and kind.__name__.lower() not in ONLY:
                    continue
                if not all(shutil.which(program) for program in (kind.__name__.lower(), *kind.needs)):
                    continue
                tried += 1
                for _ in range(app.ROUNDS):
                    oracle = None
                    for configuration in (None, *CONFIGURATIONS):
                        try:
                            with tempfile.TemporaryDirectory() as own:
                                os.chmod(own, 0o755)
                                got = run(kind, own, origin.port, configuration)
                            oracle = oracle or got
                            if got != oracle:
                                raise app.Wrong(f"{str(got)[:300]}, natively {str(oracle)[:300]}")
                        except (app.Wrong, subprocess.TimeoutExpired) as e:
                            print(f"WRONG {kind.__name__.lower()}, {configuration}: {e}", flush=True)
                            wrong += 1
        finally:
            origin.kill()
    if not tried:
        app.skip("none of them is here")
    sys.exit(1 if wrong else 0)


main()
