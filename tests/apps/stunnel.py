#!/usr/bin/env python3
"""stunnel (TLS, a thread a connection, OpenSSL) before an echo server: sessions that last and sessions that do not."""
import os
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app
import commands

MESSAGES = 60
RELOAD_EVERY = 1.5


class Stunnel(app.App):
    name = "stunnel"
    # Handshakes compute: on a busy machine they are seen to last, and lose their Ps (30, beside all other tests and two servers).
    # Still far from a thread a client.
    spare = app.CLIENTS // 4

    def prepare(self, folder):
        # Plain: stunnel alone is on trial.
        self.origin = app.Server([app.compile_c("examples/echo_server.c", folder), "0"])
        self.folder = folder
        self.tls = ssl.create_default_context(cafile=commands.certificate(folder)[1])

    def command(self):
        self.reloads = 0
        return commands.stunnel(self.folder, app.free_port(), self.origin.port)

    def meanwhile(self, server, elapsed):
        # It reads its configuration and certificate again; sessions go on.
        if elapsed > (self.reloads + 1) * RELOAD_EVERY:
            self.reloads += 1
            server.process.send_signal(app.signal.SIGHUP)

    def persist(self, begin, client):
        """A reload closes the listening socket, and with it the connections that nobody accepted yet: these come again."""
        end = app.time.monotonic() + app.PATIENCE
        while True:
            try:
                return begin(client)
            except ConnectionError:
                if app.time.monotonic() > end:
                    raise
                app.time.sleep(0.05)

    def handshake(self, client):
        client.connect()
        client.socket = self.tls.wrap_socket(client.socket, server_hostname="localhost")

    def half_handshake(self, client):
        """Gone in the middle of it, or before it."""
        client.connect()
        client.send(b"\x16\x03\x01\x02\x00\x01"[:client.random.randrange(7)])

    def converse(self, client):
        if client.random.randrange(10) == 0:
            self.persist(self.half_handshake, client)
        self.persist(self.handshake, client)
        for _ in range(client.random.randrange(1, MESSAGES)):
            size = client.random.choice((1, 10, 100, 100, 1000, 17000, 60000))
            mark = b"%d.%d;" % (client.number, client.answers)
            data = (mark * (size // len(mark) + 1))[:size]
            client.send(data)
            client.expect(data)
            client.answers += 1
            if client.time_is_up():
                break
        if client.random.randrange(2):
            client.socket.unwrap().close()

    def begin(self, client):
        self.persist(self.handshake, client)
        client.send(b"first")
        client.expect(b"first")


STUNNEL, _ = app.need("stunnel", "openssl")
stunnel = Stunnel()
try:
    app.main(stunnel)
finally:
    stunnel.origin.kill()
