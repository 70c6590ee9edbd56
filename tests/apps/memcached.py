#!/usr/bin/env python3
"""memcached, four libevent threads: text protocol, pipelined, values of all sizes, one counter that all increment."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

SIZES = (0, 1, 100, 100, 5000, 100000, 900000)
STEPS = 100


class Memcached(app.App):
    name = "memcached"
    concurrent = 5

    def command(self):
        # -c: more than the clients. As root it wants to know whom to become.
        return [MEMCACHED, "-l", "127.0.0.1", "-p", str(app.free_port()), "-U", "0", "-t", "4", "-c", "2000", "-m", "200",
                "-u", "root"]

    def ask(self, client, line, wanted):
        client.send(line.encode() + b"\r\n")
        client.expect(wanted.encode() + b"\r\n")
        client.answers += 1

    def get(self, client, key, data):
        """A value that is there or was evicted."""
        client.send(f"get {key}\r\n".encode())
        line = client.take_until(b"\r\n")
        if line != b"END\r\n":
            if line != f"VALUE {key} 7 {len(data)}\r\n".encode():
                raise app.Wrong(f"{line!r} for {len(data)} bytes of {key}")
            client.expect(data + b"\r\nEND\r\n")
        client.answers += 1

    def count(self, client, key):
        client.send(f"incr {key} 1\r\n".encode())
        client.answers += 1
        return client.take_until(b"\r\n")

    def shared(self, client):
        """The counter of all never stands still between two of ours."""
        if client.random.randrange(20) == 0:
            client.send(b"add all 0 0 1\r\n0\r\n")
            client.take_until(b"STORED\r\n")
        seen = [self.count(client, "all") for _ in range(5)]
        values = [int(v) for v in seen if v != b"NOT_FOUND\r\n"]
        if any(a >= b for a, b in zip(values, values[1:])):
            raise app.Wrong(f"counter {seen}")

    def step(self, client):
        kind, key = client.random.randrange(10), f"key{client.number}.{client.random.randrange(5)}"
        if kind == 0:
            self.shared(client)
        elif kind == 1:
            client.send(f"delete {key}\r\n".encode())
            client.take_until(b"\r\n")
            self.ask(client, f"get {key}", "END")
        elif kind == 2:
            self.ask(client, f"set n{client.number} 0 0 2\r\n10", "STORED")
            values = [int(v) for v in (self.count(client, f"n{client.number}") for _ in range(10)) if v[:1].isdigit()]
            if values != list(range(11, 11 + len(values))):
                raise app.Wrong(f"own counter {values}")
        elif kind == 3:
            self.ask(client, "what", "ERROR")
        else:
            size = client.random.choice(SIZES)
            mark = b"%d.%d;" % (client.number, client.answers)
            data = (mark * (size // len(mark) + 1))[:size]
            client.send(f"set {key} 7 0 {size}\r\n".encode() + data + b"\r\n")
            client.expect(b"STORED\r\n")
            for _ in range(client.random.randrange(1, 4)):
                self.get(client, key, data)

    def converse(self, client):
        client.connect()
        for _ in range(client.random.randrange(1, STEPS)):
            self.step(client)
            if client.time_is_up():
                break
        client.send(b"quit\r\n")
        client.expect_end()

    def begin(self, client):
        client.connect()
        self.ask(client, "version", VERSION)
        if client.number % 2:
            client.send(b"set half 0 0 10\r\n123")


MEMCACHED = app.need("memcached")[0]
VERSION = "VERSION " + app.subprocess.run([MEMCACHED, "-V"], capture_output=True, text=True).stdout.split()[-1]
app.main(Memcached())
