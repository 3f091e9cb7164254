#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtual links and addresses on a real kernel, with a played vrrpd: made, adopted, repaired, given up; who answers."""
import json
import os
import random
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, main, check, equal  # noqa: E402
from mgmt import field  # noqa: E402
from zebra import R_HELLO, R_HELLO_REPLY, R_LAN, R_READY, Frames, RibClient, Zebra, run, wait_until  # noqa: E402

NAME, MAC, VIP = "vrrp4-2-5", "00:00:5e:00:01:05", "10.0.0.254"
NAME6, MAC6, VIP6, LL6 = "vrrp6-2-5", "00:00:5e:00:02:05", "2001:db8::fe", "fe80::fe"


class Host:
    """A namespace behind the router's LAN port, with a raw socket on its wire."""

    def __init__(self, w, dev, address, gateway=None):
        self.ns = w.z.name + "-" + dev
        run("ip", "netns", "del", self.ns, check=False)
        run("ip", "netns", "add", self.ns)
        w.z.ip("link", "set", dev, "netns", self.ns)
        self.ip("link", "set", dev, "up")
        for a in address:
            self.ip("addr", "add", a, "dev", dev, *(["nodad"] if ":" in a else []))
        if gateway:
            self.ip("route", "add", "default", "via", gateway)
        self.dev = dev

    def ip(self, *argv, check=True):
        return run("ip", "-n", self.ns, *argv, check=check)

    def ping(self, address, seconds=1):
        return subprocess.run(["ip", "netns", "exec", self.ns, "ping", "-n", "-q", "-c", "1", "-W", str(seconds),
                               address], capture_output=True).returncode == 0

    def wire(self, protocol):
        """A packet socket in the namespace (opened by a thread of this process that enters it)."""
        fd = os.open("/proc/self/ns/net", os.O_RDONLY)
        other = os.open("/run/netns/" + self.ns, os.O_RDONLY)
        os_setns(other)
        try:
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
            s.bind((self.dev, protocol))
        finally:
            os_setns(fd)
            os.close(fd)
            os.close(other)
        s.settimeout(0.3)
        return s

    def arp(self, target, source):
        """The MACs that answer for `target`."""
        s = self.wire(0x806)
        mac = s.getsockname()[4]
        s.send(b"\xff" * 6 + mac + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + mac +
               socket.inet_aton(source) + b"\0" * 6 + socket.inet_aton(target))
        macs = []
        try:
            while True:
                b = s.recv(200)
                if b[20:22] == b"\0\2" and b[28:32] == socket.inet_aton(target):
                    macs.append(b[22:28].hex(":"))
        except TimeoutError:
            s.close()
            return macs

    def close(self):
        run("ip", "netns", "del", self.ns, check=False)


def os_setns(fd):
    import ctypes
    if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")


def nft_request(ns, messages):
    """A batch of nftables messages in the namespace: [(type, flags, attributes)]; what is answered."""
    def header(kind, flags, family, res_id, body=b""):
        return struct.pack("=IHHII", 20 + len(body), kind, flags | 1, 0, 0) + struct.pack(">BBH", family, 0, res_id) + body
    mine, other = os.open("/proc/self/ns/net", os.O_RDONLY), os.open("/run/netns/" + ns, os.O_RDONLY)
    os_setns(other)
    try:
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
    finally:
        os_setns(mine)
        os.close(mine)
        os.close(other)
    s.settimeout(0.2)
    batch = [header(k, f, 0, 0, b) for k, f, b in messages]
    if not messages[0][1] & 0x300:
        batch = [header(0x10, 0, 0, 10)] + batch + [header(0x11, 0, 0, 10)]
    s.send(b"".join(batch))
    out = b""
    try:
        while True:
            out += s.recv(65536)
    except TimeoutError:
        s.close()
    return out


def flush_nft(ns):
    nft_request(ns, [(10 << 8 | 2, 0, b"")])  # NFT_MSG_DELTABLE of all


def nft_tables(ns):
    return b"grevy" in nft_request(ns, [(10 << 8 | 1, 0x300, b"")])  # NFT_MSG_GETTABLE, a dump


