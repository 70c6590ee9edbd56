#!/usr/bin/env python3
"""microsocks (SOCKS5, a thread a connection) between many clients, curl among them, and an HTTP server."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

BODY = 30000
CURL = 100
CURL_LOOP = """
import os, subprocess, sys, time
proxy, url, folder, count, body, seconds = sys.argv[1:]
good = 0
end = time.monotonic() + float(seconds)
while good == 0 or time.monotonic() < end:
    subprocess.run(["curl", "-sS", "-f", "-Z", "--parallel-max", count, "--max-time", "30", "-H", "Connection: close",
                    "--socks5-hostname", proxy, f"{url}#[1-{count}]", "-o", f"{folder}/#1"], check=True)
    for n in range(1, int(count) + 1):
        path = f"{folder}/{n}"
        with open(path, "rb") as f:
            data = f.read()
        if data != bytes(97 + i % 26 for i in range(int(body))):
            sys.exit(f"answer {n} is {len(data)} bytes: {data[:40]}")
        os.unlink(path)
        good += 1
print(f"{good} right answers on {good} connections")
"""


class Microsocks(app.App):
    name = "microsocks"

    def prepare(self, folder):
        exe = app.compile_c("examples/http_server.c", folder)
        # Plain: the proxy alone is on trial.
        self.origin = app.Server([exe, "0", "-b", str(BODY)])
        self.body = app.letters(BODY)
        self.head = (f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {BODY}\r\n").encode()
        self.folder = os.path.join(folder, "curl")
        os.mkdir(self.folder)

    def command(self):
        return [MICROSOCKS, "-i", "127.0.0.1", "-p", "0"]

    def beside(self, port, seconds):
        return [[sys.executable, "-c", CURL_LOOP, f"127.0.0.1:{port}", f"http://localhost:{self.origin.port}/",
                 self.folder, str(CURL), str(BODY), str(seconds)]]

    def tunnel(self, client):
        """SOCKS5 as RFC 1928 has it, to the origin by address or by name."""
        client.connect()
        client.send(b"\x05\x01\x00")
        client.expect(b"\x05\x00")
        port = self.origin.port.to_bytes(2, "big")
        if client.random.randrange(4) == 0:
            client.send(b"\x05\x01\x00\x03\x09localhost" + port)
        else:
            client.send(b"\x05\x01\x00\x01\x7f\x00\x00\x01" + port)
        client.expect(b"\x05\x00\x00\x01" + b"\x00" * 6)

    def converse(self, client):
        if client.random.randrange(20) == 0:
            self.refused(client)
        self.tunnel(client)
        for _ in range(client.random.randrange(1, 20)):
            if client.time_is_up():
                break
            client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.expect(self.head + b"\r\n")
            client.expect(self.body)
            client.answers += 1
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        client.expect(self.head + b"Connection: close\r\n\r\n")
        client.expect(self.body)
        client.expect_end()
        client.answers += 1

    def refused(self, client):
        """A port that nobody listens on."""
        client.connect()
        client.send(b"\x05\x01\x00")
        client.expect(b"\x05\x00")
        client.send(b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x01")
        client.expect(b"\x05\x05")
        client.answers += 1

    def begin(self, client):
        self.tunnel(client)


MICROSOCKS, _ = app.need("microsocks", "curl")
microsocks = Microsocks()
try:
    app.main(microsocks)
finally:
    microsocks.origin.kill()
