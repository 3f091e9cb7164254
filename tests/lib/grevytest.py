# SPDX-License-Identifier: GPL-2.0-or-later
"""The frame of a test script: `@case("name")` on functions, `main()` at the end.

    from grevytest import case, main, lab, wait_for, check
    @case("a static route reaches the kernel")
    def static_route(build): ...
    main()

Prints `ok NAME` / `not ok NAME - why`, exits non-zero on failure. Run: test_x.py --build BUILD [PATTERN...]
"""
import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "labs"))
import lab as labs  # noqa: E402
from lab import Lab, Node, Router, run, wait_for, end_on_signals  # noqa: E402,F401

CASES = []
SUITE = os.path.splitext(os.path.basename(sys.argv[0]))[0].replace("test_", "", 1)


class Failure(Exception):
    pass


def check(condition, why):
    if not condition:
        raise Failure(why)


def equal(got, want, what="value"):
    if got != want:
        raise Failure("%s: got %r, want %r" % (what, got, want))


def case(name):
    def add(fn):
        CASES.append((name, fn))
        return fn
    return add


def lab(build, name="t"):
    return Lab(name, build)


class NetlinkMonitor:
    """`ip monitor route` in a node: collects lines; deleted() are the deletions of routes of ours."""

    def __init__(self, node):
        self.lines = []
        self.p = subprocess.Popen(node.argv("ip", "-4", "monitor", "route"), stdout=subprocess.PIPE, text=True,
                                  start_new_session=True)
        node.procs.append(self.p)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        time.sleep(0.1)  # the socket is open when the process runs; it says nothing of itself

    def read(self):
        for line in self.p.stdout:
            self.lines.append(line.strip())

    def deleted(self):
        return [x for x in self.lines if x.startswith("Deleted") and " table local " not in x + " " and
                "dev lo" not in x]

    def close(self):
        self.p.kill()
        self.p.wait()


class FrrRouter(Node):
    """Debian's FRR in a namespace: zebra and ospfd (or others), vtysh by its own socket directory."""

    def __init__(self, owner, name):
        super().__init__(owner, name)
        self.dir = os.path.join(owner.dir, name)
        os.makedirs(self.dir, exist_ok=True)
        self.sysctl("net.ipv4.ip_forward", 1)

    def start(self, config, daemons=("zebra", "ospfd", "staticd")):
        conf = os.path.join(self.dir, "frr.conf")
        with open(conf, "w") as f:
            f.write(config)
        os.chmod(self.dir, 0o777)
        os.chmod(self.lab.dir, 0o755)
        for d in daemons:
            argv = ["/usr/lib/frr/" + d, "-f", conf, "-i", os.path.join(self.dir, d + ".pid"), "-z",
                    os.path.join(self.dir, "zserv.api"), "--vty_socket", self.dir, "-u", "frr", "-g", "frr",
                    "--log", "file:" + os.path.join(self.dir, d + ".log")]
            if d == "bfdd":
                argv += ["--bfdctl", os.path.join(self.dir, "bfdd.sock")]
            self.spawn(*argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_for("FRR's %s" % d, lambda: os.path.exists(os.path.join(self.dir, d + ".vty")), 10)
        return self

    def vtysh(self, *commands):
        argv = ["vtysh", "--vty_socket", self.dir]
        for c in commands:
            argv += ["-c", c]
        return self.run(*argv).stdout

    def json(self, command):
        import json
        return json.loads(self.vtysh(command + " json"))


class BirdRouter(Node):
    """Debian's BIRD 2 in a namespace."""

    def __init__(self, owner, name):
        super().__init__(owner, name)
        self.dir = os.path.join(owner.dir, name)
        os.makedirs(self.dir, exist_ok=True)
        self.ctl = os.path.join(self.dir, "bird.ctl")
        self.sysctl("net.ipv4.ip_forward", 1)

    def start(self, config):
        conf = os.path.join(self.dir, "bird.conf")
        with open(conf, "w") as f:
            f.write(config)
        self.spawn("bird", "-f", "-c", conf, "-s", self.ctl, "-P", os.path.join(self.dir, "bird.pid"),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("BIRD", lambda: os.path.exists(self.ctl), 10)
        return self

    def birdc(self, command):
        return self.run("birdc", "-r", "-s", self.ctl, *command.split()).stdout


def add_frr(owner, name):
    return owner.add(FrrRouter(owner, name))


def add_bird(owner, name):
    return owner.add(BirdRouter(owner, name))


def run_case(name, fn, build):
    began = time.monotonic()
    try:
        fn(build)
    except (Failure, TimeoutError, RuntimeError, AssertionError, subprocess.SubprocessError, OSError) as e:
        why = " ".join(str(e).split())[:400] or type(e).__name__
        sys.stdout.write("not ok %s: %s - %s\n" % (SUITE, name, why))
        traceback.print_exc()
        return False
    except Exception as e:  # a broken test is a failure too, with its trace
        sys.stdout.write("not ok %s: %s - %s: %s\n" % (SUITE, name, type(e).__name__, e))
        traceback.print_exc()
        return False
    finally:
        sys.stdout.flush()
    print("ok %s: %s (%.1f s)" % (SUITE, name, time.monotonic() - began), flush=True)
    return True


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", default=os.path.join(labs.TOP, "build"))
    ap.add_argument("patterns", nargs="*")
    args = ap.parse_args()
    end_on_signals()
    chosen = [(n, f) for n, f in CASES if not args.patterns or any(re.search(p, n) for p in args.patterns)]
    good = [run_case(n, f, args.build) for n, f in chosen]
    sys.exit(0 if good and all(good) else 1)


