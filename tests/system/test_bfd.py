#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
"""BFD between two routers of ours: sessions of every kind, silent cuts, kill -9 of bfdd, changes of configuration,
authentication. Nothing measures time; that a session never fell is proven by its counters."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402

# Between 1 and 2: two links, one for single hops, one with what is configured per case; 9.9.9.N is reached over a third hop.
INTERFACES = """
interface lo
 ip address 9.9.9.%(me)d/32
exit
interface e0
 ip address 10.0.0.%(me)d/24
 ipv6 address fd00::%(me)d/64
exit
interface e1
 ip address 10.1.0.%(me)d/24
exit
ip route 9.9.9.%(peer)d/32 10.0.0.%(peer)d
"""
FAST = """
 profile fast
  transmit-interval 50
  receive-interval 50
 exit
"""


class Pair:
    """Two routers, r[1] and r[2], on links e0 and e1, with the same statements of BFD (%(me)d, %(peer)d ...)."""

    def __init__(self, net, statements, other=None):
        self.net = net
        self.r = {1: net.router("r1"), 2: net.router("r2")}
        for name in ("e0", "e1"):
            net.link(self.r[1], name, self.r[2], name)
        for me in (1, 2):
            self.r[me].run("ip", "link", "set", "e0", "addrgenmode", "none")
            self.r[me].run("ip", "addr", "add", "fe80::%d/64" % me, "dev", "e0", "nodad")
            text = other if other is not None and me == 2 else statements
            self.r[me].start(INTERFACES % names(me) + "bfd\n" + text % names(me) + "exit\n")

    def peer(self, me, address, **more):
        rows = [p for p in self.r[me].json("show bfd peers") if p["peer"] == address
                and all(p.get(k) == v for k, v in more.items())]
        check(len(rows) == 1, "r%d: %d sessions with %s %s" % (me, len(rows), address, more or ""))
        return rows[0]

    def counters(self, me, address):
        return [p for p in self.r[me].json("show bfd peers counters") if p["peer"] == address][0]

    def await_status(self, me, address, status):
        return wait_for("r%d: %s %s" % (me, address, status),
                        lambda: self.peer(me, address)["status"] == status and self.peer(me, address), 20)

    def await_up(self, addresses):
        for me in (1, 2):
            for a in addresses:
                self.await_status(me, a % names(me), "up")


def names(me):
    return {"me": me, "peer": 3 - me}


def falls(pair, addresses):
    return {(me, a % names(me)): pair.counters(me, a % names(me))["session-down"] for me in (1, 2) for a in addresses}


@case("sessions of every kind come up, and a silent cut ends them")
def kinds(build):
    statements = FAST + """
 peer 10.0.0.%(peer)d
  profile fast
 exit
 peer fd00::%(peer)d local-address fd00::%(me)d
  profile fast
 exit
 peer fe80::%(peer)d interface e0
  profile fast
 exit
 peer 9.9.9.%(peer)d multihop local-address 9.9.9.%(me)d
  profile fast
 exit
 peer 10.1.0.%(peer)d interface e1
  profile fast
 exit
