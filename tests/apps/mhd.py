#!/usr/bin/env python3
"""libmicrohttpd with a thread for each connection (examples/mhd_server.c): keep-alive, pipelined, uploads, vanishing."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app
import letters


class Mhd(letters.Letters):
    name = "mhd"

    def prepare(self, folder):
        self.exe = app.compile_c("examples/mhd_server.c", folder, "-lmicrohttpd")

    def special(self, client, size):
        method, upload = client.random.choice((("HEAD", 0), ("POST", client.random.choice(letters.SIZES))))
        length = f"Content-Length: {upload}\r\n" if method == "POST" else ""
        client.send(f"{method} /{size} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n".encode() + letters.LETTERS[:upload])
        self.answer(client, size, "HTTP/1.1 405 Method Not Allowed", method == "POST")
        return True


if not os.path.exists("/usr/include/microhttpd.h"):
    app.skip("no libmicrohttpd-dev")
app.main(Mhd())
