#!/usr/bin/env python3
"""examples/http_server under clients of every manner: keep-alive, pipelined, a byte at a time, vanishing half-way."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app


class HttpServer(app.App):
    name = "http_server"

    def prepare(self, folder):
        self.server = app.compile_c("examples/http_server.c", folder)
        self.clients = app.compile_c("tools/bench/clients.c", folder)

    def command(self):
        return [self.server, "0"]

    def beside(self, port, seconds):
        # Those of every manner are often gone; with -q they keep their connections.
        common = [self.clients, str(port), "-m", "http", "-k", str(app.CLIENTS), "-t", str(seconds)]
        return [[*common, "-p", str(app.PAUSE)]] if app.PAUSE else [common, [*common, "-q"]]

    def doomed(self, client):
        self.begin(client)
        app.time.sleep(client.random.random())

    def begin(self, client):
        client.connect()
        half = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
        client.send(half + b"\r\n")
        if not client.take_until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n"):
            raise app.Wrong("not the head of an answer")
        client.expect(b"abcdefghijklm")
        if client.number % 2:
            client.send(half)


app.main(HttpServer())
