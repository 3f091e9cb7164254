#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
"""Wrong OSPF packets at a live ospfd that has a Full neighbour: each one is counted under its reason,
once, and hurts nobody; then many thousand mutated ones.

`evil` sits on the LAN of the two routers (e0, no authentication) and alone on two more links of ours:
e1 (simple password, priority 0) and e2 (MD5). What needs a neighbour is said by a played one, EVIL."""
import contextlib
import ctypes
import hashlib
import os
import random
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402

OUR_ID, THEIR_ID, EVIL_ID = "192.0.2.1", "192.0.2.2", "203.0.113.250"
US, THEM, EVIL = "10.0.0.1", "10.0.0.2", "10.0.0.66"
HELLO, DD, LSREQ, LSUPD, LSACK = 1, 2, 3, 4, 5
I, M, MS = 4, 2, 1
SEQ = 0x80000001

CONFIG = """
interface lo
 ip address %s/32
 ip ospf area 0
exit
interface e0
 ip address %s/24
 ip ospf area 0
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf priority %d
exit
%srouter ospf
 ospf router-id %s
exit
"""
MORE = """
interface e1
 ip address 10.1.0.1/24
 ip ospf area 0
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf priority 0
 ip ospf authentication
 ip ospf authentication-key right
exit
interface e2
 ip address 10.2.0.1/24
 ip ospf area 0
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf authentication message-digest
 ip ospf message-digest-key 7 md5 secret
exit
"""


# --- octets ------------------------------------------------------------------------------------------
def ip4(text):
    return socket.inet_aton(text)


def inet_sum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def summed(p):
    """The packet with the right checksum, as null authentication and the simple password have it."""
    p = p[:12] + b"\0\0" + p[14:]
    return p[:12] + struct.pack("!H", inet_sum(p[:16] + p[24:])) + p[14:]


def packet(kind, body, rid=EVIL_ID, area="0.0.0.0", version=2, autype=0, auth=bytes(8), length=None):
    head = struct.pack("!BBH", version, kind, 24 + len(body) if length is None else length)
    return summed(head + ip4(rid) + ip4(area) + struct.pack("!HH", 0, autype) + auth + body)


def md5(kind, body, seq, key=b"secret", key_id=7, rid=EVIL_ID):
    auth = struct.pack("!HBBI", 0, key_id, 16, seq)
    p = struct.pack("!BBH", 2, kind, 24 + len(body)) + ip4(rid) + bytes(4) + struct.pack("!HH", 0, 2) + auth + body
    return p + hashlib.md5(p + key.ljust(16, b"\0")).digest()


def hello(mask="255.255.255.0", interval=1, dead=4, options=2, priority=0, dr="0.0.0.0", bdr="0.0.0.0", seen=()):
    return (ip4(mask) + struct.pack("!HBBI", interval, options, priority, dead) + ip4(dr) + ip4(bdr) +
            b"".join(ip4(s) for s in seen))


def dbdesc(flags, seq, mtu=1500, headers=b"", options=2):
    return struct.pack("!HBBI", mtu, options, flags, seq) + headers


def fletcher(lsa):
    """ISO 8473 over all but the age, the checksum's place (octets 16 and 17) as zero."""
    data = lsa[2:16] + b"\0\0" + lsa[18:]
    c0 = c1 = 0
    for b in data:
        c0 = (c0 + b) % 255
        c1 = (c1 + c0) % 255
    n = len(data)
    x = ((n - 15) * c0 - c1) % 255
    y = (c1 - (n - 14) * c0) % 255
    return bytes([x or 255, y or 255])


def lsa(kind, lsid, body, seq=SEQ, adv=EVIL_ID, age=1, length=None):
    raw = (struct.pack("!HBB", age, 2, kind) + ip4(lsid) + ip4(adv) + struct.pack("!I", seq) + b"\0\0" +
           struct.pack("!H", 20 + len(body) if length is None else length) + body)
    return raw[:16] + fletcher(raw) + raw[18:]


def external(lsid="198.51.100.0", **kw):
    return lsa(5, lsid, ip4("255.255.255.0") + struct.pack("!I", 0x80000014) + bytes(8), **kw)


def update(*lsas):
    return packet(LSUPD, struct.pack("!I", len(lsas)) + b"".join(lsas))


