#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
"""`grevy` over played daemons (played_daemon.py), which crash, hang and disobey as told: order, readiness,
restart, watchdog, back-off, adoption, stopping. The real daemons under it are test_survival's."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from grevytest import case, check, equal, main, wait_for  # noqa: E402
from mgmt import Client, field, submessage  # noqa: E402

DAEMONS = ["zebra", "mgmtd", "ospfd"]


class Stage:
    """An installed tree of its own with the real grevy, played daemons and a vtysh that writes down its arguments."""

    def __init__(self, build, daemons=DAEMONS, config="hostname x\n", shell="", **modes):
        self.dir = tempfile.mkdtemp(prefix="gv%d-supervisor-" % os.getpid())
        self.run = os.path.join(self.dir, "run")
        self.procs = []
        for d in ("bin", "sbin"):
            os.mkdir(os.path.join(self.dir, d))
        shutil.copy(os.path.join(build, "bin/grevy"), self.file("bin/grevy"))
        for d in daemons:
            shutil.copy(os.path.join(HERE, "played_daemon.py"), self.file("sbin/" + d))
            os.chmod(self.file("sbin/" + d), 0o755)
        with open(self.file("bin/vtysh"), "w") as f:
            f.write("#!/bin/sh\necho \"$@\" >> %s\n%s\nexit 0\n" % (self.file("loaded"), shell))
        os.chmod(self.file("bin/vtysh"), 0o755)
        if config is not None:
            with open(self.file("grevy.conf"), "w") as f:
                f.write(config)
        for d, mode in modes.items():
            self.mode(d, mode)

    def file(self, name):
        return os.path.join(self.dir, name)

    def lines(self, name):
        try:
            with open(self.file(name)) as f:
                return f.read().splitlines()
        except OSError:
            return []

    def mode(self, daemon, mode):
        with open(self.file(daemon + ".mode.new"), "w") as f:
            f.write(mode)
        os.rename(self.file(daemon + ".mode.new"), self.file(daemon + ".mode"))

    def start(self, wait=True):
        r, w = os.pipe()
        log = open(self.file("log"), "a")
        p = subprocess.Popen([self.file("bin/grevy"), "-N", "stage", "-f", self.file("grevy.conf"), "--run-dir", self.run,
                              "--state-dir", self.file("state"), "--ready-fd", str(w)], pass_fds=(w,), stdout=log,
                             stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        log.close()
        os.close(w)
        self.procs.append(p)
        self.ready = os.fdopen(r)
        if wait:
            equal(self.ready.readline(), "ready\n", "--ready-fd")
        return p

    def pid(self, daemon):
        try:
            with open(os.path.join(self.run, daemon + ".pid")) as f:
                return int(f.read())
        except (OSError, ValueError):
            return 0

    def rows(self):
        c = Client(os.path.join(self.run, "grevy.sock"))
        try:
            return {r["name"]: r for r in c.state("daemons")}
        finally:
            c.close()

    def running_again(self, daemon, old):
        """Its new pid, once it has said hello."""
        return wait_for(daemon + " again", lambda: self.pid(daemon) not in (0, old) and
                        self.rows()[daemon]["state"] == "running" and self.pid(daemon), 5, 0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        for p in self.procs:
            if p.poll() is None:
                p.kill()
                p.wait()
        for d in os.listdir(self.run) if os.path.isdir(self.run) else []:
            if d.endswith(".pid"):
                try:
                    os.kill(self.pid(d[:-4]), signal.SIGKILL)
                except OSError:
                    pass
        shutil.rmtree(self.dir)


@case("starts the daemons in order, loads the config once, says ready")
def starts(build):
    with Stage(build) as s:
        s.start()
        started = [x.split() for x in s.lines("started")]
        equal(sorted(x[0] for x in started), sorted(DAEMONS), "started")
        for x in started:
            equal(x[1:5], ["-N", "stage", "--run-dir", s.run], "arguments")
            equal("--fresh" in x, x[0] == "mgmtd", "--fresh of " + x[0])
        equal(s.lines("loaded"), ["-N stage --run-dir %s -b -f %s" % (s.run, s.file("grevy.conf"))], "vtysh")
        equal(s.lines("run/config-file"), [s.file("grevy.conf")], "config-file")
        equal({r["state"] for r in s.rows().values()}, {"running"}, "states")
        check(s.ready.read() == "", "the ready descriptor is closed, by the daemons too")


@case("starts empty without a config file")
def empty(build):
    with Stage(build, config=None) as s:
        s.start()
        equal(s.lines("loaded"), [], "vtysh")
        equal(s.lines("run/config-file"), [s.file("grevy.conf")], "config-file")


@case("a killed daemon is back at once, and only that one, however often")
def killed(build):
    with Stage(build) as s:
        s.start()
        others = s.pid("zebra"), s.pid("mgmtd")
        for n in range(1, 6):
            old = s.pid("ospfd")
            os.kill(old, signal.SIGKILL)
            s.running_again("ospfd", old)
            row = s.rows()["ospfd"]
            equal((row["restarts"], row["last-exit"]), (n, "Killed"), "row")
        equal((s.pid("zebra"), s.pid("mgmtd")), others, "the others")
        equal(len(s.lines("loaded")), 1, "config loads")
        mgmtd = s.pid("mgmtd")
        os.kill(mgmtd, signal.SIGKILL)
        s.running_again("mgmtd", mgmtd)
        check("--fresh" not in s.lines("started")[-1], "a restarted mgmtd keeps its config")


@case("one that keeps dying is restarted later and later, the router gets ready without it")
def crash_loop(build):
    with Stage(build, DAEMONS + ["bfdd"], bfdd="crash") as s:
        began = time.monotonic()
        s.start()
        took = time.monotonic() - began
        check(took < 10, "ready after %.1f s" % took)
        time.sleep(4)
        starts = sum(x.startswith("bfdd ") for x in s.lines("started"))
        check(5 <= starts <= 9, "started %d times" % starts)  # by a doubling wait from 0.1 s on
        equal(s.rows()["bfdd"]["last-exit"], "exit status 3", "last exit")
        equal(len(s.lines("loaded")), 1, "config loads")
        s.mode("bfdd", "")
        wait_for("bfdd", lambda: s.rows()["bfdd"]["state"] == "running", 15)


@case("one that hangs is killed after ten seconds, one that is busy but advances is not")
def hangs(build):
    with Stage(build) as s:
        s.start()
        s.mode("zebra", "busy")
        busy, hung = s.pid("zebra"), s.pid("ospfd")
        began = time.monotonic()
        os.kill(hung, signal.SIGSTOP)
        time.sleep(5)
        equal(s.pid("ospfd"), hung, "killed too early: the pid")
        wait_for("the kill", lambda: s.pid("ospfd") != hung, 12)
        took = time.monotonic() - began
        check(8 < took < 14, "killed after %.1f s" % took)
        s.running_again("ospfd", hung)
        check("hung" in s.rows()["ospfd"]["last-exit"], s.rows()["ospfd"]["last-exit"])
        equal(s.pid("zebra"), busy, "the busy one")


@case("its own death takes nothing along; the next one adopts and does not load the config again")
def adopts(build):
    with Stage(build) as s:
        p = s.start()
        before = [s.pid(d) for d in DAEMONS]
        p.kill()
        p.wait()
        time.sleep(1.3)
        os.kill(before[2], signal.SIGKILL)  # nobody is there to see it
        s.start()
        equal([s.pid(d) for d in DAEMONS[:2]], before[:2], "adopted")
        s.running_again("ospfd", before[2])
        rows = s.rows()
        equal([rows[d]["adopted"] for d in DAEMONS], [True, True, False], "adopted")
        equal([rows[d]["uptime"] > 0 for d in DAEMONS], [True, True, False], "uptime goes on")
        equal(len(s.lines("loaded")), 1, "config loads")
        os.kill(before[0], signal.SIGKILL)  # an adopted one is watched like its own
        s.running_again("zebra", before[0])


@case("a config that was never loaded is loaded by the one that adopts")
def adopts_unbooted(build):
    with Stage(build, zebra="mute") as s:
        p = s.start(wait=False)
        wait_for("the others", lambda: s.pid("ospfd") and s.pid("mgmtd"), 5)
        equal(s.lines("loaded"), [], "loaded")
        p.kill()
        p.wait()
        s.mode("zebra", "")
        s.start()
        equal(len(s.lines("loaded")), 1, "config loads")


@case("wrong lines in the config do not stop the router; a mgmtd that dies while it loads costs another attempt")
def loading_fails(build):
    with Stage(build, shell="echo 'line 7: what is this?' >&2; exit 1") as s:
        s.start()
        check("line 7: what is this?" in s.lines("log"), "what vtysh says is seen")
        equal(len(s.lines("loaded")), 1, "attempts")
    once = "[ $(wc -l < $(dirname $0)/../loaded) = 1 ] && { kill -9 $(cat $4/mgmtd.pid); sleep 0.2; exit 1; }"
    with Stage(build, shell=once) as s:
        s.start()
        equal(len(s.lines("loaded")), 2, "attempts")
        check("--fresh" in [x for x in s.lines("started") if x.startswith("mgmtd")][1], "nothing was loaded yet")


@case("a second grevy refuses")
def second(build):
    with Stage(build) as s:
        s.start()
        before = [s.pid(d) for d in DAEMONS + ["grevy"]]
        equal(s.start(wait=False).wait(5), 1, "exit status")
        check(any("already running" in x for x in s.lines("log")), "it says why")
        equal([s.pid(d) for d in DAEMONS + ["grevy"]], before, "pids")


@case("stops in order, by force where needed, and leaves nothing")
def stops(build):
    with Stage(build, ["zebra", "mgmtd", "bfdd", "ospfd", "bgpd", "vrrpd"]) as s:
        p = s.start()
        s.mode("bfdd", "stubborn")
        pids = [s.pid(d) for d in ("zebra", "bfdd", "vrrpd")]
        began = time.monotonic()
        p.terminate()
        equal(p.wait(15), 0, "exit status")
        took = time.monotonic() - began
        equal(s.lines("stopped"), ["vrrpd", "bgpd", "ospfd", "bfdd", "mgmtd", "zebra"], "order")
        check(4 < took < 9, "the stubborn one got its 5 s: %.1f" % took)
        equal([f for f in os.listdir(s.run) if not f.endswith(".ha")], [], "left behind")
        for pid in pids:
            check(not os.path.exists("/proc/%d" % pid), "a process is left")


@case("the restart command restarts one daemon")
def restart_command(build):
    with Stage(build) as s:
        s.start()
        old = s.pid("ospfd")
        c = Client(os.path.join(s.run, "grevy.sock"))
        c.send(9, field(1, 1) + field(2, "restart") + submessage(3, field(1, "daemon") + field(2, "ospfd")))
        c.close()
        s.running_again("ospfd", old)


@case("systemd is told")
def systemd(build):
    import socket
    with Stage(build) as s:
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(s.file("notify"))
        notify.settimeout(5)
        os.environ["NOTIFY_SOCKET"] = s.file("notify")
        os.environ["WATCHDOG_USEC"] = "400000"
        try:
            p = s.start()
        finally:
            del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
        equal(notify.recv(100), b"READY=1\n", "first")
        equal(notify.recv(100), b"WATCHDOG=1\n", "then")
        p.terminate()
        seen = b""
        while seen != b"STOPPING=1\n":
            seen = notify.recv(100)
        equal(p.wait(10), 0, "exit status")


main()
