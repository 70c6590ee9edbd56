#!/usr/bin/env python3
"""Programs that compute or only use threads beside: the same output and status as plain, byte for byte.

Compressors, an encoder, clients with threads; and those that one would rather not preload (debuggers, a browser, runtimes with
threads of their own): they must work as if we were absent. Those that the rules are about, which are installed with the library,
run once more with them. A program that is not there is left out; so is rr where it does not start, and Chromium's sandbox for
who is not root.

usage: programs.py [NAME ...]
"""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import app
import runtimes

ONLY = sys.argv[1:]
CONFIGURATIONS = (("epoll", 2), ("uring", 2), ("epoll", 1))
# Programs that the rules are about.
RULED = ("gdb", "rr", "java", "chromium", "chromium sandboxed")
SHIPPED_RULES = os.path.join(app.SOURCE, "tools/packaging/goshim.conf")
# What a script makes, laid out and painted.
PAGE = """<!DOCTYPE html>
<p id="p">nothing</p><div id="d"></div><canvas id="c" width="300" height="200"></canvas>
<script>
let rows = []
for (let i = 0; i < 2000; i++) rows.push('<span style="font-size:' + (8 + i % 9) + 'px">row ' + i * i + '</span>')
document.getElementById('d').innerHTML = rows.join(' ')
const canvas = document.getElementById('c'), brush = canvas.getContext('2d')
for (let i = 0; i < 300; i++) { brush.fillStyle = 'rgb(' + i % 256 + ',7,9)'; brush.fillRect(i, i % 150, 40, 40) }
document.getElementById('p').textContent = document.getElementById('d').offsetHeight + ' ' + canvas.toDataURL().length
</script>
"""
# As root it has no sandbox.
CHROMIUM = """cd $(mktemp -d -p $0) && chmod 777 . && HOME=$PWD exec {how} chromium --headless --disable-gpu --disable-quic \
--no-first-run --disable-background-networking --disable-component-update --disable-sync --user-data-dir=$PWD/data {more} \
--dump-dom file://$1"""
NOBODY = "setpriv --reuid nobody --regid nogroup --clear-groups"
RR = "export _RR_TRACE_DIR=$(mktemp -d -p $0) && rr record $1 && rr replay -a"
# Counts in threads; gdb stops in each and lets it go on. It resumes one kernel thread after the other, and fails when the
# process ends meanwhile, plain too if the first is all it takes: so it stays a while.
THREADS = """
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void* square(void* arg) {
  usleep(1000);
  return (void*)((long)arg * (long)arg);
}

int main(void) {
  pthread_t thread[10];
  long sum = 0;
  for (long i = 0; i < 10; i++) pthread_create(&thread[i], NULL, square, (void*)i);
  for (int i = 0; i < 10; i++) {
    void* result;
    pthread_join(thread[i], &result);
    sum += (long)result;
  }
  printf("sum %ld\\n", sum);
  usleep(500000);
  return 0;
}
"""


