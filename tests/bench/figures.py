# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scripts of `make bench` share: labs and peers from tests/lib, a way to print a figure beside
its limit or its peer, and the moment when a kernel table holds what it should.
"""
import argparse
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import grevytest  # noqa: E402
from grevytest import add_bird, add_frr, end_on_signals, lab, labs, wait_for  # noqa: E402,F401

FRR = os.path.exists("/usr/lib/frr/zebra")
BIRD = os.path.exists("/usr/sbin/bird")


def arguments(doc, *more):
    """--build and what the script adds: (name, type, default)."""
    ap = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", default=os.path.join(labs.TOP, "build"))
    for name, kind, default in more:
        ap.add_argument(name, type=kind, default=default)
    args = ap.parse_args()
    args.build = os.path.abspath(args.build)
    end_on_signals()
    return args


def say(what, ours, unit, limit=None, bar=None, good=None, **peers):
    """One figure: ours, then the limit's or the peers' with the ratio ours/theirs, then the bar and whether
    it was reached (good)."""
    line = "bench %-46s %12s %s" % (what, number(ours), unit)
    if limit:
        line += "   limit %s (ours %.0f %%)" % (number(limit), 100.0 * ours / limit)
    for name, value in peers.items():
        if value is None:
            line += "   %s -" % name
        else:
            line += "   %s %s" % (name, number(value))
            if ours and value:
                line += " (ours/%s %.2f)" % (name, ours / value)
    if bar:
        line += "   bar %s: %s" % (bar, "reached" if good else "MISSED")
    print(line, flush=True)


def number(v):
    if isinstance(v, str):
        return v
    return "%.0f" % v if v >= 1000 else "%.1f" % v if v >= 10 else "%.3f" % v


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def program(argv, timeout, **kw):
    """The lines of a C benchmark, `bench NAME VALUE UNIT`, as a dictionary of lists."""
    out = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, text=True, timeout=timeout, check=True,
                         **kw).stdout
    values = {}
    for m in re.finditer(r"^bench (\S+) ([0-9.]+)", out, re.M):
        values.setdefault(m.group(1), []).append(float(m.group(2)))
    return values


def cpu_ticks(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def resident_kb(pid, what="VmRSS"):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(what + r":\s+(\d+)", f.read()).group(1))


def fib_size(node):
    """Prefixes in the main table; walking a million takes the kernel 0.1 s, so ask when it is quiet."""
    text = node.run("cat", "/proc/net/fib_triestat").stdout
    return int(re.search(r"Main:.*?Prefixes:\s+(\d+)", text, re.S).group(1))


def fib_reaches(node, pid, size, timeout=60.0):
    """The time (monotonic) at which the table had that size: when the process that wrote it came to rest."""
    end = time.monotonic() + timeout
    ticks, since = cpu_ticks(pid), time.monotonic()
    while time.monotonic() < end:
        time.sleep(0.01)
        now, at = cpu_ticks(pid), time.monotonic()
        if now != ticks:
            ticks, since = now, at
        elif at - since > 0.2:
            if fib_size(node) == size:
                return since
            since = at
    raise TimeoutError("the kernel has %d prefixes, not %d" % (fib_size(node), size))


def pid_of(node, name):
    for pid in node.pids():
        try:
            with open("/proc/%d/comm" % pid) as f:
                if f.read().strip() == name:
                    return pid
        except OSError:
            continue
    raise RuntimeError("%s: no process %s" % (node.name, name))