class World:
    """Router with a LAN (a0) and an uplink (b0), a host behind each."""

    def __init__(self, build, name):
        self.z = Zebra(build, name)
        self.hosts = []
        self.z.veth("a0", "a1", "10.0.0.1/24")
        self.z.veth("b0", "b1", "10.0.1.1/24")
        self.z.ip("addr", "add", "2001:db8::1/64", "dev", "a0", "nodad")
        self.lan = Host(self, "a1", ["10.0.0.9/24", "2001:db8::9/64"])
        self.far = Host(self, "b1", ["10.0.1.9/24"], "10.0.1.1")
        self.hosts = [self.lan, self.far]
        self.sysctl("net.ipv4.ip_forward", 1)
        self.z.start()
        self.c = wait_until(self.client)
        self.parent = self.index("a0")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.z.close()
        for h in self.hosts:
            h.close()

    def sysctl(self, key, value=None):
        argv = ["ip", "netns", "exec", self.z.name, "sysctl", "-n"]
        return run(*argv, key).strip() if value is None else run(*argv, "-w", "%s=%s" % (key, value))

    def client(self):
        """None while zebra has not noticed that the last one has gone."""
        try:
            return RibClient(self.z, "vrrp", grace=0)
        except RuntimeError:
            return None

    def index(self, dev):
        rows = [l["ifindex"] for l in self.z.ip_json("link") if l["ifname"] == dev]
        return rows[0] if rows else 0

    def link(self, name=NAME):
        rows = [l for l in self.z.ip_json("-d", "link") if l["ifname"] == name]
        return rows[0] if rows else None

    def addresses(self, dev):
        return {a["local"]: a for l in self.z.ip_json("addr") if l.get("ifname") == dev for a in l["addr_info"]}

    def want(self, client=None, vips=(VIP,), linger=1.0, accept=True):
        c = client or self.c
        c.vlink(5, NAME, self.parent, MAC, linger)
        for i, a in enumerate(vips):
            c.vaddress(i + 1, a, vlink=5, accept=accept, linger=linger)

    def has(self, vip=VIP, dev=NAME):
        return wait_until(lambda: vip in self.addresses(dev))

    def gone(self, dev=NAME):
        return wait_until(lambda: self.link(dev) is None)


@case("a virtual link and its addresses are made, told, and removed on request")
def made(build):
    with World(build, "zv1") as w:
        w.want()
        state = w.c.vlink_state(5, lambda s: s["up"])
        check(w.has(), "the address is there")
        l = w.link()
        equal(state["ifindex"], l["ifindex"])
        equal((l["address"], l["link"], l["mtu"], l["linkinfo"]["info_data"]["mode"], l["inet6_addr_gen_mode"]),
              (MAC, "a0", 1500, "private", "none"))
        a = w.addresses(NAME)
        equal(list(a), [VIP], "no address but ours")
        equal((a[VIP]["prefixlen"], a[VIP].get("noprefixroute")), (32, True))
        equal([r for r in w.z.ip_json("route") if r.get("dev") == NAME], [], "no route by it")
        # the same by IPv6: no detection of duplicates, never chosen as a source
        w.c.vlink(6, NAME6, w.parent, MAC6)
        w.c.vaddress(11, LL6, vlink=6)
        w.c.vaddress(12, VIP6, vlink=6)
        check(w.has(VIP6, NAME6) and w.has(LL6, NAME6), "IPv6 addresses")
        a = w.addresses(NAME6)
        equal({k: (v["prefixlen"], v.get("tentative"), v.get("deprecated")) for k, v in a.items()},
              {VIP6: (128, None, True), LL6: (128, None, True)})
        w.c.vaddress(1, VIP, vlink=5, remove=True)
        check(wait_until(lambda: not w.addresses(NAME)), "the address goes")
        w.c.vlink(5, NAME, w.parent, MAC, remove=True)
        w.c.vlink(6, NAME6, w.parent, MAC6, remove=True)
        check(w.gone() and w.gone(NAME6), "the links go")


