#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
"""OSPF's share of availability on real daemons: VRRP's word on a LAN (its client is played), readiness, events."""
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402
from mgmt import field  # noqa: E402
from zebra import RibClient  # noqa: E402

RIB_LAN, RIB_READY = 20, 21
MASTER, BACKUP = 1, 2

CONFIG = """
hostname %(name)s
interface lo
 ip address 10.255.0.%(n)d/32
 ip ospf area 0
exit
interface e0
 ip address 10.0.0.%(n)d/24
 ip ospf area 0
 ip ospf network point-to-point
 ip ospf hello-interval 1
 ip ospf dead-interval 4
exit
interface e1
 ip address 10.%(n)d.0.1/24
 ip ospf area 0
 ip ospf cost 7
 ip ospf passive
exit
router ospf
 ospf router-id 10.255.0.%(n)d
exit
"""
LAN = "10.1.0.0/24"


class PlayedVrrpd(RibClient):
    """Speaks to zebra as vrrpd does, under the name of a protocol that no daemon of the suite has."""

    def __init__(self, router):
        self.dir = router.run_dir
        self.ready = None
        super().__init__(self, "bench")

    def lan(self, ifindex, role=0, dead=False, cost=0, withdraw=False):
        self.send(RIB_LAN, field(1, ifindex) + field(2, role) + field(3, dead) + field(4, cost) + field(5, withdraw))


def pair(build):
    net = lab(build, "oh")
    r = [net.router("r%d" % n) for n in (1, 2)]
    net.link(r[0], "e0", r[1], "e0")
    for n, router in enumerate(r, 1):
        host = net.host("h%d" % n)
        net.link(router, "e1", host, "e0")
        router.start(CONFIG % {"name": router.name, "n": n})
    wait_for("the far network", lambda: route(r[1]), 30)
    return net, r


def route(router, prefix=LAN):
    got = [x for x in router.routes("proto", "ospf") if x["dst"] == prefix]
    return got[0] if got else None


def ifindex(router, name):
    return json.loads(router.run("ip", "-j", "link", "show", name).stdout)[0]["ifindex"]


def events(router, name):
    return [e for e in router.json("show ha events").get("events", []) if e["event"] == name]


@case("VRRP's word on a LAN moves its prefix in all routers")
def lan_follows_vrrp(build):
    net, (r1, r2) = pair(build)

    def metric():
        got = r2.json("show ip ospf route").get(LAN)
        return got["cost"] if got else None

    with net:
        base = wait_for("the LAN, and r1 to be complete", lambda: (lambda m: m if m and m < 1000 else None)(metric()))
        vrrpd = PlayedVrrpd(r1)
        e1 = ifindex(r1, "e1")
        vrrpd.lan(e1, BACKUP, cost=500)
        wait_for("the LAN to cost more", lambda: metric() == base + 500)
        said = r1.json("show ip ospf interface e1")["interfaces"]["e1"]["vrrpLan"]
        equal((said["role"], said["announced"], said["addedCost"], said["dead"]), ("backup", "costs more", 500, False), "LAN")
        vrrpd.lan(e1, MASTER)
        wait_for("the LAN to cost what it did", lambda: metric() == base)
        vrrpd.lan(e1, MASTER, dead=True)
        wait_for("the dead LAN to be withdrawn", lambda: metric() is None and not route(r2))
        # ospfd restarted learns it again, and does not announce the LAN in between
        r1.kill("ospfd")
        wait_for("ospfd to be back", lambda: r1.pid("ospfd") and r1.full())
        check(metric() is None, "the restarted ospfd announced the dead LAN")
        vrrpd.lan(e1, BACKUP, withdraw=True)
        wait_for("its word", lambda: r1.json("show ip ospf interface e1")["interfaces"]["e1"]["vrrpLan"]["role"] == "backup")
        check(metric() is None, "withdrawn by role, but announced")
        vrrpd.lan(e1)
        wait_for("the LAN to be announced again", lambda: metric() == base and route(r2))
        check("vrrpLan" not in r1.json("show ip ospf interface e1")["interfaces"]["e1"], "a role is left")
        vrrpd.close()


@case("a redistributed LAN is withdrawn, too")
def redistributed_lan(build):
    net, (r1, r2) = pair(build)
    with net:
        r1.vtysh("configure terminal", "interface e1", "no ip ospf area", "no ip ospf passive", "exit", "router ospf",
                 "redistribute connected metric 30")
        wait_for("the external", lambda: (r2.json("show ip ospf route").get(LAN) or {}).get("type2cost") == 30)
        vrrpd = PlayedVrrpd(r1)
        vrrpd.lan(ifindex(r1, "e1"), MASTER, dead=True)
        wait_for("the external to go", lambda: LAN not in r2.json("show ip ospf route") and not route(r2))
        vrrpd.lan(ifindex(r1, "e1"), BACKUP, cost=5)
        wait_for("the external to cost more", lambda: (r2.json("show ip ospf route").get(LAN) or {}).get("type2cost") == 35)
        vrrpd.close()


