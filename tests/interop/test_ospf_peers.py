#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 420
"""OSPFv2 with Debian's FRR and BIRD 2: Full adjacency, routes both ways, reconvergence; broadcast and
point-to-point, with MD5, each side as DR."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import add_bird, add_frr, case, check, equal, lab, main, wait_for  # noqa: E402

OURS, THEIRS = "192.0.2.1/32", "192.0.2.2/32"


def our_config(network, priority, md5, extra=""):
    return """
interface lo
 ip address %s
 ip ospf area 0
exit
interface e0
 ip address 10.0.0.1/24
 ip ospf area 0
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf priority %d
 ip ospf network %s
%sexit
ip route 198.51.100.0/24 blackhole
router ospf
 ospf router-id 192.0.2.1
 redistribute static metric 30 metric-type 1
%sexit
""" % (OURS, priority, network, " ip ospf authentication message-digest\n ip ospf message-digest-key 7 md5 secret\n"
       if md5 else "", extra)


def frr_config(network, priority, md5):
    return """
interface lo
 ip address %s
interface e0
 ip address 10.0.0.2/24
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf priority %d
 ip ospf network %s
%s
interface e1
 ip address 10.77.0.1/24
ip route 203.0.113.0/24 blackhole tag 9
router ospf
 ospf router-id 192.0.2.2
 redistribute static metric 40
 network 10.0.0.0/24 area 0
 network 192.0.2.2/32 area 0
 network 10.77.0.0/24 area 0
""" % (THEIRS, priority, network, " ip ospf authentication message-digest\n ip ospf message-digest-key 7 md5 secret\n"
       if md5 else "")


def bird_config(network, priority, md5):
    kind = {"broadcast": "broadcast", "point-to-point": "ptp"}[network]
    auth = 'authentication cryptographic; password "secret" { id 7; algorithm keyed md5; };' if md5 else ""
    return """
router id 192.0.2.2;
protocol device { scan time 1; }
protocol kernel { ipv4 { export all; }; }
protocol direct { ipv4; interface "lo", "e1"; }
protocol static { ipv4; route 203.0.113.0/24 blackhole { ospf_metric2 = 40; ospf_tag = 9; }; }
protocol ospf v2 {
  ipv4 { import all; export where source = RTS_STATIC; };
  area 0 {
    interface "e0" { type %s; priority %d; hello 1; dead count 4; %s };
    interface "lo" { stub; };
    interface "e1" { stub; };
  };
}
""" % (kind, priority, auth)


def scene(build, peer, network="broadcast", ours=1, theirs=1, md5=False, extra=""):
    """Two routers on a link, a stub of the peer on e1; returns (lab, us, them)."""
    net = lab(build, "io")
    us = net.router("us")
    them = add_frr(net, "them") if peer == "frr" else add_bird(net, "them")
    far = net.host("far")
    net.link(us, "e0", them, "e0")
    net.link(them, "e1", far, "e1")
    if peer == "bird":
        them.run("ip", "addr", "add", THEIRS, "dev", "lo")
        them.run("ip", "addr", "add", "10.0.0.2/24", "dev", "e0")
        them.run("ip", "addr", "add", "10.77.0.1/24", "dev", "e1")
    them.start({"frr": frr_config, "bird": bird_config}[peer](network, theirs, md5))
    us.start(our_config(network, ours, md5, extra))
    return net, us, them


def kernel_prefixes(node):
    return {r["dst"] if "/" in r["dst"] or r["dst"] == "default" else r["dst"] + "/32" for r in node.routes()}


def both_ways(us, them):
    wait_for("Full", lambda: "192.0.2.2" in us.full(), 40)
    wait_for("their routes in our kernel", lambda: {THEIRS, "10.77.0.0/24", "203.0.113.0/24"} <= kernel_prefixes(us))
    wait_for("our routes in their kernel", lambda: {OURS, "198.51.100.0/24"} <= kernel_prefixes(them))
    external = us.json("show ip ospf route")["203.0.113.0/24"]
    equal(external["routeType"], "N E2", "type of their external")
    equal(external["type2cost"], 40, "metric of their external")
    equal(external["tag"], 9, "tag of their external")


def reconverge(us, them):
    them.run("ip", "link", "set", "e1", "down")
    wait_for("their stub to go", lambda: "10.77.0.0/24" not in kernel_prefixes(us))
    them.run("ip", "link", "set", "e1", "up")
    wait_for("their stub to come back", lambda: "10.77.0.0/24" in kernel_prefixes(us))
    us.vtysh("configure terminal", "no ip route 198.51.100.0/24 blackhole", "ip route 198.51.101.0/24 blackhole")
    wait_for("our external to change", lambda: "198.51.101.0/24" in kernel_prefixes(them) and
             "198.51.100.0/24" not in kernel_prefixes(them))


def role(us):
    return us.json("show ip ospf interface e0")["interfaces"]["e0"]["state"]


def register(peer):
    label = {"frr": "FRR", "bird": "BIRD"}[peer]

    @case("%s: broadcast, we are DR; routes both ways; reconvergence" % label)
    def as_dr(build):
        net, us, them = scene(build, peer, ours=10, theirs=1)
        with net:
            both_ways(us, them)
            equal(role(us), "DR", "our state")
            reconverge(us, them)

    @case("%s: broadcast, the peer is DR, MD5" % label)
    def as_other(build):
        net, us, them = scene(build, peer, ours=0, theirs=1, md5=True)
        with net:
            both_ways(us, them)
            equal(role(us), "DROther", "our state")

    @case("%s: point-to-point, MD5" % label)
    def p2p(build):
        net, us, them = scene(build, peer, network="point-to-point", md5=True)
        with net:
            both_ways(us, them)
            equal(role(us), "Point-To-Point", "our state")
            reconverge(us, them)

    @case("%s: a wrong key is refused and counted" % label)
    def wrong_key(build):
        net, us, _ = scene(build, peer, md5=True)
        with net:
            wait_for("Full", lambda: "192.0.2.2" in us.full(), 40)
            us.vtysh("configure terminal", "interface e0", "no ip ospf message-digest-key 7",
                     "ip ospf message-digest-key 7 md5 other")
            wait_for("the neighbour to be lost", lambda: "192.0.2.2" not in us.full(), 15)
            drops = us.json("show ip ospf statistics")
            check(drops["drops"].get("auth-digest", 0) > 0, "no drop counted: %s" % drops["drops"])


for each in ("frr", "bird"):
    register(each)
main()
