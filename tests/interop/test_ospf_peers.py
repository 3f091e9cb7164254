#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
"""OSPFv2 with Debian's FRR and BIRD 2: Full adjacency, routes both ways, reconvergence; broadcast and
point-to-point, with MD5, each side as DR; externals, the default route, what does not fit and says so, restarts,
and a LAN of all three. Labs are shared where one case does not spoil the next."""
import contextlib
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import add_bird, add_frr, case, check, equal, lab, main, wait_for  # noqa: E402

OURS, THEIRS = "192.0.2.1/32", "192.0.2.2/32"


def our_config(network, priority, md5, extra=""):
    return """
interface lo
 ip address %s
 ip ospf area 0
exit
interface e0
 ip address 10.0.0.1/24
 ip ospf area 0
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf priority %d
 ip ospf network %s
%sexit
ip route 198.51.100.0/24 blackhole
router ospf
 ospf router-id 192.0.2.1
 redistribute static metric 30 metric-type 1
%sexit
""" % (OURS, priority, network, " ip ospf authentication message-digest\n ip ospf message-digest-key 7 md5 secret\n"
       if md5 else "", extra)


def frr_config(network, priority, md5):
    return """
interface lo
 ip address %s
interface e0
 ip address 10.0.0.2/24
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf priority %d
 ip ospf network %s
%s
interface e1
 ip address 10.77.0.1/24
ip route 203.0.113.0/24 blackhole tag 9
router ospf
 ospf router-id 192.0.2.2
 redistribute static metric 40
 network 10.0.0.0/24 area 0
 network 192.0.2.2/32 area 0
 network 10.77.0.0/24 area 0
""" % (THEIRS, priority, network, " ip ospf authentication message-digest\n ip ospf message-digest-key 7 md5 secret\n"
       if md5 else "")


def bird_config(network, priority, md5):
    kind = {"broadcast": "broadcast", "point-to-point": "ptp"}[network]
    auth = 'authentication cryptographic; password "secret" { id 7; algorithm keyed md5; };' if md5 else ""
    return """
router id 192.0.2.2;
protocol device { scan time 1; }
protocol kernel { ipv4 { export all; }; }
protocol direct { ipv4; interface "lo", "e1"; }
protocol static { ipv4; route 203.0.113.0/24 blackhole { ospf_metric2 = 40; ospf_tag = 9; }; }
protocol ospf v2 {
  ipv4 { import all; export where source = RTS_STATIC; };
  area 0 {
    interface "e0" { type %s; priority %d; hello 1; dead count 4; %s };
    interface "lo" { stub; };
    interface "e1" { stub; };
  };
}
""" % (kind, priority, auth)


def with_bfd(config):
    """BFD on the link, and a dead interval that has no part in what is noticed."""
    bird = config.replace("dead count 4;", "dead count 120; bfd yes;")
    if bird != config:
        return bird + 'protocol bfd { interface "e0" { min rx interval 100 ms; min tx interval 100 ms; }; }\n'
    return config.replace(" ip ospf dead-interval 4\n", " ip ospf dead-interval 120\n ip ospf bfd\n")


def scene(build, peer, network="broadcast", ours=1, theirs=1, md5=False, extra="", bfd=False):
    """Two routers on a link, a stub of the peer on e1; returns (lab, us, them)."""
    drop_shared()
    net = lab(build, "io")
    us = net.router("us")
    them = add_frr(net, "them") if peer == "frr" else add_bird(net, "them")
    far = net.host("far")
    net.link(us, "e0", them, "e0")
    net.link(them, "e1", far, "e1")
    if peer == "bird":
        them.run("ip", "addr", "add", THEIRS, "dev", "lo")
        them.run("ip", "addr", "add", "10.0.0.2/24", "dev", "e0")
        them.run("ip", "addr", "add", "10.77.0.1/24", "dev", "e1")
    edit = with_bfd if bfd else lambda config: config
    config = edit({"frr": frr_config, "bird": bird_config}[peer](network, theirs, md5))
    if peer == "frr" and bfd:
        them.start(config, ("zebra", "staticd", "ospfd", "bfdd"))
    else:
        them.start(config)
    us.start(edit(our_config(network, ours, md5, extra)))
    return net, us, them


