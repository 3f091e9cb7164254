#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Brings up a lab (a containerlab topology) in network namespaces, sends traffic through it, breaks it
in every way its drills name, and prints what the traffic noticed and who named the fault.

    drill.py [--build BUILD] [--json] [--rounds N] [--only RE] labs/ha-pair

Exit status: 0 when traffic came back in every drill, and the routers' own stream of events (`show ha events`)
named every fault in time.
"""
import argparse
import json
import os
import re
import sys
import time

import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Lab, end_on_signals, wait_for  # noqa: E402

RATE = 1000
QUIET_MS = 300      # traffic without a hole for so long has settled
OUTAGE_BOUND = 3000 # ms: beyond it nothing was repaired, somebody waited for a timer
NAMED_BOUND = 1000  # ms from a fault to the event that names it


def bring_up(build, folder):
    name = os.path.basename(os.path.normpath(folder))
    with open(os.path.join(folder, name + ".clab.yml")) as f:
        topology = yaml.safe_load(f)["topology"]
    lab = Lab(name, build)
    configs = {}
    for node, spec in topology["nodes"].items():
        binds = [b.split(":")[0] for b in spec.get("binds", []) if b.endswith("/grevy.conf")]
        if binds:
            lab.router(node)
            with open(os.path.join(folder, binds[0])) as f:
                configs[node] = f.read()
        elif spec.get("kind") == "bridge":
            lab.switch(node)
        else:
            lab.host(node)
    for link in topology["links"]:
        (a, a_if), (b, b_if) = (e.split(":") for e in link["endpoints"])
        lab.link(a, a_if, b, b_if)
    for node, spec in topology["nodes"].items():
        for command in spec.get("exec", []):
            lab.nodes[node].run(*command.split())
    for node, config in configs.items():
        lab.nodes[node].start(config, wait=False)
    for node in configs:
        lab.nodes[node].ready()
    return lab, configs


def documents(text):
    """The JSON documents that one vtysh printed after another."""
    decoder, at, out = json.JSONDecoder(), 0, []
    while at < len(text.rstrip()):
        doc, at = decoder.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
        out.append(doc)
    return out


def forwarding(rows_by_prefix):
    """What a router forwards by, without uptimes and ids: prefix -> next hops."""
    out = {}
    for prefix, rows in rows_by_prefix.items():
        for row in rows:
            if row.get("selected") and row.get("installed") and row["protocol"] in ("ospf", "static"):
                hops = row["nexthops"] + row.get("backupNexthops", [])
                out[prefix] = sorted("%s %s" % (n.get("ip"), n.get("interfaceName")) for n in hops if n.get("fib"))
    return out


def cut(router):
    """A power cut: no process left, so nobody says goodbye, then every cable dead at once and the kernel's state gone."""
    router.kill_all()
    ends = [ifname for node, ifname in router.lab.links if node == router.name]
    router.run("ip", "-batch", "-", input="".join("link set %s down\n" % i for i in ends))
    router.reboot_cleanly()


def restore(router):
    for (node, ifname) in router.lab.links:
        if node == router.name:
            router.carrier(ifname, True)
    router.start(wait=False)


