"""What the lints share: finding files, seeing code without comments, reporting."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCES = (".h", ".cc", ".c", ".S")
_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)


def root():
    """The tree to check: the first argument that is a folder, else this one."""
    return next((a for a in sys.argv[1:] if os.path.isdir(a)), ROOT)


def files(base, folders, extensions=SOURCES):
    """Paths relative to base, sorted."""
    found = []
    for folder in folders:
        for path, subfolders, names in os.walk(os.path.join(base, folder)):
            subfolders.sort()
            found += [os.path.relpath(os.path.join(path, n), base) for n in sorted(names) if n.endswith(extensions)]
    return found


def read(base, path):
    with open(os.path.join(base, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def code_only(text):
    """The text with comments and the insides of literals blanked; lines keep their numbers."""

    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            # A digit separator (1'000) looks like a literal; its content is harmless.
            return token[0] + " " * (len(token) - 2) + token[-1]
        return re.sub(r"[^\n]", " ", token)

    return _TOKEN.sub(blank, text)


def finish(findings, checked):
    """Prints the findings, or what was checked, and ends."""
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} found")
        sys.exit(1)
    print(f"{checked}: nothing found")
