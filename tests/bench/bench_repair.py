#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A next-hop group with a backup loses its primary leg under 10, 10,000 and 500,000 routes. By carrier: what a packet
stream of 10,000/s through one of the prefixes notices. By BFD (20 ms x 3), on a cable that is cut silently: the same,
and the time from bfdd's verdict to the kernel's answer, as zebra's event tells it. None may grow with the routes.
"""
import os
import re
import subprocess
import time

from figures import arguments, lab, median, say, wait_for

CONFIG = """
interface e0
 ip address 10.0.0.1/24
exit
interface e1
 ip address 10.0.1.1/24
exit
interface e2
 ip address 10.0.2.1/24
exit
"""
RATE = 10000
MS, MULTIPLIER = 20, 3


def sides(net):
    """h - r = s: two cables between r and s, and s has the destination of every prefix."""
    r, h, s = net.router("r"), net.host("h"), net.host("s")
    net.link(h, "h0", r, "e0")
    net.link(r, "e1", s, "s1")
    net.link(r, "e2", s, "s2")
    h.run("ip", "addr", "add", "10.0.0.2/24", "dev", "h0")
    h.run("ip", "route", "add", "default", "via", "10.0.0.1")
    for n in ("1", "2"):
        s.run("ip", "addr", "add", "10.0.%s.2/24" % n, "dev", "s" + n)
    for key in ("all", "s1", "s2"):
        s.sysctl("net.ipv4.conf.%s.rp_filter" % key, 0)
    s.run("ip", "addr", "add", "16.0.0.1/32", "dev", "lo")
    s.run("ip", "route", "add", "10.0.0.0/24", "via", "10.0.2.1")
    r.start(CONFIG)
    wait_for("the interfaces", lambda: len(r.routes()) >= 3)
    return r, h, s


def outages(build, n, rounds):
    with lab(build, "br") as net:
        r, h, s = sides(net)
        client = r.spawn(os.path.join(build, "tests/bench/bench_repair"), os.path.join(r.run_dir, "rib.sock"), "e1",
                         "10.0.1.2", "-b", "e2,10.0.2.2", "-n", n, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
        if "ready" not in client.stdout.readline():
            raise RuntimeError("the routes were refused")
        probe = net.probe(h, s, "16.0.0.1", RATE)
        times, lost = [], []
        for _ in range(rounds):
            time.sleep(0.5)
            probe.reset()
            time.sleep(0.3)
            s.carrier("s1", False)
            report = probe.settle(300)
            times.append(report["outage_ms"])
            lost.append(report["lost"])
            s.carrier("s1", True)
            s.run("ip", "neigh", "flush", "all")
            r.run("ping", "-c", "1", "-W", "2", "10.0.1.2", check=False)
        probe.close()
        return median(times), max(times), median(lost)


BFD = """
interface e1
 ip address 10.0.1.%d/24
exit
interface e2
 ip address 10.0.2.%d/24
exit
bfd
 profile fast
  transmit-interval MS
  receive-interval MS
 exit
 peer 10.0.1.%d interface e1
  profile fast
 exit
exit
""".replace("MS", str(MS))


def repaired(router, since, cause):
    """Microseconds that the newest repair for that cause took, None: there was none."""
    for e in reversed(router.events(since)):
        if e["event"] == "zebra.groups-repaired" and e["cause"].endswith(cause):
            return int(re.search(r"us=(\d+)", e["cause"]).group(1))
    return None


def repairs(build, n, rounds):
    """(outage median, worst; verdict to kernel median, worst), ms"""
    with lab(build, "bb") as net:
        r, s, h = net.router("r"), net.router("s"), net.host("h")
        for i in ("1", "2"):
            net.link(r, "e" + i, s, "e" + i)
        net.link(h, "h0", r, "e0")
        r.run("ip", "addr", "add", "10.0.0.1/24", "dev", "e0")
        h.run("ip", "addr", "add", "10.0.0.2/24", "dev", "h0")
        h.run("ip", "route", "add", "default", "via", "10.0.0.1")
        s.run("ip", "addr", "add", "16.0.0.1/32", "dev", "lo")
        s.start(BFD % (2, 2, 1))
        r.start(BFD % (1, 1, 2))
        wait_for("the interfaces", lambda: len(r.routes()) >= 2)
        client = r.spawn(os.path.join(build, "tests/bench/bench_repair"), os.path.join(r.run_dir, "rib.sock"), "e1",
                         "10.0.1.2", "-b", "e2,10.0.2.2", "-n", n, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
        if "ready" not in client.stdout.readline():
            raise RuntimeError("the routes were refused")
        r.run("ping", "-c", "1", "-W", "2", "10.0.2.2")
        probe = net.probe(h, s, "16.0.0.1", RATE)
        times, holes = [], []
        for _ in range(rounds):
            wait_for("the session", lambda: [p["status"] for p in r.json("show bfd peers")] == ["up"])
            probe.reset()
            time.sleep(0.3)
            since = time.monotonic()
            cut = net.cut("r", "e1")
            holes.append(probe.settle(300)["outage_ms"])
            wait_for("the repair", lambda: repaired(r, since, "BFD down") is not None)
            times.append(repaired(r, since, "BFD down") / 1000)
            cut.close()
        return median(holes), max(holes), median(times), max(times)


def main():
    args = arguments(__doc__, ("--rounds", int, 5))
    for n in (10, 10000, 500000):
        typical, worst, lost = outages(args.build, n, args.rounds)
        say("outage, a cable of two pulled, %d prefixes" % n, typical, "ms", bar="<= 10 ms", good=typical <= 10)
        print("      worst %.2f ms, %d packets of %d/s lost" % (worst, lost, RATE), flush=True)
    for n in (10, 10000, 500000):
        hole, longest, typical, worst = repairs(args.build, n, args.rounds)
        limit = MS * MULTIPLIER
        say("outage, silent cut, BFD %d ms x %d, %d prefixes" % (MS, MULTIPLIER, n), hole, "ms",
            bar="worst <= detection + 5 = %d ms" % (limit + 5), good=longest <= limit + 5)
        print("      worst %.1f ms" % longest, flush=True)
        say("BFD down to the kernel's answer, %d prefixes" % n, typical, "ms", bar="<= 1 ms", good=typical <= 1)
        print("      worst %.2f ms" % worst, flush=True)


main()