class Drills:
    """The frame of a lab's drills: subclasses say what is normal, and break things."""

    PROBES = ()         # (source, destination, address)
    commands = ("show ip route json",)  # what a router's state is read from

    def __init__(self, lab, routers, only=None):
        self.lab, self.only = lab, only
        self.routers = [lab.nodes[n] for n in routers]
        self.rows, self.faults = [], []
        self.normal, self.probes = None, []

    def read(self, documents_of_router):
        return {"routes": forwarding(documents_of_router[0])}

    def everything(self):
        """Of the routers that run: one that was cut has no say."""
        return {r.name: self.read(documents(r.vtysh(*self.commands))) for r in self.routers
                if r.grevy and r.grevy.poll() is None}

    def started(self):
        """No router is a stub router (max-metric router-lsa until-ready) any more, in anybody's database."""
        return not any("Metric: 65535" in r.vtysh("show ip ospf database router") for r in self.routers
                       if "OSPF is not enabled" not in r.vtysh("show ip ospf"))

    def at_rest(self):
        state = self.complete()
        time.sleep(QUIET_MS / 1000)
        return state if state == self.complete() else None

    def converge(self):
        began = time.monotonic()
        wait_for("all adjacencies", self.adjacent, 60)
        wait_for("all metrics", self.started, 60)
        self.normal = wait_for("all routes", self.at_rest, 30)
        return time.monotonic() - began

    def send(self):
        self.probes = [self.lab.probe(src, dst, address, RATE, 9 + n)
                       for n, (src, dst, address) in enumerate(self.PROBES)]
        for p in self.probes:
            first = p.settle(QUIET_MS)
            if first["lost"] or not first["received"]:
                raise RuntimeError("no clean traffic before the drills: %s" % first)

    def settle(self, wanted):
        """Time until every router is as `wanted` (a function of the state) accepts."""
        began = time.monotonic()
        wait_for("the network to be right", lambda: wanted(self.everything()), 20, 0.02)
        return time.monotonic() - began

    def events(self, since):
        rows = []
        for r in self.routers:
            if r.grevy and r.grevy.poll() is None:
                rows += [dict(e, router=r.name, ms=e["monotonicUs"] / 1000 - since * 1000) for e in r.events(since)]
        return sorted(rows, key=lambda e: e["ms"])

    def drill(self, name, act, wanted, named=None, bound=OUTAGE_BOUND, before=0.2, measured=True):
        """named: an event (a pattern) that must have told of it in time. before: how long traffic is watched
        before it, to tell its loss from a silent sender; measured: traffic is expected to find a way."""
        if self.only and not re.search(self.only, name):
            act()
            self.settle(wanted)
            return
        for p in self.probes:
            p.reset()
        time.sleep(before)
        since = time.monotonic()
        act()
        seconds = self.settle(wanted)
        reports = [p.settle(QUIET_MS) for p in self.probes if measured]
        events = self.events(since)
        witness = next((e for e in events if re.search(named or ".", e["event"])), None)
        row = {"drill": name, "settled_s": round(seconds, 2), "event": witness and witness["event"],
               "by": witness and witness["router"], "after_ms": witness and round(witness["ms"], 1),
               "ways": [{"outage_ms": r["outage_ms"], "lost": r["lost"], "sent": r["sent"],
                         "duplicates": r["duplicates"]} for r in reports]}
        self.rows.append(row)
        print_row(row, len(self.probes))
        self.judge(row, named, bound)

    def judge(self, row, named, bound):
        if named and (not row["event"] or row["after_ms"] > NAMED_BOUND):
            self.faults.append("%s: no event %s within a second" % (row["drill"], named))
        for way, (src, dst, _) in zip(row["ways"], self.PROBES):
            if way["outage_ms"] > bound:
                self.faults.append("%s: %s to %s was out for %d ms" % (row["drill"], src, dst, way["outage_ms"]))

    # --- what most labs break ---------------------------------------------------------------------------

    def is_normal(self, state):
        return state == self.normal

    def kill(self, router, daemon):
        old = router.pid(daemon)

        def back(state):
            pid = router.pid(daemon)
            return pid and pid != old and self.is_normal(state)
        self.drill("kill -9 %s on %s" % (daemon, router.name), lambda: router.kill(daemon), back,
                   "supervisor.daemon-died")


def head(probes):
    ways = ["%s to %s" % (src, dst) for src, dst, _ in probes]
    print("%-36s  %-34s" % ("", "named by") + "".join("  %-16s" % w for w in ways) + "     all right")
    print("%-36s  %-34s" % ("drill", "event, router, ms after") + "  outage ms   lost" * len(ways) + "       after s")
    print("  ".join(["-" * 36, "-" * 34] + ["-" * 16] * len(ways) + ["-" * 12]))


def print_row(r, probes):
    named = "%s %s %.1f" % (r["event"], r["by"], r["after_ms"]) if r["event"] else "-"
    ways = "".join("  %9.1f %6d" % (w["outage_ms"], w["lost"]) for w in r["ways"])
    ways = ways or "%18s" % "-" * probes
    print("%-36s  %-34s%s  %12.2f" % (r["drill"], named, ways, r["settled_s"]), flush=True)


def labs():
    from drills_ha_pair import HaPair
    from drills_ospf_square import OspfSquare
    return {"ha-pair": HaPair, "ospf-square": OspfSquare}


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--build", default="build")
    ap.add_argument("--json", action="store_true", help="print the rows as JSON at the end")
    ap.add_argument("--rounds", type=int, default=1)
    ap.add_argument("--only", help="measure the drills whose names match; the others run quietly")
    ap.add_argument("folder")
    args = ap.parse_args()
    end_on_signals()
    name = os.path.basename(os.path.normpath(args.folder))
    if name not in labs():
        sys.exit("no drills for %s; there are: %s" % (name, ", ".join(labs())))
    began = time.monotonic()
    lab, configs = bring_up(args.build, args.folder)
    with lab:
        print("%s: %d routers up in %.1f s" % (name, len(configs), time.monotonic() - began))
        d = labs()[name](lab, configs, args.only)
        print("converged after another %.1f s; %d packets/s %s\n" % (
            d.converge(), RATE, " and ".join("from %s to %s" % (s, t) for s, t, _ in d.PROBES)))
        d.send()
        head(d.PROBES)
        for _ in range(args.rounds):
            d.run()
    print("\n%d drills in %.0f s; cleaned up: no namespace, process or file is left" % (
        len(d.rows), time.monotonic() - began))
    if args.json:
        print(json.dumps(d.rows))
    for fault in d.faults:
        print("drill: " + fault, file=sys.stderr)
    return 1 if d.faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\ninterrupted; cleaned up")
    except (RuntimeError, TimeoutError) as e:
        sys.exit("drill: %s" % e)
