"""Reads preload/interpose.def: the table of every symbol that the library replaces.

    HOOK(ret, name, (params))
    HOOK_VARIADIC(ret, name, (decl, ...), (params))
    ALIAS(name, target)
    NOT_HOOKED(name, "why")              or several names with spaces between, for one reason

A further HOOK_<KIND>(ret, name, ...) is read as HOOK is.
"""
import re
from collections import namedtuple

Row = namedtuple("Row", "kind name target line")

_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.S)
_ROW = re.compile(r"^[ \t]*(HOOK(?:_[A-Z0-9_]+)?|ALIAS(?:_[A-Z0-9_]+)?|NOT_HOOKED)[ \t]*\(", re.M)


class TableError(Exception):
    pass


def _blank(match):
    text = match.group(0)
    return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)


def _arguments(text, start):
    """The top-level arguments of the call whose '(' stands just before `start`."""
    depth, begin, out, quoted = 1, start, [], False
    for i in range(start, len(text)):
        c = text[i]
        if c == '"' and text[i - 1] != "\\":
            quoted = not quoted
        if quoted:
            continue
        if c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
            if depth == 0:
                return out + [text[begin:i].strip()]
        elif c == "," and depth == 1:
            out.append(text[begin:i].strip())
            begin = i + 1
    raise TableError("row is not closed: " + text[start : start + 40])


def parse(path):
    """The rows in order. A preprocessor line (#define, #ifndef, #undef) is not a row."""
    with open(path) as f:
        text = _COMMENT.sub(_blank, f.read())
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.M)
    rows = []
    for match in _ROW.finditer(text):
        kind = match.group(1)
        args = _arguments(text, match.end())
        line = text.count("\n", 0, match.start()) + 1
        alias = kind.startswith("ALIAS")
        if len(args) < 2:
            raise TableError(f"{path}:{line}: {kind} wants at least two arguments")
        if kind == "NOT_HOOKED":
            rows += [Row(kind, name, args[1].strip('"'), line) for name in args[0].split()]
            continue
        name = args[0] if alias else args[1]
        if not re.fullmatch(r"\w+", name):
            raise TableError(f"{path}:{line}: '{name}' is not a name")
        rows.append(Row(kind, name, args[1] if alias else None, line))
    return rows


def exported(path):
    """The rows that are exported symbols. A name that stands twice is an error."""
    rows = [r for r in parse(path) if r.kind != "NOT_HOOKED"]
    seen = {}
    for row in rows:
        if row.name in seen:
            raise TableError(f"{path}:{row.line}: {row.name} is already in line {seen[row.name]}")
        seen[row.name] = row.line
    return rows
