#!/usr/bin/env python3
"""MariaDB, a thread a connection, under sysbench: data checked, queries and connections killed, crashes recovered from.

Each run: the same seeded transactions must leave the same checksum as plain; sysbench reads and writes over 16 to 1,000
connections; statements that sleep, compute and wait for locks are killed; the server is killed under load and must have
every row that it acknowledged; it ends on SIGTERM.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app

TABLES, ROWS = 2, 5000
LOADS = (("oltp_point_select", 64), ("oltp_point_select", 1000), ("oltp_read_write", 16), ("oltp_read_write", 64),
         ("oltp_read_write", 256), ("oltp_read_write", 1000))
WRITERS = 16
# (poller, Ps); None is plain.
CONFIGURATIONS = (None, ("epoll", 2), ("uring", 2), ("epoll", 1))


class Fault(Exception):
    """What is wrong with a run."""


class Database:
    """A server on a data folder of its own."""

    def __init__(self, folder, data, configuration):
        self.socket, self.log, self.port = os.path.join(folder, "socket"), os.path.join(folder, "log.err"), app.free_port()
        self.server = app.Server(
            [MARIADBD, "--no-defaults", f"--datadir={data}", "--user=root", f"--socket={self.socket}",
             f"--port={self.port}", "--bind-address=127.0.0.1", "--max-connections=1200", "--back-log=1200",
             "--max-prepared-stmt-count=200000", "--connect-timeout=300",
             "--innodb-buffer-pool-size=128M", "--innodb-lock-wait-timeout=20", f"--log-error={self.log}",
             f"--pid-file={folder}/pid"], *(configuration or ()))
        self.wait_ready()

    def wait_ready(self):
        end = time.monotonic() + app.PATIENCE
        while subprocess.run([ADMIN, "--no-defaults", "-uroot", f"-S{self.socket}", "ping"],
                             capture_output=True).returncode:
            if time.monotonic() > end:
                raise Fault(f"not ready: {self.tail()}")
            time.sleep(0.05)

    def tail(self):
        with open(self.log) as f:
            return f.read()[-2000:]

    def client(self, **how):
        return subprocess.Popen([CLIENT, "--no-defaults", "-uroot", f"-S{self.socket}", "-NB", "--unbuffered", "--comments",
                                 "test"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)

    def ask(self, text):
        process = self.client()
        out = process.communicate(text, app.PATIENCE)[0]
        if process.returncode:
            raise Fault(f"{text[:80]}: {out}")
        return out.strip()

    def sysbench_command(self, test, threads, what, *more):
        return [SYSBENCH, test, "--mysql-host=127.0.0.1", f"--mysql-port={self.port}", "--mysql-user=root", "--mysql-db=test",
                f"--tables={TABLES}", f"--table-size={ROWS}", f"--threads={threads}", *more, what]

    def start_sysbench(self, test, threads, *more):
        return subprocess.Popen(self.sysbench_command(test, threads, "run", *more), stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def sysbench(self, test, threads, what, *more):
        result = subprocess.run(self.sysbench_command(test, threads, what, *more), capture_output=True, text=True,
                                timeout=10 * app.PATIENCE)
        if result.returncode:
            raise Fault(f"sysbench {test}, {threads} threads: {result.stdout[-600:]} {result.stderr[-600:]}")
        found = re.search(r"transactions:\s+(\d+)", result.stdout)
        return int(found.group(1)) if found else 0

    def checksums(self):
        return self.ask("CHECKSUM TABLE " + ", ".join(f"sbtest{n + 1}" for n in range(TABLES)))

    def check(self):
        """The tables are sound, and no row was lost or doubled: a transaction deletes one and puts it back."""
        for n in range(TABLES):
            text = self.ask(f"CHECK TABLE sbtest{n + 1} EXTENDED; SELECT COUNT(*), COUNT(DISTINCT id) FROM sbtest{n + 1}")
            if not re.search(rf"status\s+OK\n{ROWS}\t{ROWS}$", text):
                raise Fault(f"sbtest{n + 1}: {text}")

    def stop(self):
        status = self.server.stop(signal.SIGTERM)
        with open(self.log) as f:
            bad = [line for line in f if "[ERROR]" in line or line.startswith("goshim:")]
        if bad:
            raise Fault(f"in its log: {bad[0]}")
        return status


def wait_for(db, query, wanted):
    end = time.monotonic() + app.PATIENCE
    while (got := db.ask(query)) != wanted:
        if time.monotonic() > end:
            raise Fault(f"{query}: {got!r}, want {wanted!r}")
        time.sleep(0.02)


def killed(db, statement, how):
    """What a client hears whose statement is killed, and the statement after it."""
    victim = db.client()
    try:
        victim.stdin.write(f"{statement} /* victim */; SELECT 'and on';\n")
        victim.stdin.close()
        where = "FROM information_schema.processlist WHERE info LIKE '%/* victim */%' AND info NOT LIKE '%processlist%'"
        wait_for(db, f"SELECT COUNT(*) {where}", "1")
        time.sleep(0.1)
        start = time.monotonic()
        db.ask(f"KILL {how} {db.ask('SELECT id ' + where)}")
        victim.wait(app.PATIENCE)
        if time.monotonic() - start > app.PATIENCE / 2:
            raise Fault(f"KILL {how} of {statement} took {time.monotonic() - start:.1f} s")
        return re.sub(r" at line \d+", "", victim.stdout.read()), victim.returncode
    except subprocess.TimeoutExpired:
        raise Fault(f"KILL {how} does not end {statement}") from None
    finally:
        victim.kill()
        victim.wait()


def kills(db):
    """Everything that is heard when statements are killed that sleep, compute, wait for a row, and for a named lock."""
    db.ask("CREATE TABLE IF NOT EXISTS one (n INT PRIMARY KEY, v INT) ENGINE=InnoDB; REPLACE INTO one VALUES (1, 1)")
    heard = []
    owner = db.client()
    try:
        owner.stdin.write("BEGIN; UPDATE one SET v = 2 WHERE n = 1; DO GET_LOCK('name', 10); SELECT 'locked';\n")
        owner.stdin.flush()
        owner.stdout.readline()
        for statement in ("SELECT SLEEP(1000)", "SELECT BENCHMARK(1000000000000, MD5('x'))",
                          "UPDATE one SET v = 3 WHERE n = 1", "SELECT GET_LOCK('name', 1000)",
                          "SELECT COUNT(*) FROM sbtest1 a, sbtest1 b, sbtest1 c WHERE a.k + b.k + c.k = 0"):
            heard += [killed(db, statement, how) for how in ("QUERY", "CONNECTION")]
        owner.stdin.close()
        owner.wait(app.PATIENCE)
    finally:
        owner.kill()
        owner.wait()
    return heard


def crash(db, folder, data, configuration):
    """SIGKILL while many insert; every insert that was acknowledged is there afterwards. Returns the new server."""
    db.ask("DROP TABLE IF EXISTS acked; CREATE TABLE acked (w INT, n INT, PRIMARY KEY (w, n)) ENGINE=InnoDB")
    script, outputs, writers = os.path.join(folder, "inserts"), [], []
    for w in range(WRITERS):
        with open(f"{script}{w}", "w") as f:
            f.writelines(f"INSERT INTO acked VALUES ({w}, {n}); SELECT {n};\n" for n in range(200000))
        outputs.append(tempfile.TemporaryFile("w+"))
        with open(f"{script}{w}") as f:
            writers.append(subprocess.Popen([CLIENT, "--no-defaults", "-uroot", f"-S{db.socket}", "-NB", "--unbuffered",
                                             "test"], stdin=f, stdout=outputs[-1], stderr=subprocess.DEVNULL))
    time.sleep(max(1, app.SECONDS / 2))
    db.server.kill()
    for writer in writers:
        writer.wait(app.PATIENCE)
    db = Database(folder, data, configuration)
    total = 0
    for w, output in enumerate(outputs):
        output.seek(0)
        acked = {int(line) for line in output.read().split("\n")[:-1]}
        there = {int(n) for n in db.ask(f"SELECT n FROM acked WHERE w = {w}").split()}
        if acked - there:
            raise Fault(f"writer {w}: {len(acked - there)} acknowledged rows are lost: {sorted(acked - there)[:5]}")
        # The one that was under way may be there.
        if len(there - acked) > 1:
            raise Fault(f"writer {w}: {len(there - acked)} rows that nobody was told of")
        total += len(acked)
    if total == 0:
        raise Fault("nothing was inserted before the crash")
    db.check()
    return db, total


def at_rate(test):
    """The option that leaves the machine to others, when asked for: transactions of all threads in a second."""
    return [f"--rate={(100 if test == 'oltp_point_select' else 5) / app.PAUSE:.0f}"] if app.PAUSE else []


def soak(folder, seed, configuration, seconds):
    """Loads of all sizes, clients killed in their midst, logs flushed; no row is lost and memory does not grow."""
    data = os.path.join(folder, "data")
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(seed, data)
    db, end, rounds, total = Database(folder, data, configuration), time.monotonic() + seconds, 0, 0
    try:
        while time.monotonic() < end:
            test, threads = LOADS[rounds % len(LOADS)]
            doomed = db.start_sysbench("oltp_read_write", 32, "--time=30", *at_rate("oltp_read_write"))
            total += db.sysbench(test, min(threads, 256), "run", "--time=5", *at_rate(test))
            doomed.kill()
            doomed.wait()
            db.server.process.send_signal(signal.SIGHUP)
            wait_for(db, "SELECT COUNT(*) < 5 FROM information_schema.processlist WHERE command <> 'Daemon'", "1")
            db.server.sample()
            rounds += 1
        db.check()
        faults = db.server.growth()
        if db.stop() != 0:
            faults.append("it did not end well")
    finally:
        db.server.kill()
    print(f"mariadb, soaked for {seconds:.0f} s: {total} transactions in {rounds} rounds; at most {db.server.peak} kernel threads",
          flush=True)
    if faults:
        raise Fault("; ".join(faults))


def run(folder, seed, configuration):
    """One run from the prepared data; returns what must be the same under the library."""
    data = os.path.join(folder, "data")
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(seed, data)
    start, lines = time.monotonic(), []
    db = Database(folder, data, configuration)
    try:
        db.sysbench("oltp_read_write", 1, "run", "--rand-seed=7", "--events=200", "--time=0")
        checksums = db.checksums()
        for test, threads in LOADS:
            cpu, begun = db.server.cpu(), time.monotonic()
            count = db.sysbench(test, threads, "run", f"--time={app.SECONDS:.0f}")
            took, cpu = time.monotonic() - begun, db.server.cpu() - cpu
            db.server.sample()
            lines.append(f"{test} {threads}: {count / took:.0f}/s, {cpu / max(count, 1) * 1e6:.0f} us CPU")
            if count == 0:
                raise Fault(f"no transaction in {test} over {threads} connections")
        db.check()
        heard = kills(db)
        peak = db.server.peak
        db, rows = crash(db, folder, data, configuration)
        status = db.stop()
    except (Fault, subprocess.TimeoutExpired):
        if configuration:
            print("\n".join(app.backtraces(db.server.pid)), db.tail(), flush=True)
        raise
    finally:
        db.server.kill()
    name = "{}, {} Ps".format(*configuration) if configuration else "plain"
    print(f"mariadb, {name}: {'; '.join(lines)}; {rows} rows kept; status {status}; at most {peak} kernel threads after a "
          f"load; {time.monotonic() - start:.0f} s", flush=True)
    if configuration and peak > configuration[1] + 4 * app.SPARE_THREADS:
        raise Fault(f"{peak} kernel threads")
    return {"status": status, "checksums": checksums, "heard by the killed": heard}


def prepare(folder):
    """A data folder with sysbench's tables, made by the plain server."""
    data = os.path.join(folder, "seed")
    subprocess.run([INSTALL, "--no-defaults", f"--datadir={data}", "--user=root",
                    "--auth-root-authentication-method=normal"], check=True, capture_output=True)
    db = Database(folder, data, None)
    try:
        db.sysbench("oltp_read_write", 1, "prepare", "--rand-seed=5")
        if db.stop() != 0:
            raise Fault("the plain server does not end well")
    finally:
        db.server.kill()
    return data


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        seed = prepare(folder)
        if app.SOAK:
            soak(folder, seed, CONFIGURATIONS[1], app.SOAK)
            return
        for _ in range(app.ROUNDS):
            oracle = None
            for configuration in CONFIGURATIONS:
                try:
                    result = run(folder, seed, configuration)
                except (Fault, subprocess.TimeoutExpired) as fault:
                    print(f"WRONG mariadb, {configuration}: {fault}", flush=True)
                    if not configuration:
                        sys.exit("the plain run is wrong: nothing can be judged")
                    wrong += 1
                    continue
                oracle = oracle or result
                for what, value in result.items():
                    if value != oracle[what]:
                        print(f"WRONG mariadb, {configuration}: {what}: {value}, natively {oracle[what]}", flush=True)
                        wrong += 1
    sys.exit(1 if wrong else 0)


MARIADBD, CLIENT, ADMIN, INSTALL, SYSBENCH = app.need("mariadbd", "mariadb", "mariadb-admin", "mariadb-install-db", "sysbench")
main()
