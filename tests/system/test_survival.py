#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
"""kill -9 of every daemon under a probe stream, with a netlink monitor: nothing lost, nothing deleted."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import NetlinkMonitor, case, check, equal, lab, main, wait_for  # noqa: E402

CONFIG = """
hostname %(name)s
interface lo
 ip address 10.255.0.%(n)d/32
 ip ospf area 0
exit
interface e0
 ip address 10.0.0.%(n)d/24
 ip ospf area 0
 ip ospf network point-to-point
 ip ospf hello-interval 1
 ip ospf dead-interval 4
exit
interface e1
 ip address 10.%(n)d.0.1/24
 ip ospf area 0
 ip ospf passive
exit
ip route 198.51.100.0/24 10.%(n)d.0.10 tag 5
router ospf
 ospf router-id 10.255.0.%(n)d
exit
"""


def pair(build):
    """h1 - r1 - r2 - h2: no second way, so whatever the control plane does wrong loses packets."""
    net = lab(build, "sv")
    r = [net.router("r%d" % n) for n in (1, 2)]
    for n, router in enumerate(r, 1):
        host = net.host("h%d" % n)
        net.link(router, "e1", host, "e0")
        host.run("ip", "addr", "add", "10.%d.0.10/24" % n, "dev", "e0")
        host.run("ip", "route", "add", "10.0.0.0/8", "via", "10.%d.0.1" % n)
    net.link(r[0], "e0", r[1], "e0")
    for n, router in enumerate(r, 1):
        router.start(CONFIG % {"name": router.name, "n": n})
    for router, far in ((r[0], "10.2.0.0/24"), (r[1], "10.1.0.0/24")):
        wait_for("the far network", lambda: any(x["dst"] == far for x in router.routes()), 30)
    return net, r


def survive(build, daemon, sig=signal.SIGKILL):
    net, (r1, r2) = pair(build)
    with net:
        probe = net.probe("h1", "h2", "10.2.0.10")
        probe.settle(300)
        probe.reset()
        monitors = [NetlinkMonitor(r1), NetlinkMonitor(r2)]
        for router in (r1, r2):
            old = router.kill(daemon, sig)
            wait_for("%s to be back on %s" % (daemon, router.name),
                     lambda: router.pid(daemon) not in (None, old), 10)
            wait_for("the adjacency", lambda: r1.full() and r2.full(), 30)
            wait_for("the far network", lambda: "10.2.0.0/24" in r1.json("show ip route ospf"), 10)
        report = probe.settle(6000)  # beyond the dead interval: late consequences count too
        equal(report["lost"], 0, "packets lost")
        for m in monitors:
            equal(m.deleted(), [], "routes deleted")
        check("198.51.100.0/24" in r1.json("show ip route static"), "the static route is gone from the RIB")


for each in ("zebra", "mgmtd", "ospfd"):
    case("kill -9 %s: 0 packets lost, 0 routes deleted" % each)(lambda build, each=each: survive(build, each))


@case("kill -9 grevy: a new one adopts the daemons")
def adopt(build):
    net, (r1, _) = pair(build)
    with net:
        pids = {d: r1.pid(d) for d in ("zebra", "mgmtd", "ospfd")}
        check(all(pids.values()), "a daemon is missing: %s" % pids)
        r1.grevy.kill()
        r1.grevy.wait()
        r1.start()
        equal({d: r1.pid(d) for d in pids}, pids, "pids after the adoption")
        old = r1.kill("ospfd")
        wait_for("ospfd to be restarted by the new grevy", lambda: r1.pid("ospfd") not in (None, old), 10)


@case("SIGTERM stops the router: exit 0, no process, no route, no nexthop of ours")
def stop(build):
    net, (r1, _) = pair(build)
    with net:
        pids = [r1.pid(d) for d in ("zebra", "mgmtd", "ospfd")]
        equal(r1.stop(), 0, "exit code")
        for pid in pids:
            check(not os.path.exists("/proc/%d" % pid) or pid not in r1.pids(), "process %d lives on" % pid)
        left = [x for x in r1.routes() if x.get("protocol") not in ("kernel", "boot")]
        equal(left, [], "routes left")
        equal(r1.run("ip", "nexthop").stdout.strip(), "", "nexthops left")


main()