@case("ospfd says when its routes are complete, what it waits for, and when it has lost everybody")
def readiness(build):
    net, (r1, r2) = pair(build)
    with net:
        for r in (r1, r2):
            wait_for("readiness", lambda r=r: r.json("show ip ospf")["routingReady"] is True)
            check(events(r, "ospf.routing-ready") and events(r, "ospf.neighbor-full"), "no event of it")
        r2.carrier("e0", False)
        wait_for("the loss", lambda: r1.json("show ip ospf").get("routingWaitsFor") == "all neighbors are lost")
        lost = wait_for("the event", lambda: events(r1, "ospf.neighbor-lost"))
        check("10.0.0.2 e0" == lost[-1]["object"], "the event is about %s" % lost[-1]["object"])
        r2.carrier("e0", True)
        wait_for("readiness", lambda: r1.json("show ip ospf")["routingReady"] is True)
        r1.vtysh("clear ip ospf process")
        wait_for("a new start", lambda: r1.json("show ip ospf")["routingReady"] is True and r1.full())


TRIANGLE = """
hostname %(name)s
%(links)s
interface lan
 ip address 10.%(n)d.0.1/24
 ip ospf area 0
 ip ospf passive
exit
router ospf
 ospf router-id 10.255.0.%(n)d
 fast-reroute lfa
exit
"""
TRIANGLE_LINK = """interface %(name)s
 ip address 10.0.%(net)d.%(n)d/24
 ip ospf area 0
 ip ospf network point-to-point
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf cost 10
exit
"""


def triangle(build):
    """r1, r2, r3, each joined to both others: to12 and so on."""
    net = lab(build, "ot")
    r = {n: net.router("r%d" % n) for n in (1, 2, 3)}
    config = {n: "" for n in r}
    for a, b in ((1, 2), (2, 3), (1, 3)):
        net.link(r[a], "to%d%d" % (a, b), r[b], "to%d%d" % (b, a))
        for x, y in ((a, b), (b, a)):
            config[x] += TRIANGLE_LINK % {"name": "to%d%d" % (x, y), "net": 10 * a + b, "n": x}
    for n, router in r.items():
        net.link(router, "lan", net.host("h%d" % n), "e0")
    for n, router in r.items():
        router.start(TRIANGLE % {"name": router.name, "n": n, "links": config[n]})
    return net, r


@case("an alternate carries while ospfd does nothing, in show, in zebra and in the kernel")
def alternate(build):
    net, r = triangle(build)
    far = "10.2.0.0/24"

    def way():
        return json.loads(r[1].run("ip", "-j", "route", "get", "10.2.0.10").stdout)[0]["dev"]

    with net:
        got = wait_for("the alternate", lambda: (lambda x: x.get(far) if x.get(far, {}).get("backupNexthops") else None)(
            r[1].json("show ip ospf route")))
        equal([x["via"] for x in got["nexthops"]], ["to12"], "primary")
        equal([(x["via"], x["ip"]) for x in got["backupNexthops"]], [("to13", "10.0.13.3")], "alternate")
        equal(got["protection"], "link", "protection")
        check("backup (link)" in r[1].vtysh("show ip ospf route"), "the text does not show it")
        totals = r[1].json("show ip ospf fast-reroute")
        check(totals["routes"]["linkOnly"] >= 2 and totals["runs"] > 0, "totals: %s" % totals["routes"])
        by_link = {x["interface"]: x for x in totals["neighbors"]}
        check(by_link["to13"]["protects"] >= 1 and by_link["to13"]["candidate"], "candidates: %s" % by_link)
        equal(way(), "to12", "the way")
        os.kill(r[1].pid("ospfd"), signal.SIGSTOP)
        try:
            r[1].carrier("to12", False)
            wait_for("the kernel's way over r3", lambda: way() == "to13")
        finally:
            os.kill(r[1].pid("ospfd"), signal.SIGCONT)
        wait_for("ospfd to say the same", lambda: [x["via"] for x in r[1].json("show ip ospf route")[far]["nexthops"]] == ["to13"])
        r[1].carrier("to12", True)
        wait_for("the first way again", lambda: way() == "to12" and r[1].json("show ip ospf route")[far].get("backupNexthops"))
        r[1].vtysh("configure terminal", "interface to13", "ip ospf fast-reroute exclude")
        wait_for("no alternate", lambda: not r[1].json("show ip ospf route")[far].get("backupNexthops"))
        check("\n ip ospf fast-reroute exclude\n" in r[1].vtysh("show running-config"), "running-config")
        r[1].vtysh("configure terminal", "router ospf", "no fast-reroute lfa")
        wait_for("nothing calculated", lambda: r[1].json("show ip ospf fast-reroute")["enabled"] is False)