@case("one answers ARP, with the virtual MAC; nobody learns another one from the router")
def answers(build):
    with World(build, "zv2") as w:
        w.sysctl("net.ipv4.conf.all.rp_filter", 1)
        w.c.vlink(4, "vrrp4-2-4", w.parent, "00:00:5e:00:01:04")
        w.c.vaddress(4, "10.0.0.253", vlink=4)
        check(w.has("10.0.0.253", "vrrp4-2-4"), "up")
        equal(w.lan.arp("10.0.0.253", "10.0.0.9"), ["00:00:5e:00:01:04"], "with a strict reverse path filter")
        w.c.vlink(4, "vrrp4-2-4", w.parent, "00:00:5e:00:01:04", remove=True)
        w.sysctl("net.ipv4.conf.all.rp_filter", 0)
        w.want()
        check(w.has(), "up")
        equal(w.lan.arp(VIP, "10.0.0.9"), [MAC], "who has the virtual address")
        mac = w.link("a0")["address"]
        equal(w.lan.arp("10.0.0.1", "10.0.0.9"), [mac], "who has the interface's own")
        # the router answers a ping to the virtual address: its own ARP request must not name the address
        w.z.ip("neigh", "flush", "dev", "a0")
        wire = w.lan.wire(0x806)
        check(w.lan.ping(VIP), "ping")
        senders = set()
        try:
            while True:
                b = wire.recv(200)
                senders.add((b[22:28].hex(":"), socket.inet_ntoa(b[28:32])))
        except TimeoutError:
            wire.close()
        check((mac, VIP) not in senders, "the virtual address with the real MAC: %r" % senders)
        # what is sent to the virtual MAC is forwarded, in both roles
        w.lan.ip("neigh", "replace", VIP, "lladdr", MAC, "dev", "a1")
        w.lan.ip("route", "add", "10.0.1.0/24", "via", VIP)
        check(w.lan.ping("10.0.1.9"), "forwarded as master")
        w.c.vaddress(1, VIP, vlink=5, remove=True)
        check(wait_until(lambda: not w.addresses(NAME)), "the address goes")
        check(w.lan.ping("10.0.1.9"), "forwarded as backup, too: a flooded frame is not lost")
        equal(w.lan.arp(VIP, "10.0.0.9"), [], "a backup does not answer")
        equal([w.sysctl("net.ipv4.conf.a0.%s" % k) for k in ("arp_ignore", "arp_announce")], ["1", "2"])
        w.c.vlink(5, NAME, w.parent, MAC, remove=True)
        check(w.gone(), "removed")
        check(wait_until(lambda: w.sysctl("net.ipv4.conf.a0.arp_ignore") == "0"), "the parent's settings are put back")
        equal(w.sysctl("net.ipv4.conf.a0.arp_announce"), "0")


@case("a backup's link never sends a frame: not MLD, not what other programs send")
def silent(build):
    with World(build, "zv3") as w:
        w.sysctl("net.ipv6.conf.all.forwarding", 1)
        wire = w.lan.wire(3)
        w.c.vlink(6, NAME6, w.parent, MAC6)
        w.c.vlink_state(6, lambda s: s["up"])
        virtual = bytes.fromhex(MAC6.replace(":", ""))

        def heard(seconds):
            end, n = time.time() + seconds, 0
            while time.time() < end:
                try:
                    n += wire.recv(2000)[6:12] == virtual
                except TimeoutError:
                    pass
            return n
        subprocess.run(["ip", "netns", "exec", w.z.name, "ping", "-c", "2", "-i", "0.2", "-W", "1", "-I", NAME6,
                        "ff02::1"], capture_output=True)
        equal(heard(1.5), 0, "frames of a backup")
        w.c.vaddress(12, VIP6, vlink=6)
        check(w.has(VIP6, NAME6), "master")
        check(w.lan.ping(VIP6), "it answers")
        check(heard(1.0) > 0, "and sends")
        w.c.vaddress(12, VIP6, vlink=6, remove=True)
        check(wait_until(lambda: not w.addresses(NAME6)), "backup again")
        heard(0.1)
        equal(heard(1.5), 0, "frames of a backup (leaving a group)")