def data(folder):
    """Some 12 MB that can be compressed."""
    path = os.path.join(folder, "data")
    with open(path, "wb") as f:
        for n in range(200000):
            f.write(hashlib.sha1(b"%d" % (n // 3)).digest() + b"%d the same in each line of this file\n" % n)
    return path


def commands(folder, origin):
    """Name -> command. What it prints is compared, and its status."""
    path, threads = data(folder), os.path.join(folder, "threads")
    subprocess.run(["cc", "-g", "-pthread", app.write(folder, "threads.c", THREADS), "-o", threads], check=True)
    out = {
        "xz": ["xz", "-2", "-T4", "--block-size=2MiB", "-c", path],
        "xz -d": ["sh", "-c", f"xz -2 -T4 --block-size=2MiB -c {path} | xz -d -T4 -c"],
        "zstd": ["zstd", "-q", "-12", "-T4", "-c", path],
        "7z": ["sh", "-c", f"cd $(mktemp -d -p {folder}) && 7z a -mmt=4 -mx=3 -bd a.7z {path} >log && 7z x -so a.7z | md5sum"],
        "pbzip2": ["sh", "-c", f"pbzip2 -p4 -c {path} | pbzip2 -p4 -dc | md5sum"],
        "mksquashfs": ["sh", "-c", f"cd $(mktemp -d -p {folder}) && mksquashfs {path} fs -processors 4 -Xcompression-level 1 -quiet -no-progress "
                       "-mkfs-time 0 -all-time 0 && md5sum <fs && unsquashfs -p 4 -quiet -no-progress fs && md5sum squashfs-root/*"],
        "fio": ["sh", "-c", f"cd $(mktemp -d -p {folder}) && for engine in psync libaio posixaio io_uring; do fio --name=a "
                "--ioengine=$engine --iodepth=8 --thread --numjobs=4 --size=512k --rw=randrw --verify=crc32c --group_reporting "
                "--minimal | cut -d';' -f3,5,6,47; done"],
        "siege": ["sh", "-c", f"siege -c 100 -r 20 -b -j http://127.0.0.1:{origin.port}/ 2>$0/log | grep -e transactions -e fail",
                  folder],
        "sort": ["sort", "--parallel=4", "-S4M", path],
        "gdb": ["gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "set print thread-events off", "-ex",
                "break square", "-ex", "run", "-ex", "delete", "-ex", "continue", threads],
        "ffmpeg": ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=1:size=320x240:rate=25", "-threads", "4",
                   "-flags", "+bitexact", "-c:v", "mpeg4", "-f", "framemd5", "-"],
        "sysbench": ["sysbench", "mutex", "--threads=32", "--mutex-num=4", "--mutex-locks=2000", "run"],
        "python3": ["python3", "-c", "from concurrent.futures import *\nwith ThreadPoolExecutor(50) as p: "
                    "print(sum(p.map(lambda n: n * n, range(5000))))"],
        "curl": ["sh", "-c", f"cd $(mktemp -d -p {folder}) && curl -sS -f -Z --parallel-max 200 'http://localhost:{origin.port}/#[1-600]' "
                 "-o '#1' && cat * | md5sum"],
        "rr": ["sh", "-c", RR, folder, threads],
    }
    if shutil.which("chromium"):
        page = app.write(folder, "page.html", PAGE)
        out["chromium"] = ["sh", "-c", CHROMIUM.format(how="", more="--no-sandbox"), folder, page]
        if os.getuid() == 0 and shutil.which("setpriv"):
            out["chromium sandboxed"] = ["sh", "-c", CHROMIUM.format(how=NOBODY, more=""), folder, page]
    return {name: command for name, command in out.items() if shutil.which(command[0])} | runtimes.commands(folder)


def run(command, configuration, rules=None):
    env = {k: v for k, v in os.environ.items() if not k.startswith("GOSHIM_") and k not in ("GOMAXPROCS", "LD_PRELOAD")}
    if configuration:
        env.update(LD_PRELOAD=app.LIB, GOSHIM_NETPOLL=configuration[0], GOSHIM_MAXPROCS=str(configuration[1]))
    if rules:
        env["GOSHIM_RULES"] = rules
    start = time.monotonic()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                   start_new_session=True)
        try:
            process.wait(4 * app.PATIENCE)
        except subprocess.TimeoutExpired:
            print("\n".join(app.backtraces(process.pid)), flush=True)
            os.killpg(process.pid, app.signal.SIGKILL)
            process.wait()
        output.seek(0)
        errors.seek(0)
        return process.returncode, output.read(), errors.read().decode(errors="replace"), time.monotonic() - start


def same(name, text):
    """What can be compared: gdb and sysbench also say numbers that are never the same."""
    if name == "gdb":
        return [line for line in text.split(b"\n") if line.startswith(b"sum ") or line.endswith(b"exited normally]")][:1]
    if name == "sysbench":
        return [line for line in text.split(b"\n") if b"total number of events" in line]
    return text


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        # Where nobody, who runs one of them, may read.
        os.chmod(folder, 0o755)
        app.LIB, shipped_rules = shutil.copy(app.LIB, folder), shutil.copy(SHIPPED_RULES, folder)
        # Plain: curl alone is on trial.
        origin = app.Server([app.compile_c("examples/http_server.c", folder), "0"])
        for name, command in commands(folder, origin).items():
            if ONLY and name not in ONLY:
                continue
            how = [(configuration, None) for configuration in CONFIGURATIONS]
            if name in RULED:
                how.append((CONFIGURATIONS[0], shipped_rules))
            for _ in range(app.ROUNDS):
                plain = run(command, None)
                if name == "rr" and plain[0]:
                    print(f"rr does not start here: {plain[2].strip()[-300:]}", flush=True)
                    break
                times = [f"plain {plain[3]:.2f} s"]
                for configuration, rules in how:
                    got = run(command, configuration, rules)
                    times.append("{} {}{}: {:.2f} s".format(*configuration, ", rules" if rules else "", got[3]))
                    if got[0] != plain[0] or same(name, got[1]) != same(name, plain[1]) or "goshim" in got[2]:
                        print(f"WRONG {name}, {configuration}: {app.status_text(got[0])}, natively {app.status_text(plain[0])}; "
                              f"{len(got[1])} bytes, natively {len(plain[1])}; {got[1][-300:]!r} {got[2][-300:]}", flush=True)
                        wrong += 1
                print(f"{name}: {', '.join(times)}; status {plain[0]}, {len(plain[1])} bytes", flush=True)
        origin.kill()
    sys.exit(1 if wrong else 0)


main()