def kernel_prefixes(node):
    return {r["dst"] if "/" in r["dst"] or r["dst"] == "default" else r["dst"] + "/32" for r in node.routes()}


def both_ways(us, them):
    wait_for("Full", lambda: "192.0.2.2" in us.full(), 40)
    wait_for("their routes in our kernel", lambda: {THEIRS, "10.77.0.0/24", "203.0.113.0/24"} <= kernel_prefixes(us))
    wait_for("our routes in their kernel", lambda: {OURS, "198.51.100.0/24"} <= kernel_prefixes(them))
    # a restarted peer flushes its former external once before it announces it anew
    external = wait_for("their external", lambda: us.json("show ip ospf route")["203.0.113.0/24"], 15)
    equal(external["routeType"], "N E2", "type of their external")
    equal(external["type2cost"], 40, "metric of their external")
    equal(external["tag"], 9, "tag of their external")


def reconverge(us, them):
    them.run("ip", "link", "set", "e1", "down")
    wait_for("their stub to go", lambda: "10.77.0.0/24" not in kernel_prefixes(us))
    them.run("ip", "link", "set", "e1", "up")
    wait_for("their stub to come back", lambda: "10.77.0.0/24" in kernel_prefixes(us))
    us.vtysh("configure terminal", "no ip route 198.51.100.0/24 blackhole", "ip route 198.51.101.0/24 blackhole")
    wait_for("our external to change", lambda: "198.51.101.0/24" in kernel_prefixes(them) and
             "198.51.100.0/24" not in kernel_prefixes(them))


def role(us):
    return us.json("show ip ospf interface e0")["interfaces"]["e0"]["state"]


def register(peer):
    label = {"frr": "FRR", "bird": "BIRD"}[peer]

    @case("%s: broadcast, we are DR; routes both ways; reconvergence" % label)
    def as_dr(build):
        net, us, them = scene(build, peer, ours=10, theirs=1)
        with net:
            both_ways(us, them)
            equal(role(us), "DR", "our state")
            reconverge(us, them)
            if peer == "bird":
                configure(us, "ip route 198.51.100.0/24 blackhole")
                wait_for("our external again", lambda: "198.51.100.0/24" in kernel_prefixes(them), 15)
                at_once(us, them)

    @case("%s: broadcast, the peer is DR, MD5" % label)
    def as_other(build):
        net, us, them = scene(build, peer, ours=0, theirs=1, md5=True)
        with net:
            both_ways(us, them)
            equal(role(us), "DROther", "our state")

    @case("%s: point-to-point, MD5; a wrong key is refused and counted" % label)
    def p2p(build):
        net, us, them = scene(build, peer, network="point-to-point", md5=True)
        with net:
            both_ways(us, them)
            equal(role(us), "Point-To-Point", "our state")
            on_e0(us, "no ip ospf message-digest-key 7", "ip ospf message-digest-key 7 md5 other")
            wait_for("the neighbour to be lost", lambda: "192.0.2.2" not in us.full(), 15)
            wait_for("the drops to be counted", lambda: drops(us).get("auth-digest", 0) > 0, 10)



def drops(router):
    return router.json("show ip ospf statistics")["drops"]


def logged(router, *words):
    with open(router.log) as f:
        return any(all(w in line for w in words) for line in f)


def configure(router, *lines):
    router.vtysh("configure terminal", *lines)


def on_e0(router, *lines):
    configure(router, "interface e0", *lines)


