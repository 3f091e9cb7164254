#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
"""BFD with Debian's FRR and BIRD 2: single hop (IPv4, IPv6, link-local), multihop, passive ends, echo (FRR), every
authentication (BIRD); each side falls, each side is shut down, the cable is cut silently; the other one says so."""
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import add_bird, add_frr, case, check, equal, lab, main, wait_for  # noqa: E402

V4, V6, LINK_LOCAL, FAR = "10.0.0.2", "fd00::2", "fe80::2", "9.9.9.2"
ALL = (V4, V6, LINK_LOCAL, FAR)
INTERFACES = """
interface lo
 ip address 9.9.9.%(me)d/32
interface e0
 ip address 10.0.0.%(me)d/24
 ipv6 address fd00::%(me)d/64
"""
PEERS = """ peer 10.0.0.%(peer)d interface e0 local-address 10.0.0.%(me)d
%(more)s  detect-multiplier %(mult)d
  transmit-interval 60
  receive-interval 60
 exit
 peer fd00::%(peer)d local-address fd00::%(me)d interface e0
  detect-multiplier %(mult)d
  transmit-interval 60
  receive-interval 60
 exit
 peer fe80::%(peer)d interface e0 local-address fe80::%(me)d
  detect-multiplier %(mult)d
  transmit-interval 60
  receive-interval 60
 exit
 peer 9.9.9.%(peer)d multihop local-address 9.9.9.%(me)d
  detect-multiplier %(mult)d
  transmit-interval 60
  receive-interval 60
 exit
"""


def prepare(node, me):
    node.run("ip", "link", "set", "e0", "addrgenmode", "none")
    node.run("ip", "addr", "add", "fe80::%d/64" % me, "dev", "e0", "nodad")


def our_config(statements):
    return INTERFACES % {"me": 1} + "exit\nip route 9.9.9.2/32 10.0.0.2\nbfd\n" + statements + "exit\n"


class Ours:
    def __init__(self, node):
        self.node = node

    def peer(self, address):
        return [p for p in self.node.json("show bfd peers") if p["peer"] == address][0]

    def wait(self, address, status):
        return wait_for("ours: %s %s" % (address, status),
                        lambda: self.peer(address)["status"] == status and self.peer(address), 30)

    def falls(self, address):
        return [p["session-down"] for p in self.node.json("show bfd peers counters") if p["peer"] == address][0]

    def say(self, *lines):
        self.node.vtysh("configure terminal", "bfd", *lines)


class Frr:
    """FRR's side as these tests ask it."""

    def __init__(self, net, more="", mult=3):
        self.node = add_frr(net, "them")
        net.link("us", "e0", self.node, "e0")
        prepare(self.node, 2)
        self.node.run("ip", "addr", "add", "fd00::2/64", "dev", "e0", "nodad")
        self.config = (INTERFACES + "ip route 9.9.9.%(peer)d/32 10.0.0.%(peer)d\nbfd\n" + PEERS) % {
            "me": 2, "peer": 1, "more": more, "mult": mult}
        self.node.start(self.config, ("zebra", "staticd", "bfdd"))

    def status(self, ours):
        want = ours.replace("9.9.9.2", "9.9.9.1").replace("10.0.0.2", "10.0.0.1").replace("::2", "::1")
        return [p for p in self.node.json("show bfd peers") if p["peer"] == want][0]

    def wait(self, address, status):
        return wait_for("FRR: %s %s" % (address, status),
                        lambda: self.status(address)["status"] == status and self.status(address), 30)

    def kill(self):
        with open(os.path.join(self.node.dir, "bfdd.pid")) as f:
            os.kill(int(f.read()), signal.SIGKILL)


