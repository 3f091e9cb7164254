#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
"""Availability as a whole, on the reference network (labs/ha-pair): every daemon killed under traffic, a
master that stands still, busy processors, all drills, and the stream of events that tells of each."""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, labs, main, wait_for  # noqa: E402
from drill import bring_up, cut, documents, restore  # noqa: E402
from drills_ha_pair import HaPair, LAN  # noqa: E402

FOLDER = os.path.join(labs.TOP, "labs", "ha-pair")
DAEMONS = ("zebra", "mgmtd", "bfdd", "ospfd", "vrrpd")


class Stage:
    """The reference network, converged, with traffic in both directions."""

    def __init__(self, build):
        self.build = build

    def __enter__(self):
        self.net, configs = bring_up(self.build, FOLDER)
        self.net.__enter__()
        try:
            self.drills = HaPair(self.net, configs)
            self.drills.converge()
            self.drills.send()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *exc):
        self.net.__exit__(*exc)

    def router(self, name):
        return self.net.nodes[name]

    def normal(self):
        wait_for("the network to be as before", lambda: self.drills.is_normal(self.drills.everything()), 30, 0.1)

    def names(self, since, router=None):
        return [e["event"] for e in self.drills.events(since) if router in (None, e["router"])]

    def lost(self):
        return [p.settle(300)["lost"] for p in self.drills.probes]

    def reset(self):
        for p in self.drills.probes:
            p.reset()


def ways(stage, router, prefix):
    """Of one router, when not all can be asked."""
    state = {router: stage.drills.read(documents(stage.router(router).vtysh(*HaPair.commands)))}
    return HaPair.ways(state, router, prefix)


def addressed(router):
    """Whether the kernel answers for the virtual address there."""
    return "10.10.0.1/" in router.run("ip", "-4", "addr", "show").stdout


@case("kill -9 of each daemon under traffic: nothing is lost, nobody changes a role, each death and return is an event")
def killed(build):
    with Stage(build) as s:
        for name in ("a1", "c1"):
            router = s.router(name)
            for daemon in DAEMONS:
                s.reset()
                since, old = time.monotonic(), router.kill(daemon)
                wait_for("%s's return on %s" % (daemon, name), lambda: router.pid(daemon) not in (None, old), 20)
                wait_for("the event of it", lambda: "supervisor.daemon-back" in s.names(since, name), 20)
                s.normal()
                equal(s.lost(), [0, 0], "packets lost by %s's death on %s" % (daemon, name))
                seen = s.names(since)
                check("supervisor.daemon-died" in seen, "no event of the death of %s on %s" % (daemon, name))
                for bad in ("vrrp.backup", "vrrp.initialize", "ospf.neighbor-lost", "zebra.leg-down", "bfd.session-down"):
                    check(bad not in seen, "%s by the death of %s on %s: %s" % (bad, daemon, name, seen))
                check("vrrp.master" not in s.names(since, "a2"), "a2 took over when %s died on %s" % (daemon, name))


@case("a master's vrrpd stands still for two seconds: the backup takes over, and there is one master afterwards")
def vrrpd_stopped(build):
    with Stage(build) as s:
        a1, a2 = s.router("a1"), s.router("a2")
        since, pid = time.monotonic(), a1.pid("vrrpd")
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_for("a2 to take over", lambda: "vrrp.master" in s.names(since, "a2"), 10)
            time.sleep(max(0, since + 2 - time.monotonic()))  # it is to sleep that long, whatever we waited for
        finally:
            os.kill(pid, signal.SIGCONT)
        s.normal()
        check(addressed(a1) and not addressed(a2), "the address is on one router")
        equal(a1.pid("vrrpd"), pid, "vrrpd of a1")
        since = time.monotonic()
        equal([s.drills.masters(s.drills.everything()) for _ in range(5)], [["a1"]] * 5, "masters")
        check("vrrp.master" not in s.names(since), "a role moved after all was well")


@case("the whole master router stands still for two seconds: traffic goes around it, and comes back")
def router_stopped(build):
    with Stage(build) as s:
        a1, a2 = s.router("a1"), s.router("a2")
        pids = {d: a1.pid(d) for d in DAEMONS + ("grevy",)}
        since = time.monotonic()
        for pid in pids.values():
            os.kill(pid, signal.SIGSTOP)
        try:
            wait_for("a2 to take over", lambda: "vrrp.master" in [e["event"] for e in a2.events(since)], 10)
            wait_for("c1 to send to a2", lambda: ways(s, "c1", LAN) == ["eth2"], 10)
            time.sleep(max(0, since + 2 - time.monotonic()))
        finally:
            for pid in pids.values():
                os.kill(pid, signal.SIGCONT)
        s.normal()
        check(addressed(a1) and not addressed(a2), "the address is on one router")
        equal({d: a1.pid(d) for d in pids}, pids, "processes of a1")


@case("busy loops on every processor for ten seconds: no session goes down, no role moves (VRRP 100 ms, BFD 50 ms x 3)")
def hogs(build):
    with Stage(build) as s:
        since = time.monotonic()
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
                for _ in range(2 * os.cpu_count())]
        try:
            time.sleep(10)  # what is tested is this time
        finally:
            for p in busy:
                p.kill()
                p.wait()
        bad = [e for e in s.drills.events(since) if e["event"].split(".")[0] in ("bfd", "vrrp", "ospf", "zebra")]
        equal(["%s %s %s: %s" % (e["router"], e["event"], e["object"], e["cause"]) for e in bad], [], "events")
        s.normal()