def at_once(us, them):
    """A router that is stopped takes its LSAs back: the peer does not wait for the dead interval of 4 s."""
    began = time.monotonic()
    us.grevy.send_signal(signal.SIGTERM)
    wait_for("our routes to leave their kernel", lambda: not {OURS, "198.51.100.0/24"} & kernel_prefixes(them),
             10, 0.02)
    took = time.monotonic() - began
    equal(us.grevy.wait(20), 0, "exit code")
    check(took < 2.5, "their kernel lost our routes after %.1f s only" % took)


for each in ("frr", "bird"):
    register(each)


# --- FRR, one lab for many statements ----------------------------------------------------------------
class Shared:
    """The lab of the last case; one that fails takes it along."""
    name, scene = None, None


@contextlib.contextmanager
def shared(name, make):
    if Shared.name != name:
        drop_shared()
        Shared.scene = make()
        Shared.name = name
    try:
        yield Shared.scene
    except BaseException:
        drop_shared()
        raise


def drop_shared():
    if Shared.scene:
        Shared.scene[0].close()
    Shared.name = Shared.scene = None


def frr_case(name):
    def add(fn):
        @case("FRR: " + name)
        def run_it(build):
            with shared("frr", lambda: scene(build, "frr", ours=10, theirs=1)) as (_, us, them):
                wait_for("Full", lambda: "192.0.2.2" in us.full(), 20)
                fn(us, them)
        return run_it
    return add


@frr_case("E1 and E2 externals with tags, both ways")
def externals(us, them):
    both_ways(us, them)
    configure(us, "ip route 198.51.103.0/24 blackhole tag 1234")
    theirs = wait_for("our tagged external", lambda: them.json("show ip ospf route")["198.51.103.0/24"], 10)
    equal((theirs["routeType"], theirs["cost"], theirs["tag"]), ("N E1", 30 + e0_cost(them), 1234), "our E1 in theirs")
    configure(us, "router ospf", "redistribute static metric 33 metric-type 2")
    wait_for("our external as E2",
             lambda: them.json("show ip ospf route")["198.51.103.0/24"]["routeType"] == "N E2", 15)
    equal(them.json("show ip ospf route")["198.51.103.0/24"]["type2cost"], 33, "metric of our E2")
    configure(them, "router ospf", "redistribute static metric 44 metric-type 1")
    ours = wait_for("their external as E1", lambda: [r for r in [us.json("show ip ospf route")["203.0.113.0/24"]]
                                                     if r["routeType"] == "N E1"], 15)[0]
    equal((ours["cost"], ours["tag"]), (44 + e0_cost(us), 9), "their E1 in our table")
    configure(us, "no ip route 198.51.103.0/24 blackhole")


def e0_cost(router):
    return router.json("show ip ospf interface e0")["interfaces"]["e0"]["cost"]


@frr_case("default-information originate, always and while there is one, both ways")
def default_route(us, them):
    configure(us, "router ospf", "default-information originate always metric 7")
    wait_for("our default", lambda: "default" in kernel_prefixes(them), 15)
    configure(us, "router ospf", "no default-information originate", "default-information originate")
    wait_for("our default to go", lambda: "default" not in kernel_prefixes(them), 15)
    configure(us, "ip route 0.0.0.0/0 blackhole")
    wait_for("our default again", lambda: "default" in kernel_prefixes(them), 15)
    configure(us, "no ip route 0.0.0.0/0 blackhole", "router ospf", "no default-information originate")
    wait_for("our default to go again", lambda: "default" not in kernel_prefixes(them), 15)
    configure(them, "router ospf", "default-information originate always metric 5")
    wait_for("their default", lambda: "default" in kernel_prefixes(us), 15)
    configure(them, "router ospf", "no default-information originate always metric 5")
    wait_for("their default to go", lambda: "default" not in kernel_prefixes(us), 15)


