#!/usr/bin/env python3
"""Python's socketserver.ThreadingTCPServer as an echo of lines: many lines on each connection, of all sizes."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

SERVER = """
import signal, socketserver, sys

class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 1024

def stop(number, frame):
    sys.exit(3)

signal.signal(signal.SIGTERM, stop)
with Server(("127.0.0.1", 0), Echo) as server:
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("interrupted")
print("over")
"""
LINES = 200


class PythonEcho(app.App):
    name = "python_echo"

    def command(self):
        return [PYTHON, "-c", SERVER]

    def line(self, client):
        size = client.random.choice((0, 10, 100, 100, 100, 1000, 20000))
        mark = b"%d.%d;" % (client.number, client.answers)
        return (mark * (size // len(mark) + 1))[:max(size, len(mark))] + b"\n"

    def converse(self, client):
        client.connect()
        for _ in range(client.random.randrange(1, LINES)):
            lines = [self.line(client) for _ in range(client.random.choice((1, 1, 1, 5)))]
            client.send(b"".join(lines))
            client.expect(b"".join(lines))
            client.answers += len(lines)
            if client.time_is_up():
                break
        client.socket.shutdown(app.socket.SHUT_WR)
        client.expect_end()

    def begin(self, client):
        client.connect()
        client.send(b"first\nhalf")
        client.expect(b"first\n")


PYTHON = app.need("/usr/bin/python3")[0]
app.main(PythonEcho())
