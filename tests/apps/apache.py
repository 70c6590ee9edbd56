#!/usr/bin/env python3
"""Apache httpd with mpm_worker and mpm_event: keep-alive, and graceful restarts in the middle of it all."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

MODULES = "/usr/lib/apache2/modules"
SIZES = (0, 1, 1000, 20000, 300000)
REQUESTS = 60
RESTART_EVERY = 1.0
CONFIG = """
ServerRoot "{folder}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile "{folder}/pid"
ErrorLog "{folder}/error.log"
User www-data
Group www-data
LoadModule mpm_{mpm}_module {modules}/mod_mpm_{mpm}.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule deflate_module {modules}/mod_deflate.so
LoadModule filter_module {modules}/mod_filter.so
DocumentRoot "{folder}/www"
StartServers 2
ServerLimit 16
ThreadsPerChild 25
MaxRequestWorkers 400
MaxKeepAliveRequests 40
KeepAliveTimeout 20
GracefulShutdownTimeout 5
LogLevel warn
"""


class Apache(app.App):
    # The parent, which is the one that is watched, has one thread.
    concurrent = 1

    def __init__(self, mpm):
        self.mpm, self.name = mpm, f"apache mpm_{mpm}"

    def prepare(self, folder):
        self.folder, self.files = folder, []
        os.chmod(folder, 0o755)
        os.mkdir(os.path.join(folder, "www"))
        for n, size in enumerate(SIZES):
            data = bytes((i * i + n * 7 + i // 251) & 255 for i in range(size))
            with open(os.path.join(folder, "www", f"file{n}"), "wb") as f:
                f.write(data)
            self.files.append((f"/file{n}", data))

    def command(self):
        path, self.restarts, self.log = os.path.join(self.folder, "conf"), 0, os.path.join(self.folder, "error.log")
        if os.path.exists(self.log):
            os.unlink(self.log)
        with open(path, "w") as f:
            f.write(CONFIG.format(folder=self.folder, port=app.free_port(), mpm=self.mpm, modules=MODULES))
        return [APACHE, "-DFOREGROUND", "-f", path]

    def meanwhile(self, server, elapsed):
        if elapsed > (self.restarts + 1) * RESTART_EVERY:
            self.restarts += 1
            server.process.send_signal(signal.SIGUSR1)

    def exchange(self, client, first):
        """False when the connection is over: a restart ends one that waits for a request."""
        path, data = client.random.choice(self.files)
        wanted = "200 OK"
        if client.random.randrange(20) == 0:
            path, wanted = "/lost", "404 Not Found"
        try:
            client.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            if not client.unread:
                client.unread = client.socket.recv(65536)
        except ConnectionError:
            client.unread = b""
        if not client.unread:
            if first:
                raise app.Wrong("a new connection without an answer")
            return False
        status, fields = client.http_head()
        if status != f"HTTP/1.1 {wanted}":
            raise app.Wrong(f"{path}: {status}")
        body = client.take(int(fields["Content-Length"]))
        if wanted == "200 OK" and body != data:
            raise app.Wrong(f"{path}: {len(body)} bytes, not those of the file")
        client.answers += 1
        return fields.get("Connection") != "close"

    def converse(self, client):
        client.connect()
        for n in range(client.random.randrange(1, REQUESTS)):
            if not self.exchange(client, n == 0):
                return
            if client.time_is_up():
                break
        client.socket.shutdown(app.socket.SHUT_WR)

    def begin(self, client):
        client.connect()
        if not self.exchange(client, True):
            raise app.Wrong("no second request")

    def check(self, output, errors, answers):
        with open(self.log) as f:
            text = f.read()
        bad = [line for line in text.splitlines() if ":error]" in line or ":crit]" in line or "goshim:" in line or "exit signal" in line]
        if self.restarts and "graceful restart" not in text.lower():
            bad.append("no restart in the log")
        return bad[:3]


APACHE = app.need("/usr/sbin/apache2")[0]
app.main(Apache("worker"), Apache("event"))
