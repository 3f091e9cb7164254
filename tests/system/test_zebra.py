#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""zebra alone on a real kernel: config edits, clients, failures, kill -9 and restart."""
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, main, check, equal  # noqa: E402
from zebra import RibClient, Zebra, wait_until  # noqa: E402

S4 = "/grevy-routing:routing/static-routes/ipv4/route[prefix='%s'][next-hop='%s'][distance='%d'][table='0']"
S6 = "/grevy-routing:routing/static-routes/ipv6/route[prefix='%s'][next-hop='%s'][distance='%d'][table='0']"
IF = "/grevy-interface:interfaces/interface[name='%s']"


def iface(name, **leaves):
    values = {"enabled": "true", "link-detect": "true", **{k.replace("_", "-"): v for k, v in leaves.items()}}
    return {IF % name: "", **{(IF % name) + "/" + k: v for k, v in values.items()}}


class World:
    def __init__(self, build, name):
        self.z = Zebra(build, name)
        self.z.veth("a0", "a1", "10.0.0.1/24")
        self.z.veth("b0", "b1", "10.0.1.1/24")
        self.z.start()
        self.index = {l["ifname"]: l["ifindex"] for l in self.z.ip_json("link")}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.z.close()

    def legs(self, prefix):
        """{(gateway, dev)} of the kernel's route, None without one, a type for blackholes."""
        rows = self.z.ip_json(*(["-6"] if ":" in prefix else []), "route", "show", prefix)
        rows = [r for r in rows if r.get("protocol") != "kernel"]
        if not rows:
            return None
        if rows[0].get("type"):
            return rows[0]["type"]
        if "nhid" not in rows[0]:
            return {(rows[0].get("gateway"), rows[0].get("dev"))}
        hops = {n["id"]: n for n in self.z.ip_json("nexthop")}
        group = hops.get(rows[0]["nhid"], {}).get("group", [])
        return {(hops[m["id"]].get("gateway"), hops[m["id"]].get("dev")) for m in group
                if m["id"] in hops and hops[m["id"]].get("dev") != "grevy-keep"}

    def expect(self, prefix, legs, seconds=5):
        wait_until(lambda: self.legs(prefix) == legs, seconds)
        equal(self.legs(prefix), legs, prefix)


A, B = ("10.0.0.2", "a0"), ("10.0.1.2", "b0")


@case("static routes by config edits reach the kernel, and leave it")
def static_routes(build):
    with World(build, "zt-static") as w:
        w.z.commit({S4 % ("192.0.2.0/24", "10.0.0.2", 1): "", S4 % ("192.0.3.0/24", "Null0", 1): "",
                    S4 % ("192.0.4.0/24", "10.0.0.2", 1): "", S4 % ("192.0.4.0/24", "10.0.1.2 b0", 1): "",
                    S4 % ("192.0.5.0/24", "b0", 1): "", S6 % ("2001:db8:5::/48", "reject", 1): "",
                    S4 % ("192.0.6.0/24", "192.0.2.77", 1): "", S6 % ("2001:db8:6::/48", "fe80::77 a0", 1): ""})
        w.expect("192.0.2.0/24", {A})
        w.expect("192.0.3.0/24", "blackhole")
        w.expect("192.0.4.0/24", {A, B})
        w.expect("192.0.5.0/24", {(None, "b0")})
        w.expect("192.0.6.0/24", {A})
        w.expect("2001:db8:6::/48", {("fe80::77", "a0")})
        rows = wait_until(lambda: [r for r in w.z.rows("zebra/routes", afi="4", prefix="192.0.6.0/24") if r["installed"]])
        equal([r["protocol"] for r in rows], ["static"])
        check(rows[0]["nexthops"][0]["recursive"] and rows[0]["nexthops"][1]["resolver"], rows)
        w.z.commit(delete=[S4 % ("192.0.2.0/24", "10.0.0.2", 1)])
        w.expect("192.0.2.0/24", None)
        w.expect("192.0.6.0/24", None)
        equal(w.z.stop(), 0, "exit code")
        equal([r for r in w.z.ip_json("route") if r.get("protocol") == "static"], [], "routes left")
        equal([n for n in w.z.ip_json("nexthop") if n.get("dev") != "grevy-keep"], [], "next hops left")