"""
    addresses = ("10.0.0.%(peer)d", "fd00::%(peer)d", "fe80::%(peer)d", "9.9.9.%(peer)d", "10.1.0.%(peer)d")
    with lab(build, "bfd") as net:
        pair = Pair(net, statements)
        pair.await_up(addresses)
        p = pair.peer(1, "10.0.0.2")
        equal((p["transmit-interval"], p["receive-interval"], p["detection-timeout"], p["remote-transmit-interval"]),
              (50, 50, 150, 50), "intervals")
        equal((p["type"], p["profile"], p["liveness"], p["remote-id"]),
              ("configured", "fast", "up", pair.peer(2, "10.0.0.1")["id"]), "what is said of it")
        ports = [s["sourcePort"] for s in pair.r[1].json("show bfd peers")]
        check(len(set(ports)) == len(ports) and min(ports) >= 49152, "source ports: %s" % ports)
        before = falls(pair, addresses)
        start = time.monotonic()
        cut = net.cut("r1", "e0")
        for me in (1, 2):
            for a in addresses[:4]:
                p = pair.await_status(me, a % names(me), "down")
                check(p["diagnostic"] == "control detection time expired", "r%d %s: %s" % (me, p["peer"], p["diagnostic"]))
                equal(p["liveness"], "down", "its path")
            equal(pair.peer(me, "10.1.0.%d" % (3 - me))["status"], "up", "the other link's session")
        events = [e for e in pair.r[1].events(start) if e["event"] == "bfd.session-down"]
        equal(len(events), 4, "events")
        cut.close()
        pair.await_up(addresses)
        after = falls(pair, addresses)
        for key in after:
            equal(after[key], before[key] + (0 if key[1].startswith("10.1.") else 1), "falls of %s" % (key,))


@case("kill -9 of bfdd is not noticed by the peer")
def killed(build):
    statements = FAST + """
 peer 10.0.0.%(peer)d
  profile fast
  transmit-interval 300
  receive-interval 300
 exit
 peer fe80::%(peer)d interface e0
  transmit-interval 300
  receive-interval 300
  authentication meticulous-keyed-sha1 key-id 1 key secret
 exit
 peer 9.9.9.%(peer)d multihop local-address 9.9.9.%(me)d
  transmit-interval 300
  receive-interval 300
  authentication keyed-md5 key-id 2 key secret
 exit
"""
    addresses = ("10.0.0.%(peer)d", "fe80::%(peer)d", "9.9.9.%(peer)d")
    with lab(build, "bfdkill") as net:
        pair = Pair(net, statements)
        pair.await_up(addresses)
        first = {a: pair.peer(1, a % names(1)) for a in addresses}
        before = {a: pair.counters(2, a % names(2))["session-down"] for a in addresses}
        for _ in range(5):
            old = pair.r[1].kill("bfdd")
            wait_for("a new bfdd", lambda: pair.r[1].pid("bfdd") not in (None, old), 20)
            pair.await_up(addresses)
            heard = {a: pair.counters(2, a % names(2))["control-packet-input"] for a in addresses}
            wait_for("packets of the new one", lambda: all(
                pair.counters(2, a % names(2))["control-packet-input"] > heard[a] + 3 for a in addresses), 20)
        for a in addresses:
            equal(pair.counters(2, a % names(2))["session-down"], before[a], "falls seen by the peer of " + a)
            now = pair.peer(1, a % names(1))
            equal((now["id"], now["remote-id"], now["sourcePort"]),
                  (first[a]["id"], first[a]["remote-id"], first[a]["sourcePort"]), "identity of " + a)
            equal(now["history"], [], "changes of state since its birth")


@case("who stood still reads what has come before it judges that nothing came")
def stopped_still(build):
    # we detect within 300 ms; the peer, to whom we talk slowly, within 5 s
    ours = " peer 10.0.0.%(peer)d\n  transmit-interval 1000\n  receive-interval 100\n  detect-multiplier 5\n exit\n"
    theirs = " peer 10.0.0.%(peer)d\n  transmit-interval 100\n  receive-interval 1000\n exit\n"
    with lab(build, "bfdstill") as net:
        pair = Pair(net, ours, theirs)
        pair.await_up(["10.0.0.%(peer)d"])
        wait_for("the negotiated times", lambda: pair.peer(1, "10.0.0.2")["detection-timeout"] == 300
                 and pair.peer(2, "10.0.0.1")["detection-timeout"] == 5000, 20)
        before = falls(pair, ["10.0.0.%(peer)d"])
        for _ in range(3):
            sent = pair.counters(2, "10.0.0.1")["control-packet-output"]
            pid = pair.r[1].kill("bfdd", signal.SIGSTOP)
            try: # four times our detection time
                wait_for("packets to who stands still", lambda: pair.counters(2, "10.0.0.1")["control-packet-output"] >= sent + 15, 20)
            finally:
                os.kill(pid, signal.SIGCONT)
            heard = pair.counters(1, "10.0.0.2")["control-packet-input"]
            wait_for("packets after it", lambda: pair.counters(1, "10.0.0.2")["control-packet-input"] > heard + 5, 20)
        equal(falls(pair, ["10.0.0.%(peer)d"]), before, "falls")
        equal(pair.r[1].pid("bfdd"), pid, "the process")


@case("SIGTERM says AdminDown, which is no failure of the path")
def stopped(build):
    with lab(build, "bfdstop") as net:
        pair = Pair(net, FAST + " peer 10.0.0.%(peer)d\n  profile fast\n exit\n")
        pair.await_up(["10.0.0.%(peer)d"])
        start = time.monotonic()
        pair.r[1].stop()
        p = pair.await_status(2, "10.0.0.1", "down")
        equal((p["diagnostic"], p["remoteState"], p["liveness"]), ("neighbor signaled session down", "AdminDown", "unknown"),
              "what the peer makes of it")
        kinds_seen = [(e["event"], e["kind"]) for e in pair.r[2].events(start) if e["event"].startswith("bfd.")]
        check(("bfd.session-down", "fault") not in kinds_seen, "a fault: %s" % kinds_seen)
        pair.r[1].start()
        pair.await_up(["10.0.0.%(peer)d"])


@case("a change of configuration goes by a poll, and what is not changed never falls")
def reconfigured(build):
    statements = FAST + """
 profile slow
  transmit-interval 400
  receive-interval 400
 exit
 peer 10.0.0.%(peer)d
  profile fast
 exit
 peer 10.1.0.%(peer)d
 exit