@case("BFD by FRR's other words: three numbers, a profile for the instance")
def bfd_words(build):
    net, r = triangle(build)

    def peer():
        rows = r[1].json("show bfd peers")
        x = rows[0] if len(rows) == 1 else {}
        return tuple(x.get(k) for k in ("status", "detect-multiplier", "receive-interval", "transmit-interval"))

    def says(*lines):
        text = r[1].vtysh("show running-config")
        return all("\n%s\n" % x in text for x in lines)

    with net:
        r[1].vtysh("configure terminal", "bfd", "profile all", "transmit-interval 70", "receive-interval 80",
                   "detect-multiplier 7", "exit", "profile own", "detect-multiplier 8", "exit", "exit",
                   "interface to12", "ip ospf bfd 4 110 120")
        r[2].vtysh("configure terminal", "interface to21", "ip ospf bfd")
        wait_for("a session with the numbers", lambda: peer() == ("up", 4, 110, 120))
        check(says(" ip ospf bfd", " ip ospf bfd 4 110 120"), "running-config")
        info = r[1].json("show ip ospf interface to12")["interfaces"]["to12"]["peerBfdInfo"]
        equal([info[k] for k in ("detectionMultiplier", "rxMinInterval", "txMinInterval")], [4, 110, 120], "interface")
        check("Detect Multiplier: 4, Min Rx interval: 110, Min Tx interval: 120" in
              r[1].vtysh("show ip ospf neighbor detail"), "neighbor")
        r[1].vtysh("configure terminal", "router ospf", "bfd profile all")
        equal(peer()[1:], (4, 110, 120), "the interface's own go before")
        r[1].vtysh("configure terminal", "interface to12", "no ip ospf bfd 4 110 120")
        wait_for("the instance's profile", lambda: peer() == ("up", 7, 80, 70))
        check(says(" bfd profile all", " ip ospf bfd") and not says(" ip ospf bfd 4 110 120"), "running-config")
        r[1].vtysh("configure terminal", "interface to12", "ip ospf bfd profile own")
        wait_for("its own profile", lambda: peer() == ("up", 8, 300, 300))
        r[1].vtysh("configure terminal", "interface to12", "no ip ospf bfd profile", "router ospf", "no bfd profile")
        wait_for("neither", lambda: peer() == ("up", 3, 300, 300))
        check(not says(" bfd profile all"), "running-config")


@case("BFD: a silent cut ends the neighbour, bfdd's and ospfd's deaths do not")
def bfd(build):
    net, r = triangle(build)

    def status(n):
        rows = r[n].json("show ip ospf neighbor detail")["neighbors"].get("10.255.0.%d" % (3 - n), [])
        return rows[0].get("peerBfdInfo", {}).get("status") if rows else None

    def both(what):
        return status(1) == status(2) == what

    def losses(n):
        return [e for e in events(r[n], "ospf.neighbor-lost") if e["object"].endswith("to12" if n == 1 else "to21")]

    with net:
        for n, name in ((1, "to12"), (2, "to21")):
            r[n].vtysh("configure terminal", "bfd", "profile fast", "transmit-interval 50", "receive-interval 50", "exit",
                       "exit", "interface " + name, "ip ospf bfd profile fast")
            check("\n ip ospf bfd\n ip ospf bfd profile fast\n" in r[n].vtysh("show running-config"), "running-config")
        wait_for("sessions up", lambda: both("Up"))
        equal(r[1].json("show ip ospf interface to12")["interfaces"]["to12"]["peerBfdInfo"]["profile"], "fast", "profile")
        for daemon in ("bfdd", "ospfd"):
            for n in (1, 2):
                r[n].kill(daemon)
                wait_for("%s to be back" % daemon, lambda n=n, d=daemon: r[n].pid(d) and both("Up"))
        check(not losses(1) and not losses(2), "a neighbour was lost: %s" % (losses(1) + losses(2)))
        # the other side is stopped on purpose: no failure of the path
        r[2].vtysh("configure terminal", "interface to21", "no ip ospf bfd")
        wait_for("AdminDown to be seen", lambda: status(1) != "Up" and status(2) is None)
        check(not losses(1), "AdminDown ended a neighbour")
        r[2].vtysh("configure terminal", "interface to21", "ip ospf bfd profile fast")
        wait_for("sessions up again", lambda: both("Up"))
        cut = net.cut("r1", "to12")
        for n in (1, 2):
            lost = wait_for("the loss", lambda n=n: losses(n))
            check("BFDDown" in lost[-1]["cause"], "lost by %s" % lost[-1]["cause"])
        wait_for("the way over r3", lambda: [x["via"] for x in r[1].json("show ip ospf route")["10.2.0.0/24"]["nexthops"]]
                 == ["to13"])
        cut.close()
        wait_for("the neighbour again", lambda: both("Up") and "10.255.0.2" in r[1].full())


main()
