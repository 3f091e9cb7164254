#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
"""Wrong BFD packets at a live bfdd with sessions of every kind: each one is counted under its reason, once, and changes
nothing; then many thousand mutated ones; then clients that break the rules of bfd.sock.

`evil` sits on the LAN of the two routers and alone on another link of ours (e1). It knows all discriminators, all
addresses and what is on the LAN, but no key."""
import contextlib
import ctypes
import os
import random
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402

SINGLE, ECHO, MULTI = 3784, 3785, 4784
ADMIN_DOWN, DOWN, INIT, UP = 0, 1, 2, 3
P, F, C, A, D, M = 0x20, 0x10, 0x08, 0x04, 0x02, 0x01
US, THEM, EVIL = "10.0.0.1", "10.0.0.2", "10.0.0.66"
FAR = {"plain": "9.9.9.2", "simple": "9.9.9.3", "md5": "9.9.9.4", "sha1": "9.9.9.5"}
AUTH = {"simple": (1, "simple-password"), "md5": (2, "keyed-md5"), "sha1": (5, "meticulous-keyed-sha1")}


def config(me, peer):
    text = "interface lo\n"
    for n in (2, 3, 4, 5):
        text += " ip address 9.9.%d.%d/32\n" % (9 if me == 2 else 8, n)
    text += "exit\ninterface e0\n ip address 10.0.0.%d/24\n ipv6 address fd00::%d/64\nexit\n" % (me, me)
    if me == 1:
        text += "interface e1\n ip address 10.1.0.1/24\nexit\n"
    text += "ip route 9.9.%d.0/24 10.0.0.%d\nbfd\n" % (9 if me == 1 else 8, peer)
    timers = "  transmit-interval 100\n  receive-interval 100\n  detect-multiplier 20\n"
    text += " peer 10.0.0.%d interface e0\n  echo-mode\n%s exit\n" % (peer, timers)
    text += " peer fd00::%d local-address fd00::%d\n%s exit\n" % (peer, me, timers)
    for n, name in enumerate(("plain", "simple", "md5", "sha1"), 2):
        auth = "" if name == "plain" else "  authentication %s key-id 5 key secret\n" % AUTH[name][1]
        text += " peer 9.9.%d.%d multihop local-address 9.9.%d.%d\n%s%s exit\n" % (
            9 if me == 1 else 8, n, 8 if me == 1 else 9, n, timers, auth)
    return text + "exit\n"


# --- octets ------------------------------------------------------------------------------------------
def control(my, your, state=UP, flags=0, version=1, diag=0, multiplier=20, length=None, tx=100000, rx=100000, echo=50000,
            auth=b""):
    return struct.pack("!BBBBIIIII", version << 5 | diag, state << 6 | flags | (A if auth else 0), multiplier,
                       24 + len(auth) if length is None else length, my, your, tx, rx, echo) + auth


def inet_sum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def datagram(payload, src, dst, sport, dport, ttl):
    v6 = ":" in dst
    family = socket.AF_INET6 if v6 else socket.AF_INET
    s, d = socket.inet_pton(family, src), socket.inet_pton(family, dst)
    udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    pseudo = s + d + struct.pack("!HH", 17, len(udp))
    udp = udp[:6] + struct.pack("!H", inet_sum(pseudo + udp) or 0xffff) + udp[8:]
    if v6:
        return struct.pack("!IHBB", 6 << 28, len(udp), 17, ttl) + s + d + udp
    head = struct.pack("!BBHHHBBH", 0x45, 0xc0, 20 + len(udp), 0, 0, ttl, 17, 0) + s + d
    return head[:10] + struct.pack("!H", inet_sum(head)) + head[12:] + udp


