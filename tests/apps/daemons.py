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

CONFIGURATIONS = (("epoll", 2), ("uring", 2), ("epoll", 1))
NAMES = 1000
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
        return ["haproxy", "-db", "-f", app.write(self.folder, "conf", f"""
global
  nbthread 4
  maxconn 1000
defaults
  mode http
  timeout client 20s
  timeout server 20s
  timeout connect 20s
frontend in
  bind 127.0.0.1:{self.port}
  default_backend out
backend out
  server origin 127.0.0.1:{self.origin}
""")]


class Varnishd(Http):
    def command(self):
        vcl = app.write(self.folder, "vcl", f'vcl 4.0; backend default {{ .host = "127.0.0.1"; .port = "{self.origin}"; }}\n')
        return ["varnishd", "-F", "-j", "none", "-n", f"{self.folder}/name", "-a", f"127.0.0.1:{self.port}", "-f", vcl, "-s",
                "malloc,50m"]


class Nginx(Http):
    def command(self):
        os.mkdir(f"{self.folder}/www")
        app.write(self.folder, "www/index.html", "some text\n" * 5000)
        paths = " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return ["nginx", "-c", app.write(self.folder, "conf", f"""
daemon off;
user root;
pid {self.folder}/pid;
error_log {self.folder}/error;
worker_processes 2;
thread_pool default threads=16;
events {{ worker_connections 512; }}
http {{ access_log off; aio threads; {paths} server {{ listen 127.0.0.1:{self.port}; root {self.folder}/www; }} }}
""")]


class Dns(Daemon):
    needs = ("dig",)

    def ask(self):
        # On a busy machine a datagram may be lost: dig says so, and asks again.
        queries = app.write(self.folder, "queries", "".join(f"h{n}.t.test A +short\n" for n in range(NAMES)))
        dig = f"dig @127.0.0.1 -p {self.port} +tries=10 -f {queries}"
        parts = [f"({dig} {how} >{self.folder}/{how}{n}) &" for how in ("+tcp", "+notcp") for n in range(3)]
        shell(" ".join(parts) + " wait")
        return shell(f"md5sum <{self.folder}/+tcp0; cat {self.folder}/+*tcp[0-9] | grep -v '^;' | sort | uniq -c | sort -n | awk '{{print $1}}' | uniq -c")


class Named(Dns):
    def command(self):
        zone = app.write(self.folder, "zone", "$TTL 60\n@ IN SOA ns a 1 60 60 60 60\n IN NS ns\nns IN A 127.0.0.1\n" +
                     "".join(f"h{n} IN A 10.0.{n // 250}.{n % 250}\n" for n in range(NAMES)))
        return ["named", "-g", "-n", "4", "-c", app.write(self.folder, "conf", f"""
options {{ directory "{self.folder}"; listen-on port {self.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; pid-file "{self.folder}/pid"; session-keyfile "{self.folder}/key"; }};
controls {{ }};
zone "t.test" {{ type master; file "{zone}"; }};
""")]


class Unbound(Dns):
    def command(self):
        return ["unbound", "-d", "-c", app.write(self.folder, "conf", f"""
server:
  interface: 127.0.0.1@{self.port}
  num-threads: 4
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{self.folder}"
  pidfile: "{self.folder}/pid"
  use-syslog: no
  local-zone: "t.test." static
""" + "".join(f'  local-data: "h{n}.t.test. A 10.0.{n // 250}.{n % 250}"\n' for n in range(NAMES)) +
            "remote-control:\n  control-enable: no\n")]


class Slapd(Daemon):
    needs = ("ldapadd", "ldapsearch")

    def command(self):
        os.mkdir(f"{self.folder}/db")
        return ["slapd", "-d", "0", "-h", f"ldap://127.0.0.1:{self.port}", "-f", app.write(self.folder, "conf", f"""
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {self.folder}/pid
threads 16
database mdb
suffix "dc=t"
rootdn "cn=a,dc=t"
rootpw x
directory {self.folder}/db
maxsize 100000000
""")]

    def ask(self):
        ldif = app.write(self.folder, "ldif", "dn: dc=t\nobjectClass: dcObject\nobjectClass: organization\no: t\ndc: t\n\n" + "".join(
            f"dn: cn=u{n},dc=t\nobjectClass: person\ncn: u{n}\nsn: s{n}\n\n" for n in range(300)))
        at = f"-x -H ldap://127.0.0.1:{self.port}"
        return shell(f"ldapadd {at} -D cn=a,dc=t -w x -f {ldif} | grep -c adding; (for k in $(seq 20); do (for j in 1 2 3; do "
                     f"ldapsearch {at} -LLL -b dc=t '(sn=s1*)' cn | sort | md5sum; done) & done; wait) | sort | uniq -c")


def run(kind, folder, origin, configuration):
    """(exit status, answers) of one run; raises Wrong."""
    daemon = kind(folder, origin)
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
    print(f"{kind.__name__.lower()}, {name}: status {status} {getattr(daemon, 'figure', '')}", flush=True)
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
