#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A million routes from a client through zebra into the kernel, and out again.

The limit is a raw netlink loop of the same routes (bench_rib measures both, in one namespace). The peers get
every advantage: BIRD has its routes in its table already and only writes them (its kernel protocol is enabled, then
disabled); FRR's zebra gets them from a client that has all messages ready, as its own benchmark daemon does.
Their last route is in the kernel when the table is complete and the daemon has come to rest.
"""
import os
import socket
import struct
import subprocess
import time

from figures import (BIRD, FRR, add_bird, add_frr, arguments, fib_reaches, fib_size, lab, median, pid_of, program,
                     resident_kb, say, wait_for)

ZAPI_HELLO, ZAPI_ROUTE_ADD, ZAPI_ROUTE_DEL, ZAPI_STATIC = 18, 8, 9, 3  # numbers of FRR 8.4


def prefix(i):
    return struct.pack(">I", 0x10000000 + (i << 8))


def bird(build, n):
    with lab(build, "bb") as net:
        b, s = add_bird(net, "b"), net.host("s")
        net.link(b, "e1", s, "s1")
        b.run("ip", "addr", "add", "192.0.2.1/24", "dev", "e1")
        routes = "".join("route %s/24 via 192.0.2.2;\n" % socket.inet_ntoa(prefix(i)) for i in range(n))
        b.start("router id 1.1.1.1;\nprotocol device {}\nprotocol direct { ipv4; }\nprotocol kernel k { disabled; "
                "ipv4 { export where source = RTS_STATIC; }; }\nprotocol static { ipv4;\n" + routes + "}\n")
        wait_for("BIRD's table", lambda: ("%d of" % n) in b.birdc("show route protocol static1 count"), 60, 0.2)
        pid, base = pid_of(b, "bird"), fib_size(b)
        rates = []
        for command, size in (("enable", base + n), ("disable", base)):
            began = time.monotonic()
            b.run("birdc", "-s", b.ctl, command, "k")
            rates.append(n / (fib_reaches(b, pid, size) - began))
        return rates + [resident_kb(pid, "VmHWM")]


def zapi(command, body):
    return struct.pack(">HBBIH", 10 + len(body), 254, 6, 0, command) + body


def frr(build, n):
    with lab(build, "bf") as net:
        f, s = add_frr(net, "f"), net.host("s")
        net.link(f, "e1", s, "s1")
        f.start("interface e1\n ip address 192.0.2.1/24\n", ("zebra",))
        index = int(f.run("cat", "/sys/class/net/e1/ifindex").stdout)
        hop = struct.pack(">HIBB4sI", 1, 0, 3, 0, socket.inet_aton("192.0.2.2"), index)
        client = socket.socket(socket.AF_UNIX)
        client.connect(os.path.join(f.dir, "zserv.api"))
        client.sendall(zapi(ZAPI_HELLO, struct.pack(">BHIBB", ZAPI_STATIC, 0, 0, 0, 0)))
        wait_for("FRR's connected route", lambda: f.routes(), 10)
        time.sleep(1)
        pid, base = pid_of(f, "zebra"), fib_size(f)

        def message(command, flags, i, tail):
            return zapi(command, struct.pack(">BHIIBBB", ZAPI_STATIC, 0, 0, flags, 1, 2, 24) + prefix(i)[:3] + tail)
        adds = b"".join(message(ZAPI_ROUTE_ADD, 1, i, hop) for i in range(n))
        dels = b"".join(message(ZAPI_ROUTE_DEL, 0, i, b"") for i in range(n))
        rates = []
        for messages, size in ((adds, base + n), (dels, base)):
            began = time.monotonic()
            client.sendall(messages)
            rates.append(n / (fib_reaches(f, pid, size) - began))
        return rates + [resident_kb(pid, "VmHWM")]


def attempt(what, fn, *args):
    try:
        return fn(*args)
    except (OSError, RuntimeError, TimeoutError, subprocess.SubprocessError) as e:
        print("   %s: %s" % (what, " ".join(str(e).split())[:200]))
        return [None, None, None]


def main():
    args = arguments(__doc__, ("--routes", int, 1000000), ("--rounds", int, 3))
    ours = {}
    for _ in range(args.rounds):
        for name, values in program([os.path.join(args.build, "tests/bench/bench_rib"), "-n", args.routes],
                                    120).items():
            ours.setdefault(name, []).extend(values)
    share = median(ours["rib.add_of_raw"])  # of pairs that were measured one after the other
    add = median(ours["rib.add"])
    raw = 100 * add / share
    b = attempt("BIRD", bird, args.build, args.routes) if BIRD else [None] * 3
    f = attempt("FRR", frr, args.build, args.routes) if FRR else [None] * 3
    best = max([x for x in (b[0], f[0]) if x] or [0])
    print("%d routes, one client; rates until the last is in the kernel (out of it)" % args.routes)
    say("routes into the kernel", add, "routes/s", limit=raw, bar=">= 85 % of the raw loop", good=share >= 85)
    say("  beside the peers", add, "routes/s", BIRD=b[0], FRR=f[0], bar=">= 1.5 x the best",
        good=not best or add >= 1.5 * best)
    say("routes out of the kernel", median(ours["rib.withdraw"]), "routes/s", BIRD=b[1], FRR=f[1])
    say("the same routes again (nothing to write)", median(ours["rib.again"]), "routes/s")
    say("every route to another group", median(ours["rib.replace"]), "routes/s")
    say("zebra's main thread", median(ours["rib.main_thread"]), "us/route")
    say("zebra's memory per route", median(ours["rib.memory"]), "octets",
        **{k: v * 1024 / args.routes for k, v in (("BIRD", b[2]), ("FRR", f[2])) if v})


main()
