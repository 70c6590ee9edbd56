#!/usr/bin/env python3
"""What `meson install` puts where, and that it is of use there: command, library, pkg-config, man pages, completion, rules.

Needs a build that is complete: nothing is built here.
"""
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
import tool
from tool import SOURCE, wrong

BUILD = os.environ["GOSHIM_BUILD"]
PROGRAM = r"""
#include <goshim/goshim.h>
#include <stdio.h>

static void send_seven(void *c) { goshim_send(c, &(int){7}); }

int main(void) {
  int v = 0;
  goshim_chan *c = goshim_chan_make(sizeof v, 0);
  goshim_go(send_seven, c);
  goshim_recv(c, &v);
  printf("%d\n", v);
}
"""


def output(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=tool.PATIENCE,
                          **more)
    text = done.stdout.decode()
    if done.returncode != 0:
        wrong(f"{' '.join(command)}: status {done.returncode}, {text[-1000:]}")
    return text


def installed(root):
    """Path below its root of every file, by name."""
    found = {}
    for path, _, names in os.walk(root):
        for name in names:
            full = os.path.join(path, name)
            found[full[len(root):]] = full
    return found


def one(files, pattern):
    fitting = [full for path, full in files.items() if re.search(pattern, path)]
    if len(fitting) != 1:
        wrong(f"{len(fitting)} files are like {pattern}: {sorted(files)}")
        return None
    return fitting[0]


def check_command(files):
    """The command finds its library by where it is itself."""
    command, library = one(files, r"/bin/goshim$"), one(files, r"/libgoshim\.so$")
    plain = {k: v for k, v in tool.environment().items() if k != "GOSHIM_LIB"}
    version = output(command, "--version", env=plain)
    if not re.fullmatch(r"goshim \d+\.\d+\.\d+\n", version):
        wrong(f"--version: {version!r}")
    if output(command, "run", "sh", "-c", "echo $LD_PRELOAD", env=plain).strip() != os.path.realpath(library):
        wrong("the installed command does not find the installed library")
    return version.split()[1]


def check_development(files, folder, root):
    pc = one(files, r"/pkgconfig/goshim\.pc$")
    for header in ("goshim.h", "goshim.hpp", "layout.h"):
        one(files, rf"/include/goshim/{re.escape(header)}$")
    source, exe = os.path.join(folder, "prog.c"), os.path.join(folder, "prog")
    with open(source, "w") as f:
        f.write(PROGRAM)
    env = {**tool.environment(), "PKG_CONFIG_PATH": os.path.dirname(pc), "PKG_CONFIG_SYSROOT_DIR": root}
    flags = output("pkg-config", "--cflags", "--libs", "goshim", env=env).split()
    output("cc", source, "-o", exe, *flags)
    library = os.path.dirname(one(files, r"/libgoshim\.so$"))
    if output(exe, env={**tool.environment(), "LD_LIBRARY_PATH": library}) != "7\n":
        wrong("a program linked by pkg-config does not work")