@frr_case("distance, max-metric router-lsa")
def distance(us, them):
    configure(us, "router ospf", "distance 150")
    wait_for("the distance", lambda: us.json("show ip route ospf")["10.77.0.0/24"][0]["distance"] == 150, 5)
    configure(us, "router ospf", "no distance 150", "max-metric router-lsa administrative")

    def metric():
        return "Metric: 65535" in them.vtysh("show ip ospf database router 192.0.2.1")
    wait_for("the largest metric in their copy of our LSA", metric, 15)
    configure(us, "router ospf", "no max-metric router-lsa administrative")
    wait_for("the usual metric", lambda: not metric(), 15)


@frr_case("passive-interface default, no passive-interface")
def passive(us, them):
    configure(us, "router ospf", "passive-interface default")
    wait_for("the neighbour to be lost", lambda: not us.full(), 10)
    wait_for("our routes to leave", lambda: OURS not in kernel_prefixes(them), 10)
    configure(us, "router ospf", "no passive-interface e0")
    wait_for("Full", lambda: "192.0.2.2" in us.full(), 20)
    configure(us, "router ospf", "no passive-interface default")
    wait_for("our routes", lambda: OURS in kernel_prefixes(them), 15)


@frr_case("clear ip ospf neighbor, clear ip ospf process")
def clear(us, them):
    for command in ("clear ip ospf neighbor", "clear ip ospf process"):
        us.vtysh(command)
        wait_for("Full after " + command, lambda: "192.0.2.2" in us.full(), 20)
        wait_for("routes", lambda: {THEIRS, "10.77.0.0/24"} <= kernel_prefixes(us) and
                 {OURS, "198.51.100.0/24"} <= kernel_prefixes(them), 20)


@frr_case("another hello interval keeps it from being a neighbour, and the log says so")
def hello_mismatch(us, them):
    on_e0(them, "ip ospf hello-interval 2")
    wait_for("the neighbour to be lost", lambda: not us.full(), 10)
    check(drops(us)["hello-interval-mismatch"] > 0, "not counted: %s" % drops(us))
    check(logged(us, "hello-interval-mismatch", "ours=1", "theirs=2", "192.0.2.2"), "not logged: " + us.tail())
    on_e0(them, "ip ospf hello-interval 1")


@frr_case("another MTU keeps it from Full, log and counters say so; mtu-ignore cures it")
def mtu(us, them):
    us.run("ip", "link", "set", "e0", "mtu", 1400)
    wait_for("our MTU", lambda: us.json("show interface e0")["e0"]["mtu"] == 1400, 5)
    them.vtysh("clear ip ospf process")
    wait_for("the count", lambda: drops(us).get("mtu-mismatch", 0) > 0, 20)
    wait_for("the end of Full", lambda: not us.full(), 5)  # after a restart it takes its Database Description
    time.sleep(1)
    check(not us.full(), "Full in spite of the MTU")
    check(logged(us, "mtu-mismatch", "ours=1400", "theirs=1500"), "not logged: " + us.tail())
    on_e0(us, "ip ospf mtu-ignore")
    wait_for("Full", lambda: "192.0.2.2" in us.full(), 20)
    us.run("ip", "link", "set", "e0", "mtu", 1500)
    on_e0(us, "no ip ospf mtu-ignore")


@frr_case("killed by kill -9 and started again")
def restarted(us, them):
    for pid in them.pids():
        os.kill(pid, signal.SIGKILL)
    wait_for("its routes to go", lambda: "10.77.0.0/24" not in kernel_prefixes(us), 15)
    for leftover in os.listdir(them.dir):
        if leftover.endswith((".vty", ".api", ".pid")):
            os.unlink(os.path.join(them.dir, leftover))
    them.start(frr_config("broadcast", 1, False))
    both_ways(us, them)


@frr_case("we are stopped: the peer loses our routes at once")
def stopped(us, them):
    wait_for("our routes", lambda: {OURS, "198.51.100.0/24"} <= kernel_prefixes(them), 20)
    at_once(us, them)
    drop_shared()


