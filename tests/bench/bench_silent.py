#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
"""A link that is cut silently (frames vanish, the carrier stays) under OSPF with BFD: what traffic to an internal
and to an external prefix notices, ours beside FRR's and BIRD's.

	h1 --- r1 ===m=== r2 --- h2       m swallows frames; r3 is the other way
	         \\-- r3 --/
"""
import subprocess
import time

from figures import BIRD, FRR, add_bird, add_frr, arguments, lab, median, say, wait_for

LINKS = {"r1": {"e1": ("10.0.12.1", 1), "e2": ("10.0.13.1", 10)}, "r2": {"e1": ("10.0.12.2", 1), "e2": ("10.0.23.1", 10)},
         "r3": {"e1": ("10.0.13.2", 10), "e2": ("10.0.23.2", 10)}}
LANS = {"r1": "10.1.0", "r2": "10.2.0"}
INTERNAL, EXTERNAL = "10.2.0.10", "198.51.100.1"
RATE = 1000


def router_id(node):
    return "192.0.2.%s" % node[1]


def frr_like(node, ms, multiplier):
    """Without `exit`: each of FRR's daemons reads it, and an `exit` from a mode that it does not know ends the file."""
    text = ""
    for ifname, (address, cost) in LINKS[node].items():
        text += ("interface %s\n ip address %s/30\n ip ospf area 0\n ip ospf cost %d\n ip ospf network point-to-point\n"
                 " ip ospf hello-interval 1\n ip ospf dead-interval 4\n ip ospf bfd\n ip ospf bfd profile fast\n"
                 % (ifname, address, cost))
    if node in LANS:
        text += "interface lan\n ip address %s.1/24\n ip ospf area 0\n ip ospf passive\n" % LANS[node]
    text += "ip route %s/32 %s\n" % (EXTERNAL, INTERNAL) if node == "r2" else ""
    text += "router ospf\n ospf router-id %s\n redistribute static\n" % router_id(node)
    return text + "bfd\n profile fast\n  transmit-interval %d\n  receive-interval %d\n  detect-multiplier %d\n" % (
        ms, ms, multiplier)


def bird(node, ms, multiplier):
    links = "".join('interface "%s" { type ptp; cost %d; hello 1; dead count 4; bfd on; };\n' % (i, cost)
                    for i, (_, cost) in LINKS[node].items())
    static = "protocol static { ipv4; route %s/32 via %s; }\n" % (EXTERNAL, INTERNAL) if node == "r2" else ""
    return ("router id %s;\nprotocol device {}\nprotocol direct { ipv4; }\nprotocol kernel { ipv4 { export all; }; }\n%s"
            'protocol bfd { interface "*" { interval %d ms; multiplier %d; }; }\n'
            "protocol ospf v2 { ipv4 { import all; export where source = RTS_STATIC; };\n area 0 { %s"
            'interface "lan" { stub; }; }; }\n' % (router_id(node), static, ms, multiplier, links))


def start(net, suite, ms, multiplier):
    make = {"grevy": net.router, "frr": lambda n: add_frr(net, n), "bird": lambda n: add_bird(net, n)}[suite]
    nodes = {n: make(n) for n in LINKS}
    switch = net.lan("m", ("r1", "e1"), ("r2", "e1"))
    net.link("r1", "e2", "r3", "e1")
    net.link("r2", "e2", "r3", "e2")
    for n, prefix in LANS.items():
        host = net.host("h" + n[1])
        net.link(host, "h0", n, "lan")
        host.run("ip", "addr", "add", prefix + ".10/24", "dev", "h0")
        host.run("ip", "route", "add", "default", "via", prefix + ".1")
    net.nodes["h2"].run("ip", "addr", "add", EXTERNAL + "/32", "dev", "lo")
    for n, node in nodes.items():
        if suite == "bird":
            for ifname, (address, _) in LINKS[n].items():
                node.run("ip", "addr", "add", address + "/30", "dev", ifname)
            if n in LANS:
                node.run("ip", "addr", "add", LANS[n] + ".1/24", "dev", "lan")
            node.start(bird(n, ms, multiplier))
        elif suite == "frr":
            node.start(frr_like(n, ms, multiplier), ("zebra", "bfdd", "ospfd", "staticd"))
        else:
            node.start(frr_like(n, ms, multiplier))
    return nodes, switch


def via(router, destination):
    out = router.run("ip", "route", "get", destination, check=False).stdout
    return out.split(" dev ")[1].split()[0] if " dev " in out else ""


def sessions_up(nodes, suite):
    if suite == "bird":
        return nodes["r1"].birdc("show bfd sessions").count("Up") == 2
    peers = nodes["r1"].json("show bfd peers")
    return len(peers) == 2 and all(p["status"] == "up" for p in peers)


def measure(build, suite, ms, multiplier, rounds):
    """The outages of each round, internal and external, in ms."""
    with lab(build, "bs") as net:
        nodes, switch = start(net, suite, ms, multiplier)
        primary = lambda: all(via(nodes["r1"], d) == "e1" for d in (INTERNAL, EXTERNAL)) and sessions_up(nodes, suite)
        probes = [net.probe("h1", "h2", d, RATE, port) for d, port in ((INTERNAL, 9), (EXTERNAL, 10))]
        out = []
        for _ in range(rounds):
            wait_for("the short way, and BFD", primary, 60, 0.2)
            time.sleep(3)  # what delays SPF after an event has calmed down
            for p in probes:
                p.reset()
            time.sleep(0.3)
            switch.silence("p0")
            out.append([p.settle(4000)["outage_ms"] for p in probes])
            switch.silence("p0", False)
        return out


def main():
    args = arguments(__doc__, ("--rounds", int, 5), ("--peer-rounds", int, 3))
    for ms, multiplier in ((50, 3), (10, 3)):
        figures = {}
        for suite, here, rounds in (("grevy", True, args.rounds), ("bird", BIRD, args.peer_rounds),
                                    ("frr", FRR, args.peer_rounds)):
            try:
                figures[suite] = measure(args.build, suite, ms, multiplier, rounds) if here else None
            except (OSError, RuntimeError, TimeoutError, subprocess.SubprocessError) as e:
                print("   %s: %s" % (suite, " ".join(str(e).split())[:300]), flush=True)
                figures[suite] = None
        for n, kind in enumerate(("internal", "external")):
            peers = {label: median([r[n] for r in figures[s]]) if figures[s] else None
                     for label, s in (("BIRD", "bird"), ("FRR", "frr"))}
            ours = [r[n] for r in figures["grevy"] or []]
            limit = ms * multiplier  # detection at its latest: the last packet was just sent
            say("silent cut, BFD %d ms x %d, %s prefix" % (ms, multiplier, kind), median(ours) if ours else 0, "ms",
                bar="worst <= detection + 5 = %d ms" % (limit + 5), good=bool(ours) and max(ours) <= limit + 5, **peers)
            print("      ours, each: %s" % " ".join("%.1f" % v for v in ours), flush=True)


if __name__ == "__main__":
    main()
