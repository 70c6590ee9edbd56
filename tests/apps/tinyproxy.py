#!/usr/bin/env python3
"""tinyproxy (HTTP proxy, a thread a connection) between many clients and an HTTP server: GET, CONNECT, refusals."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

BODY = 30000
REQUESTS = 20
CONFIG = """
Port {port}
Listen 127.0.0.1
Timeout 60
MaxClients 1000
LogFile "{folder}/log"
LogLevel Connect
"""


class Tinyproxy(app.App):
    name = "tinyproxy"

    def prepare(self, folder):
        # Plain: the proxy alone is on trial.
        self.origin = app.Server([app.compile_c("examples/http_server.c", folder), "0", "-b", str(BODY)])
        self.body = app.letters(BODY)
        self.folder, self.config = folder, os.path.join(folder, "tinyproxy.conf")

    def command(self):
        with open(self.config, "w") as f:
            f.write(CONFIG.format(port=app.free_port(), folder=self.folder))
        return [TINYPROXY, "-d", "-c", self.config]

    def request(self, client, target):
        client.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())

    def answer(self, client, wanted):
        status, fields = client.http_head()
        if status != wanted:
            raise app.Wrong(f"{status!r}, want {wanted!r}")
        return fields

    def plain(self, client):
        """One request, the proxy's way; it ends with the answer."""
        client.connect()
        name = client.random.choice(("127.0.0.1", "localhost"))
        self.request(client, f"http://{name}:{self.origin.port}/")
        fields = self.answer(client, "HTTP/1.1 200 OK")
        if fields.get("Content-Length") != str(BODY) or "tinyproxy" not in fields.get("Via", ""):
            raise app.Wrong(f"fields {fields}")
        client.expect(self.body)
        client.expect_end()
        client.answers += 1

    def tunnel(self, client):
        client.connect()
        client.send(f"CONNECT 127.0.0.1:{self.origin.port} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.answer(client, "HTTP/1.0 200 Connection established")

    def tunnelled(self, client):
        self.tunnel(client)
        for _ in range(client.random.randrange(1, REQUESTS)):
            client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.answer(client, "HTTP/1.1 200 OK")
            client.expect(self.body)
            client.answers += 1
            if client.time_is_up():
                return
        self.request(client, "/")
        self.answer(client, "HTTP/1.1 200 OK")
        client.expect(self.body)
        client.expect_end()
        client.answers += 1

    def refused(self, client):
        """A port that nobody listens on."""
        client.connect()
        self.request(client, "http://127.0.0.1:1/")
        self.answer(client, "HTTP/1.1 500 Unable to connect")
        client.answers += 1

    def converse(self, client):
        kind = client.random.randrange(20)
        if kind == 0:
            self.refused(client)
        elif kind == 1:
            # Gone before the answer.
            client.connect()
            self.request(client, f"http://127.0.0.1:{self.origin.port}/")
            client.close()
        elif kind < 8:
            self.plain(client)
        else:
            self.tunnelled(client)

    def begin(self, client):
        self.tunnel(client)


TINYPROXY = app.need("tinyproxy")[0]
tinyproxy = Tinyproxy()
try:
    app.main(tinyproxy)
finally:
    tinyproxy.origin.kill()
