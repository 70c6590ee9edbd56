#!/usr/bin/env python3
"""Redis with I/O threads: pipelines, transactions, blocking lists, forked snapshots, an append-only file that is read back."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

SIZES = (0, 1, 100, 100, 5000, 100000)
STEPS = 100


class Redis(app.App):
    name = "redis"
    concurrent = 4

    def prepare(self, folder):
        self.folder = folder

    def command(self):
        data = tempfile.mkdtemp(dir=self.folder)
        return [REDIS, "--bind", "127.0.0.1", "--port", str(app.free_port()), "--dir", data, "--io-threads", "2",
                "--io-threads-do-reads", "yes", "--appendonly", "yes", "--save", "", "--logfile", f"{data}/log",
                "--daemonize", "no", "--protected-mode", "no"]

    @staticmethod
    def encode(*words):
        words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)

    def reply(self, client):
        line = client.take_until(b"\r\n")[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            if rest == b"-1":
                return None
            return client.take(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.reply(client) for _ in range(int(rest))]
        return int(rest) if kind == b":" else line.decode()

    def ask(self, client, *words):
        client.send(self.encode(*words))
        client.answers += 1
        return self.reply(client)

    def want(self, client, wanted, *words):
        got = self.ask(client, *words)
        if got != wanted:
            raise app.Wrong(f"{words[0]}: {str(got)[:80]}, want {str(wanted)[:80]}")

    def step(self, client):
        kind, key = client.random.randrange(10), f"key{client.number}.{client.random.randrange(5)}"
        if kind == 0:
            values = [self.ask(client, "INCR", "all") for _ in range(5)]
            if any(a >= b for a, b in zip(values, values[1:])):
                raise app.Wrong(f"counter {values}")
        elif kind == 1:
            own = f"list{client.number}"
            self.want(client, 3, "RPUSH", own, "a", "b", "c")
            for item in (b"a", b"b", b"c"):
                self.want(client, [own.encode(), item], "BLPOP", own, 5)
            self.want(client, None, "BLPOP", own, "0.05")
        elif kind == 2:
            client.send(b"".join(self.encode(*w) for w in (("MULTI",), ("SET", key, "5"), ("INCRBY", key, "7"), ("EXEC",))))
            got = [self.reply(client) for _ in range(4)]
            if got != ["+OK", "+QUEUED", "+QUEUED", ["+OK", 12]]:
                raise app.Wrong(f"transaction {got}")
            client.answers += 4
        elif kind == 3:
            own = f"n{client.number}"
            self.ask(client, "DEL", own)
            client.send(self.encode("INCR", own) * 50)
            got = [self.reply(client) for _ in range(50)]
            if got != list(range(1, 51)):
                raise app.Wrong(f"pipeline {got}")
            client.answers += 50
        elif kind == 4 and client.number == 0:
            # A fork of the whole server, and another by the thread that rewrites.
            self.ask(client, client.random.choice(("BGSAVE", "BGREWRITEAOF")))
        else:
            size = client.random.choice(SIZES)
            mark = b"%d.%d;" % (client.number, client.answers)
            data = (mark * (size // len(mark) + 1))[:size]
            self.want(client, "+OK", "SET", key, data)
            self.want(client, data, "GET", key)
            if client.random.randrange(3) == 0:
                self.want(client, 1, "UNLINK", key)

    def converse(self, client):
        client.connect()
        self.want(client, "+OK", "SET", f"last{client.number}", "x")
        for _ in range(client.random.randrange(1, STEPS)):
            self.step(client)
            if client.time_is_up():
                break
        count = client.answers
        self.want(client, "+OK", "SET", f"last{client.number}", count)
        self.want(client, b"%d" % count, "GET", f"last{client.number}")

    def begin(self, client):
        client.connect()
        self.want(client, "+PONG", "PING")
        if client.number % 2:
            client.send(self.encode("BLPOP", "nothing", 0))

    def beside(self, port, seconds):
        # The benchmark's own clients are threads: under the library too.
        tool = [BENCHMARK, "-p", str(port), "-c", "50", "--threads", "4", "-q", "-n", str(int(1000 * seconds)), "-t",
                "set,get,incr,lpush,lpop"]
        return [["env", f"LD_PRELOAD={app.LIB}", *tool], tool]


REDIS, BENCHMARK = app.need("redis-server", "redis-benchmark")
app.main(Redis())
