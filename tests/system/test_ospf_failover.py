#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
"""The square of labs/ospf-square under traffic: cables, shutdown, costs, equal costs, a silent cut. What is
asked is that traffic goes on by the right way, not how fast; labs/drill.py measures that.

One difference to the lab: a bridge sits in the cable r1 - r2, so that frames can vanish while both
carriers stay."""
import contextlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import NetlinkMonitor, case, check, equal, lab, labs, main, wait_for  # noqa: E402

FAR, BACK = "10.4.0.0/24", "10.1.0.0/24"
VIA_R2, VIA_R3 = ("10.0.12.2", "eth1"), ("10.0.13.2", "eth2")
RATE = 1000


class Square:
    def __init__(self, net):
        self.net = net
        self.routers = [net.router("r%d" % n) for n in range(1, 5)]
        self.r1, self.r2, self.r3, self.r4 = self.routers
        for name, addr, gw in (("h1", "10.1.0.10/24", "10.1.0.1"), ("h2", "10.4.0.10/24", "10.4.0.1")):
            host = net.host(name)
            net.link("r1" if name == "h1" else "r4", "eth3", host, "eth1")
            host.run("ip", "addr", "add", addr, "dev", "eth1")
            host.run("ip", "route", "add", "10.0.0.0/8", "via", gw)
        self.bridge = net.lan("mid", (self.r1, "eth1"), (self.r2, "eth1"))
        net.link("r2", "eth2", "r4", "eth1")
        net.link("r1", "eth2", "r3", "eth1")
        net.link("r3", "eth2", "r4", "eth2")
        for r in self.routers:
            with open(os.path.join(labs.TOP, "labs", "ospf-square", r.name + ".conf")) as f:
                r.start(f.read())
        self.settled()
        self.probe = net.probe("h1", "h2", "10.4.0.10", RATE)
        first = self.probe.settle(300)
        check(first["received"] and not first["lost"], "no clean traffic at the start: %s" % first)

    def via(self, router=None, prefix=FAR):
        """The next hops the kernel forwards by."""
        return legs(router or self.r1, prefix)

    def settled(self):
        wait_for("all adjacencies", lambda: all(len(r.full()) == 2 for r in self.routers), 60)
        wait_for("the primary way", lambda: self.via() == {VIA_R2} and
                 self.via(self.r4, BACK) == {("10.0.24.1", "eth1")}, 15)

    def quiet(self, what, limit=0):
        report = self.probe.settle(400)
        check(report["received"] > 0, "%s: no traffic: %s" % (what, report))
        check(report["lost"] <= limit, "%s: %d packets lost, %d allowed: %s" % (what, report["lost"], limit, report))
        self.probe.reset()
        return report


def nexthop(router, nhid):
    return json.loads(router.run("ip", "-j", "nexthop", "show", "id", nhid).stdout)[0]


def group_legs(router, nhid):
    """A group's members that can carry traffic; the keeper's leg (grevy-keep) is not one of them."""
    object_ = nexthop(router, nhid)
    members = [nexthop(router, m["id"]) for m in object_["group"]] if "group" in object_ else [object_]
    return {(m.get("gateway"), m.get("dev")) for m in members
            if m.get("dev") != "grevy-keep" and not {"dead", "linkdown"} & set(m.get("flags", []))}


def legs(router, prefix):
    rows = router.routes(prefix)
    return group_legs(router, rows[0]["nhid"]) if rows else set()


class Shared:
    """One square for all cases; a case that fails takes it along, the next makes a new one."""
    net, square = None, None


@contextlib.contextmanager
def square(build):
    try:
        if not Shared.square:
            Shared.net = lab(build, "fo")
            Shared.square = Square(Shared.net)
        Shared.square.settled()
        Shared.square.probe.settle(300)
        Shared.square.probe.reset()
        yield Shared.square
    except BaseException:
        Shared.net.close()
        Shared.square = None
        raise


