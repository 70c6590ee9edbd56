"""gdb for a process under goshim, or its core file. gdb loads this by itself together with an installed libgoshim.so.

    info goroutines          all threads of the program: state, since when, what they wait for, where
    goroutine N bt           any command (bt without one), in the frames of goroutine N
    goroutine all bt         the same for each

N is the number that `info goroutines` shows, or the name if only one has it. No debug information is needed: where what lies
is in the library's goshim_layout (include/goshim/layout.h).
"""
import re
import struct

import gdb
from gdb.unwinder import Unwinder

VERSION = 1
LAYOUT = (
    "8s:magic I:version I:size 16s:library Q:started Q:now Q:nprocs Q:allp Q:allm Q:allgs Q:main_thread Q:counters Q:reasons "
    "I:counter_count I:reason_count "
    "H:g.size H:g.kind H:g.status H:g.goid H:g.tid H:g.tcb H:g.context H:g.m H:g.stack_lo H:g.stack_hi H:g.wait_reason "
    "H:g.wait_on H:g.wait_since H:g.park_word H:g.cpu_used H:g.thread H:g.all_next H:thread.size H:thread.name "
    "H:m.size H:m.id H:m.tid H:m.g0 H:m.curg H:m.blocking H:m.spinning H:m.wired H:m.all_next "
    "H:p.size H:p.id H:p.word H:p.schedtick H:p.runq_head H:p.runq_tail H:p.runq_next H:p.timers "
    "H:context.size H:context.rip H:context.rbp H:context.rbx H:context.r12 H:context.r13 H:context.r14 H:context.r15")
FIELDS = [word.split(":") for word in LAYOUT.split()]
FORMAT = "<" + "".join(code for code, _ in FIELDS)
REASON = struct.Struct("<28sI")
COUNTER = struct.Struct("<24sIIQ")
STATES = ("idle", "runnable", "running", "running", "waiting", "ended")
RUNNABLE, PROGRAM, WAITING, DEAD = 1, 3, 4, 5
FOREIGN, WIRED = 2, 3
ON_FD, ON_FDS, ON_MUTEX, ON_RWLOCK, ON_ADDRESS, ON_G = range(1, 7)
SAVED = ("rip", "rbp", "rbx", "r12", "r13", "r14", "r15")
MANY = 4000000
WALKED = 500  # info goroutines shows functions for so many: it takes gdb some milliseconds each