@case("FRR: simple password, then dead-interval minimal with hello-multiplier")
def simple_minimal(build):
    net, us, them = scene(build, "frr", network="point-to-point")
    with net:
        wait_for("Full", lambda: "192.0.2.2" in us.full(), 20)
        password = ("ip ospf authentication", "ip ospf authentication-key word")
        on_e0(us, *password)
        wait_for("the neighbour to be lost", lambda: not us.full(), 10)
        check(drops(us)["auth-type"] > 0, "not counted: %s" % drops(us))
        on_e0(them, *password)
        wait_for("Full by the password", lambda: "192.0.2.2" in us.full(), 10)
        for router in (us, them):
            on_e0(router, "no ip ospf hello-interval", "no ip ospf dead-interval",
                  "ip ospf dead-interval minimal hello-multiplier 5")
        wait_for("Full with hellos of 200 ms", lambda: "192.0.2.2" in us.full(), 10)
        both_ways(us, them)
        # it may still be Full by the last Hello of the old interval
        wait_for("a Hello of the new interval", lambda: us.json("show ip ospf neighbor")["neighbors"]["192.0.2.2"][0]
                 ["routerDeadIntervalTimerDueMsec"] <= 1000, 10)
        began = time.monotonic()
        os.kill(int(open(os.path.join(them.dir, "ospfd.pid")).read()), signal.SIGSTOP)
        wait_for("the dead interval of 1 s", lambda: not us.full(), 5)
        check(time.monotonic() - began < 3, "it took %.1f s" % (time.monotonic() - began))


# --- a LAN of all three ------------------------------------------------------------------------------
FRR_LAN = """
interface lo
 ip address 192.0.2.2/32
interface e0
 ip address 10.0.0.2/24
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf priority 5
ip route 203.0.113.0/24 10.0.0.3 tag 9
router ospf
 ospf router-id 192.0.2.2
 redistribute static metric 40
 network 10.0.0.0/24 area 0
 network 192.0.2.2/32 area 0
"""
BIRD_LAN = """
router id 192.0.2.3;
protocol device { scan time 1; }
protocol kernel { ipv4 { export all; }; }
protocol ospf v2 {
  ipv4 { import all; export none; };
  area 0 {
    interface "e0" { type broadcast; priority 3; hello 1; dead count 4; };
    interface "lo" { stub; };
  };
}
"""
BIRDS = "192.0.2.3/32"


def gateways(node, prefix):
    """Of a route in the kernel, through nexthop objects if need be."""
    text = node.run("ip", "-d", "route", "show", prefix).stdout
    ids = [w for w, before in zip(text.split()[1:], text.split()) if before == "nhid"]
    for i in ids:
        text += node.run("ip", "nexthop", "show", "id", i).stdout
        for member in text.split("group ")[1].split()[0].split("/") if "group " in text else []:
            text += node.run("ip", "nexthop", "show", "id", member.split(",")[0]).stdout
    words = text.split()
    return {w for w, before in zip(words[1:], words) if before == "via"} - {"192.0.0.8"}


def bfd_notices(build, peer, theirs_full):
    """A silent cut, a dead interval of two minutes: only BFD can tell, here and there. Then the peer stops BFD."""
    net, us, them = scene(build, peer, network="point-to-point", bfd=True)

    def ours():
        rows = us.json("show ip ospf neighbor detail")["neighbors"].get("192.0.2.2", [{}])
        return rows[0]

    with net:
        both_ways(us, them)
        wait_for("the session", lambda: ours()["peerBfdInfo"]["status"] == "Up", 20)
        wait_for("Full there", lambda: theirs_full(them), 20)
        cut = net.cut("us", "e0")
        wait_for("us to notice", lambda: not us.full(), 20)
        wait_for("the peer to notice", lambda: not theirs_full(them), 20)
        lost = [e for e in us.json("show ha events")["events"] if e["event"] == "ospf.neighbor-lost"]
        check("BFDDown" in lost[-1]["cause"], "lost by %s" % lost[-1]["cause"])
        wait_for("their routes to go", lambda: "10.77.0.0/24" not in kernel_prefixes(us), 10)
        cut.close()
        both_ways(us, them)
        wait_for("the session again", lambda: ours()["peerBfdInfo"]["status"] == "Up", 20)
        if peer == "frr":
            on_e0(them, "no ip ospf bfd")
            wait_for("the session to end", lambda: ours()["peerBfdInfo"]["status"] != "Up", 20)
            check("192.0.2.2" in us.full(), "AdminDown ended the adjacency")


