#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
"""Wrong advertisements at a live master: each is counted once, under its reason and nothing else, and changes
nothing; what RFC 9568 wants accepted is; a forged interval does not disable the takeover; a flood of rubbish does not stop
its advertisements.

The master is alone: VRID 5 (version 3, IPv4 and IPv6, 100 ms), 2 (version 2), 3 (version 2 with a password)."""
import contextlib
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402
from vrrp import Wire, advert, frame, one, state  # noqa: E402

CONFIG = """interface eth0
 ip address 10.0.0.1/24
 ipv6 address fd00::1/64
 vrrp 5 ip 10.0.0.254
 vrrp 5 ipv6 fe80::5:fe
 vrrp 5 ipv6 fd00::fe
 vrrp 5 priority 200
 vrrp 5 advertisement-interval 100
 vrrp 2 version 2
 vrrp 2 ip 10.0.0.252
 vrrp 2 priority 200
 vrrp 3 version 2
 vrrp 3 ip 10.0.0.253
 vrrp 3 priority 200
 vrrp 3 authentication text sesame
exit
"""
V6 = ["fe80::5:fe", "fd00::fe"]
LL = "fe80::66"


def v3(**kw):
    f = {k: kw.pop(k) for k in ("ttl", "dmac", "smac") if k in kw}
    kw.setdefault("priority", 100)
    kw.setdefault("interval", 10)
    src, dst = kw.get("src", "10.0.0.66"), kw.get("dst")
    return frame(advert(**kw), src=src, dst=dst, **f)


def v2(**kw):
    kw.setdefault("vrid", 2)
    kw.setdefault("addresses", ["10.0.0.25%d" % kw["vrid"]] if kw["vrid"] == 2 else ["10.0.0.253"])
    return v3(version=2, **dict({"interval": 1}, **kw))


def v6(**kw):
    return v3(src=kw.pop("src", LL), **dict({"addresses": V6}, **kw))


def raw(octets, **kw):
    return frame(octets, **kw)


def broken(change, resum=False):
    """An advert whose IP header is changed."""
    f = bytearray(v3())
    change(f)
    if resum:
        from vrrp import inet_sum
        f[24:26] = b"\0\0"
        f[24:26] = inet_sum(bytes(f[14:34])).to_bytes(2, "big")
    return bytes(f)


def put(at, *octets):
    return lambda f: f.__setitem__(slice(at, at + len(octets)), bytes(octets))