def read(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def number(address, code="Q"):
    return struct.unpack("<" + code, read(address, struct.calcsize(code)))[0]


def text(raw):
    return raw.split(b"\0", 1)[0].decode(errors="replace")


def duration(ns):
    for unit, size in (("h", 3600e9), ("min", 60e9), ("s", 1e9), ("ms", 1e6)):
        if ns >= 2 * size or (unit == "ms"):
            return f"{ns / size:.0f} {unit}"
    return "?"


class G:
    """One goroutine, as it was when it was read."""

    def __init__(self, process, address):
        def field(name, code="Q"):
            return number(address + process["g." + name], code)

        self.address = address
        self.kind, self.status = field("kind", "B"), field("status", "I")
        self.id, self.tid, self.m = field("goid"), field("tid", "i"), field("m")
        self.context = field("context")
        self.reason, self.on, self.since = field("wait_reason", "B"), field("wait_on"), field("wait_since", "q")
        thread = field("thread") or (process["main_thread"] if self.kind != FOREIGN else 0)
        self.name = text(read(thread + process["thread.name"], 16)) if thread else ""
        self.next = field("all_next")

    def title(self):
        return f"{self.id} \"{self.name}\"" if self.name else str(self.id)


class Process:
    """What the library says about where things are, and the Gs and Ms there are at this moment."""

    def __init__(self):
        try:
            at = int(gdb.parse_and_eval("(unsigned long)&goshim_layout"))
            values = struct.unpack(FORMAT, read(at, struct.calcsize(FORMAT)))
        except gdb.error:
            raise gdb.GdbError("No libgoshim.so in this process.") from None
        self.layout = dict(zip((name for _, name in FIELDS), values))
        if text(self["magic"]) != "goshim!" or self["version"] != VERSION:
            raise gdb.GdbError("The process's libgoshim.so is of another version than this script.")
        raw = read(self["reasons"], REASON.size * self["reason_count"])
        self.reasons = [(text(name), on) for name, on in REASON.iter_unpack(raw)]
        self.now = number(self["now"], "q")
        self.gs = sorted(self.read_gs(), key=lambda g: g.id)
        there = self.counter("goroutines")
        if len(self.gs) < there:
            print(f"Only {len(self.gs)} of {there} goroutines are found: memory is missing (gdb's own cores lack much).")
        self.by_address = {g.address: g for g in self.gs}
        self.by_tid = {g.tid: g for g in self.gs}
        self.threads = {t.ptid[1]: t for t in gdb.selected_inferior().threads()}

    def __getitem__(self, name):
        return self.layout[name]

    def counter(self, name):
        for called, _, size, at in COUNTER.iter_unpack(read(self["counters"], COUNTER.size * self["counter_count"])):
            if text(called) == name:
                return number(at, "i" if size == 4 else "q")
        return 0

    def read_gs(self):
        seen, at = set(), number(self["allgs"])
        while at and at not in seen and len(seen) < MANY:
            seen.add(at)
            g = G(self, at)
            if g.status not in (0, DEAD) or (g.kind == FOREIGN and g.status == 0):
                yield g
            at = g.next

    def kernel_thread(self, g):
        """The kernel thread that runs it, for gdb; or None."""
        tid = g.tid if g.kind == FOREIGN else number(g.m + self["m.tid"], "i") if g.m else 0
        return self.threads.get(tid)

    def runs_on_g0(self, g, sp):
        """Its M is on its own stack, in the middle of a switch."""
        if not g.m:
            return False
        g0 = number(g.m + self["m.g0"])
        return number(g0 + self["g.stack_lo"]) <= sp < number(g0 + self["g.stack_hi"])

    def saved(self, g):
        """The registers that a G which is not running left on its stack."""
        registers = {name: number(g.context + self["context." + name]) for name in SAVED}
        registers["rsp"] = g.context + self["context.size"]
        return registers

    def holder(self, tid):
        if tid == 0:
            return ""
        g = self.by_tid.get(tid)
        return f", held by {g.title()}" if g else f", held by tid {tid}, which is no thread of it"

    def waits_for(self, g):
        on = self.reasons[g.reason][1] if g.reason < len(self.reasons) else 0
        if on == ON_FD:
            return f"fd {g.on}"
        if on == ON_FDS and g.on >> 32:
            return f"{g.on >> 32} fds, the first is {g.on & 0xffffffff}"
        if on in (ON_MUTEX, ON_RWLOCK, ON_ADDRESS):
            owner = {ON_MUTEX: 8, ON_RWLOCK: 24}.get(on)  # __owner, __cur_writer
            return hex(g.on) + (self.holder(number(g.on + owner, "i")) if owner else "")
        if on == ON_G and g.on in self.by_address:
            return f"the end of {self.by_address[g.on].title()}"
        return ""

    def state(self, g):
        words = [STATES[g.status] if g.status < len(STATES) else "?"]
        if g.kind == FOREIGN:
            words = ["foreign thread"]
        elif g.status == WAITING:
            words = [self.reasons[g.reason][0] if g.reason < len(self.reasons) else "waiting",
                     duration(max(0, self.now - g.since))]
            try:
                words.append(self.waits_for(g))
            except gdb.MemoryError:
                pass
        elif g.m:
            words.append(f"LWP {number(g.m + self['m.tid'], 'i')}")
        if g.kind == WIRED:
            words.append("wired")
        return ", ".join(word for word in words if word)

    def find(self, what):
        found = [g for g in self.gs if str(g.id) == what] or [g for g in self.gs if g.name == what]
        if len(found) != 1:
            raise gdb.GdbError(f"No goroutine {what}." if not found else f"{len(found)} goroutines are called {what}.")
        return found[0]


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class Graft(Unwinder):
    """Makes a parked G's innermost frame the caller of the selected thread's: so its frames are there without a thread of
    its own, and without a write to registers, which a core file would refuse. The thread's own are gone meanwhile."""

    def __init__(self):
        super().__init__("goshim")
        self.registers = self.real = None

    def __call__(self, pending):
        if self.registers is None:
            return None
        if (int(pending.read_register("rip")), int(pending.read_register("rsp"))) != self.real:
            return None
        # Further in than what it is to be the callee of.
        info = pending.create_unwind_info(FrameId(gdb.Value(self.registers["rsp"] - 64), gdb.Value(self.real[0])))
        for name, value in self.registers.items():
            info.add_saved_register(name, gdb.Value(value).cast(gdb.lookup_type("long")))
        return info

    def __enter__(self):
        gdb.invalidate_cached_frames()

    def __exit__(self, *_):
        self.registers = None
        gdb.invalidate_cached_frames()

    def of(self, registers):
        """with graft.of(registers): the frames are those of the G."""
        frame = gdb.newest_frame()
        while frame.type() == gdb.INLINE_FRAME:
            frame = frame.older()
        self.real = int(frame.read_register("rip")), int(frame.read_register("rsp"))
        self.registers = registers
        return self


graft = Graft()
gdb.unwinder.register_unwinder(None, graft, replace=True)


def renumbered(lines, first):
    """What a command printed in frames of which `first` is the innermost that counts."""
    out, inside = [], not re.match(r"#0\b", lines) or first == 0
    for line in lines.splitlines():
        level = re.match(r"#(\d+) +", line)
        if level:
            inside = int(level.group(1)) >= first
            line = f"#{int(level.group(1)) - first:<2} " + line[level.end():]
        if inside:
            out.append(line)
    return "\n".join(out) + "\n" if out else ""


def with_frames(command, more):
    """bt N counts frames that are not shown."""
    count = re.fullmatch(r"((?:bt|backtrace|where)\b.*?)(\d+)", command)
    if not count or count.group(1).endswith("-"):
        return command
    return count.group(1) + str(int(count.group(2)) + more)


class Frames:
    """with Frames(process, g) as level: the frame of that level is selected, and is where g stands."""

    def __init__(self, process, g):
        self.process, self.g, self.graft = process, g, None

    def __enter__(self):
        process, g = self.process, self.g
        thread = process.kernel_thread(g)
        if thread is not None:
            thread.switch()
            if not process.runs_on_g0(g, int(gdb.newest_frame().read_register("rsp"))):
                gdb.newest_frame().select()
                return 0
        if not g.context or g.kind == FOREIGN:
            raise gdb.GdbError("No registers of it are known.")
        if gdb.selected_thread() is None:
            next(iter(process.threads.values())).switch()
        registers = process.saved(g)
        self.graft = graft.of(registers)
        self.graft.__enter__()
        frame = gdb.newest_frame()
        while frame is not None and (frame.pc(), int(frame.read_register("rsp"))) != (registers["rip"], registers["rsp"]):
            frame = frame.older()
        if frame is None:
            self.__exit__()
            raise gdb.GdbError("Its frames are not found.")
        while frame.newer() is not None and frame.newer().type() == gdb.INLINE_FRAME and frame.newer().pc() == frame.pc():
            frame = frame.newer()
        frame.select()
        return frame.level()

    def __exit__(self, *_):
        if self.graft:
            self.graft.__exit__()


def in_frames_of(process, g, command, from_tty):
    with Frames(process, g) as level:
        gdb.write(renumbered(gdb.execute(with_frames(command, level), from_tty, to_string=True), level))


class Kept:
    """with Kept(): the selected thread and frame are the same afterwards."""

    def __enter__(self):
        self.thread = gdb.selected_thread()
        self.level = gdb.selected_frame().level() if self.thread else 0

    def __exit__(self, *_):
        if self.thread is not None and self.thread.is_valid():
            self.thread.switch()
            gdb.execute(f"frame {self.level}", to_string=True)


class InfoGoroutines(gdb.Command):
    """The threads of a program under goshim: state, since when, what each waits for, where it stands."""

    def __init__(self):
        super().__init__("info goroutines", gdb.COMMAND_STATUS)

    def where(self, process, g):
        """The innermost function that is not of libgoshim.so."""
        try:
            with Frames(process, g):
                frame = gdb.selected_frame()
                while frame is not None and re.search(r"/libgoshim\.so", gdb.solib_name(frame.pc()) or ""):
                    frame = frame.older()
                if frame is None:
                    return ""
                return frame.name() or hex(frame.pc())
        except (gdb.error, gdb.GdbError):
            return ""

    def invoke(self, argument, from_tty):
        process = Process()
        with Kept():
            for i, g in enumerate(process.gs):
                print(f"{g.id:6} {g.name or '-':15} [{process.state(g)}] {self.where(process, g) if i < WALKED else ''}")


class Goroutine(gdb.Command):
    """goroutine N [COMMAND], goroutine all [COMMAND]: runs a gdb command (bt if none is given) in the frames of goroutine N,
or of each. N is a number that `info goroutines` shows, or a name."""

    def __init__(self):
        super().__init__("goroutine", gdb.COMMAND_STACK, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        what, _, command = argument.strip().partition(" ")
        command = command.strip() or "bt"
        if not what:
            raise gdb.GdbError("goroutine N [COMMAND], or goroutine all [COMMAND]")
        process = Process()
        with Kept():
            if what != "all":
                in_frames_of(process, process.find(what), command, from_tty)
                return
            for g in process.gs:
                print(f"\ngoroutine {g.title()} [{process.state(g)}]")
                try:
                    in_frames_of(process, g, command, from_tty)
                except (gdb.error, gdb.GdbError) as e:
                    print(e)


InfoGoroutines()
Goroutine()