@case("kill -9 of zebra: adopted, nothing moves; nobody claims it: it goes")
def adopted(build):
    with World(build, "zv4") as w:
        w.want()
        check(w.has(), "up")
        before = w.link()["ifindex"]
        monitor = subprocess.Popen(["ip", "-n", w.z.name, "monitor", "link", "address"], stdout=subprocess.PIPE,
                                   text=True)
        for _ in range(2):
            w.z.kill()
            w.z.start()
            w.c = wait_until(w.client)
            w.want()
            w.c.replay_end()
            w.c.vlink_state(5, lambda s: s["up"])
        time.sleep(1.2)  # nothing happens: as long as the linger of what is found
        monitor.terminate()
        lines = [x for x in monitor.communicate()[0].splitlines() if "Deleted" in x]
        equal(lines, [], "what went in between")
        equal(w.link()["ifindex"], before)
        check(w.has(), "still there")
        w.c.vaddress(1, VIP, vlink=5, remove=True)
        check(wait_until(lambda: not w.addresses(NAME)), "and it is zebra's")
        w.want()
        check(w.has(), "again")
        w.z.kill()
        w.z.start()
        check(wait_until(lambda: w.link() is None), "nobody wants it any more")


@case("the client vanishes: all stays for its linger; back in time, what it wants never moved")
def linger(build):
    with World(build, "zv5") as w:
        w.want(vips=(VIP, "10.0.0.253"), linger=1.5)
        check(w.has() and w.has("10.0.0.253"), "up")
        before = w.link()["ifindex"]
        w.c.close()
        w.c = wait_until(w.client)
        w.want(linger=0.3)
        w.c.replay_end()
        check(wait_until(lambda: list(w.addresses(NAME)) == [VIP]), "what is not wanted again goes at once")
        equal(w.link()["ifindex"], before)
        w.c.close()
        check(w.gone(), "the linger is over")


@case("what somebody deletes or changes is put back; links follow their parent")
def repaired(build):
    with World(build, "zv6") as w:
        w.want()
        check(w.has(), "up")
        w.z.ip("addr", "del", VIP + "/32", "dev", NAME)
        check(w.has(), "an address is put back")
        w.z.ip("link", "set", NAME, "down")
        check(wait_until(lambda: "UP" in w.link()["flags"]), "it is brought up")
        w.z.ip("link", "set", NAME, "address", "02:00:00:00:00:07")
        check(wait_until(lambda: w.link()["address"] == MAC), "its MAC is put back")
        w.z.ip("link", "del", NAME)
        check(wait_until(lambda: w.link() is not None) and w.has(), "it is made again")
        w.c.vlink_state(5, lambda s: s["up"] and s["ifindex"] == w.link()["ifindex"])
        w.z.ip("link", "set", "a0", "mtu", "1400")
        check(wait_until(lambda: w.link()["mtu"] == 1400), "the parent's MTU (smaller)")
        w.z.ip("link", "set", "a0", "mtu", "1500")
        check(wait_until(lambda: w.link()["mtu"] == 1500), "the parent's MTU (larger)")
        w.z.ip("link", "set", "a0", "down")
        w.c.vlink_state(5, lambda s: not s["up"])
        w.z.ip("link", "set", "a0", "up")
        w.c.vlink_state(5, lambda s: s["up"])
        check(w.has(), "after the parent was down")
        w.z.ip("link", "del", "a0")
        w.c.vlink_state(5, lambda s: s["ifindex"] == 0)
        w.z.veth("a0", "a1", "10.0.0.1/24")
        state = w.c.vlink_state(5, lambda s: s["up"])
        equal(state["error"], "")
        check(w.has(), "with a new parent of that name")
        equal(w.link()["address"], MAC)


@case("a foreign device of that name is left alone and told")
def foreign(build):
    with World(build, "zv7") as w:
        w.z.ip("link", "add", NAME, "type", "veth", "peer", "name", "other")
        w.want()
        state = w.c.vlink_state(5, lambda s: s["error"])
        equal(state, {"ifindex": 0, "up": False, "error": "there is a device %s that zebra did not make" % NAME})
        equal(w.link()["linkinfo"]["info_kind"], "veth")
        w.z.ip("link", "del", NAME)
        w.c.vlink_state(5, lambda s: s["up"])
        check(w.has(), "made when it has gone")
        # a parent that can carry none
        w.c.vlink(7, "vrrp4-1-7", w.index("lo"), MAC)
        state = w.c.vlink_state(7, lambda s: s["error"])
        check(state["error"].startswith("it cannot be made on lo: "), state["error"])