@case("FRR: BFD, both sides notice a silent cut; AdminDown is no failure")
def frr_bfd(build):
    def full(them):
        return "Full" in them.vtysh("show ip ospf neighbor")
    bfd_notices(build, "frr", full)


@case("BIRD: BFD, both sides notice a silent cut")
def bird_bfd(build):
    def full(them):
        return "Full" in them.birdc("show ospf neighbors")
    bfd_notices(build, "bird", full)


@case("a LAN with FRR and BIRD: DR, Backup, other; the DR dies, twice; forwarding addresses")
def three(build):
    drop_shared()
    net = lab(build, "io3")
    us, frr, bird = net.router("us"), add_frr(net, "frr"), add_bird(net, "bird")
    with net:
        net.lan("sw", (us, "e0"), (frr, "e0"), (bird, "e0"))
        bird.run("ip", "addr", "add", BIRDS, "dev", "lo")
        bird.run("ip", "addr", "add", "10.0.0.3/24", "dev", "e0")
        us.start(our_config("broadcast", 10, False) + "ip route 198.51.105.0/24 10.0.0.2 tag 77\n")
        frr.start(FRR_LAN)
        bird.start(BIRD_LAN)
        wait_for("Full with both", lambda: us.full() == {"192.0.2.2", "192.0.2.3"}, 30)
        wait_for("all routes", lambda: {THEIRS, BIRDS, "203.0.113.0/24"} <= kernel_prefixes(us) and
                 {OURS, BIRDS} <= kernel_prefixes(frr) and
                 {OURS, THEIRS, "198.51.105.0/24"} <= kernel_prefixes(bird), 30)
        # the next hop of an external on the LAN is reached directly, not by way of who announced it
        equal(gateways(us, "203.0.113.0/24"), {"10.0.0.3"}, "our next hop of FRR's external")
        equal(gateways(bird, "198.51.105.0/24"), {"10.0.0.2"}, "BIRD's next hop of our external")
        equal(role(us), "DR", "our state")
        us.kill_all()
        wait_for("FRR as DR", lambda: frr.json("show ip ospf interface e0")["interfaces"]["e0"]["state"] == "DR", 15)
        wait_for("our routes to go", lambda: OURS not in kernel_prefixes(bird) | kernel_prefixes(frr), 15)
        # they may have to agree on the LAN first, which is theirs alone now
        wait_for("the others to have each other's routes",
                 lambda: BIRDS in kernel_prefixes(frr) and THEIRS in kernel_prefixes(bird), 15)
        us.start()
        wait_for("Full with DR and Backup", lambda: us.full() == {"192.0.2.2", "192.0.2.3"}, 30)
        equal(role(us), "DROther", "our state after the restart")
        wait_for("all routes", lambda: {THEIRS, BIRDS, "203.0.113.0/24"} <= kernel_prefixes(us) and
                 OURS in kernel_prefixes(bird) & kernel_prefixes(frr), 30)
        for pid in frr.pids():
            os.kill(pid, signal.SIGKILL)
        wait_for("our state Backup", lambda: role(us) == "Backup", 15)
        wait_for("FRR's routes to go", lambda: THEIRS not in kernel_prefixes(us), 15)
        wait_for("the routes of the other two",
                 lambda: BIRDS in kernel_prefixes(us) and OURS in kernel_prefixes(bird), 10)


main()
