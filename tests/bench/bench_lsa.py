#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""From a received LSA to the last of 1,000 changed kernel routes: ours, FRR's and BIRD's router in the same place.

	a --- b --- d     a is the router under test; b, c, d are ours. d announces 1,000 prefixes, externals or
	 \\--- c ---/      stubs of its router LSA. b loses its cable to d, says so, and a moves all to c.
"""
import subprocess
import time

from figures import BIRD, FRR, add_bird, add_frr, arguments, lab, median, os, say, wait_for

ROUTES = 1000
LINKS = {"a": (("b1", 1), ("c1", 50)), "b": (("a1", 1), ("d1", 1)), "c": (("a1", 1), ("d1", 1)),
         "d": (("b1", 1), ("c1", 1))}
NETS = {"ab": "10.0.1.", "ac": "10.0.2.", "bd": "10.0.3.", "cd": "10.0.4."}
QUIET = 11  # SPF delays of all suites have calmed down


def address(node, ifname):
    pair = "".join(sorted(node + ifname[0]))
    return NETS[pair] + ("1" if node == pair[0] else "2")


def grevy_config(node, kind):
    text = "".join("interface %s\n ip address %s/30\n ip ospf area 0\n ip ospf cost %d\n ip ospf network point-to-point\n"
                   " ip ospf hello-interval 1\n ip ospf dead-interval 4\nexit\n" % (i, address(node, i), cost)
                   for i, cost in LINKS[node])
    prefixes = ["16.0.%d.%d/32" % divmod(i, 250) for i in range(ROUTES)] if node == "d" else []
    if prefixes and kind == "stubs":
        text += "interface lo\n ip ospf area 0\n" + "".join(" ip address %s\n" % p for p in prefixes) + "exit\n"
    elif prefixes:
        text += "".join("ip route %s blackhole\n" % p for p in prefixes)
    return text + "router ospf\n ospf router-id 1.1.1.%d\n%sexit\n" % (
        " abcd".index(node), " redistribute static\n" if prefixes and kind == "externals" else "")


def bird_config():
    links = "".join('interface "%s" { type ptp; cost %d; hello 1; dead count 4; };\n' % link for link in LINKS["a"])
    return ("router id 1.1.1.1;\nprotocol device {}\nprotocol kernel { ipv4 { export all; }; }\n"
            "protocol ospf v2 { ipv4 { import all; }; area 0 { %s }; }\n" % links)


def start(net, suite, kind):
    nodes = {n: net.router(n) for n in "bcd"}
    nodes["a"] = {"grevy": net.router, "frr": lambda n: add_frr(net, n), "bird": lambda n: add_bird(net, n)}[suite]("a")
    for x, y in NETS:
        net.link(nodes[x], y + "1", nodes[y], x + "1")
    for n in "bcd":
        nodes[n].start(grevy_config(n, kind))
    if suite == "bird":
        for ifname, _ in LINKS["a"]:
            nodes["a"].run("ip", "addr", "add", address("a", ifname) + "/30", "dev", ifname)
    nodes["a"].start(bird_config() if suite == "bird" else grevy_config("a", kind))
    return nodes


def routes_via(router, gateway):
    """All of d's routes are there, and the first and the last go that way."""
    routes = router.run("ip", "-4", "route", "show", "root", "16.0.0.0/8").stdout.splitlines()
    return len(routes) == ROUTES and all(
        " via %s " % gateway in router.run("ip", "route", "get", ip).stdout for ip in ("16.0.0.0", "16.0.3.249"))


def event(build, nodes):
    watch = nodes["a"].spawn(os.path.join(build, "tests/bench/bench_lsa"), "-n", ROUTES, stdout=subprocess.PIPE,
                             text=True)
    watch.stdout.readline()
    nodes["b"].carrier("d1", False)
    out = watch.communicate(timeout=20)[0].split()
    if "changed" not in out:
        raise RuntimeError("no route changed: %s" % out)
    at = out.index("changed")
    return int(out[at + 1]), float(out[at + 3])


def measure(build, suite, kind, rounds):
    with lab(build, "bl") as net:
        nodes = start(net, suite, kind)
        times = []
        for i in range(rounds):
            wait_for("routes by b", lambda: routes_via(nodes["a"], address("b", "a1")), 40, 0.2)
            time.sleep(QUIET)
            changed, last = event(build, nodes)
            if changed < ROUTES:
                raise RuntimeError("%d routes of %d changed" % (changed, ROUTES))
            times.append(last)
            if i + 1 < rounds:
                nodes["b"].carrier("d1", True)
        return median(times)


def main():
    args = arguments(__doc__, ("--rounds", int, 2))
    for kind in ("externals", "stubs"):
        times = {}
        for suite, here, rounds in (("grevy", True, args.rounds), ("bird", BIRD, 1), ("frr", FRR, 1)):
            try:
                times[suite] = measure(args.build, suite, kind, rounds) if here else None
            except (OSError, RuntimeError, TimeoutError, subprocess.SubprocessError) as e:
                print("   %s, %s: %s" % (suite, kind, " ".join(str(e).split())[:300]), flush=True)
                times[suite] = None
        ours = times["grevy"]
        say("received LSA to the last of 1,000 %s" % kind, ours or "failed", "ms", bar="<= 30 ms",
            good=bool(ours) and ours <= 30, **({"BIRD": times["bird"], "FRR": times["frr"]} if ours else {}))


main()