@case("interface config: addresses, shutdown, connected and local routes")
def interfaces(build):
    with World(build, "zt-iface") as w:
        w.z.commit({**iface("a0"), (IF % "a0") + "/ipv4/address[address='172.16.0.1/24']": "",
                    **iface("later0"), (IF % "later0") + "/ipv4/address[address='172.17.0.1/24']": ""})
        check(wait_until(lambda: "172.16.0.1" in w.z.ip("addr", "show", "a0")), "no address on a0")
        got = wait_until(lambda: [r["protocol"] for r in w.z.rows("zebra/routes", prefix="172.16.0.0/24")])
        equal(got, ["connected"])
        equal([r["protocol"] for r in w.z.rows("zebra/routes", prefix="172.16.0.1/32")], ["local"])
        w.z.ip("link", "add", "later0", "type", "veth", "peer", "name", "later1")
        w.z.ip("link", "set", "later1", "up")
        check(wait_until(lambda: "172.17.0.1" in w.z.ip("addr", "show", "later0")), "no address on later0")
        check(wait_until(lambda: "UP" in w.z.ip_json("link", "show", "later0")[0]["flags"]), "later0 is down")
        w.z.commit({(IF % "a0") + "/enabled": "false"})
        check(wait_until(lambda: "UP" not in w.z.ip_json("link", "show", "a0")[0]["flags"]), "a0 is up")
        equal(wait_until(lambda: not w.z.rows("zebra/routes", prefix="172.16.0.0/24")), True)
        w.z.commit({(IF % "a0") + "/enabled": "true"}, delete=[(IF % "a0") + "/ipv4/address[address='172.16.0.1/24']"])
        check(wait_until(lambda: "UP" in w.z.ip_json("link", "show", "a0")[0]["flags"]), "a0 is down")
        check(wait_until(lambda: "172.16.0.1" not in w.z.ip("addr", "show", "a0")), "address stays")


@case("a client's routes: carrier lost and back, admin down and back")
def legs(build):
    with World(build, "zt-legs") as w:
        c = RibClient(w.z, "ospf")
        c.group(1, [("10.0.0.2", w.index["a0"]), ("10.0.1.2", w.index["b0"], 1)])
        c.group(2, [("10.0.0.2", w.index["a0"]), ("10.0.1.2", w.index["b0"])])
        c.group(3, [("10.0.0.2", w.index["a0"])])
        for gid in (1, 2, 3):
            c.routes(gid, ["100.%d.0.0/24" % gid, "100.%d.1.0/24" % gid])
        c.replay_end()
        w.expect("100.1.0.0/24", {A})
        w.expect("100.2.1.0/24", {A, B})
        w.expect("100.3.0.0/24", {A})
        mon = subprocess.Popen(["ip", "netns", "exec", w.z.name, "ip", "-4", "monitor", "route"],
                               stdout=subprocess.PIPE, text=True)
        w.z.ip("link", "set", "a1", "down")
        w.expect("100.1.0.0/24", {B})
        w.expect("100.2.0.0/24", {B})
        w.expect("100.3.0.0/24", None)
        w.z.ip("link", "set", "a1", "up")
        w.expect("100.1.0.0/24", {A})
        w.expect("100.2.0.0/24", {A, B})
        w.expect("100.3.0.0/24", {A})
        mon.terminate()
        lines = [l for l in mon.communicate()[0].splitlines() if "100.1." in l or "100.2." in l]
        equal(lines, [], "messages about routes whose group lives")
        w.z.ip("link", "set", "a0", "down")
        w.expect("100.1.0.0/24", {B})
        w.z.ip("link", "set", "a0", "up")
        w.expect("100.1.0.0/24", {A})
        w.expect("100.2.0.0/24", {A, B})
        w.expect("100.3.0.0/24", {A})


@case("foreign hands: deletion and replacement of ours are repaired, others' routes imported")
def foreign(build):
    with World(build, "zt-foreign") as w:
        w.z.commit({S4 % ("192.0.2.0/24", "10.0.0.2", 1): ""})
        w.expect("192.0.2.0/24", {A})
        w.z.ip("route", "del", "192.0.2.0/24", "proto", "196")
        w.expect("192.0.2.0/24", {A})
        w.z.ip("route", "replace", "192.0.2.0/24", "metric", "20", "via", "10.0.1.2", "proto", "boot")
        w.expect("192.0.2.0/24", {A})
        group = w.z.ip_json("route", "show", "192.0.2.0/24")[0]["nhid"]
        w.z.ip("nexthop", "del", "id", str(group))
        w.expect("192.0.2.0/24", {A})
        w.z.ip("nexthop", "flush", check=False)
        w.expect("192.0.2.0/24", {A})
        w.z.ip("route", "add", "198.51.100.0/24", "via", "10.0.1.2", "metric", "5")
        rows = wait_until(lambda: w.z.rows("zebra/routes", prefix="198.51.100.0/24"))
        equal([(r["protocol"], r["metric"], r["selected"]) for r in rows], [("kernel", 5, True)])
        w.z.ip("route", "del", "198.51.100.0/24")
        check(wait_until(lambda: not w.z.rows("zebra/routes", prefix="198.51.100.0/24")), "still there")


