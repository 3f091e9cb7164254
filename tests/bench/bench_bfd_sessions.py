#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1500
"""Many BFD sessions at 50 ms x 3 between two routers for 60 s, both cores busy with other work: sessions that went down
though nothing failed, and what it costs; ours, FRR's and BIRD's, each against its own kind.
"""
import datetime
import os
import subprocess
import time

from figures import BIRD, FRR, add_bird, add_frr, arguments, cpu_ticks, lab, pid_of, say, wait_for

MS, MULTIPLIER = 50, 3
HOGS = 2 * (os.cpu_count() or 2)


def address(side, n):
    return "10.%d.%d.%d" % (64 + side, n // 250, n % 250 + 1)


def config(side, count):
    text = "bfd\n profile fast\n  transmit-interval %d\n  receive-interval %d\n  detect-multiplier %d\n exit\n" % (
        MS, MS, MULTIPLIER)
    for n in range(count):
        text += " peer %s local-address %s interface e0\n  profile fast\n exit\n" % (address(1 - side, n), address(side, n))
    return text + "exit\n"


def bird_config(side, count):
    rows = "".join('neighbor %s dev "e0" local %s;\n' % (address(1 - side, n), address(side, n)) for n in range(count))
    return ('router id 192.0.2.%d;\nprotocol device {}\nprotocol bfd { interface "e0" { interval %d ms; multiplier %d; };\n%s}\n'
            % (side + 1, MS, MULTIPLIER, rows))


class Pair:
    def __init__(self, net, suite, count):
        self.suite, self.count = suite, count
        make = {"grevy": net.router, "frr": lambda n: add_frr(net, n), "bird": lambda n: add_bird(net, n)}[suite]
        self.nodes = [make("l"), make("r")]
        net.link("l", "e0", "r", "e0")
        for side, node in enumerate(self.nodes):
            batch = "".join("addr add %s/9 dev e0\n" % address(side, n) for n in range(count))
            node.run("ip", "-batch", "-", input=batch)
        for side, node in enumerate(self.nodes):
            if suite == "bird":
                node.start(bird_config(side, count))
            elif suite == "frr":
                node.start(config(side, count), ("zebra", "bfdd"))
            else:
                node.start(config(side, count))
        wait_for("%d sessions" % count, lambda: all(self.up(n) == count for n in self.nodes), 90, 0.5)

    def up(self, node):
        if self.suite == "bird":
            return sum(" Up " in line for line in node.birdc("show bfd sessions").splitlines())
        return sum(p["status"] == "up" for p in node.json("show bfd peers"))

    def downs(self, node):
        """Sessions that have been down since; BIRD tells since when each is in its state, the others count."""
        if self.suite == "bird":
            return None
        return sum(p["session-down"] for p in node.json("show bfd peers counters"))

    def daemon(self, node):
        return node.pid("bfdd") if self.suite == "grevy" else pid_of(node, "bird" if self.suite == "bird" else "bfdd")


def hogs(count):
    return [subprocess.Popen(["python3", "-c", "while True: pass"], start_new_session=True) for _ in range(count)]


def measure(build, suite, count, busy, seconds):
    """(false downs, percent of a core of one daemon)"""
    with lab(build, "bb") as net:
        pair = Pair(net, suite, count)
        before = [pair.downs(n) for n in pair.nodes]
        since = datetime.datetime.now().strftime("%H:%M:%S.%f")[:12]
        pids = [pair.daemon(n) for n in pair.nodes]
        load = hogs(HOGS if busy else 0)
        ticks, began = sum(cpu_ticks(p) for p in pids), time.monotonic()
        time.sleep(seconds)  # the measure itself: so long they have to hold
        cpu = (sum(cpu_ticks(p) for p in pids) - ticks) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - began) / 2 * 100
        for p in load:
            p.kill()
            p.wait()
        if suite == "bird":
            down = sum(moved_since(n, since) for n in pair.nodes)
        else:
            down = sum(pair.downs(n) for n in pair.nodes) - sum(before)
        return down, cpu


def moved_since(node, since):
    """BIRD: sessions that are not Up, or came Up after `since` (HH:MM:SS.ms is its column)."""
    moved = 0
    for line in node.birdc("show bfd sessions").splitlines():
        fields = line.split()
        if len(fields) >= 4 and fields[1] == "e0":
            moved += fields[2] != "Up" or fields[3] > since
    return moved


def main():
    args = arguments(__doc__, ("--seconds", float, 60.0), ("--counts", str, "64,256,512,1000"), ("--peers", str, "bird,frr"))
    for count in (int(c) for c in args.counts.split(",")):
        busy = count < 1000
        got = {}
        for suite in ["grevy"] + args.peers.split(","):
            if suite == "grevy" or (suite == "bird" and BIRD) or (suite == "frr" and FRR):
                try:
                    got[suite] = measure(args.build, suite, count, busy, args.seconds)
                except (OSError, RuntimeError, TimeoutError, subprocess.SubprocessError) as e:
                    print("   %s: %s" % (suite, " ".join(str(e).split())[:300]), flush=True)
        where = "%d sessions, %s" % (count, "%d hogs" % HOGS if busy else "idle machine")
        downs = {k: v[0] for k, v in got.items()}
        ours = downs.get("grevy")
        say("false downs, " + where, ours if ours is not None else "failed", "", bar="0", good=ours == 0,
            **{n: downs.get(s) for n, s in (("BIRD", "bird"), ("FRR", "frr"))})
        if "grevy" in got:
            say("one bfdd, " + where, got["grevy"][1], "% of a core", bar="<= 40 % at 512",
                good=count != 512 or got["grevy"][1] <= 40,
                **{n: got[s][1] if s in got else None for n, s in (("BIRD", "bird"), ("FRR", "frr"))})


if __name__ == "__main__":
    main()
