#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Brings up a lab (a containerlab topology) in network namespaces, sends traffic through it, breaks it
in every way its drills name, and prints what the traffic noticed.

    drill.py [--build BUILD] [--json] [--rounds N] labs/ospf-square
"""
import argparse
import datetime
import json
import os
import re
import sys
import time

import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Lab, end_on_signals, wait_for  # noqa: E402

RATE = 1000


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
        else:
            lab.host(node)
    for link in topology["links"]:
        (a, a_if), (b, b_if) = (e.split(":") for e in link["endpoints"])
        lab.link(a, a_if, b, b_if)
    for node, spec in topology["nodes"].items():
        for command in spec.get("exec", []):
            lab.nodes[node].run(*command.split())
    for node, config in configs.items():
        lab.nodes[node].start(config)
    return lab, configs


def ospf_routes(router):
    """What a router forwards by, without uptimes and ids: prefix -> next hops."""
    out = {}
    for prefix, rows in router.json("show ip route ospf").items():
        for row in rows:
            if row.get("selected") and row.get("installed"):
                out[prefix] = sorted("%s %s" % (n.get("ip"), n.get("interfaceName")) for n in row["nexthops"])
    return out


# Log events that show who noticed, in the words of the table; the earliest after the event counts.
WITNESSES = (
    (re.compile(r" child\.died "), "supervisor"),
    (re.compile(r" ospf\.interface-state .* to=\"?Down"), "carrier"),
    (re.compile(r" ospf\.interface-state .* from=\"?Down"), "carrier"),
    (re.compile(r" ospf\.neighbor-state .* from=Full .*why=\"Inactivity"), "dead interval"),
    (re.compile(r" ospf\.neighbor-state .* from=Full "), "neighbour"),
    (re.compile(r" ospf\.neighbor-state .* to=Full "), "hello"),
)


def witness(routers, since):
    """(who, ms after the event) by the routers' own logs."""
    first = None
    for r in routers:
        with open(r.log) as f:
            for line in f.readlines()[-400:]:
                who = next((w for p, w in WITNESSES if p.search(line)), None)
                try:
                    at = datetime.datetime.fromisoformat(line.split(" ", 1)[0].replace("Z", "+00:00")).timestamp()
                except ValueError:
                    continue
                if who and at >= since and (not first or at < first[1]):
                    first = (who, at)
    return "%s, %.1f ms" % (first[0], (first[1] - since) * 1000) if first else "nobody"


class Drills:
    def __init__(self, lab, configs):
        self.lab, self.configs = lab, configs
        self.routers = [lab.nodes[n] for n in configs]
        self.rows = []
        self.probe = None

    def everything(self):
        """Of the routers that run: one that was cut has no say."""
        return {r.name: ospf_routes(r) for r in self.routers if r.grevy.poll() is None}

    def converge(self):
        began = time.monotonic()
        want = {r.name: 2 for r in self.routers}
        wait_for("all adjacencies", lambda: all(len(r.full()) == want[r.name] for r in self.routers), 60)
        self.normal = wait_for("all routes", self.complete, 30)
        return time.monotonic() - began

    def complete(self):
        state = self.everything()
        return state if all(len(routes) >= 6 for routes in state.values()) else None

    def settle(self, wanted):
        """Time until every router has the routes that `wanted` (a function of the state) accepts."""
        began = time.monotonic()
        wait_for("the routes to be right", lambda: wanted(self.everything()), 60, 0.02)
        return time.monotonic() - began

    def drill(self, name, act, wanted):
        self.probe.reset()
        time.sleep(0.3)  # traffic before the event, to tell its loss from a silent sender
        at = time.time()
        act()
        seconds = self.settle(wanted)
        r = self.probe.settle(500)
        self.rows.append({"drill": name, "detected_by": witness(self.routers, at), "outage_ms": r["outage_ms"],
                          "lost": r["lost"], "sent": r["sent"], "settled_s": round(seconds, 2)})
        print_row(self.rows[-1])