# --- the scene ---------------------------------------------------------------------------------------
@contextlib.contextmanager
def inside(node):
    """This thread's network is the node's: sockets opened here stay there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as home, open(node.path) as there:
        if libc.setns(there.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(home.fileno(), 0x40000000)


class Evil:
    """Sends what it likes as whom it likes, on any of its links."""

    def __init__(self, node):
        self.node, self.sockets = node, {}
        for ifname in ("e0", "e1", "e2"):
            with inside(node):
                s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, ifname.encode())
            s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
            self.sockets[ifname] = s

    def send(self, payload, src=EVIL, dst=US, ifname="e0"):
        head = struct.pack("!BBHHHBBH", 0x45, 0xc0, 20 + len(payload), 0, 0, 1, 89, 0) + ip4(src) + ip4(dst)
        self.sockets[ifname].sendto(head + payload, (dst, 0))


class Played:
    """EVIL as a neighbour on the LAN: its Hellos come once a second as long as this is entered."""

    def __init__(self, scene):
        self.scene, self.stop = scene, threading.Event()
        self.seq = random.randrange(1 << 30)

    def say(self):
        while not self.stop.is_set():
            self.scene.evil.send(packet(HELLO, hello(seen=(OUR_ID, THEIR_ID), dr=US, bdr=THEM)))
            self.stop.wait(0.8)

    def state(self):
        rows = self.scene.us.json("show ip ospf neighbor").get("neighbors", {}).get(EVIL_ID, [])
        return rows[0]["nbrState"].split("/")[0] if rows else "none"

    def exchange(self):
        """Back into Exchange, with us as the slave that has told all it has."""
        wait_for("the played neighbour in ExStart", lambda: self.state() == "ExStart")
        self.seq += 1000
        self.scene.evil.send(packet(DD, dbdesc(I | M | MS, self.seq)))
        wait_for("the played neighbour in Exchange", lambda: self.state() == "Exchange", 5, 0.02)

    def __enter__(self):
        self.thread = threading.Thread(target=self.say, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.stop.set()
        self.thread.join()


class Scene:
    def __init__(self, build):
        self.net = lab(build, "hostile")
        self.us, self.them, node = self.net.router("us"), self.net.router("them"), self.net.host("evil")
        self.net.lan("sw", (self.us, "e0"), (self.them, "e0"), (node, "e0"))
        for ifname in ("e1", "e2"):
            self.net.link(self.us, ifname, node, ifname)
        for ifname, addr in (("e0", EVIL), ("e1", "10.1.0.66"), ("e2", "10.2.0.66")):
            node.run("ip", "addr", "add", addr + "/24", "dev", ifname)
        for key in ("all", "e0"):
            self.us.sysctl("net.ipv4.conf.%s.accept_local" % key, 1)
        self.us.start(CONFIG % (OUR_ID, US, 10, MORE, OUR_ID))
        self.them.start(CONFIG % (THEIR_ID, THEM, 5, "", THEIR_ID))
        self.evil = Evil(node)
        # somebody else on this host listens to AllDRouters on e1, so that the kernel takes it in
        self.listener = self.join(self.us, "224.0.0.6", "10.1.0.1")
        self.full()
        self.pid = self.us.pid("ospfd")

    def join(self, node, group, addr):
        wait_for("our address", lambda: addr in node.run("ip", "-4", "addr").stdout)
        with inside(node):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, ip4(group) + ip4(addr))
        return s

    def full(self):
        wait_for("Full", lambda: THEIR_ID in self.us.full() and OUR_ID in self.them.full(), 40)

    def drops(self):
        return self.us.json("show ip ospf statistics")["drops"]

    def unhurt(self):
        equal(self.us.pid("ospfd"), self.pid, "pid of ospfd")
        check(THEIR_ID in self.us.full(), "the adjacency is gone")

    def counted(self, reason, send):
        """send() makes ospfd drop once, for this reason and no other."""
        before = self.drops()
        send()

        def rise():
            now = self.drops()
            return {k: v - before.get(k, 0) for k, v in now.items() if v != before.get(k, 0)}
        wait_for("a drop", rise, 3, 0.02)
        equal(rise(), {reason: 1}, "drops")
        self.unhurt()


# --- one of each -------------------------------------------------------------------------------------
GOOD = hello(seen=(OUR_ID,))
# reason, packet, where it goes if not EVIL -> US on e0
HEADERS = [
    ("short", packet(HELLO, GOOD)[:20], {}),
    ("version", packet(HELLO, GOOD, version=3), {}),
    ("length", packet(HELLO, GOOD, length=200), {}),
    ("length", packet(HELLO, GOOD, length=23), {}),
    ("type", packet(6, GOOD), {}),
    ("type", packet(0, GOOD), {}),
    ("checksum", packet(HELLO, GOOD)[:-1] + b"\x99", {}),
    ("area-mismatch", packet(HELLO, GOOD, area="0.0.0.9"), {}),
    ("source", packet(HELLO, GOOD), {"src": "10.99.0.9"}),
    ("destination", packet(HELLO, GOOD, autype=1, auth=b"right\0\0\0"),
        {"src": "10.1.0.66", "dst": "224.0.0.6", "ifname": "e1"}),
    ("own-packet", packet(HELLO, GOOD, rid=OUR_ID), {"src": US}),
    ("duplicate-router-id", packet(HELLO, GOOD, rid=OUR_ID), {}),
    ("zero-router-id", packet(HELLO, GOOD, rid="0.0.0.0"), {}),
    ("auth-type", packet(HELLO, GOOD, autype=1, auth=b"password"), {}),
    ("auth-type", packet(HELLO, GOOD, autype=999), {}),
    ("auth-key", packet(HELLO, GOOD, autype=1, auth=b"wrong\0\0\0"),
        {"src": "10.1.0.66", "dst": "10.1.0.1", "ifname": "e1"}),
    ("auth-key-id", md5(HELLO, GOOD, 1, key_id=8), {"src": "10.2.0.66", "dst": "10.2.0.1", "ifname": "e2"}),
    ("auth-digest", md5(HELLO, GOOD, 1, key=b"other"), {"src": "10.2.0.66", "dst": "10.2.0.1", "ifname": "e2"}),
    ("auth-digest", md5(HELLO, GOOD, 1)[:-16], {"src": "10.2.0.66", "dst": "10.2.0.1", "ifname": "e2"}),
    ("malformed", packet(HELLO, GOOD[:17]), {}),
    ("hello-mask-mismatch", packet(HELLO, hello(mask="255.255.0.0")), {}),
    ("hello-interval-mismatch", packet(HELLO, hello(interval=10)), {}),
    ("dead-interval-mismatch", packet(HELLO, hello(dead=40)), {}),
    ("option-mismatch", packet(HELLO, hello(options=0)), {}),
    ("no-neighbor", packet(DD, dbdesc(I | M | MS, 1)), {}),
    ("no-neighbor", update(external()), {}),
]
# LSAs of a neighbour in Exchange, all in an update
LSAS = [
    ("lsa-checksum", update(external()[:-1] + b"\x77")),
    ("lsa-length", update(external(length=4000))),
    ("lsa-length", update(external(length=19))),
    ("lsa-type", update(lsa(99, "198.51.100.0", bytes(16)))),
    ("lsa-malformed", update(lsa(1, EVIL_ID, struct.pack("!HH", 0, 5)))),
    ("lsa-malformed", update(lsa(2, "10.0.0.66", bytes(5)))),
    ("lsa-sequence", update(external(seq=0x80000000))),
    ("malformed", packet(LSUPD, struct.pack("!I", 1) + external() + b"\0\0\0\0")),
]


class Suite:
    """The cases share one scene; it is made by the first that needs it."""
    scene = None

    @classmethod
    def get(cls, build):
        if not cls.scene:
            cls.scene = Scene(build)
        return cls.scene


@case("a wrong header, address or Hello is dropped and counted under its reason")
def headers(build):
    s = Suite.get(build)
    for reason, payload, where in HEADERS:
        s.counted(reason, lambda: s.evil.send(payload, **where))


@case("an old cryptographic sequence number is a replay")
def replay(build):
    s = Suite.get(build)
    there = {"src": "10.2.0.66", "dst": "10.2.0.1", "ifname": "e2"}
    s.evil.send(md5(HELLO, GOOD, 1000), **there)
    wait_for("the neighbour", lambda: EVIL_ID in s.us.json("show ip ospf neighbor")["neighbors"], 3)
    s.counted("auth-replay", lambda: s.evil.send(md5(HELLO, GOOD, 999), **there))


@case("Database Descriptions that do not fit are dropped; the other adjacency stays")
def descriptions(build):
    s = Suite.get(build)
    with Played(s) as p:
        wait_for("ExStart", lambda: p.state() == "ExStart")
        s.counted("neighbor-state", lambda: s.evil.send(update(external())))
        s.counted("mtu-mismatch", lambda: s.evil.send(packet(DD, dbdesc(I | M | MS, 1, mtu=9000))))
        s.counted("malformed", lambda: s.evil.send(packet(DD, dbdesc(I | M | MS, 1) + b"\0" * 7)))
        p.exchange()
        s.counted("dd-duplicate", lambda: s.evil.send(packet(DD, dbdesc(I | M | MS, p.seq))))
        s.counted("dd-sequence", lambda: s.evil.send(packet(DD, dbdesc(M | MS, p.seq + 77))))
        p.exchange()
        s.counted("dd-sequence", lambda: s.evil.send(packet(DD, dbdesc(M, p.seq + 1))))


@case("LSAs, requests and acknowledgments that do not fit are dropped; the other adjacency stays")
def lsas(build):
    s = Suite.get(build)
    with Played(s) as p:
        p.exchange()
        for reason, payload in LSAS:
            s.counted(reason, lambda: s.evil.send(payload))
        s.counted("malformed", lambda: s.evil.send(packet(LSACK, external()[:20] + b"\0" * 3)))
        s.counted("malformed", lambda: s.evil.send(packet(LSREQ, bytes(13))))
        s.counted("lsa-min-arrival", lambda: [s.evil.send(update(external("198.51.101.0", seq=SEQ + n)))
                                              for n in range(2)])
        p.exchange() if p.state() != "Exchange" else None
        ask = struct.pack("!I", 5) + ip4("198.51.200.0") + ip4(EVIL_ID)
        s.counted("lsa-not-found", lambda: s.evil.send(packet(LSREQ, ask)))


# --- many --------------------------------------------------------------------------------------------
def mutate(rng, p):
    """A right packet gone wrong: octets, length, or an odd value in a field; sums put right half the time."""
    p = bytearray(p)
    for _ in range(rng.randrange(1, 5)):
        how = rng.randrange(5)
        at = rng.randrange(24 if rng.random() < 0.9 and len(p) > 24 else 0, len(p))
        if how == 0:
            p[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            p[at] = rng.choice((0, 1, 0x7f, 0x80, 0xff))
        elif how == 2 and len(p) > 30:
            del p[rng.randrange(24, len(p)):]
        elif how == 3:
            p += bytes(rng.randrange(256) for _ in range(rng.randrange(1, 40)))
        else:
            p[at:at + 2] = struct.pack("!H", rng.choice((0, 1, 19, 20, 0x7fff, 0x8000, 0xffff)))
    if rng.random() < 0.7 and len(p) >= 24:
        p[2:4] = struct.pack("!H", len(p))
        if p[1] == LSUPD and len(p) >= 50 and rng.random() < 0.7:
            p[44:46] = fletcher(bytes(p[28:]))
        p = bytearray(summed(bytes(p)))
    return bytes(p)


def rss_kb(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(next(x for x in f if x.startswith("VmRSS")).split()[1])


@case("20,000 mutated packets: the process, the adjacency, its memory and its log bear it")
def mutated(build):
    s = Suite.get(build)
    seed = int(os.environ.get("GREVY_SEED", time.time()))
    rng = random.Random(seed)
    print("# seed %d" % seed)
    router = lsa(1, EVIL_ID, struct.pack("!HH", 0, 1) + ip4("10.0.0.0") + ip4("255.255.255.0") +
                 struct.pack("!BBH", 3, 0, 10))
    right = [packet(HELLO, GOOD), packet(HELLO, hello(seen=(OUR_ID, THEIR_ID), dr=US, bdr=THEM)),
             packet(DD, dbdesc(I | M | MS, 5)), packet(DD, dbdesc(MS, 6, headers=router[:20] + external()[:20])),
             packet(LSREQ, struct.pack("!I", 1) + ip4(OUR_ID) * 2), update(router), update(external()),
             update(router, external()), packet(LSACK, router[:20] + external()[:20])]
    # the same as from the real neighbour
    right += [summed(p[:4] + ip4(THEIR_ID) + p[8:]) for p in right]
    with open(s.us.log) as f:
        lines = len(f.readlines())
    memory, before = rss_kb(s.pid), s.drops()
    with Played(s) as p:
        p.exchange()
        for n in range(20000):
            if n % 100 == 0:  # back into Exchange, or the rest would meet a closed door
                s.evil.send(packet(HELLO, hello(seen=(OUR_ID, THEIR_ID), dr=US, bdr=THEM)))
                s.evil.send(packet(DD, dbdesc(I | M | MS, p.seq + n)))
            payload = mutate(rng, rng.choice(right))
            s.evil.send(payload, src=THEM if payload[4:8] == ip4(THEIR_ID) else EVIL)
            if n % 32 == 31:
                time.sleep(0.002)
    equal(s.us.pid("ospfd"), s.pid, "pid of ospfd, seed %d" % seed)
    rise = {k: v - before.get(k, 0) for k, v in s.drops().items() if v > before.get(k, 0)}
    dropped = sum(rise.values())
    check(dropped > 8000, "only %d drops counted: %s" % (dropped, rise))
    deep = sum(v for k, v in rise.items() if k.startswith("lsa-"))
    check(deep > 300 and len(rise) > 12, "too few came far: %s" % rise)
    s.full()
    wait_for("the played neighbour to be gone", lambda: EVIL_ID not in
             s.us.json("show ip ospf neighbor").get("neighbors", {}), 15)
    grown = rss_kb(s.pid) - memory
    check(grown < 8192, "memory grew by %d KiB, seed %d" % (grown, seed))
    with open(s.us.log) as f:
        told = f.readlines()[lines:]
    drops = [x for x in told if "-dropped" in x]
    check(1 <= len(drops) <= 130, "%d lines about %d drops" % (len(drops), dropped))
    check(len(told) < 2500, "%d log lines, seed %d" % (len(told), seed))
    print("# %s" % rise)
    print("# %d drops, %d lines about them, %d lines in all, memory %+d KiB" % (dropped, len(drops), len(told), grown))


main()