"""
    addresses = ("10.0.0.%(peer)d", "10.1.0.%(peer)d")
    with lab(build, "bfdconf") as net:
        pair = Pair(net, statements)
        pair.await_up(addresses)
        before = falls(pair, addresses)

        def seen(tx, mult):
            p, q = pair.peer(1, "10.0.0.2"), pair.peer(2, "10.0.0.1")
            return (p["transmit-interval"] == tx and q["remote-transmit-interval"] == tx and p["detect-multiplier"] == mult
                    and q["remote-detect-multiplier"] == mult and not p["polling"] and p["status"] == "up")

        r1 = pair.r[1]
        r1.vtysh("configure terminal", "bfd", "profile fast", "transmit-interval 120", "detect-multiplier 5")
        wait_for("a longer interval", lambda: seen(120, 5), 20)
        equal(pair.peer(2, "10.0.0.1")["detection-timeout"], 600, "detection of the peer")
        r1.vtysh("configure terminal", "bfd", "peer 10.0.0.2", "transmit-interval 3.3")
        wait_for("the peer's own", lambda: seen(3.3, 5), 20)
        r1.vtysh("configure terminal", "bfd", "peer 10.0.0.2", "no transmit-interval", "profile slow")
        wait_for("another profile", lambda: seen(400, 3), 20)
        r1.vtysh("configure terminal", "bfd", "peer 10.0.0.2", "profile nobody")
        wait_for("a profile that is not there: defaults", lambda: seen(300, 3), 20)
        r1.vtysh("configure terminal", "bfd", "profile nobody", "transmit-interval 200")
        wait_for("now it is", lambda: seen(200, 3), 20)
        equal(falls(pair, addresses), before, "falls")
        # administratively down and up again, the other one stays
        r1.vtysh("configure terminal", "bfd", "peer 10.0.0.2", "shutdown")
        equal(pair.await_status(1, "10.0.0.2", "shutdown")["diagnostic"], "administratively down", "diagnostic")
        p = pair.await_status(2, "10.0.0.1", "down")
        equal((p["liveness"], p["remote-diagnostic"]), ("unknown", "administratively down"), "the peer's view")
        r1.vtysh("configure terminal", "bfd", "peer 10.0.0.2", "no shutdown")
        pair.await_up(addresses)
        r1.vtysh("configure terminal", "bfd", "no peer 10.0.0.2")
        wait_for("its end", lambda: [p["peer"] for p in r1.json("show bfd peers")] == ["10.1.0.2"], 20)
        pair.await_status(2, "10.0.0.1", "down")
        equal(pair.counters(1, "10.1.0.2")["session-down"], before[1, "10.1.0.2"], "falls of the other one")


@case("echo, IPv4 and IPv6, with and without an interface; who does not forward")
def echo(build):
    statements = """
 profile echo
  transmit-interval 100
  receive-interval 100
  echo-mode
 exit
 peer 10.0.0.%(peer)d
  profile echo
 exit
 peer 10.1.0.%(peer)d interface e1 local-address 10.1.0.%(me)d
  profile echo
 exit
 peer fd00::%(peer)d
  profile echo
 exit
