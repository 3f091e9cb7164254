#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs libFuzzer programs: first every seed of the corpus (regression), then new inputs for N
seconds. One line per target: `ok fuzz NAME (N execs)` or `not ok fuzz NAME - why`; a failing input
is printed as a hex dump. New inputs stay in a temporary folder: the corpus in the tree does not
grow by itself.

    run.py [--seconds N] [--jobs J] [--keep DIR] build-fuzz/fuzz_NAME ...
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def hexdump(data, limit=2048):
    lines = []
    for at in range(0, min(len(data), limit), 16):
        part = data[at:at + 16]
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in part)
        lines.append("# %06x  %-47s  %s" % (at, part.hex(" "), text))
    if len(data) > limit:
        lines.append("# ... %d octets in all" % len(data))
    return lines


def one_run(cmd, limit):
    """Exit status and output; a run that does not end is ended."""
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:allocator_may_return_null=1")
    try:
        done = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                              timeout=limit, errors="replace")
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        out = late.stdout or b""
        return -1, (out if isinstance(out, str) else out.decode(errors="replace")) + "\nhung"


def reason(output):
    for pattern in (r"SUMMARY: (.*)", r"runtime error: (.*)", r"ERROR: (.*)", r"Assertion (.*)"):
        found = re.search(pattern, output)
        if found:
            return found.group(1).strip()
    last = [line for line in output.splitlines() if line.strip()]
    return last[-1] if last else "no output"


def fuzz(binary, seconds, keep, seed):
    name = os.path.basename(binary)
    name = name[5:] if name.startswith("fuzz_") else name
    if not os.path.exists(binary):
        return False, ["not ok fuzz %s - %s is not built" % (name, binary)]
    corpus = os.path.join(HERE, "corpus", name)
    seeds = [corpus] if os.path.isdir(corpus) and os.listdir(corpus) else []
    if not seeds:
        return False, ["not ok fuzz %s - no seeds in %s" % (name, corpus)]
    with tempfile.TemporaryDirectory(prefix="grevy-fuzz-") as tmp:
        grown = keep or os.path.join(tmp, "corpus")
        os.makedirs(grown, exist_ok=True)
        common = [binary, "-artifact_prefix=%s/" % tmp, "-print_final_stats=1", "-timeout=10",
                  "-rss_limit_mb=1536", "-verbosity=1", "-seed=%d" % seed]
        stages = [("seed", common + ["-runs=0"] + seeds, 120)]
        if seconds > 0:
            stages.append(("new input", common + ["-max_total_time=%d" % seconds, grown] + seeds,
                           seconds + 60))
        execs = 0
        for stage, cmd, limit in stages:
            status, output = one_run(cmd, limit)
            count = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
            execs += int(count.group(1)) if count else 0
            if status == 0:
                continue
            lines = ["not ok fuzz %s - %s: %s" % (name, stage, reason(output))]
            lines += ["# " + line for line in output.splitlines()[-40:]]
            for artifact in sorted(os.listdir(tmp)):
                path = os.path.join(tmp, artifact)
                if os.path.isfile(path):
                    lines.append("# input %s:" % artifact)
                    with open(path, "rb") as f:
                        lines += hexdump(f.read())
            return False, lines
    return True, ["ok fuzz %s (%d execs)" % (name, execs)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5, help="per target, after the seeds")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--seed", type=int, default=0, help="of the new inputs; 0: another one each time")
    parser.add_argument("--keep", help="folder for the inputs found (one target only)")
    parser.add_argument("targets", nargs="*")
    args = parser.parse_args()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        work = [pool.submit(fuzz, t, args.seconds, args.keep, args.seed) for t in args.targets]
        for job in work:
            good, lines = job.result()
            failed += not good
            print("\n".join(lines), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