# what, frame, where it is counted: (vrid, family) or "lan" or "process", reason
DROPPED = [
    ("a wrong checksum", v3(checksum=0x1234), (5, "ipv4"), "checksum"),
    ("a checksum of 0", v3(checksum=0), (5, "ipv4"), "checksum"),
    ("TTL 254", v3(ttl=254), (5, "ipv4"), "ttl"),
    ("TTL 1", v3(ttl=1), (5, "ipv4"), "ttl"),
    ("TTL 0", v3(ttl=0), (5, "ipv4"), "ttl"),
    ("type 2", v3(kind=2), (5, "ipv4"), "type"),
    ("type 0", v3(kind=0), (5, "ipv4"), "type"),
    ("type 15", v3(kind=15), (5, "ipv4"), "type"),
    ("version 0", v3(version=0), (5, "ipv4"), "version"),
    ("version 1", v3(version=1), (5, "ipv4"), "version"),
    ("version 4", v3(version=4), (5, "ipv4"), "version"),
    ("version 2 to a router of version 3", v2(vrid=5), (5, "ipv4"), "version-mismatch"),
    ("another VRID", v3(vrid=77), "lan", "vrid"),
    ("VRID 0", v3(vrid=0), "lan", "vrid"),
    ("no address", v3(addresses=[]), (5, "ipv4"), "no-address"),
    ("an address that the count denies", v3(count=0), (5, "ipv4"), "no-address"),
    ("a count larger than the packet", v3(count=9), (5, "ipv4"), "length"),
    ("a count of 255", v3(count=255), (5, "ipv4"), "length"),
    ("two addresses, a count of one", v3(addresses=["10.0.0.254", "10.0.0.9"], count=1), (5, "ipv4"), "length"),
    ("cut by 1 octet", v3(cut=1), (5, "ipv4"), "length"),
    ("cut by 4 octets", v3(cut=4), (5, "ipv4"), "length"),
    ("no octet at all", raw(b""), "lan", "short"),
    ("7 octets", raw(advert()[:7]), "lan", "short"),
    ("interval 0", v3(interval=0), (5, "ipv4"), "interval-zero"),
    ("our own address as source", v3(src="10.0.0.1"), (5, "ipv4"), "own"),
    ("source 0.0.0.0", v3(src="0.0.0.0"), (5, "ipv4"), "source"),
    ("a group as source", v3(src="224.0.0.9"), (5, "ipv4"), "source"),
    ("a loopback source", v3(src="127.0.0.1"), (5, "ipv4"), "source"),
    ("sent to us alone", v3(dst="10.0.0.1"), (5, "ipv4"), "destination"),
    ("sent to all stations", v3(dst="224.0.0.1"), (5, "ipv4"), "destination"),
    ("broadcast", v3(dst="255.255.255.255"), (5, "ipv4"), "destination"),
    ("an IP header with a wrong sum", broken(put(24, 9, 9)), "process", "packets-rx-malformed"),
    ("a fragment", broken(put(20, 0x20, 0), True), "process", "packets-rx-malformed"),
    ("a later fragment", broken(put(20, 0, 9), True), "process", "packets-rx-malformed"),
    ("an IP header of 16 octets", broken(put(14, 0x44), True), "process", "packets-rx-malformed"),
    ("an IP packet longer than the frame", broken(put(16, 2, 0), True), "process", "packets-rx-malformed"),
    ("an IP packet shorter than its header", broken(put(16, 0, 10), True), "process", "packets-rx-malformed"),
    ("v6: a wrong checksum", v6(checksum=0x1234), (5, "ipv6"), "checksum"),
    ("v6: hop limit 254", v6(ttl=254), (5, "ipv6"), "ttl"),
    ("v6: version 2", v6(version=2, interval=1), (5, "ipv6"), "version"),
    ("v6: one address less than the count", v6(count=3), (5, "ipv6"), "length"),
    ("v6: cut by 16 octets", v6(cut=16), (5, "ipv6"), "length"),
    ("v6: no address", v6(addresses=[]), (5, "ipv6"), "no-address"),
    ("v6: interval 0", v6(interval=0), (5, "ipv6"), "interval-zero"),
    ("v6: source ::", v6(src="::"), (5, "ipv6"), "source"),
    ("v6: a group as source", v6(src="ff02::1"), (5, "ipv6"), "source"),
    ("v6: sent to all nodes", v6(dst="ff02::1", dmac="33:33:00:00:00:01"), (5, "ipv6"), "destination"),
    ("v6: another VRID", v6(vrid=9), "lan", "vrid"),
    ("v2: a wrong checksum", v2(checksum=0x1234), (2, "ipv4"), "checksum"),
    ("v2: TTL 254", v2(ttl=254), (2, "ipv4"), "ttl"),
    ("v2: another interval", v2(interval=2), (2, "ipv4"), "interval-mismatch"),
    ("v2: interval 0", v2(interval=0), (2, "ipv4"), "interval-zero"),
    ("v2: a password where none is expected", v2(auth=(1, b"secret")), (2, "ipv4"), "auth-type"),
    ("v2: an unknown authentication", v2(auth=(9, b"")), (2, "ipv4"), "auth-type"),
    ("v2: without the authentication's octets", v2(cut=8), (2, "ipv4"), "length"),
    ("v2: no password where one is expected", v2(vrid=3), (3, "ipv4"), "auth-type"),
    ("v2: a wrong password", v2(vrid=3, auth=(1, b"another")), (3, "ipv4"), "auth"),
    ("v2: version 3 to a router of version 2", v3(vrid=2, addresses=["10.0.0.252"]), (2, "ipv4"), "version-mismatch"),
]
# what, frame, whose counters, which of them rise
TAKEN = [
    ("a lower priority", v3(), (5, "ipv4"), {"adverts-rx"}),
    ("a checksum with the pseudo-header", v3(pseudo=True), (5, "ipv4"), {"adverts-rx"}),
    ("reserved bits", v3(reserved=15), (5, "ipv4"), {"adverts-rx"}),
    ("a source off the link", v3(src="192.0.2.9"), (5, "ipv4"), {"adverts-rx"}),
    ("not from a virtual MAC", v3(smac="02:00:00:00:00:66"), (5, "ipv4"), {"adverts-rx"}),
    ("other addresses", v3(addresses=["10.0.0.99"]), (5, "ipv4"), {"adverts-rx", "address-mismatch"}),
    ("one address more", v3(addresses=["10.0.0.254", "10.0.0.9"]), (5, "ipv4"), {"adverts-rx", "address-mismatch"}),
    ("priority 0 of a third router", v3(priority=0), (5, "ipv4"), {"priority-zero-rx"}),
    ("v6: a lower priority", v6(), (5, "ipv6"), {"adverts-rx"}),
    ("v6: a global source", v6(src="fd00::66"), (5, "ipv6"), {"adverts-rx"}),
    ("v2: a lower priority", v2(), (2, "ipv4"), {"adverts-rx"}),
    ("v2: the right password", v2(vrid=3, auth=(1, b"sesame")), (3, "ipv4"), {"adverts-rx"}),
]


