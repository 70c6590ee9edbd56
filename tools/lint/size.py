#!/usr/bin/env python3
"""A .cc of src/ and preload/ has at most 600 lines, a folder's README.md at most 30."""
import common

LIMITS = ((".cc", 600), ("README.md", 30))


def main():
    base = common.root()
    findings, count = [], 0
    for suffix, limit in LIMITS:
        for path in common.files(base, ["src", "preload"], (suffix,)):
            count += 1
            lines = common.read(base, path).count("\n")
            if path not in ("src/README.md", "src/adr/README.md") and lines > limit:
                findings.append(f"{path}: {lines} lines, at most {limit}")
    common.finish(findings, f"size: {count} files")


main()