@case("FRR: every kind of session; who falls, who is shut down, a cut cable")
def frr_all(build):
    with lab(build, "bfdfrr") as net:
        us = net.router("us")
        them = Frr(net)
        prepare(us, 1)
        us.start(our_config(PEERS % {"me": 1, "peer": 2, "more": "", "mult": 3}))
        ours = Ours(us)
        for a in ALL:
            p = ours.wait(a, "up")
            them.wait(a, "up")
            equal((p["remote-transmit-interval"], p["remote-detect-multiplier"]), (60, 3), "what FRR says: " + a)
        wait_for("the detection time", lambda: ours.peer(V4)["detection-timeout"] == 180, 20)
        equal(them.status(V4)["remote-transmit-interval"], 60, "what FRR understood")
        before = {a: ours.falls(a) for a in ALL}
        cut = net.cut("us", "e0")
        for a in ALL:
            equal(ours.wait(a, "down")["diagnostic"], "control detection time expired", "diagnostic of " + a)
            them.wait(a, "down")
        cut.close()
        for a in ALL:
            ours.wait(a, "up")
            them.wait(a, "up")
            equal(ours.falls(a), before[a] + 1, "falls of " + a)
        # we say AdminDown, then they
        ours.say("peer 10.0.0.2 interface e0 local-address 10.0.0.1", "shutdown")
        equal(them.wait(V4, "down")["remote-diagnostic"], "administratively down", "FRR's view of our shutdown")
        ours.say("peer 10.0.0.2 interface e0 local-address 10.0.0.1", "no shutdown")
        ours.wait(V4, "up")
        them.node.vtysh("configure terminal", "bfd", "peer 10.0.0.1 interface e0 local-address 10.0.0.2", "shutdown")
        p = ours.wait(V4, "down")
        equal((p["remoteState"], p["liveness"]), ("AdminDown", "unknown"), "our view of FRR's shutdown")
        them.node.vtysh("configure terminal", "bfd", "peer 10.0.0.1 interface e0 local-address 10.0.0.2", "no shutdown")
        ours.wait(V4, "up")
        # a change of FRR's by a poll
        them.node.vtysh("configure terminal", "bfd", "peer 10.0.0.1 interface e0 local-address 10.0.0.2", "transmit-interval 200")
        wait_for("FRR's longer interval", lambda: ours.peer(V4)["detection-timeout"] == 600, 20)
        equal(ours.peer(V4)["status"], "up", "status after the poll")
        # they die
        them.kill()
        for a in ALL:
            equal(ours.wait(a, "down")["liveness"], "down", "path after FRR's death: " + a)


@case("FRR: our death is noticed, a restart of ours in time is not")
def frr_killed(build):
    with lab(build, "bfdfrrk") as net:
        us = net.router("us")
        them = Frr(net, mult=20)
        prepare(us, 1)
        us.start(our_config(PEERS % {"me": 1, "peer": 2, "more": "", "mult": 20}))
        ours = Ours(us)
        for a in ALL:
            ours.wait(a, "up")
        downs = {p["peer"]: p["session-down"] for p in them.node.json("show bfd peers counters")}
        old = us.kill("bfdd")
        wait_for("a new bfdd", lambda: us.pid("bfdd") not in (None, old), 20)
        for a in ALL:
            ours.wait(a, "up")
        heard = {p["peer"]: p["control-packet-input"] for p in them.node.json("show bfd peers counters")}
        wait_for("packets of the new one", lambda: all(p["control-packet-input"] > heard[p["peer"]] + 3
                 for p in them.node.json("show bfd peers counters")), 20)
        equal({p["peer"]: p["session-down"] for p in them.node.json("show bfd peers counters")}, downs, "falls seen by FRR")
        us.kill_all()
        for a in ALL:
            them.wait(a, "down")