"""
    addresses = ("10.0.0.%(peer)d", "10.1.0.%(peer)d", "fd00::%(peer)d")
    with lab(build, "bfdecho") as net:
        pair = Pair(net, statements)
        pair.await_up(addresses)
        for me in (1, 2):
            pair.r[me].sysctl("net.ipv6.conf.all.forwarding", 1)
        for me in (1, 2):
            for a in addresses:
                a = a % names(me)
                wait_for("r%d %s: echoes that come back" % (me, a), lambda: pair.peer(me, a)["echoProven"], 20)
                wait_for("r%d %s: few control packets" % (me, a), lambda: pair.peer(me, a)["detection-timeout"] >= 1000, 20)
                check(0 < pair.peer(me, a)["rtt-max"] < 1000000, "round trip")
        equal([c["dropped"] for me in (1, 2) for c in pair.r[me].json("show bfd peers counters")], [{}] * 6, "dropped")
        before = falls(pair, addresses)
        # echoes alone can notice this: control packets still arrive
        pair.r[2].sysctl("net.ipv4.conf.e1.forwarding", 0)
        p = wait_for("the echo's failure", lambda: pair.peer(1, "10.1.0.2")["liveness"] == "down" and pair.peer(1, "10.1.0.2"), 20)
        check("echo failed" in [h["why"] for h in p["history"]], "history: %s" % p["history"])
        pair.r[2].sysctl("net.ipv4.conf.e1.forwarding", 1)
        wait_for("its return", lambda: pair.peer(1, "10.1.0.2")["liveness"] == "up" and pair.peer(1, "10.1.0.2")["echoProven"], 20)
        after = falls(pair, addresses)
        equal({k: v for k, v in after.items() if "10.1." not in k[1]}, {k: v for k, v in before.items() if "10.1." not in k[1]},
              "falls of the others")


@case("authentication: all types, a wrong key stays down and is counted")
def authenticated(build):
    types = ("simple-password", "keyed-md5", "meticulous-keyed-md5", "keyed-sha1", "meticulous-keyed-sha1")
    def config(kind, key, key_id=7):
        return " peer 10.0.0.%%(peer)d\n  authentication %s key-id %d key %s\n exit\n" % (kind, key_id, key)

    with lab(build, "bfdauth") as net:
        pair = Pair(net, config("keyed-sha1", "right"), config("keyed-sha1", "wrong"))
        r1, r2 = pair.r[1], pair.r[2]

        def dropped(me, reason):
            return pair.counters(me, "10.0.0.%d" % (3 - me))["dropped"].get(reason, 0)

        def statement(r, me, text):
            r.vtysh("configure terminal", "bfd", "peer 10.0.0.%d" % (3 - me), text)

        for me in (1, 2):
            wait_for("r%d: wrong digests" % me, lambda: dropped(me, "auth-digest") > 2, 20)
            equal(pair.peer(me, "10.0.0.%d" % (3 - me))["status"], "down", "status")
        for kind in types:
            for me in (1, 2):
                statement(pair.r[me], me, "authentication %s key-id 9 key both" % kind)
            pair.await_up(["10.0.0.%(peer)d"])
            equal(pair.peer(1, "10.0.0.2")["authentication"],
                  {"enabled": True, "configured": True, "type": kind, "keyId": 9}, "what is shown of it")
            # the next one is no continuation of this one
            statement(r1, 1, "shutdown")
            pair.await_status(2, "10.0.0.1", "down")
            statement(r1, 1, "no shutdown")
        pair.await_up(["10.0.0.%(peer)d"])
        was = dropped(1, "auth-missing")
        statement(r2, 2, "no authentication")
        wait_for("packets without it", lambda: dropped(1, "auth-missing") > was, 20)
        pair.await_status(1, "10.0.0.2", "down")
        wait_for("packets with it", lambda: dropped(2, "auth-unexpected") > 0, 20)
        statement(r1, 1, "no authentication")
        pair.await_up(["10.0.0.%(peer)d"])
        refused = r1.vtysh("configure terminal", "bfd", "peer 10.0.0.2",
                           "authentication keyed-md5 key-id 1 key 12345678901234567", check=False)
        check("16 characters" in refused, "an MD5 key of 17 octets: %s" % refused)


@case("clear bfd peers counters, statements as they were typed")
def shell(build):
    text = """bfd
 profile p
  detect-multiplier 7
  transmit-interval 3.3
  receive-interval 12.5
  echo-mode
  echo transmit-interval 40
  echo receive-interval disabled
  minimum-ttl 250
  passive-mode
  log-session-changes
  shutdown
 exit
 !
 peer 9.9.9.2 multihop local-address 9.9.9.1
 exit
 !
 peer 10.0.0.2
  profile p
  no shutdown
 exit
 !
 peer fe80::2 interface e0
 exit
 !
