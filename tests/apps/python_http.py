#!/usr/bin/env python3
"""What `python3 -m http.server` runs (ThreadingHTTPServer, a thread a connection) serves files of all sizes."""
import email.utils
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

SERVER = """
import http.server, os, sys

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024  # with the 5 of the class, 200 clients cannot get in natively either

os.chdir(sys.argv[1])
http.server.test(http.server.SimpleHTTPRequestHandler, Server, "HTTP/1.1", 0, "127.0.0.1")
"""
SIZES = (0, 1, 1000, 1000, 20000, 300000)
REQUESTS = 60


class PythonHttp(app.App):
    name = "python_http"

    def prepare(self, folder):
        self.folder, self.files = os.path.join(folder, "www"), []
        os.mkdir(self.folder)
        for n, size in enumerate(SIZES):
            data = bytes((i * i + n * 7 + i // 251) & 255 for i in range(size))
            path = os.path.join(self.folder, f"file{n}.bin")
            with open(path, "wb") as f:
                f.write(data)
            modified = email.utils.formatdate(int(os.stat(path).st_mtime), usegmt=True)
            self.files.append((f"/file{n}.bin", data, modified))

    def command(self):
        return [PYTHON, "-c", SERVER, self.folder]

    def exchange(self, client):
        """False when the server closes the connection after it."""
        kind = client.random.randrange(20)
        if kind == 0:
            status, fields = client.http("/lost")
            if not status.endswith(" 404 File not found"):
                raise app.Wrong(f"{status}, want 404")
            body = client.take(int(fields["Content-Length"]))
            if not body.endswith(b"</html>\n"):
                raise app.Wrong(f"body of 404 is {body!r}")
        else:
            path, data, modified = client.random.choice(self.files)
            status, fields = client.http(path, "HEAD" if kind == 1 else "GET")
            wanted = {"Content-Length": str(len(data)), "Last-Modified": modified,
                      "Content-type": "application/octet-stream"}
            if not status.endswith(" 200 OK") or any(fields.get(k) != v for k, v in wanted.items()):
                raise app.Wrong(f"{path}: {status} {fields}, want {wanted}")
            if kind != 1:
                client.expect(data)
        client.answers += 1
        return kind != 0

    def converse(self, client):
        client.connect()
        for _ in range(client.random.randrange(1, REQUESTS)):
            if not self.exchange(client) or client.time_is_up():
                break
        client.socket.shutdown(app.socket.SHUT_WR)
        client.expect_end()

    def begin(self, client):
        client.connect()
        client.http("/file1.bin", "HEAD")
        if client.number % 2:
            client.send(b"GET /half HTTP/1.1\r\nHost:")

    def check(self, output, errors, answers):
        # A line for each request, none torn, none lost; the held clients' are there too.
        requests = errors.count(' HTTP/1.1" ')
        wanted = answers + app.HELD
        return [] if requests == wanted else [f"{requests} lines in the log for {wanted} requests"]


PYTHON = app.need("/usr/bin/python3")[0]
app.main(PythonHttp())