@case("FRR: passive ends and echo")
def frr_echo(build):
    with lab(build, "bfdfrre") as net:
        us = net.router("us")
        them = Frr(net, "  echo-mode\n  passive-mode\n")
        prepare(us, 1)
        us.start(our_config(PEERS % {"me": 1, "peer": 2, "more": "  echo-mode\n", "mult": 3}))
        ours = Ours(us)
        ours.wait(V4, "up")
        them.wait(V4, "up")
        # both send echoes to themselves through the other's kernel
        p = wait_for("our echo, proven", lambda: ours.peer(V4)["echoProven"] and ours.peer(V4), 20)
        check(p["rtt-max"] > 0, "round trip: %s" % p)
        counters = lambda: [c for c in us.json("show bfd peers counters") if c["peer"] == V4][0]  # noqa: E731
        wait_for("echoes of ours that came back", lambda: counters()["echo-packet-input"] > 20, 20)
        frr = lambda: [c for c in them.node.json("show bfd peers counters") if c["peer"] == "10.0.0.1"][0]  # noqa: E731
        wait_for("echoes of FRR that came back", lambda: frr()["echo-packet-input"] > 20, 20)
        wait_for("fewer control packets, ours", lambda: ours.peer(V4)["detection-timeout"] >= 1000, 20)
        equal((counters()["dropped"], ours.falls(V4)), ({}, 0), "dropped, falls")
        # FRR stops forwarding: control packets go on, echoes do not
        them.node.sysctl("net.ipv4.ip_forward", 0)
        wait_for("an echo failure", lambda: ours.falls(V4) > 0, 20)
        history = wait_for("its history", lambda: ours.peer(V4)["history"], 20)
        check(any("cho" in h["why"] for h in history), "why it fell: %s" % history)
        them.node.sysctl("net.ipv4.ip_forward", 1)
        # we are passive, they are active
        them.node.vtysh("configure terminal", "bfd", "peer 10.0.0.1 interface e0 local-address 10.0.0.2", "no passive-mode",
                        "no echo-mode")
        ours.say("peer 10.0.0.2 interface e0 local-address 10.0.0.1", "passive-mode", "no echo-mode")
        ours.wait(V4, "up")
        them.kill()
        ours.wait(V4, "down")
        wait_for("silence, since the peer is gone and we are passive", lambda: quiet(counters), 20)


def quiet(counters):
    """Nothing is sent for three times the slowest interval."""
    first = counters()["control-packet-output"]
    end = time.monotonic() + 3.0
    while time.monotonic() < end:
        time.sleep(0.2)
        if counters()["control-packet-output"] != first:
            return False
    return True


# --- BIRD ----------------------------------------------------------------------------------------------
def bird_config(options="", passive=""):
    return """
router id 192.0.2.2;
protocol device { scan time 1; }
protocol static { ipv4; route 9.9.9.1/32 via 10.0.0.1; }
protocol kernel { ipv4 { export all; }; }
protocol bfd {
  interface "e0" { interval 60 ms; multiplier 3; %s %s };
  multihop { interval 60 ms; multiplier 3; %s };
  neighbor 10.0.0.1 dev "e0" local 10.0.0.2;
  neighbor fd00::1 dev "e0" local fd00::2;
  neighbor fe80::1 dev "e0" local fe80::2;
  neighbor 9.9.9.1 local 9.9.9.2 multihop on;
}
""" % (options, passive, options)


class Bird:
    def __init__(self, net, config):
        self.node = add_bird(net, "them")
        net.link("us", "e0", self.node, "e0")
        prepare(self.node, 2)
        self.node.run("ip", "addr", "add", "10.0.0.2/24", "dev", "e0")
        self.node.run("ip", "addr", "add", "fd00::2/64", "dev", "e0", "nodad")
        self.node.run("ip", "addr", "add", "9.9.9.2/32", "dev", "lo")
        self.node.start(config)

    def state(self, ours):
        want = ours.replace("9.9.9.2", "9.9.9.1").replace("10.0.0.2", "10.0.0.1").replace("::2", "::1")
        m = re.search(r"^%s\s+\S+\s+(\S+)" % re.escape(want), self.node.birdc("show bfd sessions"), re.M)
        return m.group(1).lower() if m else None

    def wait(self, address, state):
        wait_for("BIRD: %s %s" % (address, state), lambda: self.state(address) == state, 30)

    def configure(self, config):
        with open(os.path.join(self.node.dir, "bird.conf"), "w") as f:
            f.write(config)
        self.node.run("birdc", "-s", self.node.ctl, "configure")