def first(events, router, name, after=0.0):
    """When an event came first, in ms; None: not at all."""
    return next((e["ms"] for e in events if (e["router"], e["event"]) == (router, name) and e["ms"] > after), None)


@case("routers that return attract nothing before their routing is ready: BFD of static routes, virtual routers")
def returned(build):
    with Stage(build) as s:
        for name, who, what in (("c1", "edge", "zebra.leg-up"), ("a1", "a1", "vrrp.master")):
            cut(s.router(name))
            wait_for("the others to go around " + name,
                     lambda: ways(s, "edge", LAN) == ["eth2"] or s.drills.masters(s.drills.everything()) == ["a2"], 20)
            s.reset()
            since = time.monotonic()
            restore(s.router(name))
            s.normal()
            events = s.drills.events(since)
            ready = max(e["ms"] for e in events if (e["router"], e["event"]) == (name, "zebra.ready"))
            at = first(events, who, what)
            check(at is not None and at > ready, "%s on %s after %s ms, %s was ready after %.1f" % (
                what, who, at, name, ready))


@case("show ha status: roles, sessions and readiness, also of what is down")
def status(build):
    with Stage(build) as s:
        page = s.router("a1").json("show ha status")
        equal(page["routing"]["details"][0].split(" for ")[0], "ready", "routing")
        equal({k: page["daemons"][k] for k in ("running", "down")}, {"running": 5, "down": 0}, "daemons")
        equal((page["virtualRouters"]["master"], s.router("a2").json("show ha status")["virtualRouters"]["backup"]), (1, 1),
              "virtual routers of a1 and a2")
        wait_for("all sessions", lambda: s.router("a1").json("show ha status")["bfd"]["up"] == 3, 10)
        cable = s.net.cut("a1", "eth1")
        wait_for("the session to be told", lambda: s.router("a1").json("show ha status")["bfd"]["down"] == 1, 10)
        text = s.router("a1").vtysh("show ha status")
        check("10.0.11.2 eth1 Down" in text and "Last fault" in text, text)
        cable.close()
        pid = s.router("a1").pid("vrrpd")
        os.kill(pid, signal.SIGSTOP)
        try:
            check("vrrpd" in s.router("a1").json("show ha status")["virtualRouters"]["error"], "a daemon that stands still")
        finally:
            os.kill(pid, signal.SIGCONT)


@case("all drills of the demo: traffic is back, every fault is named by an event within a second")
def drills(build):
    with Stage(build) as s:
        s.drills.run()
        equal(s.drills.faults, [], "faults")


@case("the stream: merged by time, last and since; it outlives daemons, is there while they stand still, and after a restart")
def stream(build):
    with lab(build, "ha") as net:
        r = net.router("r1").start("hostname r1\n")
        before = time.monotonic()
        for daemon in ("zebra", "ospfd"):
            old = r.kill(daemon)
            wait_for("its return", lambda: "supervisor.daemon-back" in [
                e["event"] for e in r.events(before) if e["object"] == daemon and str(old) not in e["cause"]], 20)
        died = [e["object"] for e in r.events(before) if e["event"] == "supervisor.daemon-died"]
        equal(died, ["zebra", "ospfd"], "the deaths, in order")
        times = [e["monotonicUs"] for e in r.events()]
        equal(times, sorted(times), "the order")
        equal(len(r.json("show ha events last 1")["events"]), 1, "last 1")
        check(r.vtysh("show ha events since 4000").count("supervisor.daemon-died") == 2, "since, as text")
        pid = r.pid("grevy")
        os.kill(pid, signal.SIGSTOP)  # who wrote them does not answer
        try:
            check(len([e for e in r.events(before) if e["daemon"] == "grevy"]) >= 4, "events of one that stands still")
        finally:
            os.kill(pid, signal.SIGCONT)
        rows = [json.loads(x) for x in r.vtysh("show yang grevy ha/events limit=2").splitlines()]
        equal([x["daemon"] for x in rows], ["grevy"] * 2, "the northbound's own rows, limit=2")
        with open(os.path.join(r.run_dir, "zebra.ha"), "r+b") as f:  # somebody spoils one
            f.truncate(5000)
        check(len(r.events(before)) >= 4, "a spoilt file does not hide the others")
        r.stop()
        r.start()
        check("zebra" in [e["object"] for e in r.events(before) if e["event"] == "supervisor.daemon-died"],
              "after a restart of the router")


@case("^C in the middle of the demo leaves nothing behind")
def interrupted(build):
    p = subprocess.Popen([sys.executable, os.path.join(labs.TOP, "labs", "drill.py"), "--build", build, FOLDER],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    mark = labs.PREFIX + "%d-" % p.pid
    try:
        while "silently" not in p.stdout.readline():
            check(p.poll() is None, "the demo ended early")
        p.send_signal(signal.SIGINT)
        out, _ = p.communicate(timeout=60)
    finally:
        p.kill()
    check("interrupted; cleaned up" in out, out)
    check(p.returncode != 0, "status of an interrupted demo")
    spaces = subprocess.run(["ip", "netns", "list"], stdout=subprocess.PIPE, text=True).stdout
    check(mark not in spaces, "namespaces are left: " + spaces)
    left = subprocess.run(["pgrep", "-f", mark], stdout=subprocess.PIPE, text=True).stdout.split()
    equal(left, [], "processes")
    equal([f for f in os.listdir(os.environ.get("TMPDIR", "/tmp")) if f.startswith(mark)], [], "files")


if __name__ == "__main__":
    main()
