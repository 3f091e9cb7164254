#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
"""Static routes that hang on BFD sessions, backups and track objects, between two routers of ours: cables cut silently,
daemons killed, checks that fail. What is asked is the kernel: by which gateway would it send?"""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import NetlinkMonitor, case, check, equal, lab, main, wait_for  # noqa: E402

ADDRESSES = """interface eth0
 ip address 10.0.0.%d/24
 ipv6 address fd00::%d/64
exit
interface eth1
 ip address 10.0.1.%d/24
 ipv6 address fd01::%d/64
exit
bfd
 profile fast
  transmit-interval 50
  receive-interval 50
 exit
exit
"""
PEERS = """bfd
 peer 10.0.0.1
  profile fast
 exit
 peer fd00::1
  profile fast
 exit
exit
"""
TARGET = "198.51.100.1"


class Stage:
    """r1 with two cables to r2; the target is on r2's lo."""

    def __init__(self, build, extra="", peers=PEERS):
        self.lab = lab(build, "trk")
        self.r, self.peer = self.lab.router("r1"), self.lab.router("r2")
        for n in (0, 1):
            self.lab.link(self.r, "eth%d" % n, self.peer, "eth%d" % n)
        self.peer.run("ip", "addr", "add", TARGET + "/32", "dev", "lo")
        self.peer.start(ADDRESSES % (2, 2, 2, 2) + peers)
        self.r.start(ADDRESSES % (1, 1, 1, 1) + extra)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.lab.close()

    def conf(self, *lines):
        return self.r.vtysh("configure terminal", *lines)

    def via(self, target=TARGET):
        """The gateway by which the kernel sends; "" if it does not."""
        out = self.r.run("ip", "route", "get", target, check=False).stdout
        found = re.search(r" via (\S+)", out)
        return found.group(1) if found else ""

    def wait_via(self, gateway, target=TARGET, timeout=10):
        wait_for("%s via %s" % (target, gateway or "nothing"), lambda: self.via(target) == gateway, timeout)

    def track(self, number):
        rows = self.r.json("show track %d" % number)["tracks"]
        return rows[0]["state"] if rows else None

    def wait_track(self, number, state, timeout=10):
        wait_for("track %d %s" % (number, state), lambda: self.track(number) == state, timeout)

    def entry(self, prefix="198.51.100.0/24", family="ip"):
        return self.r.json("show %s route" % family)[prefix][0]

    def named(self, since, *events):
        """The newest event of each name since then; all of them must be there."""
        wait_for("events %s" % (events,),
                 lambda: set(events) <= {e["event"] for e in self.r.events(since)}, 5)
        rows = self.r.events(since)
        return [[e for e in rows if e["event"] == name][-1] for name in events]


BACKUP = """ip route 198.51.100.0/24 10.0.0.2 bfd profile fast
ip route 198.51.100.0/24 10.0.1.2 backup
"""


@case("a cable that is cut silently: the backup carries, and gives back")
def silent_cut(build):
    with Stage(build, BACKUP) as s:
        s.wait_via("10.0.0.2")
        e = s.entry()
        equal([n["ip"] for n in e["nexthops"]], ["10.0.0.2"], "primary")
        equal([n["ip"] for n in e["backupNexthops"]], ["10.0.1.2"], "backup")
        equal(e["nexthops"][0]["backupIndex"], [0], "FRR's reference to the backup")
        group = e["nexthopGroupId"]
        routes = NetlinkMonitor(s.r)
        before = time.monotonic()
        cut = s.lab.cut("r1", "eth0")
        s.wait_via("10.0.1.2")
        equal(s.entry()["nexthopGroupId"], group, "the group is the same")
        check(not routes.deleted() and not [x for x in routes.lines if x.startswith("198.51.100")],
              "no route was touched: %s" % routes.lines)
        routes.close()
        dead, alive = s.entry()["nexthops"][0], s.entry()["backupNexthops"][0]
        check(not dead.get("active") and dead["down"] == "bfd" and alive.get("fib"), "legs: %s %s" % (dead, alive))
        check("inactive (bfd)" in s.r.vtysh("show ip route"), "the text says why")
        down, leg, repaired = s.named(before, "bfd.session-down", "zebra.leg-down", "zebra.groups-repaired")
        equal(leg["object"], "10.0.0.2 eth0", "the leg")
        check(re.match(r"groups=1 routes=1 backups=1 failed=0 us=\d+: BFD down", repaired["cause"]), repaired["cause"])
        check(down["monotonicUs"] <= repaired["monotonicUs"], "cause before effect")
        cut.close()
        s.wait_via("10.0.0.2", timeout=20)