@contextlib.contextmanager
def inside(node):
    """The sockets made in here are in the node's namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as home, open(node.path) as there:
        if libc.setns(there.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(home.fileno(), 0x40000000)


def mac_of(node, ifname):
    with open("/dev/null"):
        return bytes.fromhex(node.run("cat", "/sys/class/net/%s/address" % ifname).stdout.strip().replace(":", ""))


class Evil:
    def __init__(self, node, target):
        self.sockets, self.heads = {}, {}
        for ifname in ("e0", "e1"):
            with inside(node):
                s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                s.bind((ifname, 0))
            self.sockets[ifname] = s
            self.heads[ifname] = mac_of(target, ifname) + mac_of(node, ifname)

    def send(self, packet, ifname="e0"):
        kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
        self.sockets[ifname].send(self.heads[ifname] + kind + packet)

    def close(self):
        for s in self.sockets.values():
            s.close()


class Tap:
    """What arrives on our e0."""

    def __init__(self, node):
        with inside(node):
            self.s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
            self.s.bind(("e0", 0x0800))

    def next(self, wanted):
        """The next IPv4 packet to us that is wanted(src, dst, udp)."""
        end = time.monotonic() + 10
        self.s.settimeout(10)
        while time.monotonic() < end:
            p, addr = self.s.recvfrom(2048)
            if addr[2] == socket.PACKET_HOST and p[9] == 17 and wanted(socket.inet_ntoa(p[12:16]), socket.inet_ntoa(p[16:20]),
                                                                      struct.unpack("!HH", p[20:24])):
                return p
        raise TimeoutError("no such packet on e0")

    def drain(self):
        self.s.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.s.recv(2048)

    def close(self):
        self.s.close()


# --- the scene ----------------------------------------------------------------------------------------
class Scene:
    def __init__(self, net):
        self.us, self.them, self.evil_node = net.router("us"), net.router("them"), net.host("evil")
        net.lan("sw", (self.us, "e0"), (self.them, "e0"), (self.evil_node, "e0"))
        net.link(self.us, "e1", self.evil_node, "e1")
        self.us.start(config(1, 2))
        self.them.start(config(2, 1))
        wait_for("all sessions", lambda: [p["status"] for p in self.us.json("show bfd peers")] == ["up"] * 6, 30)
        wait_for("all sessions, other side", lambda: [p["status"] for p in self.them.json("show bfd peers")] == ["up"] * 6, 30)
        wait_for("echoes", lambda: self.session(THEM)["echoProven"], 20)
        wait_for("quiet polls", lambda: not any(p["polling"] for p in self.us.json("show bfd peers")), 20)
        self.evil, self.tap = Evil(self.evil_node, self.us), Tap(self.us)
        self.s = {p["peer"]: p for p in self.us.json("show bfd peers")}

    def session(self, peer):
        return [p for p in self.us.json("show bfd peers") if p["peer"] == peer][0]

    def drops(self):
        return self.us.json("show bfd statistics")["dropped"]

    def lasting(self):
        """What no bad packet may change."""
        keys = ("peer", "id", "remote-id", "status", "diagnostic", "remote-diagnostic", "remote-receive-interval",
                "remote-transmit-interval", "remote-detect-multiplier", "detection-timeout", "history")
        rows = [{k: p[k] for k in keys} for p in self.us.json("show bfd peers")]
        for r in rows:
            r["history"] = len(r["history"])
        falls = [c["session-down"] for c in self.us.json("show bfd peers counters")]
        return rows, falls, self.us.pid("bfdd")

    def close(self):
        self.evil.close()
        self.tap.close()


def control_cases(scene):
    """(what, reason, packet, interface)"""
    a, v6 = scene.s[THEM], scene.s["fd00::2"]
    plain = scene.s[FAR["plain"]]
    ours, theirs = a["id"], a["remote-id"]

    def single(payload, src=THEM, dst=US, ttl=255, dport=SINGLE, sport=50000):
        return datagram(payload, src, dst, sport, dport, ttl)

    def multi(name, payload, ttl=255, src=None, dst=None, dport=MULTI):
        p = scene.s[FAR[name]]
        return datagram(payload, src or p["peer"], dst or p["local"], 50000, dport, ttl)

    def six(payload, src="fd00::2", dst="fd00::1", ttl=255):
        return datagram(payload, src, dst, 50000, SINGLE, ttl)

    good = control(theirs, ours)
    yield "nothing at all", "short", single(b"")
    yield "one octet", "short", single(b"\x20")
    yield "23 octets", "short", single(good[:23])
    yield "23 octets, IPv6", "short", six(control(v6["remote-id"], v6["id"])[:23])
    for version in (0, 2, 7):
        yield "version %d" % version, "version", single(control(theirs, ours, version=version))
    yield "length 0", "length-small", single(control(theirs, ours, length=0))
    yield "length 23", "length-small", single(control(theirs, ours, length=23))
    yield "length 25 with authentication", "length-small", single(control(theirs, ours, length=25, flags=A) + b"\1\2")
    yield "length 25 of 24 octets", "length-large", single(control(theirs, ours, length=25))
    yield "length 255", "length-large", single(control(theirs, ours, length=255))
    yield "length 26 with authentication of 24 octets", "length-large", single(control(theirs, ours, length=26, flags=A))
    yield "multiplier 0", "multiplier", single(control(theirs, ours, multiplier=0))
    yield "multipoint", "multipoint", single(control(theirs, ours, flags=M))
    yield "discriminator 0", "my-discriminator", single(control(0, ours))
    yield "poll and final", "poll-final", single(control(theirs, ours, flags=P | F))
    yield "TTL 254", "ttl", single(control(theirs, ours, state=DOWN), ttl=254)
    yield "TTL 1", "ttl", single(control(theirs, ours, state=ADMIN_DOWN), ttl=1)
    yield "hop limit 254", "ttl", six(control(v6["remote-id"], v6["id"], state=DOWN), ttl=254)
    yield "multihop over too many hops", "ttl", multi("plain", control(plain["remote-id"], plain["id"], state=DOWN), ttl=253)
    yield "a session we do not have", "your-discriminator", single(control(theirs, ours ^ 0x5a5a5a5a))
    yield "a session we do not have, multihop", "your-discriminator", multi("plain", control(theirs, ours ^ 0x5a5a5a5a))
    yield "no session, Up", "your-discriminator-zero", single(control(theirs, 0))
    yield "no session, Init", "your-discriminator-zero", single(control(theirs, 0, state=INIT))
    yield "a stranger", "no-session", single(control(7, 0, state=DOWN), src=EVIL)
    yield "a stranger's AdminDown", "no-session", single(control(7, 0, state=ADMIN_DOWN), src=EVIL)
    yield "a stranger, multihop", "no-session", multi("plain", control(7, 0, state=DOWN), src="9.9.9.200")
    yield "a stranger, IPv6", "no-session", six(control(7, 0, state=DOWN), src="fd00::66")
    yield "single hop by the port of multihop", "hops", single(control(theirs, ours, state=DOWN), dport=MULTI)
    yield "multihop by the port of single hop", "hops", multi("plain", control(plain["remote-id"], plain["id"], state=DOWN),
                                                            dport=SINGLE)
    yield "another source", "source", single(control(theirs, ours, state=DOWN), src=EVIL)
    yield "another source, multihop", "source", multi("plain", control(plain["remote-id"], plain["id"], state=DOWN), src=EVIL)
    yield "another source, IPv6", "source", six(control(v6["remote-id"], v6["id"], state=DOWN), src="fd00::66")
    yield "another address of ours", "destination", multi("plain", control(plain["remote-id"], plain["id"], state=DOWN), dst=US)
    yield "another interface", "interface", single(control(theirs, ours, state=DOWN)), "e1"
    yield "a password for who wants none", "auth-unexpected", single(control(theirs, ours, state=DOWN, auth=b"\1\x09\5secret"))
    for name in ("simple", "md5", "sha1"):
        p = scene.s[FAR[name]]
        yield "no proof: " + name, "auth-missing", multi(name, control(p["remote-id"], p["id"], state=DOWN))
    yield from auth_cases(scene, multi)


def auth_cases(scene, multi):
    sim, md5, sha = (scene.s[FAR[n]] for n in ("simple", "md5", "sha1"))

    def latest(name):
        """The control packet that has just come from them, with its digest."""
        scene.tap.drain()
        return scene.tap.next(lambda src, dst, ports: src == FAR[name] and ports[1] == MULTI)[28:]

    def forged(p, auth, state=DOWN):
        return control(p["remote-id"], p["id"], state=state, auth=auth)

    yield "MD5 instead of a password", "auth-type", multi("simple", forged(sim, b"\2\x18\5\0" + bytes(20)))
    yield "a password instead of MD5", "auth-type", multi("md5", forged(md5, b"\1\x09\5secret"))
    yield "a type that nobody knows", "auth-type", multi("sha1", forged(sha, b"\x77\x1c\5\0" + bytes(24)))
    yield "a password of no octets", "auth-length", multi("simple", forged(sim, b"\1\3\5"))
    yield "a digest too short", "auth-length", multi("md5", forged(md5, b"\2\x17\5\0" + bytes(19)))
    yield "a section longer than the packet", "auth-length", multi("sha1", forged(sha, b"\5\xff\5\0" + bytes(24)))
    yield "key 6: password", "auth-key-id", multi("simple", forged(sim, b"\1\x09\6secret"))
    yield "key 6: SHA1", "auth-key-id", multi("sha1", forged(sha, b"\5\x1c\6\0" + bytes(24)))
    yield "a wrong password", "auth-password", multi("simple", forged(sim, b"\1\x09\5Secret"))
    yield "the beginning of the password", "auth-password", multi("simple", forged(sim, b"\1\x08\5secre"))
    yield "a packet of long ago", "auth-replay", multi("md5", old(latest("md5")))
    packet = latest("sha1")
    yield "the same packet again", "auth-replay", multi("sha1", packet)
    packet = latest("md5")
    yield "a wrong digest, MD5", "auth-digest", multi("md5", packet[:1] + bytes([packet[1] & 0x3f | DOWN << 6]) + packet[2:])
    packet = bytearray(latest("sha1"))
    packet[28:32] = struct.pack("!I", struct.unpack("!I", packet[28:32])[0] + 9 & 0xffffffff)
    yield "a number to come with an old digest", "auth-digest", multi("sha1", bytes(packet))


def old(packet):
    seq = struct.unpack("!I", packet[28:32])[0] - 1000 & 0xffffffff
    return packet[:28] + struct.pack("!I", seq) + packet[32:]


def echo_cases(scene):
    def mine():
        scene.tap.drain()
        return scene.tap.next(lambda src, dst, ports: src == dst == US and ports[1] == ECHO)

    def again(p, payload):
        return datagram(payload, US, US, struct.unpack("!H", p[20:22])[0], ECHO, 254)

    p = mine()
    yield "an echo again", "echo-replay", again(p, p[28:])
    p = mine()
    yield "an echo cut short", "echo-malformed", again(p, p[28:59])
    yield "an echo with more behind it", "echo-malformed", again(p, p[28:] + b"\0")
    yield "an echo of tomorrow", "echo-forged", again(p, p[28:32] + struct.pack("!I", struct.unpack("!I", p[32:36])[0] + 1) + p[36:])
    yield "an echo at our address", "echo-malformed", datagram(b"hello", EVIL, US, 50000, ECHO, 255)


@case("each wrong packet is counted once, under its reason, and changes nothing")
def wrong(build):
    with lab(build, "bfdevil") as net, contextlib.closing(Scene(net)) as scene:
        lasting, faults, n, seen = scene.lasting(), [], 0, set()
        for source in (control_cases, echo_cases):
            before = scene.drops()
            for what, reason, packet, *ifname in source(scene):
                n += 1
                seen.add(reason)
                scene.evil.send(packet, *ifname)
                end = time.monotonic() + 5
                while scene.drops() == before and time.monotonic() < end:
                    time.sleep(0.01)
                after = scene.drops()
                rose = {k: after[k] - before[k] for k in after if after[k] != before[k]}
                if rose != {reason: 1}:
                    faults.append("%s: %s, expected %s" % (what, rose or "nothing", reason))
                before = after
        for f in faults:
            print("# " + f)
        check(not faults, "%d of %d packets, first: %s" % (len(faults), n, faults[:1]))
        check(n >= 45, "only %d packets" % n)
        equal(scene.lasting(), lasting, "sessions after %d packets" % n)
        equal(set(scene.drops()) - seen, {"port", "auth-unusable", "admin-down", "echo-unknown", "echo-inactive"},
              "reasons that no packet here can have")
        log = scene.us.run("grep", "-c", "bfd.packet-dropped", scene.us.log).stdout
        check(0 < int(log) <= 60, "%s lines in the log" % log)


@case("a flood of mutated packets moves no session")
def flood(build):
    seed = int(os.environ.get("GREVY_SEED", random.SystemRandom().randrange(1 << 32)))
    print("# seed %d" % seed)
    rnd = random.Random(seed)
    with lab(build, "bfdflood") as net, contextlib.closing(Scene(net)) as scene:
        lasting = scene.lasting()
        real = [scene.tap.next(lambda src, dst, ports, n=n: src == FAR[n] and ports[1] == MULTI)[28:]
                for n in ("simple", "md5", "sha1")]
        # from where the sessions' packets come (a digest, or the password, is what protects them), and from elsewhere
        for i in range(30000):
            kind = rnd.randrange(5)
            name = ("simple", "md5", "sha1")[rnd.randrange(3)]
            payload = bytearray(real[("simple", "md5", "sha1").index(name)])
            for _ in range(rnd.randrange(1, 4)):
                payload[rnd.randrange(len(payload))] ^= 1 << rnd.randrange(8)
            if rnd.randrange(8) == 0:
                payload = payload[:rnd.randrange(len(payload))]
            p = scene.s[FAR[name]]
            if kind < 2 and name != "simple":
                packet = datagram(bytes(payload), p["peer"], p["local"], 50000, MULTI, 255)
            elif kind == 2:
                packet = datagram(bytes(payload), EVIL, US, 50000, SINGLE, 255)
            elif kind == 3:
                packet = datagram(bytes(payload), "fd00::66", "fd00::1", 50000, ECHO, 255)
            else:
                packet = datagram(bytes(payload), EVIL, p["local"], 50000, MULTI, rnd.randrange(256))
            with contextlib.suppress(OSError):
                scene.evil.send(packet)
        wait_for("its end", lambda: sum(scene.drops().values()) > 10000, 20)
        equal(scene.lasting(), lasting, "sessions after the flood (seed %d)" % seed)


# --- clients that break the rules ----------------------------------------------------------------------
HELLO, WANT, UNWANT, REPLAY_END, WATCH, STATE = 1, 3, 4, 5, 6, 7


def frame(kind, payload=b""):
    return struct.pack("!IH", 2 + len(payload), kind) + payload


def field(number, value):
    """protobuf: a number, or octets"""
    if isinstance(value, int):
        out = bytes([number << 3])
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])
    return bytes([number << 3 | 2, len(value)]) + value


def hello(name=b"test", version=1):
    return frame(HELLO, field(1, name) + field(2, version))


def want(ident=1, peer=b"\x0a\0\0\x63", local=b"", profile=b""):
    return frame(WANT, field(1, ident) + field(2, peer) + field(3, local) + field(6, profile))


@case("a client that breaks the rules is closed, and nobody else")
def clients(build):
    rules = (
        ("wishes without a name", want()),
        ("a second name", hello() + hello()),
        ("a type that is not there", hello() + frame(99)),
        ("what only bfdd says", hello() + frame(STATE)),
        ("octets that are no message", hello() + frame(WANT, b"\xff\xff\xff")),
        ("an address of 5 octets", hello() + want(peer=b"\1\2\3\4\5")),
        ("no address", hello() + want(peer=b"")),
        ("address 0.0.0.0", hello() + want(peer=bytes(4))),
        ("a group", hello() + want(peer=b"\xe0\0\0\5")),
        ("two families", hello() + want(local=bytes(15) + b"\1")),
        ("wish 0", hello() + want(ident=0)),
        ("a profile's name that has no end", hello() + want(profile=b"x" * 100)),
        ("a wish given back that was none", hello() + frame(UNWANT, field(1, 7))),
        ("watching twice", hello() + frame(WATCH) + frame(WATCH)),
        ("a frame of 2 GB", struct.pack("!IH", 0x7fffffff, HELLO)),
        ("a frame without a type", struct.pack("!I", 1) + b"\0"),
    )
    with lab(build, "bfdipc") as net:
        us = net.router("us")
        us.start("interface lo\n ip address 10.0.0.1/32\nexit\nbfd\n peer 10.0.0.2\n exit\nexit\n")
        path = os.path.join(us.run_dir, "bfd.sock")

        def others():
            return sorted((c["protocol"], c["pid"]) for c in us.json("show bfd statistics")["threads"]["clients"]
                          if c["protocol"] != "test")

        wait_for("zebra", lambda: "zebra" in [p for p, _ in others()], 20)
        held, pid = others(), us.pid("bfdd")
        good = socket.socket(socket.AF_UNIX)
        good.connect(path)
        good.sendall(hello() + want() + frame(REPLAY_END))
        wait_for("its wish", lambda: "10.0.0.99" in [p["peer"] for p in us.json("show bfd peers")], 20)
        for what, octets in rules:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(10)
                s.connect(path)
                s.sendall(octets)
                try:
                    while s.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
                except TimeoutError:
                    check(False, "not closed: " + what)
            equal((others(), us.pid("bfdd")), (held, pid), "the others after: " + what)
        # half a frame and silence; a wish, and gone: it has no grace time, so its session ends
        half = socket.socket(socket.AF_UNIX)
        half.connect(path)
        half.sendall(hello()[:7])
        equal([p["wantedBy"] for p in us.json("show bfd peers") if p["peer"] == "10.0.0.99"], [[{"protocol": "test", "away": False}]],
              "who wants it")
        good.close()
        wait_for("its end", lambda: [p["peer"] for p in us.json("show bfd peers")] == ["10.0.0.2"], 20)
        half.close()


if __name__ == "__main__":
    main()
