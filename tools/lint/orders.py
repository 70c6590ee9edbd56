#!/usr/bin/env python3
"""Every acquire, release, acq_rel, seq_cst and fence in src/ and preload/ carries a tag, and each tag has two ends.

A tag is [protocol.name] in the comment at the statement's end or in the comment right above it. Over the
whole tree a tag needs at least one releasing and one acquiring operation; acq_rel, seq_cst are both.
src/base/atomic.h, which defines the operations, is not checked.
"""
import re
from collections import defaultdict

import common

DEFINES = ("src/base/atomic.h",)
OPERATION = re.compile(
    r"\b(?:load|store|cas|exchange|swap|fetch|add|sub|or|and|xor|inc|dec|fence|test|clear|set)(?:_\w+?)?"
    r"_(acquire|release|acq_rel|seq_cst)\s*\(")
TAG = re.compile(r"\[([a-z0-9_]+(?:\.[a-z0-9_]+)+)\]")
COMMENT = re.compile(r"//.*")


def tags_of(raw, code, at):
    """The tags of the statement that has an operation in line `at` (0-based)."""
    def comment(i):
        match = COMMENT.search(raw[i])
        return match.group(0) if match else ""

    first = at
    while first > 0 and code[first - 1].strip() and not re.search(r"[;{}:]\s*$", code[first - 1]):
        first -= 1
    last = at
    while last + 1 < len(code) and last < at + 8 and not re.search(r"[;{}]\s*$", code[last]):
        last += 1
    found = []
    for i in range(first, last + 1):
        found += TAG.findall(comment(i))
    i = first - 1
    while i >= 0 and raw[i].lstrip().startswith("//"):
        found += TAG.findall(raw[i])
        i -= 1
    return found


def main():
    base = common.root()
    findings, count = [], 0
    ends = defaultdict(set)
    where = {}
    for path in common.files(base, ["src", "preload"], (".h", ".cc")):
        if path in DEFINES:
            continue
        text = common.read(base, path)
        raw, code = text.splitlines(), common.code_only(text).splitlines()
        for number, line in enumerate(code):
            for match in OPERATION.finditer(line):
                count += 1
                tags = tags_of(raw, code, number)
                if not tags:
                    findings.append(f"{path}:{number + 1}: {match.group(0)}...) has no [protocol.name]")
                for tag in tags:
                    where.setdefault(tag, f"{path}:{number + 1}")
                    order = match.group(1)
                    if order != "release":
                        ends[tag].add("acquiring")
                    if order != "acquire":
                        ends[tag].add("releasing")
    for tag, kinds in sorted(ends.items()):
        for missing in sorted({"acquiring", "releasing"} - kinds):
            findings.append(f"{where[tag]}: [{tag}] has no {missing} end")
    common.finish(findings, f"orders: {count} operations, {len(ends)} tags")


main()