@case("IPv6: the same")
def silent_cut_ipv6(build):
    with Stage(build, "ipv6 route 2001:db8:9::/48 fd00::2 bfd profile fast\nipv6 route 2001:db8:9::/48 fd01::2 backup\n") as s:
        s.wait_via("fd00::2", "2001:db8:9::1", 20)
        s.lab.cut("r1", "eth0")
        s.wait_via("fd01::2", "2001:db8:9::1")


@case("FRR's habit: no session, no route; a floating one carries until it is up")
def never_up(build):
    with Stage(build, "ip route 198.51.100.0/24 10.0.0.2 bfd profile fast\nip route 198.51.100.0/24 10.0.1.2 200\n",
               peers="") as s:
        s.wait_via("10.0.1.2")
        equal(s.r.json("show bfd static route")["path-list"]["ipv4-unicast"],
              [{"prefix": "198.51.100.0/24", "vrf": "default", "installed": False, "peer": "10.0.0.2"}], "FRR's view")
        s.peer.vtysh("configure terminal", "bfd", "peer 10.0.0.1", "profile fast")
        s.wait_via("10.0.0.2")
        # shut down by an administrator: RFC 5882 4.2, the path is as good as before
        s.peer.vtysh("configure terminal", "bfd", "peer 10.0.0.1", "shutdown")
        wait_for("the session to be down", lambda: s.r.json("show bfd peers")[0]["status"] != "up", 10)
        equal(s.via(), "10.0.0.2", "the gateway")


@case("multi-hop with a source: a recursive gateway dies though the way to it lives")
def multihop(build):
    extra = """ip route 172.16.0.2/32 10.0.1.2
ip route 198.51.100.0/24 172.16.0.2 bfd multi-hop source 172.16.0.1 profile fast
ip route 198.51.100.0/24 10.0.0.2 backup
"""
    with Stage(build, extra, peers="bfd\n peer 172.16.0.1 multihop local-address 172.16.0.2\n  profile fast\n exit\nexit\n"
               "ip route 172.16.0.1/32 10.0.1.1\n") as s:
        s.r.run("ip", "addr", "add", "172.16.0.1/32", "dev", "lo")
        s.peer.run("ip", "addr", "add", "172.16.0.2/32", "dev", "lo")
        s.wait_via("10.0.1.2", timeout=20)
        s.peer.run("ip", "addr", "del", "172.16.0.2/32", "dev", "lo")
        s.wait_via("10.0.0.2", timeout=20)
        equal(s.via("172.16.0.2"), "10.0.1.2", "the way to the gateway")


@case("bfdd killed, zebra killed while a next hop is dead: nothing moves")
def kills(build):
    with Stage(build, BACKUP) as s:
        s.wait_via("10.0.0.2")
        routes = NetlinkMonitor(s.r)
        s.r.kill("bfdd")
        wait_for("bfdd and its session", lambda: [p["status"] for p in s.r.json("show bfd peers")] == ["up"], 20)
        equal(s.via(), "10.0.0.2", "after bfdd's death")
        s.lab.cut("r1", "eth0")
        s.wait_via("10.0.1.2")
        objects = s.r.spawn("ip", "monitor", "nexthop", stdout=subprocess.PIPE, text=True)
        s.r.kill("zebra")
        wait_for("zebra with its routes", lambda: s.entry().get("installed"), 20)
        wait_for("zebra that knows what is dead", lambda: s.entry()["nexthops"][0].get("down") == "bfd", 10)
        time.sleep(2.5)  # past the time in which what nobody tells is not known: an effect would be seen by now
        equal(s.via(), "10.0.1.2", "after zebra's death")
        check(not routes.deleted(), "no route left: %s" % routes.lines)
        routes.close()
        objects.kill()
        groups = [x for x in objects.stdout if " group " in x]
        check(not groups, "no group was written: %s" % groups)


