#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`make bench`: every benchmark, one after the other, nothing else running. Each prints its own lines with
the limit or the peer's figure of the same run beside ours. `timeout: N` in the first lines of a script raises its limit.

    run.py [--build BUILD] [PATTERN...]
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMIT = 240  # seconds for one benchmark that does not say otherwise


def programs(build):
    """bench_NAME from C, bench_NAME.py; a script of the same name drives its C half itself."""
    scripts = {os.path.basename(p)[:-3]: [sys.executable, p, "--build", build]
               for p in glob.glob(os.path.join(TOP, "tests/bench/bench_*.py"))}
    binaries = {os.path.basename(p): [p] for p in glob.glob(os.path.join(build, "tests/bench/bench_*"))
                if os.access(p, os.X_OK) and "." not in os.path.basename(p)}
    return sorted({**binaries, **scripts}.items())


def limit(argv):
    if len(argv) < 2: # a program of C
        return LIMIT
    with open(argv[1]) as source:
        stated = re.search(r"^# timeout: (\d+)", "".join(source.readlines()[:10]), re.M)
    return int(stated.group(1)) if stated else LIMIT


def end(process):
    """Scripts clean up on SIGTERM; what does not listen is killed."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run(argv):
    """Whether it ended well, and in time."""
    process = subprocess.Popen(argv, cwd=TOP)
    try:
        return process.wait(limit(argv)) == 0
    except subprocess.TimeoutExpired:
        print("   took longer than %d s" % limit(argv))
        end(process)
        return False
    except KeyboardInterrupt:
        end(process)
        raise


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--build", default=os.path.join(TOP, "build"))
    ap.add_argument("patterns", nargs="*")
    args = ap.parse_args()
    failed = []
    print("%s, %s, %d cores" % (time.strftime("%Y-%m-%d %H:%M"), os.uname().release, os.cpu_count()))
    for name, argv in programs(os.path.abspath(args.build)):
        if args.patterns and not any(re.search(p, name) for p in args.patterns):
            continue
        print("\n== %s" % name, flush=True)
        began = time.monotonic()
        if not run(argv):
            failed.append(name)
        print("   (%.0f s)" % (time.monotonic() - began), flush=True)
    if failed:
        sys.exit("failed: " + ", ".join(failed))


main()
