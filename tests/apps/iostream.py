#!/usr/bin/env python3
"""examples/iostream_server: C++ as most write it, std::thread, iostreams, exceptions, shared_mutex, condition_variable."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app
import letters


class Iostream(letters.Counting):
    name = "iostream"

    def prepare(self, folder):
        self.exe = app.compile_c("examples/iostream_server.cc", folder)


app.main(Iostream())