def our_bird_peers(auth=""):
    # BIRD sends multihop packets with the system's TTL, 64
    return "".join(" peer %s\n  transmit-interval 60\n  receive-interval 60\n  minimum-ttl 64\n%s exit\n" % (who, auth)
                   for who in WHO)


WHO = ("10.0.0.2 local-address 10.0.0.1 interface e0", "fd00::2 local-address fd00::1 interface e0",
       "fe80::2 local-address fe80::1 interface e0", "9.9.9.2 multihop local-address 9.9.9.1")


@case("BIRD: every kind of session; who falls, who is shut down, a cut cable")
def bird_all(build):
    with lab(build, "bfdbird") as net:
        us = net.router("us")
        them = Bird(net, bird_config())
        prepare(us, 1)
        us.start(our_config(our_bird_peers()))
        ours = Ours(us)
        for a in ALL:
            ours.wait(a, "up")
            them.wait(a, "up")
        wait_for("the detection time", lambda: ours.peer(FAR)["detection-timeout"] == 180, 20)
        cut = net.cut("us", "e0")
        for a in ALL:
            equal(ours.wait(a, "down")["diagnostic"], "control detection time expired", "diagnostic of " + a)
            them.wait(a, "down")
        cut.close()
        for a in ALL:
            ours.wait(a, "up")
        for who, a in zip(WHO, ALL):
            ours.say("peer " + who, "shutdown")
            them.wait(a, "down")
            ours.say("peer " + who, "no shutdown")
            ours.wait(a, "up")
        # passive there: we call; then passive here
        them.configure(bird_config(passive="passive on;"))
        for a in ALL:
            ours.wait(a, "up")
        for p in them.node.pids():
            os.kill(p, signal.SIGKILL)
        for a in ALL:
            equal(ours.wait(a, "down")["liveness"], "down", "path after BIRD's death: " + a)


@case("BIRD: every authentication, single hop and multihop; a wrong password stays down")
def bird_auth(build):
    kinds = (("simple", "simple-password"), ("keyed md5", "keyed-md5"), ("meticulous keyed md5", "meticulous-keyed-md5"),
             ("keyed sha1", "keyed-sha1"), ("meticulous keyed sha1", "meticulous-keyed-sha1"))

    def options(kind, password="secret"):
        return "authentication %s; password \"%s\" { id 5; };" % (kind, password)

    with lab(build, "bfdbirda") as net:
        us = net.router("us")
        them = Bird(net, bird_config(options("simple", "wrong")))
        prepare(us, 1)
        us.start(our_config(our_bird_peers("  authentication simple-password key-id 5 key secret\n")))
        ours = Ours(us)

        def dropped(reason):
            return sum(c["dropped"].get(reason, 0) for c in us.json("show bfd peers counters"))

        wait_for("wrong passwords", lambda: dropped("auth-password") > 4, 20)
        for a in ALL:
            equal(ours.peer(a)["status"], "down", "status of " + a)
        for theirs, name in kinds:
            ours.say(*[line for who in WHO for line in ("peer " + who, "authentication %s key-id 5 key secret" % name, "exit")])
            them.configure(bird_config(options(theirs)))
            for a in ALL:
                ours.wait(a, "up")
                them.wait(a, "up")
            before = {a: ours.falls(a) for a in ALL}
            heard = {c["peer"]: c["control-packet-input"] for c in us.json("show bfd peers counters")}
            wait_for("%s: packets that are taken" % name, lambda: all(
                c["control-packet-input"] > heard[c["peer"]] + 5 for c in us.json("show bfd peers counters")), 20)
            equal({a: ours.falls(a) for a in ALL}, before, "falls with " + name)
        them.configure(bird_config(options("meticulous keyed sha1", "other")))
        wait_for("wrong digests", lambda: dropped("auth-digest") > 4, 20)
        for a in ALL:
            ours.wait(a, "down")


if __name__ == "__main__":
    main()
