#!/usr/bin/env python3
"""examples/rust_server, by Debian's rustc: std::thread a connection; its locks are futexes by raw system calls."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app
import letters


class Rust(letters.Counting):
    name = "rust"

    def prepare(self, folder):
        self.exe = os.path.join(folder, "rust_server")
        subprocess.run([RUSTC, "-O", os.path.join(app.SOURCE, "examples/rust_server.rs"), "-o", self.exe], check=True)


RUSTC = app.need("/usr/bin/rustc")[0]
app.main(Rust())