@case("kill -9 and restart: nothing is deleted, nothing rewritten, the stale is swept")
def restart(build):
    with World(build, "zt-restart") as w:
        prefixes = ["100.64.%d.0/24" % i for i in range(200)]

        def client(last):
            c = RibClient(w.z, "ospf")
            c.group(1, [("10.0.0.2", w.index["a0"]), ("10.0.1.2", w.index["b0"])])
            c.routes(1, prefixes[:last])
            return c

        w.z.commit({S4 % ("192.0.2.0/24", "10.0.0.2", 1): "", S4 % ("192.0.3.0/24", "Null0", 1): ""})
        c = client(200)
        c.replay_end()
        w.expect("192.0.2.0/24", {A})
        w.expect("100.64.199.0/24", {A, B})
        before = sorted(w.z.ip("nexthop").splitlines()), sorted(w.z.ip("route").splitlines())
        c.close()
        w.z.kill()
        mon = subprocess.Popen(["ip", "netns", "exec", w.z.name, "ip", "monitor", "route", "nexthop"],
                               stdout=subprocess.PIPE, text=True)
        time.sleep(0.2)
        w.z.start()
        w.z.commit(full=True)
        c = client(190)
        time.sleep(0.5)
        mon.terminate()
        # the kernel's own routes (an IPv6 address that has passed its test) are none of ours
        lines = [l for l in mon.communicate()[0].splitlines() if "grevy-keep" not in l and " proto kernel " not in l]
        equal(lines, [], "messages after the restart")
        equal((sorted(w.z.ip("nexthop").splitlines()), sorted(w.z.ip("route").splitlines())), before)
        c.replay_end()
        w.expect("100.64.199.0/24", None)
        w.expect("100.64.189.0/24", {A, B})
        rows = w.z.rows("zebra/dplane")[0]
        equal((rows["routes_written"], rows["routes_deleted"]), (0, 10), "routes written, deleted")
        equal(rows["swept"], 10, "swept")


@case("a client vanishes: its routes stay for the grace time, a replay writes differences only")
def grace(build):
    with World(build, "zt-grace") as w:
        prefixes = ["100.64.%d.0/24" % i for i in range(100)]
        c = RibClient(w.z, "ospf", grace=1)
        c.group(1, [("10.0.0.2", w.index["a0"])])
        c.routes(1, prefixes)
        w.expect("100.64.99.0/24", {A})
        written = w.z.rows("zebra/dplane")[0]["routes_written"]
        c.close()
        c = wait_until(lambda: RibClient(w.z, "ospf", grace=1))
        c.group(77, [("10.0.0.2", w.index["a0"])])
        c.routes(77, prefixes[:90])
        time.sleep(0.2)
        w.expect("100.64.99.0/24", {A})
        c.replay_end()
        w.expect("100.64.99.0/24", None)
        equal(w.z.rows("zebra/dplane")[0]["routes_written"], written, "routes written")
        try:
            RibClient(w.z, "ospf")
            check(False, "a second client of the same protocol was accepted")
        except RuntimeError:
            pass
        c.close()
        time.sleep(0.3)
        w.expect("100.64.1.0/24", {A})
        w.expect("100.64.1.0/24", None, 3)


def differences(w):
    """Where kernel and RIB disagree: routes of ours that are missing, too many, or have other legs."""
    hops = {n["id"]: n for n in w.z.ip_json("nexthop")}
    kernel = {}
    for r in w.z.ip_json("route"):
        if r.get("protocol") not in ("ospf", "static") or r.get("metric") != 20:
            continue
        group = hops.get(r.get("nhid"), {}).get("group", [])
        kernel[r["dst"]] = {(hops[m["id"]].get("gateway"), hops[m["id"]]["dev"]) for m in group
                            if m["id"] in hops and hops[m["id"]].get("dev") != "grevy-keep"}
    rib = {}
    for r in w.z.rows("zebra/routes", afi="4"):
        if r["selected"] and r["protocol"] in ("ospf", "static"):
            rib[r["prefix"]] = {(n.get("gateway"), n["interfaceName"]) for n in r["nexthops"] if n.get("fib")}
            if not r["installed"]:
                rib[r["prefix"]] = "not installed: %r" % r
    return [(p, kernel.get(p), rib.get(p)) for p in sorted(set(kernel) | set(rib)) if kernel.get(p) != rib.get(p)]