@case("accept mode off: the address answers ARP and ND and forwards, but nothing it is sent")
def accept(build):
    with World(build, "zva") as w:
        w.sysctl("net.ipv6.conf.all.forwarding", 1)
        w.want(accept=False)
        w.c.vaddress(2, "10.0.0.253", vlink=5)
        w.c.vlink(6, NAME6, w.parent, MAC6)
        w.c.vaddress(12, VIP6, vlink=6, accept=False)
        check(w.has() and w.has("10.0.0.253") and w.has(VIP6, NAME6), "up")
        check(w.lan.ping("10.0.0.253"), "one that accepts")
        check(wait_until(lambda: not w.lan.ping(VIP, 0.2)), "a ping is dropped")
        check(not w.lan.ping(VIP6, 0.3), "a ping is dropped (IPv6)")
        equal(w.lan.arp(VIP, "10.0.0.9"), [MAC], "ARP")
        n = [x for x in json.loads(w.lan.ip("-j", "neigh")) if x["dst"] == VIP6]
        equal([x.get("lladdr") for x in n], [MAC6], "ND")
        w.lan.ip("route", "add", "10.0.1.0/24", "via", VIP)
        check(w.lan.ping("10.0.1.9"), "forwarded")
        # somebody flushes all rules; zebra is killed and does not open it in between
        flush_nft(w.z.name)
        check(wait_until(lambda: "accept-mode-lost" in open(w.z.dir + "/log").read()), "zebra notices a flush of all rules")
        check(wait_until(lambda: not w.lan.ping(VIP, 0.2)), "and writes its own again")
        w.z.kill()
        check(not w.lan.ping(VIP, 0.2), "zebra is dead")
        w.z.start()
        w.c = wait_until(w.client)
        w.want(accept=False)
        w.c.replay_end()
        check(not w.lan.ping(VIP, 0.2), "zebra is back")
        w.want(accept=True)
        check(wait_until(lambda: w.lan.ping(VIP, 0.2)), "accept mode on")
        w.want(accept=False)
        check(wait_until(lambda: not w.lan.ping(VIP, 0.2)), "off again")
        w.c.vaddress(1, VIP, vlink=5, remove=True)
        check(wait_until(lambda: not w.addresses(NAME)), "removed")
        check(wait_until(lambda: not nft_tables(w.z.name)), "and no table stays")


@case("a dead LAN: what goes to it goes around, who binds to the port still reaches it; kill -9 in between")
def detour(build):
    def way(*more):
        return w.z.ip_json("route", "get", "10.0.0.9", *more)[0]["dev"]

    with World(build, "zvb") as w:
        b0 = w.index("b0")
        ospf = RibClient(w.z, "ospf")
        ospf.group(1, [("10.0.1.9", b0)])
        ospf.routes(1, ["10.0.0.0/24"])
        ospf.replay_end()
        w.c.lan(w.parent, 2, dead=True)
        check(wait_until(lambda: way() == "b0"), "around")
        equal(way("oif", "a0"), "a0", "bound to the port")
        check(subprocess.run(["ip", "netns", "exec", w.z.name, "ping", "-n", "-q", "-c", "1", "-W", "2", "-I", "a0",
                              "10.0.0.9"], capture_output=True).returncode == 0, "a ping bound to the port")
        w.c.lan(w.parent, 2, dead=False)
        check(wait_until(lambda: way() == "a0"), "back")
        equal([r["dst"] for r in w.z.ip_json("route") if r["dst"].startswith("10.0.0.")], ["10.0.0.0/24"])
        w.c.lan(w.parent, 2, dead=True)
        check(wait_until(lambda: way() == "b0"), "around again")
        w.z.kill()
        w.z.start()
        w.z.commit(full=True)
        check(wait_until(lambda: way() == "a0"), "nobody says that it is dead: the detour is swept")
        w.c = wait_until(w.client)
        ospf = RibClient(w.z, "ospf")
        ospf.group(1, [("10.0.1.9", b0)])
        ospf.routes(1, ["10.0.0.0/24"])
        w.c.lan(w.parent, 2, dead=True)
        check(wait_until(lambda: way() == "b0"), "somebody says it again")
        equal(w.z.stop(), 0)
        equal([r["dst"] for r in w.z.ip_json("route") if r["dst"].startswith("10.0.0.")], ["10.0.0.0/24"])


