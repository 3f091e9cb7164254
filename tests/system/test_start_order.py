#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
"""Daemons started one by one by a script, in every order: the same FIB each time."""
import itertools
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402

CONFIG = """
interface lo
 ip address 10.255.0.%(n)d/32
exit
interface e0
 ip address 10.0.0.%(n)d/24
 ip ospf network point-to-point
 ip ospf hello-interval 1
 ip ospf dead-interval 4
exit
ip route 198.51.%(n)d.0/24 blackhole tag 5
router ospf
 ospf router-id 10.255.0.%(n)d
 network 10.0.0.0/8 area 0
 redistribute static
exit
"""
DAEMONS = ("zebra", "mgmtd", "ospfd")


def start_by_hand(router, order):
    """What grevy does, done by a script: each daemon alone, then the config file."""
    procs = []
    for daemon in order:
        fresh = ["--fresh"] if daemon == "mgmtd" else []
        procs.append(router.spawn(router.lab.program("sbin/" + daemon), *router.dirs(), "--state-dir", router.state_dir,
                                  "--log", "file:" + router.log, *fresh, stderr=subprocess.DEVNULL))
    wait_for("mgmtd's socket", lambda: os.path.exists(os.path.join(router.run_dir, "mgmtd.sock")), 10)
    router.run(router.lab.program("bin/vtysh"), *router.dirs(), "-b", "-f", router.conf)
    return procs


def fib(router):
    """Destination, protocol and way out of every route, without ids."""
    rows = set()
    for line in router.run("ip", "route", "show", "table", "main").stdout.splitlines():
        words = line.split()
        rows.add((words[0] if words[0] != "blackhole" else "blackhole " + words[1],
                  words[words.index("proto") + 1]))
    return rows


@case("six orders of zebra, mgmtd and ospfd give one FIB")
def orders(build):
    net = lab(build, "so")
    with net:
        us, peer = net.router("us"), net.router("peer")
        net.link(us, "e0", peer, "e0")
        peer.start(CONFIG % {"n": 2})
        with open(us.conf, "w") as f:
            f.write(CONFIG % {"n": 1})
        want = {("10.0.0.0/24", "kernel"), ("10.255.0.2", "ospf"), ("198.51.2.0/24", "ospf"),
                ("blackhole 198.51.1.0/24", "static")}
        for order in itertools.permutations(DAEMONS):
            procs = start_by_hand(us, order)
            wait_for("%s: the FIB" % " ".join(order), lambda: fib(us) == want, 20)
            check("10.255.0.2" in us.full(), "%s: no adjacency" % " ".join(order))
            for p in reversed(procs):
                p.send_signal(signal.SIGTERM)
            for p in procs:
                equal(p.wait(10), 0, "exit code")
            equal({r for r in fib(us) if r[1] != "kernel"}, set(), "routes left behind")
            us.run("ip", "addr", "flush", "dev", "e0")


main()
