#!/usr/bin/env python3
"""Draws the pictures of how-it-works.md, each an SVG beside this file.

usage: src/doc/draw.py [--check]      --check: only tell whether they are as this file draws them
"""
import os
import sys
from xml.sax.saxutils import escape

HERE = os.path.dirname(os.path.abspath(__file__))
INK, SOFT = "#1f2933", "#7b8794"
G, M, P, WAIT, KERNEL = "#8fd3c7", "#f6c48a", "#a9c3f0", "#e3e7eb", "#f3f4f6"


class Picture:
    def __init__(self, name, width, height, title):
        self.name, self.parts = name, []
        self.head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                     f'height="{height}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" role="img">\n'
                     f"<title>{escape(title)}</title>\n"
                     '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
                     f'orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{INK}"/></marker></defs>\n'
                     f'<rect width="{width}" height="{height}" rx="6" fill="#ffffff"/>\n')

    def add(self, text):
        self.parts.append(text)

    def text(self, x, y, words, size=13, anchor="middle", colour=INK, weight="normal"):
        for i, line in enumerate(words.split("\n")):
            self.add(f'<text x="{x}" y="{y + i * (size + 4)}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
                     f'font-weight="{weight}">{escape(line)}</text>')

    def box(self, x, y, w, h, fill="none", dash=False, stroke=INK, radius=4):
        self.add(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{radius}" fill="{fill}" stroke="{stroke}"'
                 f'{" stroke-dasharray=%s" % chr(34) + "5 4" + chr(34) if dash else ""}/>')

    def g(self, x, y, name, fill=G, radius=17):
        self.add(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="{INK}"/>')
        self.text(x, y + 5, name)

    def p(self, x, y, name):
        self.box(x - 32, y - 17, 64, 34, P)
        self.text(x, y + 5, name)

    def m(self, x, y, name, fill=M):
        self.add(f'<path d="M{x - 36} {y + 20} L{x} {y - 30} L{x + 36} {y + 20} z" fill="{fill}" stroke="{INK}" '
                 'stroke-linejoin="round"/>')
        self.text(x, y + 12, name)

    def arrow(self, *points, dash=False):
        path = " L".join(f"{x} {y}" for x, y in points)
        self.add(f'<path d="M{path}" fill="none" stroke="{INK}" stroke-width="1.5" marker-end="url(#head)"'
                 f'{" stroke-dasharray=%s" % chr(34) + "5 4" + chr(34) if dash else ""}/>')

    def line(self, *points, colour=INK, width=1.5):
        path = " L".join(f"{x} {y}" for x, y in points)
        self.add(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')

    def svg(self):
        return self.head + "\n".join(self.parts) + "\n</svg>\n"


def queue(d, x, y, names, slots=4):
    """Gs that wait for their turn; the next one is on the left."""
    d.box(x, y - 22, 44 * slots + 8, 44, "#ffffff")
    for i, name in enumerate(names):
        d.g(x + 26 + 44 * i, y, name)


def at_work():
    d = Picture("gmp.svg", 860, 470, "Gs, Ms and Ps at work")
    d.text(430, 28, "Gs, Ms and Ps at work", 16, weight="bold")
    for x, number, running, queued in ((150, 0, "G1", ("G2", "G3", "G4")), (470, 1, "G5", ())):
        d.m(x, 340, f"M{number}")
        d.p(x, 290, f"P{number}")
        d.g(x, 245, running)
        d.line((x, 262), (x, 273))
        d.line((x, 307), (x, 310))
        queue(d, x + 60, 290, queued)
        d.text(x + 152, 336, "its run queue" if queued else "its run queue, empty", 12, colour=SOFT)
    d.text(150, 385, "runs G1 with P0", 12, colour=SOFT)
    d.text(470, 385, "runs G5 with P1", 12, colour=SOFT)
    d.arrow((530, 268), (500, 205), (340, 205), (318, 264), dash=True)
    d.text(418, 196, "with nothing left P1 steals half", 12)
    d.m(740, 340, "M2", WAIT)
    d.text(740, 385, "parked: no P for it,\nno work either", 12, colour=SOFT)
    queue(d, 60, 110, ("G6", "G7"))
    d.text(152, 78, "global run queue", 13, weight="bold")
    d.text(152, 152, "what overflows, yields, or comes from outside", 12, colour=SOFT)
    d.arrow((110, 160), (110, 232), dash=True)
    d.text(62, 205, "every\n61st turn", 12, colour=SOFT)
    d.box(330, 84, 300, 52, KERNEL)
    for i, name in enumerate(("G8", "G9", "G10", "…")):
        d.g(370 + 74 * i, 110, name, WAIT)
    d.text(480, 70, "parked: on descriptors, locks, timers", 13, weight="bold")
    d.text(480, 152, "thousands; each a stack and nothing else", 12, colour=SOFT)
    d.arrow((630, 110), (690, 110), (690, 200), (640, 264))
    d.text(700, 140, "ready: to the queue of\nwho saw it, or to a G’s\nown P", 12, "start", SOFT)
    d.box(60, 420, 740, 34, KERNEL, stroke=SOFT)
    d.text(430, 442, "sysmon, with no P: looks after Ps whose M sleeps in the kernel or computes for too long, and hands them on", 12)
    return d


def parked_read():
    d = Picture("parked-read.svg", 860, 452, "A read that has to wait")
    d.text(430, 28, "A read that has to wait", 16, weight="bold")
    lanes = (("G1", 90), ("G2", 180), ("M0 on g0", 270), ("kernel", 360))
    for name, y in lanes:
        d.text(70, y + 5, name, 13, weight="bold")
        d.line((110, y), (840, y), colour="#d5dae0", width=1)
    bar = lambda x, w, y, fill: d.box(x, y - 13, w, 26, fill)
    bar(120, 120, 90, G)
    d.text(180, 95, "read(fd)", 12)
    d.arrow((200, 104), (200, 345))
    bar(180, 60, 360, KERNEL)
    d.text(210, 390, "recv, not to wait:\nEAGAIN", 12, colour=SOFT)
    d.arrow((230, 345), (230, 106))
    bar(240, 100, 270, M)
    d.text(290, 275, "gopark", 12)
    d.arrow((240, 92), (264, 255))
    d.text(450, 62, "G1 is parked: its registers are on its stack,\nand the descriptor’s list of waiters has it", 12, colour=SOFT)
    bar(340, 190, 180, G)
    d.text(435, 185, "G2 runs on the same M", 12)
    d.arrow((336, 258), (350, 196))
    bar(430, 90, 360, KERNEL)
    d.text(475, 390, "data comes:\nan event in the epoll", 12, colour=SOFT)
    bar(530, 130, 270, M)
    d.text(595, 275, "netpoll: goready", 12)
    d.arrow((526, 194), (540, 255))
    d.arrow((516, 346), (560, 286), dash=True)
    bar(660, 170, 90, G)
    d.text(745, 95, "read returns its bytes", 12)
    d.arrow((656, 258), (676, 106))
    d.arrow((690, 104), (690, 345))
    bar(674, 60, 360, KERNEL)
    d.text(704, 390, "recv again", 12, colour=SOFT)
    d.arrow((720, 345), (720, 106))
    d.text(430, 436, "no kernel thread has slept: it took two switches of some ten nanoseconds, and a share of one epoll_wait", 12)
    return d


def hand_off():
    d = Picture("hand-off.svg", 860, 400, "A call that blocks unseen")
    d.text(430, 28, "A call that blocks unseen, and the hand-off", 16, weight="bold")
    for i, words in enumerate(("G1 is in a call nobody told us of:\na page from a slow disk, a raw futex",
                               "sysmon finds P0 on one turn for too long and\nM0 asleep; it takes P0 and gives it to M1",
                               "G1’s call returns; the next time it needs the\nscheduler it queues for a P, M0 parks")):
        x = 20 + 280 * i
        d.box(x, 50, 262, 330, "#ffffff", stroke="#d5dae0")
        d.text(x + 131, 345, words, 11, colour=INK)
    kernel = lambda x: (d.box(x + 20, 262, 222, 54, KERNEL, dash=True, stroke=SOFT), d.text(x + 214, 308, "kernel", 11, colour=SOFT))
    x = 20
    kernel(x)
    d.m(x + 60, 282, "M0")
    d.p(x + 60, 222, "P0")
    d.g(x + 60, 176, "G1")
    d.line((x + 60, 193), (x + 60, 205))
    d.line((x + 60, 239), (x + 60, 252))
    queue(d, x + 110, 222, ("G2", "G3"), 3)
    d.text(x + 175, 292, "M0 sleeps here", 12, colour=SOFT)
    d.m(x + 200, 110, "M1", WAIT)
    d.text(x + 120, 115, "idle", 12, colour=SOFT)
    x = 300
    kernel(x)
    d.m(x + 60, 282, "M0", WAIT)
    d.g(x + 60, 222, "G1", WAIT)
    d.line((x + 60, 239), (x + 60, 252))
    d.m(x + 60, 150, "M1")
    d.p(x + 125, 140, "P0")
    d.g(x + 125, 92, "G2")
    d.line((x + 125, 109), (x + 125, 123))
    queue(d, x + 164, 140, ("G3",), 2)
    d.arrow((x + 92, 212), (x + 116, 162), dash=True)
    d.text(x + 92, 232, "G1 stays with M0", 12, "start", SOFT)
    x = 580
    d.m(x + 60, 282, "M0", WAIT)
    d.text(x + 150, 292, "back among the\nidle ones", 12, colour=SOFT)
    d.m(x + 60, 150, "M1")
    d.p(x + 125, 140, "P0")
    d.g(x + 125, 92, "G2")
    d.line((x + 125, 109), (x + 125, 123))
    queue(d, x + 164, 140, ("G3", "G1"), 2)
    d.arrow((x + 80, 240), (x + 130, 200), (x + 228, 200), (x + 234, 164), dash=True)
    return d


def main():
    stale = []
    for picture in (at_work(), parked_read(), hand_off()):
        path = os.path.join(HERE, picture.name)
        if "--check" in sys.argv:
            with open(path, encoding="utf-8") as f:
                if f.read() != picture.svg():
                    stale.append(f"{picture.name}: run src/doc/draw.py")
        else:
            with open(path, "w", encoding="utf-8") as f:
                f.write(picture.svg())
    print("\n".join(stale) or "drawn")
    sys.exit(1 if stale else 0)


main()
