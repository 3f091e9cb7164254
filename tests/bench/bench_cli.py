#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator waits for: a config of 10,000 static routes by file, typed line by line, one line more;
`show version`; a router's start to its first hello; and what an idle router weighs. FRR beside it (its line
by line configuration with fewer lines, told per line).
"""
import socket
import struct
import subprocess
import time

from figures import BIRD, FRR, add_bird, add_frr, arguments, lab, median, os, resident_kb, say, wait_for

LINES, FRR_LINES = 10000, 500
CONFIG = """
interface e0
 ip address 10.0.0.%d/24
 ip ospf area 0
 ip ospf network point-to-point
 ip ospf hello-interval 1
 ip ospf dead-interval 4
exit
"""
OSPF = "router ospf\n ospf router-id 10.0.0.%d\nexit\n"
BIRD_CONFIG = """router id 10.0.0.3;
protocol device {}
protocol kernel { ipv4 { export all; }; }
protocol ospf v2 { ipv4 { import all; }; area 0 { interface "e0" { type ptp; hello 1; dead count 4; }; }; }
"""


def route(net, i):
    return "ip route %s/32 10.0.0.9\n" % socket.inet_ntoa(struct.pack(">I", (net << 24) + i))


def timed(fn, *args, **kw):
    began = time.monotonic()
    fn(*args, **kw)
    return time.monotonic() - began


def write(net, text):
    path = os.path.join(net.dir, "lines.conf")
    with open(path, "w") as f:
        f.write(text)
    os.chmod(net.dir, 0o755)
    return path


def kernel_routes(node):
    return sum(1 for r in node.routes() if "/" not in r["dst"])


def first_hello(net, node, start):
    """Seconds from the start of a router to its first hello at the other end of e0."""
    far = net.host(node.name + "x")
    net.link(node, "e0", far, "x0")
    watch = far.spawn(os.path.join(net.build, "tests/bench/bench_lsa"), "-t", 1, "-n", 0, stdout=subprocess.PIPE,
                      text=True)
    watch.stdout.readline()
    began = time.time()
    start()
    out = watch.communicate(timeout=30)[0].split()
    return float(out[1]) - began


def weight(node, names):
    """MB of resident memory of these processes together."""
    total = 0
    for pid in node.pids():
        with open("/proc/%d/comm" % pid) as f:
            if f.read().strip() in names:
                total += resident_kb(pid)
    return total / 1024


def sync_limit(directory, count=300):
    """Seconds that the disk takes to make a record of a commit's size safe: what a line cannot beat."""
    path = os.path.join(directory, "limit")
    with open(path, "wb") as f:
        f.write(bytes(256 * count))
        os.fsync(f.fileno())
        began = time.monotonic()
        for i in range(count):
            os.pwrite(f.fileno(), b"x" * 256, 256 * i)
            os.fdatasync(f.fileno())
        return (time.monotonic() - began) / count


def typed(node, argv, lines):
    """Lines into `configure terminal` on standard input, each committed before the next."""
    text = "configure terminal\n" + "".join(lines) + "end\n"
    return timed(node.run, *argv, input=text, timeout=200)


def ours(build):
    f = {}
    with lab(build, "bc") as net:
        r = net.router("r")
        f["hello"] = first_hello(net, r, lambda: r.start(CONFIG % 1 + OSPF % 1))
        time.sleep(2)
        f["weight"] = weight(r, ("grevy", "zebra", "mgmtd", "ospfd"))
        argv = [net.program("bin/vtysh"), *r.dirs()]
        f["version"] = 1e3 * median([timed(r.run, *argv, "-c", "show version") for _ in range(15)])
        path = write(net, "".join(route(20, i) for i in range(LINES)))
        f["file"] = timed(r.run, *argv, "-f", path)
        wait_for("the routes", lambda: kernel_routes(r) >= LINES, 20)
        one = [timed(r.run, *argv, "-c", "configure terminal", "-c", route(21, i).strip()) for i in range(9)]
        f["one"] = 1e3 * median(one)
        f["show"] = 1e3 * median([timed(r.run, *argv, "-c", "show ip route summary") for _ in range(9)])
        before = sync_limit(r.dir)
        f["typed"] = typed(r, argv, [route(22, i) for i in range(LINES)])
        f["limit"] = (before + sync_limit(r.dir)) / 2
        wait_for("the typed routes", lambda: kernel_routes(r) >= 2 * LINES + 9, 20)
    return f


def frr(build):
    f = {}
    with lab(build, "bd") as net:
        r = add_frr(net, "r")
        f["hello"] = first_hello(net, r, lambda: r.start(CONFIG % 2 + OSPF % 2, ("zebra", "ospfd", "staticd")))
        time.sleep(2)
        f["weight"] = weight(r, ("zebra", "ospfd", "staticd"))
        argv = ["vtysh", "--vty_socket", r.dir]
        f["version"] = 1e3 * median([timed(r.run, *argv, "-c", "show version") for _ in range(9)])
        path = write(net, "".join(route(20, i) for i in range(FRR_LINES)))
        f["file"] = timed(r.run, *argv, "-f", path, timeout=120)
        f["typed"] = typed(r, argv, [route(22, i) for i in range(FRR_LINES)])
        f["one"] = 1e3 * median([timed(r.run, *argv, "-c", "configure terminal", "-c", route(21, i).strip())
                                 for i in range(5)])
    return f


def bird(build):
    with lab(build, "be") as net:
        r = add_bird(net, "r")

        def begin():
            r.run("ip", "addr", "add", "10.0.0.3/24", "dev", "e0")
            r.start(BIRD_CONFIG)
        hello = first_hello(net, r, begin)
        time.sleep(2)
        return {"hello": hello, "weight": weight(r, ("bird",))}


def main():
    args = arguments(__doc__)
    g = ours(args.build)
    f = frr(args.build) if FRR else {}
    b = bird(args.build) if BIRD else {}

    def per_line(key, lines=FRR_LINES):
        return 1e3 * f[key] / lines if key in f else None
    say("start of a router to its first hello", g["hello"], "s", bar="< 1 s", good=g["hello"] < 1,
        FRR=f.get("hello"), BIRD=b.get("hello"))
    say("idle router, all processes", g["weight"], "MB", bar="<= 30 MB", good=g["weight"] <= 30,
        FRR=f.get("weight"), BIRD=b.get("weight"))
    say("vtysh -c 'show version'", g["version"], "ms", bar="< 20 ms", good=g["version"] < 20, FRR=f.get("version"))
    say("vtysh -c 'show ip route summary', 10,000 routes", g["show"], "ms")
    say("10,000 static routes by vtysh -f", g["file"], "s", bar="< 2 s", good=g["file"] < 2)
    say("  per line", 1e3 * g["file"] / LINES, "ms", FRR=per_line("file"))
    say("one line more, vtysh -c, on 10,000", g["one"], "ms", FRR=f.get("one"))
    say("10,000 lines typed into configure terminal", g["typed"], "s", bar="< 10 s", good=g["typed"] < 10)
    say("  per line", 1e3 * g["typed"] / LINES, "ms", FRR=per_line("typed"))
    say("  the disk's part (write and fdatasync, alone)", 1e3 * g["limit"], "ms")


main()
