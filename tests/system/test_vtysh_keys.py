#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
"""The JSON of show commands has FRR 10's keys, types and nesting: frr_keys.json holds what FRR 10.8-dev printed
(paths with data such as prefixes starred). Keys of ours may be more, none may be missing but those named here."""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from grevytest import case, check, lab, main, wait_for  # noqa: E402

# What describes FRR's insides, or things that are not there yet (areas beside the backbone, BGP).
LEFT_OUT = re.compile(r"internal(Status|Flags)|\.flags$|\.status$|peerBfdInfo|initialDelay|dependents|evpnMh|speedChecked|"
                      r"mpls|multicastConfig|shutdownConfig|mcForwarding|bgpRAConfigured|lacpBypass|txqlen|"
                      r"timerRetransmitWindow|writeMultiplier|grHelloDelay|abrType|shortcuttingMode|virtualAdjacencies|[sS]ummaryLinkStates|summaryAddress|"
                      r"\.(ia|IA)$|\.abr$|duplicate|\.resolver$|\.recursive$|"
                      r"parentInterface|rib: .*(directlyConnected|unreachable|blackhole)$")  # not kernel groups here

CONFIG = """ip route 198.51.100.0/24 10.0.1.%(peer)d tag 7 200
ip route 203.0.113.%(net)d/28 Null0
ipv6 route 2001:db8:%(me)d::/48 blackhole
ipv6 route 2001:db8:9::/48 fd00::%(peer)d
!
interface lo
 ip address 10.255.0.%(me)d/32
 ip ospf area 0
 ip ospf passive
exit
!
interface c0
 description lan
 ip address 10.0.0.%(me)d/24
 ipv6 address fd00::%(me)d/64
 ip ospf area 0
 ip ospf dead-interval 4
 ip ospf hello-interval 1
exit
!
interface c1
 ip address 10.0.1.%(me)d/24
 ip ospf area 0
 ip ospf cost 20
 ip ospf dead-interval 4
 ip ospf hello-interval 1
 ip ospf network point-to-point
exit
!
router ospf
 ospf router-id 10.255.0.%(me)d
 redistribute static metric 30
exit
!
bfd
 peer 10.0.0.%(peer)d local-address 10.0.0.%(me)d
 exit
exit
!
"""


def star(key):
    return "*" if re.search(r"\d+\.\d+|[:/]|^\d+$|^(c0|c1|lo)$|^link\d+$", key) else key


def walk(value, path, out):
    if isinstance(value, dict):
        out[path or "."] = "object"
        for key, v in value.items():
            walk(v, path + "." + star(key), out)
    elif isinstance(value, list):
        out[path] = "array"
        for v in value:
            walk(v, path + "[]", out)
    else:
        out[path] = {str: "string", bool: "boolean", int: "number", float: "number"}[type(value)]


@case("keys, types and nesting of FRR's JSON")
def keys(build):
    with open(os.path.join(HERE, "frr_keys.json")) as f:
        reference = json.load(f)
    with lab(build, "keys") as net:
        routers = [net.router("r1"), net.router("r2")]
        for n in (0, 1):
            net.link(routers[0], "c%d" % n, routers[1], "c%d" % n)
        for me, r in ((1, routers[0]), (2, routers[1])):
            r.start(CONFIG % {"me": me, "peer": 3 - me, "net": 16 * me})
        r1 = routers[0]
        wait_for("both adjacencies", lambda: r1.vtysh("show ip ospf neighbor").count("Full/") == 2, 30)
        wait_for("the election", lambda: "State Backup" in r1.vtysh("show ip ospf interface c0"), 30)
        wait_for("the session", lambda: [p["status"] for p in r1.json("show bfd peers")] == ["up"], 30)
        wait_for("a route of OSPF", lambda: "203.0.113.32/28" in r1.json("show ip route"), 30)
        faults = []
        for command, want in sorted(reference.items()):
            got = {}
            walk(r1.json(command), "", got)
            for path, kind in sorted(want.items()):
                if LEFT_OUT.search(command + ": " + path):
                    continue
                if got.get(path) != kind:
                    faults.append("%s: %s is %s, FRR has %s" % (command, path, got.get(path, "missing"), kind))
        for fault in faults:
            print("# " + fault)
        check(not faults, "%d keys, first: %s" % (len(faults), faults[:1]))


if __name__ == "__main__":
    main()