exit
!
"""
    with lab(build, "bfdshell") as net:
        pair = Pair(net, "", "")
        r1 = pair.r[1]
        r1.vtysh(stdin="configure terminal\n" + text + "end\n")
        running = r1.vtysh("show running-config")
        check(text in running, "running-config:\n" + running)
        equal([p["peer"] for p in r1.json("show bfd peers")], ["9.9.9.2", "10.0.0.2", "fe80::2"], "peers")
        p = pair.peer(1, "10.0.0.2")
        equal((p["transmit-interval"], p["receive-interval"], p["passive-mode"], p["status"], p["echo-receive-interval"]),
              (3.3, 12.5, True, "down", 0), "what they mean")
        equal(r1.json("show bfd peer 9.9.9.2 multihop")["minimum-ttl"], 254, "of one")
        check("Unable to find 'peer 10.9.9.9'" in r1.vtysh("show bfd peer 10.9.9.9", check=False), "one that is not there")
        wrong = (("peer 9.9.9.7 multihop", "local-address"), ("peer fe80::9", "interface"), ("peer 10.0.0.9 local-address fd00::1",
                 "family"), ("peer 9.9.9.7 multihop local-address 9.9.9.1 interface e0", "bound to no interface"))
        for line, why in wrong:
            said = r1.vtysh("configure terminal", "bfd", line, check=False)
            check(why in said, "%s: %s" % (line, said))
        # each statement and its no, short forms, `vrf default`, FRR's older echo-interval
        r1.vtysh("configure terminal", "bfd", "profile p", *["no " + line.strip() for line in text.splitlines()[2:12]])
        check(" profile p\n exit\n" in r1.vtysh("show running-config"), "all of profile p is gone")
        r1.vtysh("conf t", "bfd", "prof p", "det 4", "tr 20", "echo-interval 60", "no echo receive", "exit",
                 "peer 10.0.0.7 vrf default interface e1 local-address 10.0.0.1", "no shut", "exit",
                 "no peer 9.9.9.2 multihop local-address 9.9.9.1", "no peer 10.0.0.2")
        running = r1.vtysh("show running-config")
        check(" profile p\n  detect-multiplier 4\n  transmit-interval 20\n  echo transmit-interval 60\n exit\n" in running,
              "short forms:\n" + running)
        check(" peer 10.0.0.7 local-address 10.0.0.1 interface e1\n  no shutdown\n exit\n" in running, "vrf default:\n" + running)
        equal([p["peer"] for p in r1.json("show bfd vrf default peers")], ["10.0.0.7", "fe80::2"], "peers")
        r1.vtysh("clear bfd peers counters")
        equal([c["control-packet-output"] for c in r1.json("show bfd peers counters") if c["peer"] == "10.0.0.7"], [0],
              "counters of a session that has no path yet")
        for line, what in (("transmit-interval 3", "(3.3-60000)"), ("transmit-interval 3.3001", "(3.3-60000)"),
                           ("detect-multiplier 0", "(1-255)"), ("echo receive 70000", "disabled")):
            said = r1.vtysh("configure terminal", "bfd", "profile p", line, check=False)
            check(what in said, "%s: %s" % (line, said))
        r1.vtysh("configure terminal", "no bfd")
        check("bfd" not in r1.vtysh("show running-config"), "no bfd")
        equal(r1.json("show bfd peers"), [], "peers")


if __name__ == "__main__":
    main()
