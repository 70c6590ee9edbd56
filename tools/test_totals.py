#!/usr/bin/env python3
"""Sums up meson test logs: each failed test with the end of what it said, then `N passed, N failed, N skipped`, subtests counted.

usage: test_totals.py [--passed N] [--failed N] TESTLOG...      N: results that are in no log
A log that does not exist counts as one failure.
"""
import json
import os
import re
import sys

# Where the logs are not kept, this is all there is to find a rare failure by.
SAID_LINES = 40
SAID_WIDTH = 400
SUBTEST = re.compile(r"^(not ok|ok)\b([^\n#]*)(?:#\s*(\w+))?", re.M)


def count(record):
    """(passed, failed, skipped, names of failed subtests) of one test of a log."""
    passed = failed = skipped = 0
    names = []
    result = record["result"]
    stdout = record.get("stdout") or ""
    if re.search(r"^(TAP version|1\.\.\d)", stdout, re.M):
        for match in SUBTEST.finditer(stdout):
            directive = (match.group(3) or "").upper()
            if directive in ("SKIP", "TODO"):
                skipped += 1
            elif match.group(1) == "ok":
                passed += 1
            else:
                failed += 1
                names.append(match.group(2).strip(" -"))
    if result in ("OK", "EXPECTEDFAIL"):
        passed += not (passed or skipped)
    elif result == "SKIP":
        skipped += not skipped
    elif failed == 0:
        # It crashed, timed out or broke its own plan; what it said before does not excuse it.
        failed, names = 1, [result.lower()]
    return passed, failed, skipped, names


def said(record):
    """The end of a failed test's output; what passed in it is left out."""
    for stream in ("stdout", "stderr"):
        lines = [line for line in (record.get(stream) or "").splitlines() if line and not line.startswith("ok ")]
        for line in lines[-SAID_LINES:]:
            yield line[:SAID_WIDTH]


def name_of(path):
    """The build's folder, or what the log was named for."""
    log = os.path.basename(path).split(".")[0]
    return path.split("/")[0] if log.startswith("testlog") else log


def main(args):
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    while args[:1] and args[0].startswith("--"):
        totals[args[0][2:]] += int(args[1])
        args = args[2:]
    for path in args:
        build = name_of(path)
        if not os.path.exists(path):
            print(f"FAILED {build}: no test log")
            totals["failed"] += 1
            continue
        with open(path) as f:
            for line in f:
                record = json.loads(line)
                passed, failed, skipped, names = count(record)
                totals["passed"] += passed
                totals["failed"] += failed
                totals["skipped"] += skipped
                if failed:
                    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
                    print(f"FAILED {build}: {record['name']}: {', '.join(names[:6])}{more}")
                    print("".join(f"  | {line}\n" for line in said(record)), end="")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**totals))
    return 1 if totals["failed"] or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
