#!/usr/bin/env python3
"""The reference of a manual page from a header: what stands above each declaration, in man(7)'s language.

usage: header_reference.py HEADER PAGE VERSION       PAGE has a line `.\\" REFERENCE` for it; written to standard output
"""
import re
import sys

SECTION = re.compile(r"/\* -{3,} (.*?) -{3,} \*/")
SKIP = re.compile(r"#(?:if|endif|else|define GOSHIM_(?:H|API|NORETURN|GOSHIM_H)\b|include|undef)|extern \"C\"|\}$")


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def paragraphs(comment):
    """The comment's text without its frame."""
    text = re.sub(r"^/\*+|\*/$", "", comment.strip())
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in text.split("\n")]
    return [escaped(line) if line else ".PP" for line in lines]


def declarations(lines):
    text = "\n".join(lines)
    # Bodies of inline functions say nothing that their comment does not.
    text = re.sub(r"\n?\) \{\n(?:  .*\n)*\}", ");", text)
    text = text.replace("GOSHIM_NORETURN ", "").replace("GOSHIM_API ", "").replace("static inline ", "")
    return [escaped(line) for line in text.split("\n")]


def blocks(header):
    """(section or None, comment or None, declaration lines) in the header's order."""
    lines = header.split("\n")
    at = next(i for i, line in enumerate(lines) if SECTION.match(line))
    while at < len(lines):
        section = SECTION.match(lines[at])
        if section:
            yield section.group(1).strip(), None, []
            at += 1
            continue
        comment = None
        if lines[at].startswith("/*"):
            end = at
            while "*/" not in lines[end]:
                end += 1
            comment, at = "\n".join(lines[at:end + 1]), end + 1
        declared = []
        while at < len(lines) and lines[at].strip() and not lines[at].startswith("/*"):
            declared.append(lines[at])
            at += 1
        declared = [] if declared and SKIP.match(declared[0]) else declared
        if comment or declared:
            yield None, comment, declared
        if at < len(lines) and not lines[at].strip():
            at += 1


def reference(header):
    out = [".SH REFERENCE"]
    for section, comment, declared in blocks(header):
        if section:
            out.append(f".SS {section[0].upper()}{section[1:]}")
            continue
        # A heading makes its own space.
        space = [] if out[-1].startswith(".SS ") else [".PP"]
        if declared:
            out += [*space, ".nf", *(f"\\fB{line}\\fP" for line in declarations(declared)), ".fi"]
        if comment:
            out += [".RS 4", *paragraphs(comment), ".RE"] if declared else [*space, *paragraphs(comment)]
    return "\n".join(out)


def main():
    header, page, version = sys.argv[1:4]
    with open(header, encoding="utf-8") as f:
        text = reference(f.read())
    with open(page, encoding="utf-8") as f:
        whole = f.read()
    if whole.count('.\\" REFERENCE\n') != 1:
        sys.exit(f"{page} has not one place for the reference")
    sys.stdout.write(whole.replace('.\\" REFERENCE', text).replace("@VERSION@", version))


main()
