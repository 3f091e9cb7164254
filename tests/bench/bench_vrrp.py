#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
"""VRRP: what a host behind a gateway pair notices when the master's LAN port is cut silently, when the master loses
its uplink (tracked), and how late the new master is against the protocol's deadline (last advert + 3 intervals +
skew), at 1 s, 100 ms and 10 ms; 255 virtual routers at once. Ours, keepalived's and FRR's.

	h ---+--- a (200) ---+--- s        lan and up are switches; lan swallows frames
	     +--- b (100) ---+
"""
import json
import os
import socket
import struct
import subprocess
import sys
import time

from figures import FRR, add_frr, arguments, lab, labs, median, say, wait_for

KEEPALIVED = os.path.exists("/usr/sbin/keepalived")
VIP = "10.0.0.254"
HOST, SERVER = "10.0.0.50", "10.9.0.9"
PRIORITY = {"a": 200, "b": 100}
RATE = 1000
TIMESTAMPNS = 35  # SO_TIMESTAMPNS, SCM_TIMESTAMPNS


def vip(vrid):
    return VIP if vrid == 5 else "10.0.%d.%d" % (1 + vrid // 250, vrid % 250 + 1)


def skew(ms, priority):
    return ms * (256 - priority) / 256.0


# --- the suites -------------------------------------------------------------------------------------
def grevy_config(node, ms, vrids, track):
    number = "1" if node == "a" else "2"
    text = "interface e0\n ip address 10.0.0.%s/16\n" % number
    for v in vrids:
        text += " vrrp %d\n vrrp %d priority %d\n vrrp %d advertisement-interval %d\n vrrp %d ip %s\n" % (
            v, v, PRIORITY[node], v, ms, v, vip(v))
        if track:
            text += " vrrp %d track-interface e1\n" % v
    return text + "exit\ninterface e1\n ip address 10.9.0.%s/24\nexit\n" % number


def frr_config(node, ms, vrids):
    text = "interface e0\n"
    for v in vrids:
        text += " vrrp %d version 3\n vrrp %d priority %d\n vrrp %d advertisement-interval %d\n vrrp %d ip %s\n" % (
            v, v, PRIORITY[node], v, ms, v, vip(v))
    return text


def keepalived_config(node, ms, vrids, track):
    text = "global_defs {\n vrrp_version 3\n vrrp_garp_master_repeat 1\n vrrp_rt_priority 50\n}\n"
    for v in vrids:
        text += ("vrrp_instance v%d {\n state BACKUP\n interface e0\n virtual_router_id %d\n priority %d\n advert_int %g\n"
                 " use_vmac\n %s virtual_ipaddress {\n %s/32\n }\n}\n" % (
                     v, v, PRIORITY[node], ms / 1000.0,
                     "track_interface {\n e1\n }\n" if track else "", vip(v)))
    return text


def by_hand(node, name):
    number = "1" if name == "a" else "2"
    node.run("ip", "addr", "add", "10.0.0.%s/16" % number, "dev", "e0")
    node.run("ip", "addr", "add", "10.9.0.%s/24" % number, "dev", "e1")
    for key in ("all", "default", "e0"):
        node.sysctl("net.ipv4.conf.%s.rp_filter" % key, 0)
    node.sysctl("net.ipv4.ip_forward", 1)


def start_frr(net, node, name, ms, vrids):
    by_hand(node, name)
    for v in vrids:
        dev = "vr%d" % v
        node.run("ip", "link", "add", dev, "link", "e0", "address", "00:00:5e:00:01:%02x" % v, "type", "macvlan", "mode",
                 "bridge")
        node.run("ip", "link", "set", dev, "addrgenmode", "random", check=False)
        node.run("ip", "addr", "add", vip(v) + "/16", "dev", dev)
        node.run("ip", "link", "set", dev, "up")
    node.start(frr_config(name, ms, vrids), ("zebra", "vrrpd"))


def start_keepalived(net, node, name, ms, vrids, track):
    by_hand(node, name)
    conf = os.path.join(net.dir, name + ".keepalived")
    with open(conf, "w") as f:
        f.write(keepalived_config(name, ms, vrids, track))
    node.spawn("keepalived", "-n", "-P", "-f", conf, "-p", conf + ".pid", "-r", conf + ".vrrp", "-l",
               stdout=open(conf + ".log", "w"), stderr=subprocess.STDOUT)


def start(net, suite, ms, vrids, track=False):
    make = {"grevy": net.router, "frr": lambda n: add_frr(net, n), "keepalived": net.host}[suite]
    nodes = {n: make(n) for n in "ab"}
    h, s = net.host("h"), net.host("s")
    lan = net.lan("lan", ("a", "e0"), ("b", "e0"), ("h", "h0"))
    net.lan("up", ("a", "e1"), ("b", "e1"), ("s", "s0"))
    h.run("ip", "addr", "add", HOST + "/16", "dev", "h0")
    h.run("ip", "route", "add", "default", "via", VIP)
    s.run("ip", "addr", "add", SERVER + "/24", "dev", "s0")
    for n in "ab":
        if suite == "grevy":
            nodes[n].start(grevy_config(n, ms, vrids, track))
        elif suite == "frr":
            start_frr(net, nodes[n], n, ms, vrids)
        else:
            start_keepalived(net, nodes[n], n, ms, vrids, track)
    return nodes, lan, h, s


# --- adverts as a third party sees them -------------------------------------------------------------
def watch(ifname, seconds):
    """Prints VRRP adverts as [time, source, vrid, priority] rows; run in the namespace of the switch."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    s.setsockopt(socket.SOL_SOCKET, TIMESTAMPNS, 1)
    s.bind((ifname, 0))
    print("watching", flush=True)
    end, rows = time.time() + seconds, []
    s.settimeout(0.1)
    while time.time() < end:
        try:
            data, anc, _, _ = s.recvmsg(2048, 64)
        except socket.timeout:
            continue
        if data[12:14] != b"\x08\x00" or data[23] != 112:
            continue
        sec, nsec = struct.unpack("qq", anc[0][2])
        vrrp = data[14 + 4 * (data[14] & 15):]
        rows.append([sec + nsec / 1e9, socket.inet_ntoa(data[26:30]), vrrp[1], vrrp[2]])
    print(json.dumps(rows))


def watcher(node, ifname, seconds):
    p = node.spawn(sys.executable, os.path.abspath(__file__), "--watch", ifname, "--seconds", seconds,
                   stdout=subprocess.PIPE, text=True)
    p.stdout.readline()
    return p


def lateness(rows, ms):
    """Of b's first advert for each virtual router after a's last one, against the deadline, in ms."""
    last, first = {}, {}
    for at, src, vrid, _ in rows:
        if src == "10.0.0.1":
            last[vrid] = at
        elif vrid in last:
            first.setdefault(vrid, at)
    return [(first[v] - last[v]) * 1000 - 3 * ms - skew(ms, PRIORITY["b"]) for v in last if v in first], len(last)


def quiet(probe, ms):
    return probe.settle(max(400, 2 * ms))


def acquainted(nodes):
    """Both routers know the server's MAC: the first packet of a takeover waits for nobody's ARP."""
    for node in nodes.values():
        node.run("ping", "-c", "1", "-W", "2", SERVER, check=False)


def settled(probe, ms):
    """Traffic flows, through a: it preempts once it can."""
    def flows():
        probe.reset()
        time.sleep(0.3)
        r = probe.report()
        return r["received"] > 200 and not r["lost"]
    wait_for("clean traffic", flows, 60 + 10 * ms / 1000.0, 0.2)


def silent(build, suite, ms, rounds):
    with lab(build, "bv") as net:
        nodes, lan, h, s = start(net, suite, ms, [5])
        probe = net.probe(h, s, SERVER, RATE)
        outages, late = [], []
        for n in range(rounds):
            settled(probe, ms)
            acquainted(nodes)
            w = watcher(net.nodes["lan"], "br0", 6 * ms / 1000.0 + 1.5)
            time.sleep(0.5 + ms / 1000.0 + ms / 1000.0 * n / rounds)  # at another moment of the interval each time
            probe.reset()
            time.sleep(0.2)
            lan.silence("p0")
            outages.append(quiet(probe, ms)["outage_ms"])
            late += lateness(json.loads(w.communicate(timeout=60)[0]), ms)[0]
            lan.silence("p0", False)
            time.sleep(5 * ms / 1000.0)  # one master again
        return median(outages), max(outages), median(late), max(late)


def uplink(build, suite, ms, rounds):
    with lab(build, "bv") as net:
        nodes, _, h, s = start(net, suite, ms, [5], track=True)
        probe = net.probe(h, s, SERVER, RATE)
        outages = []
        for _ in range(rounds):
            settled(probe, ms)
            acquainted(nodes)
            time.sleep(4 * ms / 1000.0)
            probe.reset()
            time.sleep(0.2)
            net.nodes["up"].carrier("p0", False)
            outages.append(quiet(probe, ms)["outage_ms"])
            net.nodes["up"].carrier("p0", True)
            time.sleep(5 * ms / 1000.0 + 1)
        return median(outages), max(outages)


def many(build, suite, count):
    """255 virtual routers at 100 ms: how late the last of them is."""
    with lab(build, "bv") as net:
        _, lan, h, s = start(net, suite, 100, range(1, count + 1))
        probe = net.probe(h, s, SERVER, RATE)
        settled(probe, 100)
        time.sleep(5)
        w = watcher(net.nodes["lan"], "br0", 3)
        time.sleep(1)
        lan.silence("p0")
        late, seen = lateness(json.loads(w.communicate(timeout=60)[0]), 100)
        return (len(late), seen, median(late), max(late)) if late else None


def attempt(fn, *args):
    try:
        return fn(*args)
    except (OSError, RuntimeError, TimeoutError, subprocess.SubprocessError, json.JSONDecodeError) as e:
        print("   %s %s: %s" % (fn.__name__, args[1], " ".join(str(e).split())[:300]), flush=True)
        return None


def main():
    args = arguments(__doc__, ("--rounds", int, 5), ("--suites", str, "grevy,keepalived,frr"), ("--intervals", str, "1000,100,10"),
                     ("--watch", str, ""), ("--seconds", float, 0), ("--virtual-routers", int, 255))
    if args.watch:
        return watch(args.watch, args.seconds)
    suites = [s for s in args.suites.split(",") if s == "grevy" or (s == "frr" and FRR) or (s == "keepalived" and KEEPALIVED)]
    for ms in (int(i) for i in args.intervals.split(",")):
        got = {s: attempt(silent, args.build, s, ms, args.rounds if ms < 1000 else min(3, args.rounds)) for s in suites}
        limit = 3 * ms + skew(ms, PRIORITY["b"])
        report("LAN port silently cut, adverts %d ms" % ms, got, 0, 1, limit + 5)
        report("  first advert after its deadline", got, 2, 3, 5)
        got = {s: attempt(uplink, args.build, s, ms, 3) for s in suites if s != "frr"}
        report("uplink lost, tracked, adverts %d ms" % ms, got, 0, 1, skew(ms, PRIORITY["b"]) + 5)
    got = {s: attempt(many, args.build, s, args.virtual_routers) for s in suites}
    for s, v in got.items():
        if v:
            print("   %s: %d of %d virtual routers taken over" % (s, v[0], v[1]), flush=True)
    report("%d virtual routers, last one after its deadline" % args.virtual_routers, got, 3, 3, 20)


def report(what, got, typical, worst, limit):
    ours = got.get("grevy")
    say(what, ours[typical] if ours else 0, "ms", bar="worst <= %.0f ms" % limit, good=bool(ours) and ours[worst] <= limit,
        keepalived=got["keepalived"][typical] if got.get("keepalived") else None,
        FRR=got["frr"][typical] if got.get("frr") else None)
    if ours:
        print("      ours at worst %.1f ms" % ours[worst], flush=True)


if __name__ == "__main__":
    main()