@case("ready is told when the routes of who says it are in the kernel, with what is waited for before")
def ready(build):
    with World(build, "zvc") as w:
        def told(fits):
            while True:
                _, m = w.c.wait(R_READY)
                got = bool(m.get(1, [0])[0]), m.get(2, [b""])[0].decode()
                if fits(got):
                    return got
        ospf = RibClient(w.z, "ospf")
        ospf.ready(False, "SPF has not run")
        equal(told(lambda r: not r[0]), (False, "ospf: SPF has not run"))
        prefixes = ["20.%d.%d.0/24" % (i // 256, i % 256) for i in range(20000)]
        ospf.group(1, [("10.0.1.9", w.index("b0"))])
        ospf.routes(1, prefixes)
        ospf.ready(True)
        told(lambda r: r[0])
        equal(len(w.z.ip("-4", "route", "show", "proto", "188").splitlines()), len(prefixes), "routes in the kernel")
        # LANs' roles reach everybody, and who comes later
        w.c.lan(w.parent, 2, dead=True, added_cost=7)
        for _ in range(2):
            _, m = ospf.wait(R_LAN)
            equal({k: v[0] for k, v in m.items()}, {1: w.parent, 2: 2, 3: 1, 4: 7})
            ospf.close()
            ospf = late_client(w)


def late_client(w):
    """An ospfd that keeps what it was told before RIB_SYNCED."""
    def connect():
        c = Frames(w.z.dir + "/rib.sock")
        c.send(R_HELLO, field(1, "ospf") + field(3, 1))
        _, reply = c.wait(R_HELLO_REPLY)
        return None if 1 in reply else c
    return wait_until(connect)


@case("zebra is stopped: links, addresses and the parent's settings go with it")
def stopped(build):
    with World(build, "zv8") as w:
        w.want()
        check(w.has(), "up")
        equal(w.z.stop(), 0)
        equal(w.link(), None)
        equal(w.sysctl("net.ipv4.conf.a0.arp_ignore"), "0")


@case("chaos: kills, deletions, wishes in any order; then all is as wanted")
def chaos(build):
    seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
    rnd = random.Random(seed)
    vips = ["10.0.0.%d" % i for i in range(200, 206)]
    with World(build, "zv9") as w:
        wanted = set()

        def replay():
            w.c.close()
            w.c = wait_until(w.client)
            w.c.vlink(5, NAME, w.parent, MAC, 0.2)
            for v in sorted(wanted):
                w.c.vaddress(int(v.split(".")[3]), v, vlink=5, linger=0.2)
            w.c.replay_end()

        def toggle():
            v = rnd.choice(vips)
            wanted.symmetric_difference_update({v})
            w.c.vaddress(int(v.split(".")[3]), v, vlink=5, linger=0.2, remove=v not in wanted)

        def restart():
            w.z.kill()
            w.z.start()
            replay()

        def reconnect():
            w.c.close()
            if rnd.random() < 0.3:
                wait_until(lambda: not w.link(), 0.5)
            replay()

        acts = [toggle] * 8 + [
            lambda: w.z.ip("link", "del", NAME, check=False),
            lambda: w.z.ip("link", "set", NAME, "down", check=False),
            lambda: w.z.ip("addr", "del", rnd.choice(vips) + "/32", "dev", NAME, check=False),
            lambda: w.z.ip("link", "set", "a0", rnd.choice(["up", "down"])),
            lambda: w.z.ip("link", "set", "a0", "mtu", rnd.choice(["1500", "1400"])),
            reconnect, restart]
        replay()
        for _ in range(6):
            for _ in range(25):
                rnd.choice(acts)()
            w.z.ip("link", "set", "a0", "up")
            check(wait_until(lambda: w.link() and set(w.addresses(NAME)) == wanted),
                  "addresses %r, wanted %r (seed %d)" % (sorted(w.addresses(NAME)), sorted(wanted), seed))
            check(wait_until(lambda: (w.link() or {}).get("mtu") == w.link("a0")["mtu"]), "MTU (seed %d)" % seed)
            quiet = "blackhole" in run("ip", "netns", "exec", w.z.name, "tc", "qdisc", "show", "dev", NAME)
            equal(quiet, not wanted, "quiet (seed %d)" % seed)


if __name__ == "__main__":
    main()