@case("a cable pulled two hops away: traffic takes the other way, and the first one when it is back")
def cable(build):
    with square(build) as s:
        s.r4.carrier("eth1", False)
        wait_for("the other way", lambda: s.via() == {VIA_R3} and s.via(s.r4, BACK) == {("10.0.34.1", "eth2")}, 10)
        wait_for("r2's way around", lambda: legs(s.r2, FAR) == {("10.0.12.1", "eth1")}, 5)
        s.quiet("cable pulled", RATE)
        s.r4.carrier("eth1", True)
        s.settled()
        s.quiet("cable back", RATE // 5)


@case("a neighbour's cable pulled: carrier tells, before any Hello is missed")
def own_cable(build):
    with square(build) as s:
        s.r2.vtysh("configure terminal", "interface eth2", "ip ospf cost 100")  # the primary way is r3's now
        wait_for("the way over r3", lambda: s.via() == {VIA_R3}, 10)
        s.quiet("cost of the far link", RATE // 5)
        s.r3.carrier("eth1", False)
        wait_for("the way over r2", lambda: s.via() == {VIA_R2}, 3)
        s.quiet("cable pulled", RATE)
        s.r3.carrier("eth1", True)
        wait_for("the way over r3", lambda: s.via() == {VIA_R3}, 20)
        s.r2.vtysh("configure terminal", "interface eth2", "ip ospf cost 10")


@case("shutdown and no shutdown by vtysh")
def shutdown(build):
    with square(build) as s:
        s.r1.vtysh("configure terminal", "interface eth2", "shutdown")
        wait_for("the adjacency to be gone", lambda: len(s.r1.full()) == 1, 10)
        s.quiet("shutdown of the way not used")
        s.r1.vtysh("configure terminal", "interface eth2", "no shutdown")
        s.settled()
        s.quiet("no shutdown of the way not used")
        s.r1.vtysh("configure terminal", "interface eth1", "shutdown")
        wait_for("the other way", lambda: s.via() == {VIA_R3}, 10)
        # r2 sees no carrier change behind the bridge: what comes back over it waits for r1's LSA only
        s.quiet("shutdown", RATE)
        s.r1.vtysh("configure terminal", "interface eth1", "no shutdown")
        s.settled()
        s.quiet("no shutdown", RATE // 5)


@case("a cost moves traffic without a packet lost, both ways")
def cost(build):
    with square(build) as s:
        monitor = NetlinkMonitor(s.r1)
        s.r1.vtysh("configure terminal", "interface eth1", "ip ospf cost 100")
        wait_for("the other way", lambda: s.via() == {VIA_R3}, 10)
        s.quiet("cost up")
        s.r1.vtysh("configure terminal", "interface eth1", "ip ospf cost 10")
        wait_for("the first way", lambda: s.via() == {VIA_R2}, 10)
        s.quiet("cost down")
        monitor.close()
        equal(monitor.deleted(), [], "routes deleted")


@case("equal costs: one group with both legs; a cable pulled takes its leg out of it, no route is deleted")
def ecmp(build):
    with square(build) as s:
        for router, ifname in ((s.r1, "eth2"), (s.r3, "eth1"), (s.r3, "eth2"), (s.r4, "eth2")):
            router.vtysh("configure terminal", "interface " + ifname, "ip ospf cost 10")
        wait_for("both legs", lambda: s.via() == {VIA_R2, VIA_R3}, 10)
        route = json.loads(s.r1.run("ip", "-j", "-d", "route", "show", FAR).stdout)[0]
        equal(group_legs(s.r1, route["nhid"]), {VIA_R2, VIA_R3}, "legs of the kernel's group")
        dead = next(str(m["id"]) for m in nexthop(s.r1, route["nhid"])["group"]
                    if nexthop(s.r1, m["id"]).get("dev") == VIA_R3[1])
        s.quiet("equal costs")
        monitor = NetlinkMonitor(s.r1)
        objects = subprocess.Popen(s.r1.argv("ip", "monitor", "nexthop"), stdout=subprocess.PIPE, text=True,
                                   start_new_session=True)
        s.r1.procs.append(objects)
        s.r3.carrier("eth1", False)
        wait_for("one leg", lambda: s.via() == {VIA_R2}, 5)
        s.quiet("a leg gone", RATE)
        monitor.close()
        objects.terminate()
        # who takes the leg out, zebra or the kernel with the device's nexthop, is open; that the group lived on is not
        said = [x for x in objects.communicate()[0].splitlines() if "id %s group" % route["nhid"] in x]
        check(not any(dead in x for x in said), "the group was seen with its dead leg %s: %s" % (dead, said))
        # the network of the cable itself and what is only behind it may move; nothing that lives is deleted
        gone = [x for x in monitor.deleted() if "10.0.13.0/30" not in x]
        equal(gone, [], "routes deleted")
        s.r3.carrier("eth1", True)
        wait_for("both legs again", lambda: s.via() == {VIA_R2, VIA_R3}, 20)
        s.quiet("the leg back", RATE // 5)
        for router, ifname in ((s.r1, "eth2"), (s.r3, "eth1"), (s.r3, "eth2"), (s.r4, "eth2")):
            router.vtysh("configure terminal", "interface " + ifname, "ip ospf cost 20")


@case("a silent cut, carriers stay: the dead interval finds it; it heals")
def silent(build):
    with square(build) as s:
        s.bridge.run("ip", "link", "set", "p0", "nomaster")
        wait_for("the other way", lambda: s.via() == {VIA_R3} and s.via(s.r4, BACK) == {("10.0.34.1", "eth2")}, 8)
        report = s.quiet("silent cut", 6 * RATE)
        check(report["lost"] > 2 * RATE, "only %d packets lost: the cut was not silent" % report["lost"])
        s.bridge.run("ip", "link", "set", "p0", "master", "br0")
        s.settled()
        s.quiet("healed", RATE // 5)


main()