class Scene:
    def __init__(self, net):
        self.host, self.r1 = net.host("h"), net.router("r1")
        net.link(self.host, "eth0", self.r1, "eth0")  # a switch may throw away what is no IP
        self.host.run("ip", "addr", "add", "10.0.0.66/24", "dev", "eth0")
        self.wire = Wire(self.host)
        self.r1.start(CONFIG)
        for family, vrid in (("v4", 5), ("v6", 5), ("v4", 2), ("v4", 3)):
            wait_for("the master of %d" % vrid, lambda f=family, v=vrid: state(self.r1, f, v) == "Master")

    def counts(self):
        """Everything that may say why, flat: place and reason -> how many."""
        out = {}
        for c in self.r1.json("show vrrp counters"):
            place = (c["vrid"], c["family"])
            for name, n in c["drops"].items():
                out[place, name] = n
            for name in ("adverts-rx", "priority-zero-rx", "address-mismatch", "transitions"):
                out[place, name] = c[name]
        for name, n in self.r1.json("show vrrp lan")[0]["drops"].items():
            out["lan", name] = n
        process = json.loads(self.r1.vtysh("show yang vrrp/process"))
        for name in ("packets-rx-malformed", "packets-rx-truncated", "dropped-no-interface"):
            out["process", name] = process[name]
        return out

    def send_one(self, what, octets, rises):
        """Sends it and waits for what is expected; nothing else may have been counted."""
        before = self.counts()
        self.wire.send(octets)
        wait_for("%s to be counted as %s" % (what, rises), lambda: all(self.counts()[k] > before[k] for k in rises), 5)
        after = self.counts()
        equal({k: after[k] - before[k] for k in after if after[k] != before[k]}, {k: 1 for k in rises}, what)

    def close(self):
        self.wire.close()


@contextlib.contextmanager
def scene(build):
    with lab(build, "vh") as net:
        s = Scene(net)
        yield s
        s.close()


def masters(s):
    return [state(s.r1, "v4", 5), state(s.r1, "v6", 5), state(s.r1, "v4", 2), state(s.r1, "v4", 3)]


@case("%d wrong adverts: each under its own counter, the master unmoved" % len(DROPPED))
def dropped(build):
    with scene(build) as s:
        for what, octets, place, reason in DROPPED:
            s.send_one(what, octets, {(place, reason)})
        equal(masters(s), ["Master"] * 4, "states")
        log = s.r1.tail(400)
        check("reason=checksum" in log and "bytes=3105" in log, "the log has the reason and the octets")


@case("%d odd adverts that must be taken: counted, the master unmoved" % len(TAKEN))
def taken(build):
    with scene(build) as s:
        for what, octets, place, names in TAKEN:
            s.send_one(what, octets, {(place, n) for n in names})
        equal(masters(s), ["Master"] * 4, "states")


@case("one forged advert of priority 255 and an interval of 40 s: back in seconds, not minutes")
def forged_interval(build):
    with scene(build) as s:
        s.wire.send(v3(priority=255, interval=4000))
        wait_for("it to yield", lambda: state(s.r1) == "Backup")
        equal(one(s.r1)["v4"]["masterAdverInterval"], 40000, "what it was told")
        wait_for("it to take over again", lambda: state(s.r1) == "Master", 15)
        counters = [c for c in s.r1.json("show vrrp counters") if (c["vrid"], c["family"]) == (5, "ipv4")][0]
        check(counters["interval-capped"] >= 1, "the cap was not counted")


@case("20,000 pieces of rubbish: it lives, stays master, and goes on advertising meanwhile")
def rubbish(build):
    with scene(build) as s:
        rnd = random.Random(45)
        seeds = [octets for _, octets, _, _ in DROPPED + TAKEN]
        pid, before = s.r1.pid("vrrpd"), one(s.r1)["v4"]["stats"]["adverTx"]
        for _ in range(20000):
            f = bytearray(rnd.choice(seeds))
            for _ in range(rnd.randrange(4)):
                at = rnd.randrange(34, len(f)) if len(f) > 34 else 20
                f[at] = rnd.randrange(256)
            if f[36:37] and f[12:14] == b"\x08\x00":
                f[36] = min(f[36], 100)  # of a priority that no master yields to
            s.wire.send(bytes(f[:rnd.randrange(14, len(f) + 1)] if rnd.random() < 0.2 else f))
        wait_for("ten more adverts", lambda: one(s.r1)["v4"]["stats"]["adverTx"] >= before + 10)
        equal(s.r1.pid("vrrpd"), pid, "vrrpd")
        wait_for("all to be master", lambda: masters(s) == ["Master"] * 4)
        received = json.loads(s.r1.vtysh("show yang vrrp/process"))
        check(received["packets-rx"] + received["packets-rx-malformed"] > 1000, "nothing of it arrived")


if __name__ == "__main__":
    main()