def check_pages(files, version):
    for page in ("man1/goshim.1", "man7/goshim.7", "man5/goshim.conf.5", "man3/goshim.h.3"):
        path = one(files, rf"/{re.escape(page)}$")
        with open(path) as f:
            text = f.read()
        if f'"goshim {version}"' not in text:
            wrong(f"{page} is of another version")
        if shutil.which("man"):
            output("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path, env={**os.environ, "MANWIDTH": "100"})
    # Every option and command is told of.
    with open(one(files, r"/goshim\.1$")) as f:
        page = f.read().replace("\\-", "-")
    with open(one(files, r"/goshim\.7$")) as f:
        page7 = f.read()
    for command in re.findall(r"^  (\w+) ", tool.Tool("--help").good(), re.M):
        if f".SS {command}\n" not in page:
            wrong(f"goshim(1) does not tell of {command}")
    for name in os.listdir(os.path.join(SOURCE, "tools/goshim")):
        with open(os.path.join(SOURCE, "tools/goshim", name), errors="replace") as f:
            options = re.findall(r'\{"(--?[a-z][a-z-]*)", (?:true|false|")', f.read())
        own = tool.Tool(name.removesuffix(".cc"), "--help").good() if options else ""
        for option in options:
            if not re.search(rf"(?<!\S){option}\b", own):
                wrong(f"goshim {name.removesuffix('.cc')} --help does not tell of {option}")
            if option not in page:
                wrong(f"goshim(1) does not tell of {option} ({name})")
    # The header is the reference: each of its functions is there once as declared.
    with open(one(files, r"/goshim\.h\.3$")) as f:
        page3 = f.read()
    with open(one(files, r"/goshim/goshim\.h$")) as f:
        functions = re.findall(r"^(?:GOSHIM_NORETURN )?GOSHIM_API [^(]*?(\w+)\(", f.read(), re.M)
    for function in functions:
        if len(re.findall(rf"^\\fB(?!#).*\b{function}\(", page3, re.M)) != 1:
            wrong(f"goshim.h(3) does not have {function}")
    if len(functions) < 50:
        wrong(f"goshim.h has {len(functions)} functions?")
    help_text = subprocess.run(["true"], env=tool.environment(LD_PRELOAD=tool.LIB, GOSHIM_DEBUG="help"), stderr=subprocess.PIPE,
                               check=True).stderr.decode()
    for variable in set(re.findall(r"^goshim: (GOSHIM_\w+) ", help_text, re.M)):
        if variable not in page7:
            wrong(f"goshim(7) does not tell of {variable}")


def check_completion(files):
    output("bash", "-n", one(files, r"/bash-completion/completions/goshim$"))
    zsh = one(files, r"/_goshim$")
    if shutil.which("zsh"):
        output("zsh", "-n", zsh)
    # The commands and options there are, and no others.
    script = f"""
_init_completion() {{ cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} words=("${{COMP_WORDS[@]}}") cword=$COMP_CWORD; }}
. {one(files, r"/completions/goshim$")}
for line in "$@"; do
  read -ra COMP_WORDS <<<"$line"
  [[ $line = *" " ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMPREPLY=()
  _goshim
  echo "${{COMPREPLY[*]}}"
done
"""
    lines = ["goshim st", "goshim run --net", "goshim run --netpoll ", "goshim stats --", "goshim top --sort w"]
    got = output("bash", "-c", script, "bash", *lines).splitlines()
    if got != ["stats stacks", "--netpoll", "epoll uring", "--json --prometheus --help", "wait"]:
        wrong(f"bash completion: {got}")


def check_versions(version):
    """The same in meson.build, where the rest is from, the change log and the Debian package."""
    with open(os.path.join(SOURCE, "tools/packaging/CHANGELOG.md")) as f:
        if f"\n## {version}\n" not in f.read():
            wrong(f"CHANGELOG.md has nothing on {version}")
    with open(os.path.join(SOURCE, "tools/packaging/debian/changelog")) as f:
        if not f.readline().startswith(f"goshim ({version}-"):
            wrong(f"debian/changelog does not begin with {version}")


def check_packages(files):
    """Each file is in one of the Debian packages: dpkg-buildpackage fails over one that is in none."""
    patterns = []
    for name in ("goshim", "libgoshim-dev"):
        with open(os.path.join(SOURCE, f"tools/packaging/debian/{name}.install")) as f:
            patterns += f.read().split()
    for path in files:
        # The package's prefix is /usr, and its zsh looks elsewhere.
        path = path.lstrip("/").replace("usr/local/", "usr/").replace("zsh/site-functions", "zsh/vendor-completions")
        if not any(fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(path, pattern + "/*") for pattern in patterns):
            wrong(f"{path} is in no Debian package")


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, "root")
        output("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", root)
        files = installed(root)
        version = check_command(files)
        check_development(files, folder, root)
        check_pages(files, version)
        check_completion(files)
        check_versions(version)
        check_packages(files)
        one(files, r"^/etc/goshim\.conf$")
    output(sys.executable, os.path.join(SOURCE, "src/doc/draw.py"), "--check")
    tool.finish()


main()
