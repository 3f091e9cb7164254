#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What every daemon does alike (lib/daemon, lib/log, lib/priv), seen from outside on a mgmtd that runs alone,
and the sandbox of each daemon of a whole router."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402
from mgmt import Client  # noqa: E402


class Alone:
    def __init__(self, build):
        self.program = os.path.join(os.path.abspath(build), "sbin/mgmtd")
        self.dir = tempfile.mkdtemp(prefix="gv%d-daemon-" % os.getpid())
        self.run, self.log = os.path.join(self.dir, "run"), os.path.join(self.dir, "log")

    def argv(self, *more):
        return [self.program, "-N", "alone", "--run-dir", self.run, "--state-dir", os.path.join(self.dir, "state"),
                *more]

    def background(self, *more):
        return subprocess.run(self.argv("-d", "--log", "file:" + self.log, *more), timeout=20).returncode

    def pid(self):
        try:
            with open(os.path.join(self.run, "mgmtd.pid")) as f:
                return int(f.read())
        except (OSError, ValueError):
            return 0

    def gone(self, pid):
        return wait_for("its end", lambda: not os.path.exists("/proc/%d" % pid), 10)

    def text(self, path=None):
        with open(path or self.log) as f:
            return f.read()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        if self.pid():
            try:
                os.kill(self.pid(), signal.SIGKILL)
            except OSError:
                pass
        shutil.rmtree(self.dir)


@case("tells its version, refuses what it does not know")
def arguments(build):
    with Alone(build) as a:
        p = subprocess.run(a.argv("-v"), stdout=subprocess.PIPE, text=True)
        check(p.returncode == 0 and p.stdout.startswith("mgmtd (Grevy) "), p.stdout)
        for bad in (["--no-such"], ["stray"], ["--log-level", "loud"], ["-N", "a/b"], ["-N", ".."]):
            p = subprocess.run(a.argv(*bad), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            check(p.returncode == 2 and p.stderr, "%r: status %d, %r" % (bad, p.returncode, p.stderr))
        p = subprocess.run(a.argv("--log", "file:/nonexistent/x"), stderr=subprocess.PIPE, text=True)
        check(p.returncode == 1 and "cannot log" in p.stderr, p.stderr)


@case("goes to the background when it is ready, with pid files; a second one refuses; SIGTERM leaves its history")
def background(build):
    with Alone(build) as a:
        own = os.path.join(a.dir, "own.pid")
        equal(a.background("-i", own), 0, "exit status of the foreground")
        pid = a.pid()
        equal(int(a.text(own)), pid, "-i")
        equal(Client(os.path.join(a.run, "mgmtd.sock"), wait=0).state("daemon/status")[0]["pid"], pid, "status")
        p = subprocess.run(a.argv(), stderr=subprocess.PIPE, text=True)
        check(p.returncode == 1 and "already running" in p.stderr and str(pid) in p.stderr, p.stderr)
        equal(a.background(), 1, "exit status of a second one in the background")
        equal(a.pid(), pid, "the first one's pid file")
        os.kill(pid, signal.SIGTERM)
        a.gone(pid)
        equal(os.listdir(a.run), ["mgmtd.ha"], "left behind: the events only")
        check(not os.path.exists(own), "-i is left behind")


@case("SIGHUP opens the log anew")
def rotation(build):
    with Alone(build) as a:
        a.background()
        os.rename(a.log, a.log + ".1")
        os.kill(a.pid(), signal.SIGHUP)
        wait_for("the new file", lambda: os.path.exists(a.log), 5)
        pid = a.pid()
        os.kill(pid, signal.SIGTERM)
        a.gone(pid)
        check("daemon.end" in a.text() and "daemon.end" not in a.text(a.log + ".1"), "lines go to the new file")


@case("a crash leaves its reason and the last log lines")
def crash(build):
    with Alone(build) as a:
        a.background()
        pid = a.pid()
        with open("/proc/%d/maps" % pid) as f:
            sanitized = "libasan" in f.read()
        os.kill(pid, signal.SIGSEGV)
        a.gone(pid)
        if not sanitized:  # it has last words of its own
            text = a.text(os.path.join(a.run, "mgmtd.crash"))
            check(text.startswith("mgmtd: died of signal 11\n"), text[:80])
            check(" daemon.start " in text, "the ring is there")
            check("died of signal 11" in a.text(), "the log says so, too")
        equal(a.background(), 0, "starts again where it crashed")


@case("levels are changed while it runs, the log can be asked for")
def levels(build):
    from mgmt import field, submessage
    with Alone(build) as a:
        a.background()
        c = Client(os.path.join(a.run, "mgmtd.sock"))
        equal(c.state("daemon/status")[0]["log-level"], "info", "level")
        c.send(9, field(1, 1) + field(2, "log-level") + submessage(3, field(1, "level") + field(2, "errors")))
        c.recv()
        equal(c.state("daemon/status")[0]["log-level"], "error", "level")
        check(any(" daemon.start " in r["line"] for r in c.state("daemon/log")), "the ring")
        check(c.state("daemon/memory")[0]["resident"] > 500000, "memory")


@case("what sends and expires in time is real-time, what repairs runs before what does not")
def priorities(build):
    if os.sched_getscheduler(0) == os.SCHED_OTHER and subprocess.run(["chrt", "-r", "1", "true"]).returncode:
        return  # no permission on this machine
    with lab(build, "prio") as net:
        r = net.router("r1").start("hostname r1\n")
        for name in ("bfdd", "vrrpd"):
            policies = [os.sched_getscheduler(int(t)) & ~os.SCHED_RESET_ON_FORK
                        for t in os.listdir("/proc/%d/task" % r.pid(name))]
            equal(policies, [os.SCHED_RR] * 2, "policies of %s's threads" % name)
        nice = {name: os.getpriority(os.PRIO_PROCESS, r.pid(name)) for name in ("grevy", "zebra", "ospfd", "mgmtd")}
        equal(nice, {"grevy": -10, "zebra": -10, "ospfd": -10, "mgmtd": 0}, "nice values")


@case("each daemon of a router is in its sandbox")
def sandbox(build):
    # CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_NICE
    caps = {"zebra": 1 << 12, "ospfd": 1 << 13, "vrrpd": 1 << 13, "bfdd": 1 << 23, "mgmtd": 0}
    with lab(build, "sandbox") as net:
        r = net.router("r1").start("hostname r1\n")
        for name, want in caps.items():
            for task in os.listdir("/proc/%d/task" % r.pid(name)):
                with open("/proc/%d/task/%s/status" % (r.pid(name), task)) as f:
                    status = dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)
                who = "%s, thread %s: " % (name, task)
                for kind in ("CapEff", "CapPrm", "CapBnd"):
                    equal(int(status[kind], 16), want, who + kind)
                equal(int(status["CapInh"], 16) | int(status["CapAmb"], 16), 0, who + "inherited")
                equal(status["NoNewPrivs"], "1", who + "NoNewPrivs")
                with open("/proc/%d/maps" % r.pid(name)) as f:
                    if "libasan" not in f.read():
                        equal(status["Seccomp"], "2", who + "Seccomp")
        for sock in (f for f in os.listdir(r.run_dir) if f.endswith(".sock")):
            equal(os.stat(os.path.join(r.run_dir, sock)).st_mode & 0o7777, 0o660, sock)
        listening = {line.split()[0] + " " + line.split()[4].rsplit(":", 1)[1]
                     for line in r.run("ss", "-Hltun").stdout.splitlines()}
        equal(listening, {"udp 3784", "udp 3785", "udp 4784"}, "listening on the network (BFD)")


main()
