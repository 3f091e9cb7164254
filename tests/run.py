#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs every test and counts its lines.

    run.py --build BUILD [--fuzz-seconds N] [PATTERN...]

A test is a program that prints `ok NAME` or `not ok NAME - why` per case. In this order: the unit
programs, the simulator, the fuzz targets (seeds, then new inputs for a bounded time), the lint, then
the interop and system scripts, one after the other. A PATTERN is a part of a program's name, or a glob.

A program that crashes, hangs, fails without saying `not ok`, or prints no case at all is one failure
more, shown with the end of its output. The limit is 300 s; `timeout: N` within the first 20 lines of
its source says otherwise. What a program leaves running in its process group is killed.
The last line is `N passed, N failed`; the exit status is 0 only if something ran and all of it passed.
"""
import argparse
import collections
import fnmatch
import glob
import os
import re
import selectors
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIMIT = 300
TAIL = 40

Program = collections.namedtuple("Program", "name command limit")
running = None  # the process group to take along when we are ended


def stated_limit(sources):
    limits = []
    for path in sources:
        with open(path, errors="replace") as source:
            head = "".join(line for _, line in zip(range(20), source))
        limits += [int(n) for n in re.findall(r"\btimeout: (\d+)", head)]
    return max(limits, default=LIMIT)


def unit_programs(build):
    for source in sorted(glob.glob(os.path.join(ROOT, "tests/unit/test_*.c"))):
        name = "unit/" + os.path.basename(source)[:-2]
        yield Program(name, [os.path.join(build, "tests", name)], stated_limit([source]))


def sim_programs(build):
    sources = glob.glob(os.path.join(ROOT, "tests/sim/*.c"))
    if sources:
        yield Program("sim/sim", [os.path.join(build, "tests/sim/sim")], stated_limit(sources))


def fuzz_programs(seconds):
    # a fixed seed: what CI says of a commit does not depend on its luck; `make fuzz` draws its own
    runner = os.path.join(ROOT, "tests/fuzz/run.py")
    names = [os.path.basename(s)[:-2] for s in glob.glob(os.path.join(ROOT, "tests/fuzz/fuzz_*.c"))]
    if not names or not os.path.exists(runner):
        return
    jobs = len(os.sched_getaffinity(0))
    each = max(1, seconds * jobs // len(names))
    targets = [os.path.join(ROOT, "build-fuzz", name) for name in sorted(names)]
    yield Program("fuzz/run.py", [sys.executable, runner, "--seed", "1", "--seconds", str(each)] + targets,
                  LIMIT + 2 * seconds)


def script_programs(build, folder, pattern):
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", folder, pattern))):
        name = folder + "/" + os.path.basename(path)
        yield Program(name, [sys.executable, path, "--build", build], stated_limit([path]))


def all_programs(build, fuzz_seconds):
    yield from unit_programs(build)
    yield from sim_programs(build)
    yield from fuzz_programs(fuzz_seconds)
    yield from script_programs(build, "lint", "lint.py")
    yield from script_programs(build, "interop", "test_*.py")
    yield from script_programs(build, "system", "test_*.py")


def wanted(name, patterns):
    return not patterns or any(p in name or fnmatch.fnmatch(name, p) for p in patterns)


def kill_group(process, sig):
    try:
        os.killpg(process.pid, sig)
    except (ProcessLookupError, PermissionError):
        pass


class Result:
    def __init__(self):
        self.passed = self.failed = 0
        self.tail = collections.deque(maxlen=TAIL)

    def line(self, text):
        if re.match(r"ok\b", text):
            self.passed += 1
        elif re.match(r"not ok\b", text):
            self.failed += 1
        else:
            self.tail.append(text)
            if not text.startswith("#"):
                return
        print(text, flush=True)


def read_lines(process, result, deadline):
    """Streams the lines until the program has ended; False when the time is up."""
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        ended_at = None
        while True:
            ready = selector.select(0.2)
            data = os.read(process.stdout.fileno(), 65536) if ready else b""
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                result.line(line.decode(errors="replace").rstrip("\r"))
            if ready and not data:
                break
            now = time.monotonic()
            if ended_at is None and process.poll() is not None:
                # something it started may still hold the pipe: that must not hold us
                ended_at = now
                kill_group(process, signal.SIGTERM)
            if ended_at is not None and now > ended_at + 2:
                break
            if ended_at is None and now > deadline:
                return False
    if pending:
        result.line(pending.decode(errors="replace"))
    return True


def verdict(process, result, in_time, limit):
    """What is wrong beyond the cases that the program itself called failed."""
    if not in_time:
        return "timed out after %d s" % limit
    status = process.wait()
    if status < 0:
        return "killed by %s" % signal.Signals(-status).name
    if status and not result.failed:
        return "exit status %d" % status
    if not result.passed and not result.failed:
        return "printed no test line"
    return None


def run(program):
    global running
    result = Result()
    if not os.path.exists(program.command[0]):
        print("not ok %s - not built" % program.name, flush=True)
        result.failed = 1
        return result
    process = subprocess.Popen(program.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True, cwd=ROOT)
    running = process
    in_time = read_lines(process, result, time.monotonic() + program.limit)
    if not in_time:
        # a chance to take down what it has set up, then the end
        kill_group(process, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            pass
    if process.poll() is None and in_time:
        try:  # it closed its output before its end
            process.wait(max(1, program.limit))
        except subprocess.TimeoutExpired:
            in_time = False
    kill_group(process, signal.SIGKILL)
    process.stdout.close()
    why = verdict(process, result, in_time, program.limit)
    process.wait()
    running = None
    if why:
        result.failed += 1
        print("not ok %s - %s" % (program.name, why))
    if result.failed:
        for line in result.tail:
            print("    " + line)
        sys.stdout.flush()
    return result


def ended(signum, _frame):
    if running:
        kill_group(running, signal.SIGTERM)
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            pass
        kill_group(running, signal.SIGKILL)
    sys.exit(128 + signum)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--fuzz-seconds", type=int, default=45, help="for all targets together")
    parser.add_argument("patterns", nargs="*")
    args = parser.parse_args()
    signal.signal(signal.SIGINT, ended)
    signal.signal(signal.SIGTERM, ended)
    build = os.path.abspath(args.build)
    passed = failed = 0
    times = []
    for program in all_programs(build, args.fuzz_seconds):
        if not wanted(program.name, args.patterns):
            continue
        started = time.monotonic()
        result = run(program)
        times.append((time.monotonic() - started, program.name))
        passed += result.passed
        failed += result.failed
    slow = [t for t in sorted(times, reverse=True)[:10] if t[0] >= 1]
    if slow:
        print("# slowest: " + ", ".join("%s %.1f s" % (name, took) for took, name in slow))
    print("%d passed, %d failed" % (passed, failed))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
