"""How daemons of Debian are started, in a folder of their own on a port: what tests/apps and tools/bench share.

Each function writes the files that its daemon needs and returns the command, which stays in the foreground.
"""
import os
import subprocess

DNS_NAMES = 1000
LDAP_PEOPLE = 300


def write(folder, name, text):
    """A file of this name there; its path."""
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return path


def haproxy(folder, port, origin):
    return ["haproxy", "-db", "-f", write(folder, "conf", f"""
global
  nbthread 4
  maxconn 2000
defaults
  mode http
  timeout client 20s
  timeout server 20s
  timeout connect 20s
frontend in
  bind 127.0.0.1:{port}
  default_backend out
backend out
  server origin 127.0.0.1:{origin}
""")]


def varnishd(folder, port, origin):
    vcl = write(folder, "vcl", f'vcl 4.0; backend default {{ .host = "127.0.0.1"; .port = "{origin}"; }}\n')
    return ["varnishd", "-F", "-j", "none", "-n", f"{folder}/name", "-a", f"127.0.0.1:{port}", "-f", vcl, "-s", "malloc,50m"]


def nginx(folder, port):
    """It serves what is in the folder www there."""
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return ["nginx", "-c", write(folder, "conf", f"""
daemon off;
user root;
pid {folder}/pid;
error_log {folder}/error;
worker_processes 2;
thread_pool default threads=16;
events {{ worker_connections 10000; }}
http {{ access_log off; aio threads; keepalive_requests 10000000; {paths}
  server {{ listen 127.0.0.1:{port} backlog=2000; root {folder}/www; }} }}
""")]


def dns_addresses():
    """(name, address) of all that the two below answer for, in t.test."""
    return [(f"h{n}", f"10.0.{n // 250}.{n % 250}") for n in range(DNS_NAMES)]


def named(folder, port):
    zone = write(folder, "zone", "$TTL 60\n@ IN SOA ns a 1 60 60 60 60\n IN NS ns\nns IN A 127.0.0.1\n" +
                 "".join(f"{name} IN A {address}\n" for name, address in dns_addresses()))
    return ["named", "-g", "-n", "4", "-c", write(folder, "conf", f"""
options {{ directory "{folder}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; pid-file "{folder}/pid"; session-keyfile "{folder}/key"; }};
controls {{ }};
zone "t.test" {{ type master; file "{zone}"; }};
""")]


def unbound(folder, port):
    data = "".join(f'  local-data: "{name}.t.test. A {address}"\n' for name, address in dns_addresses())
    return ["unbound", "-d", "-c", write(folder, "conf", f"""
server:
  interface: 127.0.0.1@{port}
  num-threads: 4
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/pid"
  use-syslog: no
  local-zone: "t.test." static
{data}remote-control:
  control-enable: no
""")]


def slapd(folder, port):
    """Empty until ldap_people() is added by cn=a,dc=t with the password x."""
    os.makedirs(f"{folder}/db", exist_ok=True)
    return ["slapd", "-d", "0", "-h", f"ldap://127.0.0.1:{port}", "-f", write(folder, "conf", f"""
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
threads 16
database mdb
suffix "dc=t"
rootdn "cn=a,dc=t"
rootpw x
directory {folder}/db
maxsize 100000000
""")]


def ldap_people(folder):
    """Path of an LDIF file: dc=t and cn=u0,dc=t and so on."""
    return write(folder, "ldif", "dn: dc=t\nobjectClass: dcObject\nobjectClass: organization\no: t\ndc: t\n\n" + "".join(
        f"dn: cn=u{n},dc=t\nobjectClass: person\ncn: u{n}\nsn: s{n}\n\n" for n in range(LDAP_PEOPLE)))


def certificate(folder):
    """Paths of a PEM file with key and certificate for localhost, and of the certificate alone."""
    pem = os.path.join(folder, "server.pem")
    crt = pem + ".crt"
    if not os.path.exists(crt):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=localhost", "-days", "2", "-keyout", pem, "-out", crt], check=True, capture_output=True)
        with open(pem, "a", encoding="ascii") as out, open(crt, encoding="ascii") as text:
            out.write(text.read())
    return pem, crt


def stunnel(folder, port, origin):
    pem, _ = certificate(folder)
    return ["stunnel", write(folder, "stunnel.conf", f"""
foreground = yes
pid =
debug = err
syslog = no
[tls]
accept = 127.0.0.1:{port}
connect = 127.0.0.1:{origin}
cert = {pem}
""")]