COLUMNS = (("drill", 34, "%-34s"), ("detected by, after", 22, "%-22s"), ("outage ms", 10, "%10.1f"),
           ("lost", 6, "%6d"), ("of", 7, "%7d"), ("all routes right after s", 25, "%25.2f"))


def print_head():
    print("  ".join(("%-*s" if i < 2 else "%*s") % (w, t) for i, (t, w, _) in enumerate(COLUMNS)))
    print("  ".join("-" * w for _, w, _ in COLUMNS))


def print_row(r):
    values = (r["drill"], r["detected_by"], r["outage_ms"], r["lost"], r["sent"], r["settled_s"])
    print("  ".join(f % v for (_, _, f), v in zip(COLUMNS, values)), flush=True)


def square(d):
    """The drills of ospf-square: cable, daemons, a whole router; each is put back."""
    r1, r2 = d.lab.nodes["r1"], d.lab.nodes["r2"]

    def normal(state):
        return state == d.normal

    def around_r2(state):
        via = state["r1"].get("10.4.0.0/24", [])
        return via == ["10.0.13.2 eth2"] and state["r4"].get("10.1.0.0/24", []) == ["10.0.34.1 eth2"]

    def restarted(router, daemon, old):
        def ready(state):
            pid = router.pid(daemon)
            return pid and pid != old and normal(state)
        return ready

    d.drill("cable r1-r2 pulled", lambda: r1.carrier("eth1", False), around_r2)
    d.drill("cable r1-r2 back", lambda: r1.carrier("eth1", True), normal)
    for daemon in ("ospfd", "zebra", "mgmtd"):
        for router in (r1, r2):
            old = router.pid(daemon)
            d.drill("kill -9 %s on %s" % (daemon, router.name), lambda: router.kill(daemon),
                    restarted(router, daemon, old))
    d.drill("router r2 cut (processes, links)", lambda: cut(r2), around_r2)
    d.drill("router r2 back", lambda: restore(d, r2), normal)


def cut(router):
    """A power cut: no process left, and both cables dead."""
    for ifname in ("eth1", "eth2"):
        router.carrier(ifname, False)
    router.kill_all()
    router.run("ip", "nexthop", "flush")


def restore(d, router):
    for ifname in ("eth1", "eth2"):
        router.carrier(ifname, True)
    router.start(d.configs[router.name])


LABS = {"ospf-square": ("h1", "h2", "10.4.0.10", square)}


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--build", default="build")
    ap.add_argument("--json", action="store_true", help="print the rows as JSON at the end")
    ap.add_argument("--rounds", type=int, default=1)
    ap.add_argument("folder")
    args = ap.parse_args()
    end_on_signals()
    name = os.path.basename(os.path.normpath(args.folder))
    if name not in LABS:
        sys.exit("no drills for %s; there are: %s" % (name, ", ".join(LABS)))
    src, dst, address, drills = LABS[name]
    began = time.monotonic()
    lab, configs = bring_up(args.build, args.folder)
    with lab:
        print("%s: %d routers and their hosts up in %.1f s" % (name, len(configs), time.monotonic() - began))
        d = Drills(lab, configs)
        print("converged after another %.1f s; %d packets/s from %s to %s\n" % (d.converge(), RATE, src, dst))
        d.probe = lab.probe(src, dst, address, RATE)
        first = d.probe.settle(500)
        if first["lost"] or not first["received"]:
            sys.exit("no clean traffic before the drills: %s" % first)
        print_head()
        for _ in range(args.rounds):
            drills(d)
    print("\ncleaned up: no namespace, process or file is left")
    if args.json:
        print(json.dumps(d.rows))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\ninterrupted; cleaned up")
    except (RuntimeError, TimeoutError) as e:
        sys.exit("drill: %s" % e)
