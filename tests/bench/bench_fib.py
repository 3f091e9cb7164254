#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""zebra's writer thread beside a raw netlink loop, and one group rewritten under 500,000 routes: the time from
the order to the kernel's answer, idle and while routes are being written, and after a lost carrier. No peer has such a
thing: their figure is every route written again, which bench_fib does as well.
"""
from figures import arguments, os, program, say


def main():
    args = arguments(__doc__, ("--routes", int, 1000000))
    v = {k: x[0] for k, x in program([os.path.join(args.build, "tests/bench/bench_fib"), "-n", args.routes], 240).items()}
    for what in ("add", "replace", "delete"):
        say("writer thread, %s" % what, v["fib.dplane." + what], "routes/s", limit=v["fib.raw." + what])
    say("a dump of the kernel's routes read", v["fib.dump"], "routes/s")
    p50 = v["fib.group.median"]
    say("a group rewritten under 500,000 routes, p50", p50, "ms", bar="<= 1 ms", good=p50 <= 1)
    say("  p99", v["fib.group.p99"], "ms")
    say("  while routes are being written, p50", v["fib.group-loaded.median"], "ms")
    say("  p99", v["fib.group-loaded.p99"], "ms")
    say("carrier lost: the event and the repair", v["fib.carrier.kept"], "ms", every_route=v["fib.carrier.plain"])


main()
