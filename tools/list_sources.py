#!/usr/bin/env python3
"""Prints the files below DIR with one of the extensions, sorted, relative to DIR; nothing if DIR is absent.

usage: list_sources.py [--flat] DIR EXT...      --flat: do not descend
"""
import os
import sys


def main(args):
    flat = args[:1] == ["--flat"]
    directory, *extensions = args[1:] if flat else args
    found = []
    for path, folders, names in os.walk(directory):
        folders.sort()
        for name in names:
            if name.endswith(tuple("." + e for e in extensions)):
                found.append(os.path.relpath(os.path.join(path, name), directory))
        if flat:
            break
    print("\n".join(sorted(found)))


main(sys.argv[1:])