@case("track by interface, by route through an interface, lists; delays")
def tracks(build):
    extra = """track 1 interface eth1
track 2 ip route 172.20.0.0/16 through eth1
track 3 list boolean and
 object 1
 object 2
exit
track 4 list boolean and
 object 3 not
exit
track 5 interface eth1
 delay up 60000
exit
ip route 172.20.0.0/16 10.0.1.2
ip route 198.51.100.0/24 10.0.1.2 track 3
ip route 198.51.100.0/24 10.0.0.2 backup
ip route 203.0.113.0/24 10.0.0.2 track 4
"""
    with Stage(build, extra) as s:
        s.wait_via("10.0.1.2")
        equal([s.track(n) for n in (1, 2, 3, 4, 5)], ["up", "up", "up", "down", "up"], "states")
        before = time.monotonic()
        s.conf("no ip route 172.20.0.0/16 10.0.1.2")
        s.wait_via("10.0.0.2")
        s.wait_via("10.0.0.2", "203.0.113.1")
        downs = [e for e in s.r.events(before) if e["event"] == "track.down"]
        equal([e["object"] for e in downs], ["track 2", "track 3"], "events")
        check("no route to 172.20.0.0/16" in downs[0]["cause"], downs[0]["cause"])
        s.conf("ip route 172.20.0.0/16 10.0.0.2")  # there again, but not through eth1
        wait_for("the route", lambda: s.via("172.20.0.1") == "10.0.0.2", 5)
        equal(s.track(2), "down", "track 2")
        s.conf("no ip route 172.20.0.0/16 10.0.0.2", "ip route 172.20.0.0/16 10.0.1.2")
        s.wait_via("10.0.1.2")
        s.peer.run("ip", "link", "set", "eth1", "down")
        s.wait_via("10.0.0.2")
        s.wait_track(1, "down")
        s.peer.run("ip", "link", "set", "eth1", "up")
        s.wait_via("10.0.1.2")
        equal(s.track(5), "down", "a change that waits")
        check("a change waits for its delay" in s.r.vtysh("show track 5"), "the text says so")
        brief = s.r.vtysh("show track brief")
        check(re.search(r"^3 +list +up +\d+ +\S+ +boolean and", brief, re.M), brief)


