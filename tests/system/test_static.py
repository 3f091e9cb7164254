#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
"""Static routes and interfaces as a user of FRR knows them: every form of `ip route`, floating and recursive routes,
next hops that come later, and what happens to our routes when somebody else edits the kernel's."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import NetlinkMonitor, case, check, equal, lab, main, wait_for  # noqa: E402

CONFIG = """hostname r1
interface eth0
 ip address 10.0.0.1/24
 ipv6 address fd00::1/64
exit
interface eth1
 ip address 10.0.1.1/24
 ipv6 address fd01::1/64
exit
"""


class Stage:
    def __init__(self, build, extra=""):
        self.lab = lab(build, "st")
        self.r = self.lab.router("r1")
        self.peer = self.lab.host("h1")
        for n in (0, 1):
            self.lab.link(self.r, "eth%d" % n, self.peer, "eth%d" % n)
        self.peer.sysctl("net.ipv4.conf.all.forwarding", 1)
        self.r.start(CONFIG + extra)
        wait_for("addresses without DAD", lambda: "tentative" not in self.ip("-6", "addr"), 10)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.lab.close()

    def ip(self, *args):
        return self.r.run("ip", *args).stdout

    def conf(self, *lines):
        return self.r.vtysh("configure terminal", *lines)

    def entry(self, prefix, family="ip"):
        return self.r.json("show %s route" % family).get(prefix, [])

    def selected(self, prefix, family="ip"):
        for e in self.entry(prefix, family):
            if e.get("selected") and e.get("installed"):
                return e
        return None

    def via(self, prefix, family="ip"):
        """(gateway or interface, weight) of the legs in the FIB, by the shell."""
        e = self.selected(prefix, family)
        return sorted((h.get("ip") or h.get("interfaceName") or "drop", h.get("weight", 1))
                      for h in e["nexthops"] if h.get("fib")) if e else []

    def kernel(self, prefix, *args):
        return self.r.run("ip", "route", "show", prefix, *args, check=False).stdout.strip()

    def wait_via(self, prefix, gateways, family="ip", timeout=5):
        wait_for("%s via %s, is %s" % (prefix, gateways, self.via(prefix, family)),
                 lambda: [g for g, _ in self.via(prefix, family)] == gateways, timeout)


FORMS = """ip route 10.10.0.0/16 10.0.0.2
ip route 10.11.0.0/16 eth0
ip route 10.12.0.0/16 10.0.1.2 eth1
ip route 10.13.0.0/16 Null0
ip route 10.14.0.0/16 blackhole
ip route 10.15.0.0/16 reject
ip route 10.16.0.0/16 10.0.0.2 tag 7 20
ip route 10.17.0.0/16 172.31.0.9 eth0 onlink
ip route 10.18.0.0/16 10.0.0.2 weight 3
ip route 10.18.0.0/16 10.0.1.2
ip route 10.19.0.0/16 10.0.0.2 table 77
ip route 10.20.0.0/16 10.10.0.5
ip route 10.21.0.0 255.255.0.0 10.0.0.2
ipv6 route 2001:db8:10::/48 fd00::2
ipv6 route 2001:db8:11::/48 eth0
ipv6 route 2001:db8:12::/48 fe80::2 eth1
ipv6 route 2001:db8:13::/48 Null0
ipv6 route 2001:db8:14::/48 blackhole 5
ipv6 route 2001:db8:15::/48 reject
ipv6 route 2001:db8:16::/48 fd00::2 tag 7 20
ipv6 route 2001:db8:18::/48 fd00::2
ipv6 route 2001:db8:18::/48 fd01::2 weight 4
ipv6 route 2001:db8:20::/48 2001:db8:10::5
"""


@case("every form of ip route and ipv6 route: RIB, kernel, and gone with its no")
def forms(build):
    with Stage(build, FORMS) as s:
        for prefix, want in (("10.10.0.0/16", ["10.0.0.2"]), ("10.11.0.0/16", ["eth0"]), ("10.12.0.0/16", ["10.0.1.2"]),
                             ("10.16.0.0/16", ["10.0.0.2"]), ("10.17.0.0/16", ["172.31.0.9"]),
                             ("10.18.0.0/16", ["10.0.0.2", "10.0.1.2"]), ("10.20.0.0/16", ["10.0.0.2"]),
                             ("10.21.0.0/16", ["10.0.0.2"])):
            s.wait_via(prefix, want)
        for prefix, want in (("2001:db8:10::/48", ["fd00::2"]), ("2001:db8:11::/48", ["eth0"]),
                             ("2001:db8:12::/48", ["fe80::2"]), ("2001:db8:16::/48", ["fd00::2"]),
                             ("2001:db8:18::/48", ["fd00::2", "fd01::2"]), ("2001:db8:20::/48", ["fd00::2"])):
            s.wait_via(prefix, want, "ipv6")
        equal(dict(s.via("10.18.0.0/16")), {"10.0.0.2": 3, "10.0.1.2": 1}, "weights")
        e = s.selected("10.16.0.0/16")
        equal((e["distance"], e["tag"]), (20, 7), "distance and tag")
        for p in ("10.13.0.0/16", "10.14.0.0/16"):
            check(s.kernel(p).startswith("blackhole"), p + " is a blackhole: " + s.kernel(p))
        check(s.kernel("10.15.0.0/16").startswith("unreachable"), "reject")
        wait_for("table 77", lambda: s.kernel("10.19.0.0/16", "table", "77"), 5)
        check("10.19.0.0/16" in s.r.vtysh("show ip route table 77"), "show ip route table 77")
        check("10.19.0.0/16" not in s.r.vtysh("show ip route"), "a route of table 77 in the main table's list")
        check(s.ip("route", "show", "proto", "196"), "FRR's number of static routes in the kernel")
        lines = FORMS.splitlines()
        s.conf(*["no " + line for line in lines])
        wait_for("no static route", lambda: not s.r.json("show ip route static") and
                 not s.r.json("show ipv6 route static"), 5)
        wait_for("none in the kernel", lambda: not s.ip("route", "show", "proto", "196", "table", "all") and
                 not s.ip("-6", "route", "show", "proto", "196", "table", "all"), 5)


@case("a floating route takes over when the first one's interface goes down, and gives back")
def floating(build):
    with Stage(build, "ip route 10.9.0.0/16 10.0.0.2\nip route 10.9.0.0/16 10.0.1.2 200\n"
               "ip route 10.8.0.0/16 eth0\nip route 10.8.0.0/16 Null0 254\n") as s:
        s.wait_via("10.9.0.0/16", ["10.0.0.2"])
        check("S   10.9.0.0/16 [200/0]" in s.r.vtysh("show ip route"), "the second route is listed")
        for down, up in ((("shutdown",), ("no shutdown",)), (None, None)):
            if down:
                s.conf("interface eth0", *down)
            else:
                s.peer.carrier("eth0", False)
            s.wait_via("10.9.0.0/16", ["10.0.1.2"])
            check("10.0.1.2" in s.r.run("ip", "route", "get", "10.9.0.1").stdout, "the kernel uses the second")
            wait_for("Null0", lambda: s.kernel("10.8.0.0/16").startswith("blackhole"), 5)
            if up:
                s.conf("interface eth0", *up)
            else:
                s.peer.carrier("eth0", True)
            s.wait_via("10.9.0.0/16", ["10.0.0.2"])
            check("10.0.0.2" in s.r.run("ip", "route", "get", "10.9.0.1").stdout, "the kernel uses the first again")


@case("next hops that come later: interface, address, the route they are reached by")
def later(build):
    with Stage(build, "ip route 10.30.0.0/16 10.7.0.2\nip route 10.31.0.0/16 late0\nip route 10.32.0.0/16 10.40.0.1\n"
               "interface late0\n ip address 10.7.0.1/24\n description comes later\nexit\n") as s:
        check(not s.selected("10.30.0.0/16") and not s.selected("10.32.0.0/16"), "used before they can be")
        for _ in range(2):
            s.lab.link(s.r, "late0", s.peer, "late0")
            s.wait_via("10.30.0.0/16", ["10.7.0.2"])
            s.wait_via("10.31.0.0/16", ["late0"])
            s.ip("link", "del", "late0")
            wait_for("its routes are gone", lambda: not s.selected("10.30.0.0/16") and
                     not s.selected("10.31.0.0/16"), 5)
        s.conf("ip route 10.40.0.0/24 10.0.1.2")
        s.wait_via("10.32.0.0/16", ["10.0.1.2"])
        s.conf("no ip route 10.40.0.0/24 10.0.1.2", "ip route 10.40.0.0/24 10.0.0.2")
        s.wait_via("10.32.0.0/16", ["10.0.0.2"])
        s.conf("no ip route 10.40.0.0/24 10.0.0.2")
        wait_for("unresolved", lambda: not s.selected("10.32.0.0/16") and not s.kernel("10.32.0.0/16"), 5)
        s.conf("ip route 10.33.0.0/16 10.50.0.2", "interface eth1", "ip address 10.50.0.1/24")
        s.wait_via("10.33.0.0/16", ["10.50.0.2"])
        s.conf("interface eth1", "no ip address 10.50.0.1/24")
        wait_for("unused again", lambda: not s.selected("10.33.0.0/16"), 5)


@case("a route resolved over itself or in a circle is not used and does no harm")
def circles(build):
    with Stage(build, "ip route 10.60.0.0/16 10.60.0.1\nip route 10.61.0.0/16 10.62.0.1\nip route 10.62.0.0/16 10.61.0.1\n"
               "ip route 10.63.0.0/16 10.0.0.2\n") as s:
        s.wait_via("10.63.0.0/16", ["10.0.0.2"])
        check(not s.kernel("10.60.0.0/16") and not s.kernel("10.61.0.0/16") and not s.kernel("10.62.0.0/16"),
              "in the kernel: " + s.ip("route"))


@case("what somebody deletes or replaces in the kernel is repaired at once")
def foreign(build):
    with Stage(build, "ip route 10.10.0.0/16 10.0.0.2\nip route 10.11.0.0/16 10.0.0.2\nip route 10.11.0.0/16 10.0.1.2\n"
               "ip route 10.12.0.0/16 Null0\nipv6 route 2001:db8:1::/48 fd00::2\n") as s:
        def whole():
            return (all(s.kernel(p) for p in ("10.10.0.0/16", "10.11.0.0/16", "10.12.0.0/16")) and
                    "2001:db8:1::/48" in s.ip("-6", "route") and
                    "10.0.0.2" in s.r.run("ip", "route", "get", "10.10.0.1", check=False).stdout and
                    "10.0." in s.r.run("ip", "route", "get", "10.11.0.1", check=False).stdout and
                    "fd00::2" in s.r.run("ip", "route", "get", "2001:db8:1::1", check=False).stdout)
        wait_for("routes", whole, 5)
        for harm in (("route", "del", "10.10.0.0/16"), ("route", "flush", "proto", "196"),
                     ("-6", "route", "flush", "proto", "196"), ("nexthop", "flush", "proto", "zebra"),
                     ("nexthop", "flush"), ("route", "replace", "10.10.0.0/16", "via", "10.0.1.2", "proto", "196",
                                            "metric", "20"),
                     ("link", "del", "grevy-keep")):
            s.r.run("ip", *harm, check=False)
            wait_for("repair after ip " + " ".join(harm), whole, 5)


@case("connected, local and kernel routes, and prefixes inside a prefix")
def others(build):
    with Stage(build, "ip route 10.10.0.0/16 10.0.0.2\nip route 10.10.1.0/24 Null0\n") as s:
        s.wait_via("10.10.1.0/24", ["drop"])
        s.ip("route", "add", "192.0.2.0/24", "via", "10.0.1.2")
        s.ip("-6", "route", "add", "2001:db8:f::/48", "via", "fd01::2")
        wait_for("kernel route", lambda: s.selected("192.0.2.0/24"), 5)
        equal(s.selected("192.0.2.0/24")["protocol"], "kernel", "protocol")
        wait_for("kernel route of IPv6", lambda: s.selected("2001:db8:f::/48", "ipv6"), 5)
        check("10.0.0.1/32" in s.r.json("show ip route local"), "local route")
        check("10.0.0.0/24" in s.r.json("show ip route connected"), "connected route")
        equal(sorted(s.r.json("show ip route 10.10.0.0/16 longer-prefixes")), ["10.10.0.0/16", "10.10.1.0/24"], "longer")
        equal(list(s.r.json("show ip route 10.10.1.9")), ["10.10.1.0/24"], "longest match")
        equal(list(s.r.json("show ip route 10.10.2.9")), ["10.10.0.0/16"], "longest match")
        rows = {x["type"]: x for x in s.r.json("show ip route summary")["routes"]}
        equal((rows["static"]["rib"], rows["static"]["fib"], rows["kernel"]["rib"]), (2, 2, 1), "summary")
        s.ip("route", "del", "192.0.2.0/24")
        wait_for("it is gone", lambda: not s.entry("192.0.2.0/24"), 5)
        s.conf("ip route 10.0.1.0/24 10.0.0.2")  # a connected route is nearer
        wait_for("it is listed", lambda: len(s.entry("10.0.1.0/24")) == 2, 5)
        equal(s.selected("10.0.1.0/24")["protocol"], "connected", "what is selected")


@case("interfaces: addresses, description, shutdown, and what the kernel does beside us")
def interfaces(build):
    with Stage(build) as s:
        s.conf("interface eth1", "description to the other", "ip address 10.2.0.1/24", "ipv6 address 2001:db8:2::1/64")
        row = s.r.json("show interface eth1")["eth1"]
        equal(row["description"], "to the other", "description")
        addrs = {a["address"] for a in row["ipAddresses"]}
        check({"10.0.1.1/24", "10.2.0.1/24", "2001:db8:2::1/64"} <= addrs, "addresses: %s" % addrs)
        s.ip("addr", "add", "10.3.0.1/24", "dev", "eth1")
        wait_for("connected route of a foreign address", lambda: s.selected("10.3.0.0/24"), 5)
        check("10.3.0.1" not in s.r.vtysh("show running-config"), "a foreign address in the configuration")
        s.conf("interface eth1", "no ip address 10.2.0.1/24", "no ipv6 address 2001:db8:2::1/64", "no description")
        wait_for("addresses gone", lambda: "10.2.0.1" not in s.ip("addr") and "2001:db8:2::1" not in s.ip("addr"), 5)
        check("10.3.0.1" in s.ip("addr"), "the foreign address stays")
        s.conf("interface eth1", "shutdown")
        wait_for("down", lambda: "state DOWN" in s.ip("link", "show", "eth1"), 5)
        wait_for("no connected route", lambda: not s.selected("10.0.1.0/24"), 5)
        s.conf("interface eth1", "no shutdown")
        wait_for("IPv4 and IPv6 are back", lambda: s.selected("10.0.1.0/24") and s.selected("fd01::/64", "ipv6"), 10)
        s.ip("addr", "del", "10.0.1.1/24", "dev", "eth1")
        time.sleep(0.3)
        s.ip("link", "set", "eth1", "mtu", "1400")
        wait_for("MTU", lambda: s.r.json("show interface eth1")["eth1"].get("mtu") == 1400, 5)


@case("router id: chosen once and kept while its address is there; the loopback's first; the configured one wins")
def router_id(build):
    with Stage(build) as s:
        def rid():
            return s.r.json("show ip router-id")["routerId"]
        wait_for("the highest address", lambda: rid() == "10.0.1.1", 5)
        s.conf("interface lo", "ip address 10.255.0.1/32")
        time.sleep(0.3)
        equal(rid(), "10.0.1.1", "router id: it does not change under the protocols")
        s.conf("ip router-id 1.2.3.4")
        wait_for("what is configured", lambda: rid() == "1.2.3.4", 5)
        s.conf("no ip router-id 1.2.3.4")
        wait_for("chosen anew, the loopback's", lambda: rid() == "10.255.0.1", 5)
        s.conf("interface lo", "no ip address 10.255.0.1/32")
        wait_for("the next, its address is gone", lambda: rid() == "10.0.1.1", 5)


@case("a storm of changes overruns the netlink socket: the RIB is right afterwards")
def storm(build):
    with Stage(build, "ip route 10.10.0.0/16 10.0.0.2\n") as s:
        batch = "".join("route add 172.%d.%d.0/24 via 10.0.1.2\n" % (16 + n // 256, n % 256) for n in range(3000))
        pid = s.r.pid("zebra")
        os.kill(pid, 19)
        s.r.run("ip", "-b", "-", input=batch)
        s.r.run("ip", "-b", "-", input="".join(batch.replace("add", "del").splitlines(True)[:2900]))
        s.r.run("ip", "route", "del", "10.10.0.0/16", check=False)
        os.kill(pid, 18)
        wait_for("100 kernel routes", lambda: len(s.r.json("show ip route kernel")) == 100, 10)
        wait_for("our own", lambda: s.kernel("10.10.0.0/16"), 5)
        equal(s.r.pid("zebra"), pid, "zebra lives on")


if __name__ == "__main__":
    main()