class ChaosClient:
    """A client that knows what it announced, so that it can replay it to a new zebra."""

    def __init__(self, w, rnd, groups):
        self.w, self.rnd, self.groups, self.announced = w, rnd, dict(enumerate(groups)), {}
        self.c = None
        self.connect()

    def connect(self):
        self.c = wait_until(lambda: RibClient(self.w.z, "ospf"))
        for gid, legs in self.groups.items():
            self.c.group(gid, legs)
        for prefix, (gid, metric) in self.announced.items():
            self.c.routes(gid, [prefix], metric)
        self.c.replay_end()

    def announce(self, prefixes):
        gid, metric = self.rnd.choice(list(self.groups)), self.rnd.randrange(1, 50)
        self.announced.update({p: (gid, metric) for p in prefixes})
        self.c.routes(gid, prefixes, metric)

    def withdraw(self, prefixes):
        for p in prefixes:
            self.announced.pop(p, None)
        self.c.routes(0, prefixes, withdraw=True)

    def redefine(self, gid, legs):
        self.groups[gid] = legs
        self.c.group(gid, legs)


@case("chaos: links flap, others delete and replace, zebra is killed; when it is quiet kernel and RIB agree")
def chaos(build):
    seed = int(os.environ.get("SEED", time.time()))
    print("# chaos seed %d" % seed, flush=True)
    rnd = random.Random(seed)
    with World(build, "zt-chaos") as w:
        prefixes = ["100.64.%d.0/24" % i for i in range(100)]
        a, b = w.index["a0"], w.index["b0"]
        groups = [[("10.0.0.2", a)], [("10.0.1.2", b)], [("10.0.0.2", a), ("10.0.1.2", b)],
                  [("10.0.0.2", a), ("10.0.1.2", b, 1)], [("172.16.0.1", 0)]]
        c = ChaosClient(w, rnd, groups)
        w.z.commit({S4 % ("172.16.0.0/16", "10.0.0.2", 1): "", S4 % ("172.16.0.0/16", "10.0.1.2", 5): ""})
        c.announce(prefixes)

        def nexthop_id():
            ids = [str(n["id"]) for n in w.z.ip_json("nexthop") if n["id"] < 0x7fffff00]
            return rnd.choice(ids) if ids else "1"

        acts = [
            lambda: w.z.ip("link", "set", rnd.choice(["a0", "a1", "b0", "b1"]), rnd.choice(["up", "down"])),
            lambda: subprocess.run(["ip", "-n", w.z.name, "-batch", "-"], text=True,
                                   input="link set %s down\nlink set %s up\n" % ((rnd.choice(["a1", "b0"]),) * 2)),
            lambda: w.z.ip("addr", rnd.choice(["add", "del"]), "10.0.0.1/24", "dev", "a0", check=False),
            lambda: w.z.ip("route", "del", rnd.choice(prefixes), "metric", "20", check=False),
            lambda: w.z.ip("route", "flush", "proto", "ospf", check=False),
            lambda: w.z.ip("nexthop", "del", "id", nexthop_id(), check=False),
            lambda: w.z.ip("route", "replace", rnd.choice(prefixes), "metric", "20", "via", "10.0.1.2", check=False),
        ]

        def restart():
            c.c.close()
            w.z.kill()
            for _ in range(3):
                rnd.choice(acts)()
            w.z.start()
            w.z.commit(full=True)
            c.connect()

        talk = [
            lambda: c.announce(rnd.sample(prefixes, 20)),
            lambda: c.announce(rnd.sample(prefixes, 20)),
            lambda: c.withdraw(rnd.sample(prefixes, 20)),
            lambda: c.redefine(1, rnd.choice(groups[:4])),
        ]
        for _ in range(8):
            for _ in range(40):
                rnd.choice(acts + talk)()
            if rnd.random() < 0.4:
                restart()
            for dev in ("a0", "a1", "b0", "b1"):
                w.z.ip("link", "set", dev, "up")
            w.z.ip("addr", "add", "10.0.0.1/24", "dev", "a0", check=False)
            wait_until(lambda: not differences(w), 5)
            equal(differences(w), [], "kernel and RIB (seed %d)" % seed)
            rib = {r["prefix"]: r["metric"] for r in w.z.rows("zebra/routes", afi="4", protocol="ospf")}
            equal(rib, {p: m for p, (_, m) in c.announced.items()}, "RIB and client (seed %d)" % seed)


if __name__ == "__main__":
    main()