@case("checks: tcp and http by the prober; its death says nothing")
def checks(build):
    extra = """track 1 tcp 10.0.0.2 port 8080
 interval 100
 rise 1
 fall 2
exit
track 2 http http://10.0.0.2:8080/
 interval 100
 rise 1
 fall 2
exit
track 3 http http://10.0.0.2:8080/missing
 interval 100
exit
track 4 http http://10.0.0.2:8080/missing status 404
 interval 100
 rise 1
exit
ip route 198.51.100.0/24 10.0.0.2 track 2
ip route 198.51.100.0/24 10.0.1.2 200
"""
    with Stage(build, extra) as s:
        s.wait_via("10.0.1.2")
        serve = ("python3", "-m", "http.server", "8080", "--bind", "10.0.0.2", "--directory", s.lab.dir)
        server = s.peer.spawn(*serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        s.wait_via("10.0.0.2", timeout=20)
        for n, state in ((1, "up"), (2, "up"), (3, "down"), (4, "up")):
            s.wait_track(n, state)
        s.r.kill("vrrpd")
        wait_for("a new prober", lambda: s.r.pid("vrrpd"), 20)
        equal([s.track(1), s.track(2), s.via()], ["up", "up", "10.0.0.2"], "after the prober's death")
        server.kill()
        server.wait()
        s.wait_via("10.0.1.2", timeout=20)
        s.wait_track(1, "down")


@case("a neighbour that does not answer is avoided, IPv4 and IPv6, and comes back")
def neighbours(build):
    extra = """ip route 198.51.100.0/24 10.0.0.2
ip route 198.51.100.0/24 10.0.1.2 backup
ipv6 route 2001:db8:9::/48 fd00::2
ipv6 route 2001:db8:9::/48 fd01::2 backup
"""
    with Stage(build, extra, peers="") as s:
        s.wait_via("10.0.0.2")
        s.wait_via("fd00::2", "2001:db8:9::1", 20)
        cut = s.lab.cut("r1", "eth0")
        s.r.run("ip", "neigh", "flush", "dev", "eth0", check=False)
        s.r.run("ip", "-6", "neigh", "flush", "dev", "eth0", check=False)
        for target, ping in ((TARGET, "ping"), ("2001:db8:9::1", "ping -6")):
            asking = s.r.spawn(*ping.split(), "-i", "0.2", "-W", "1", target, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
            s.wait_via("10.0.1.2" if target == TARGET else "fd01::2", target, 30)
            asking.kill()
            asking.wait()
        equal(s.entry()["nexthops"][0]["down"], "neighbor", "why")
        cut.close()
        s.peer.run("ping", "-c", "1", "-W", "2", "10.0.0.1", check=False)  # it talks to us: the kernel hears of it
        s.peer.run("ping", "-6", "-c", "1", "-W", "2", "fd00::1", check=False)
        s.wait_via("10.0.0.2", timeout=20)
        s.wait_via("fd00::2", "2001:db8:9::1", 20)


@case("carriers that flap faster than anybody looks: afterwards the kernel has what was selected")
def flaps(build):
    extra = """ip route 198.51.100.0/24 10.0.0.2
ip route 198.51.100.0/24 10.0.1.2
ip route 203.0.113.0/24 10.0.0.2
"""
    with Stage(build, extra, peers="") as s:
        s.wait_via("10.0.0.2", "203.0.113.1")
        script = os.path.join(s.lab.dir, "flaps")
        with open(script, "w") as f:
            f.write("link set eth0 down\nlink set eth0 up\n" * 25)
        for _ in range(4):
            s.peer.run("ip", "-batch", script)
            s.wait_via("10.0.0.2", "203.0.113.1")
            wait_for("both legs in the kernel", lambda: len([n for n in s.entry()["nexthops"] if n.get("fib")]) == 2 and
                     kernel_legs(s) == 2, 10)


def kernel_legs(s):
    """Legs of the group of the target's route, by the kernel, without the keeper."""
    route = s.r.run("ip", "route", "show", "198.51.100.0/24").stdout
    found = re.search(r"nhid (\d+)", route)
    group = s.r.run("ip", "nexthop", "show", "id", found.group(1)).stdout if found else ""
    ids = re.search(r"group (\S+)", group)
    real = [i for i in ids.group(1).split("/") if int(i.split(",")[0]) < 0x7fffff00] if ids else []
    return len(real)


@case("what is written is read again, and what does not go together is refused")
def config(build):
    lines = ["track 1 interface eth0", "track 2 ip route 0.0.0.0/0 through eth1", "track 3 ipv6 route ::/0",
             "track 4 bfd peer 10.0.0.2 local-address 10.0.0.1 interface eth0 profile fast",
             "track 5 bfd peer 10.0.0.9 multihop", "track 6 http http://10.0.0.2:8080/x status 204",
             "track 7 tcp fd00::2 port 53", "track 8 list boolean or",
             "ip route 198.51.100.0/24 10.0.0.2 tag 7 20 weight 3 backup track 1 bfd profile fast",
             "ip route 198.51.100.0/24 10.0.1.2 backup 2", "ip route 203.0.113.0/24 172.16.0.9 bfd multi-hop source 10.0.0.1",
             "ipv6 route 2001:db8:9::/48 fe80::2 eth0 backup 3 track 8 bfd"]
    with Stage(build) as s:
        for line in lines[:8]:
            s.conf(line)
        s.conf("track 8", "object 1", "object 2 not", "delay up 100 down 5")
        s.conf("track 7", "interval 250", "timeout 100", "rise 1", "fall 1", "source fd00::1")
        for line in lines[8:]:
            s.conf(line)
        running = s.r.vtysh("show running-config")
        for line in lines + [" object 2 not", " delay up 100 down 5", " interval 250", " source fd00::1"]:
            check(re.search("^%s$" % re.escape(line), running, re.M), "%r in\n%s" % (line, running))
        path = os.path.join(s.lab.dir, "again.conf")
        with open(path, "w") as f:
            f.write(running)
        s.r.vtysh("configure candidate", "load replace " + path, "commit")
        equal(s.r.vtysh("show running-config"), running, "loaded again")
        # the words in any order, as FRR takes them
        s.conf("ip route 192.0.2.0/24 10.0.0.2 bfd profile fast 30 track 1")
        check("ip route 192.0.2.0/24 10.0.0.2 30 track 1 bfd profile fast" in s.r.vtysh("show running-config"), "order")
        for wrong, why in (("ip route 192.0.2.0/24 eth0 bfd", "bfd needs a gateway's address"),
                           ("ip route 192.0.2.0/24 Null0 backup", "give the dropping route a higher distance"),
                           ("ip route 192.0.2.0/24 10.0.0.2 profile fast", "go with bfd")):
            p = s.r.vtysh("configure terminal", wrong, check=False)
            check(why in p, "%s: %s" % (wrong, p))
        s.conf("track 9 list boolean and", "object 8")
        p = s.r.vtysh("configure terminal", "track 8", "object 9", check=False)
        check("the list would depend on itself" in p, p)
        s.conf("track 1 tcp 10.0.0.2 port 80")  # another thing in place of the first
        running = s.r.vtysh("show running-config")
        check("track 1 tcp 10.0.0.2 port 80" in running and "track 1 interface" not in running, running)
        s.conf("no track 9", "no track 8", "no track 7")
        check("track 8" not in s.r.vtysh("show running-config").replace("track 8 bfd", ""), "removed")


main()
