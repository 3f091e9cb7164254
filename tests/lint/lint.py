#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
"""Holds the rules that a compiler does not know: sizes, includes, purity, words. One line per rule.

    lint.py --build BUILD

Purity is read from the objects of the core and codec files (the makefile says which those are): what
they ask of others must be on the list below or come from another pure object, and they may hold no
data that can change.
"""
import argparse
import fnmatch
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ["lib", "zebra", "ospfd", "bgpd", "vrrpd", "bfdd", "mgmtd", "supervisor", "vtysh", "labs",
           "tests"]
PURE_FOLDERS = ["lib", "zebra", "bfdd", "ospfd", "vrrpd"]
MAX_FILE, MAX_FUNCTION, MAX_INCLUDES = 800, 80, 10
MAX_IF_PER_KLOC = 0.5

# What pure code may ask of libraries: functions of their arguments alone.
ALLOWED = """
    mem*cmp memcpy memmove memset memchr memrchr memmem mempcpy bcmp explicit_bzero
    strlen strnlen strcmp strncmp strcasecmp strncasecmp strchr strrchr strchrnul strstr strspn
    strcspn strpbrk strsep stpcpy stpncpy strncpy strerror
    __memcpy_chk __memmove_chk __memset_chk __mempcpy_chk __explicit_bzero_chk __stpcpy_chk
    __strncpy_chk
    snprintf vsnprintf __snprintf_chk __vsnprintf_chk sscanf __isoc99_sscanf
    strtol strtoul strtoll strtoull __isoc23_strto* strtod
    qsort bsearch abs labs __popcount*
    isalpha isdigit isxdigit isspace isalnum isprint isupper islower toupper tolower
    __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc
    htonl htons ntohl ntohs inet_pton inet_ntop
    __assert_fail abort __stack_chk_fail _GLOBAL_OFFSET_TABLE_
    nettle_* _nettle_* XXH* protobuf_c_* mnl_attr_* mnl_nlmsg_*
    __asan_* __ubsan_* __sanitizer_* __odr_asan*
""".split()
# mem.c is where allocation ends, so it alone may allocate and complain.
ALLOWED_IN = {"lib/mem.o": ["malloc", "calloc", "realloc", "free", "posix_memalign", "stderr", "fprintf",
                            "__fprintf_chk"]}

FORBIDDEN_CALLS = ["strcpy", "strcat", "sprintf", "vsprintf", "gets", "alloca", "strtok"]
# written in pieces, so that this file does not trip over itself
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
HOSTS = [a + "." + b for a, b in [
    ("deb", "debian.org"), ("security", "debian.org"), ("archive", "ubuntu.com"), ("pypi", "org"),
    ("pythonhosted", "org"), ("npmjs", "org"), ("crates", "io"), ("proxy.golang", "org"),
    ("docker", "io"), ("ghcr", "io"), ("quay", "io"), ("maven", "org"), ("rubygems", "org")]]


def say(name, faults):
    """One line for the rule; the faults themselves as comments."""
    if not faults:
        print("ok lint: " + name)
        return True
    print("not ok lint: %s - %d: %s" % (name, len(faults), faults[0]))
    for fault in faults[:50]:
        print("# " + fault)
    return False


def sources(*suffixes, folders=None):
    """Paths from the top of our own files, not of build folders."""
    for folder in folders or FOLDERS:
        for where, dirs, files in os.walk(os.path.join(ROOT, folder)):
            dirs[:] = sorted(d for d in dirs if d not in ("__pycache__", "corpus"))
            for name in sorted(files):
                if name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(where, name), ROOT)


def read(path):
    with open(os.path.join(ROOT, path), errors="replace") as source:
        return source.read()


def blank(match):
    """Keeps the lines, drops the rest."""
    return re.sub(r"[^\n]", " ", match.group(0))


def without_comments(text, strings=False):
    """C text with comments (and, if asked, what is inside literals) blanked out."""
    token = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(token, lambda m: m.group(0) if m.group(0)[0] in "\"'" and not strings else blank(m),
                  text, flags=re.S)


def functions(text):
    """(name, first line, lines) of each function: from its name to the brace that closes it."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if line != "{":
            continue
        first = at
        while first > 0 and not re.match(r"\w+\(", lines[first]) and at - first < 12:
            first -= 1
        name = re.match(r"(\w+)\(", lines[first])
        end = next((i for i in range(at, len(lines)) if lines[i].startswith("}")), len(lines) - 1)
        yield (name.group(1) if name else "?"), first + 1, end - first + 1


def check_sizes():
    faults = []
    for path in sources(".c", ".h", ".py", ".sh"):
        count = read(path).count("\n")
        if count > MAX_FILE:
            faults.append("%s: %d lines" % (path, count))
    good = say("files of at most %d lines" % MAX_FILE, faults)
    faults, lengths = [], []
    for path in sources(".c"):
        for name, line, length in functions(read(path)):
            lengths.append(length)
            if length > MAX_FUNCTION:
                faults.append("%s:%d: %s has %d lines" % (path, line, name, length))
    lengths.sort()
    if lengths:
        print("# %d functions, median %d lines, p90 %d" % (
            len(lengths), lengths[len(lengths) // 2], lengths[len(lengths) * 9 // 10]))
    good &= say("functions of at most %d lines" % MAX_FUNCTION, faults)
    faults = []
    for path in sources(".c"):
        # what a file knows of our tree beside its own header; the system's are no coupling
        names = re.findall(r'^#\s*include\s+"(.*?)"', read(path), re.M)
        count = len([n for n in names if n != path[:-2] + ".h"])
        if count > MAX_INCLUDES:
            faults.append("%s: %d includes" % (path, count))
    return good & say("at most %d includes of our own" % MAX_INCLUDES, faults)


def check_head():
    faults = []
    for path in sources(".c", ".h", ".py", ".sh", ".mk", ".proto", ".yang", folders=FOLDERS + [
            "yang", "packaging"]):
        if "SPDX-License-Identifier: GPL-2.0-or-later" not in read(path)[:300]:
            faults.append(path)
    return say("SPDX tag in the head", faults)


def check_preprocessor():
    faults, lines = [], 0
    for path in sources(".c"):
        text = without_comments(read(path))
        lines += text.count("\n")
        for match in re.finditer(r"^#\s*(if|ifdef|ifndef)\b.*", text, re.M):
            faults.append("%s:%d: %s" % (path, text.count("\n", 0, match.start()) + 1,
                                         match.group(0).strip()))
    if len(faults) <= MAX_IF_PER_KLOC * lines / 1000:
        faults = []
    return say("at most %s #if per 1000 lines" % MAX_IF_PER_KLOC, faults)


def grep(pattern, paths, prepare=lambda text: text):
    faults = []
    for path in paths:
        text = prepare(read(path))
        for match in re.finditer(pattern, text):
            line = text.count("\n", 0, match.start())
            shown = text.split("\n")[line].strip()
            faults.append("%s:%d: %s" % (path, line + 1, shown[:100]))
    return faults


def check_clocks():
    """Protocols run on CLOCK_MONOTONIC: who sets the machine's clock must not move a timer. Who may ask for the
    wall clock, and what for."""
    may = {"lib/log.c": "the time of a line", "lib/ha.c": "the time of an event", "mgmtd/core.c": "the time of a commit",
           "lib/timely.c": "the age of a datagram, distrusted when the clock was set",
           "ospfd/main.c": "the first sequence number of authentication"}
    paths = [p for p in sources(".c", ".h", folders=["lib", "zebra", "ospfd", "bfdd", "vrrpd", "bgpd", "mgmtd", "supervisor"])
             if p not in may]
    clocks = r"\b(CLOCK_REALTIME\w*|CLOCK_TAI|gettimeofday|timespec_get)\b|\btime\s*\((NULL|&)"
    return say("wall clock asked only where it moves no timer",
               grep(clocks, paths, lambda text: re.sub(r"SCMP_SYS\(\w+\)", "", without_comments(text))))


def check_words():
    c_files = list(sources(".c", ".h"))
    code = lambda text: without_comments(text, strings=True)
    good = say("no " + ", ".join(FORBIDDEN_CALLS),
               grep(r"\b(%s)\s*\(" % "|".join(FORBIDDEN_CALLS), c_files, code))
    shell = re.search(r"^ospfd_SHELL\s*:?=(.*)", read("ospfd/ospfd.mk"), re.M).group(1).split()
    engine = [p for p in sources(".c", ".h", folders=["ospfd"])
              if not re.match(r"v[23]_", os.path.basename(p)) and
              os.path.basename(p)[:-2] not in shell]
    good &= say("no version test in the OSPF engine",
                grep(r"(->|\.)version\s*(==|!=|<|>)", engine, code))
    everything = list(sources("", folders=FOLDERS + ["yang", "packaging", "docs", ".ci"]))
    everything += [p for p in ("Makefile", "README.md") if os.path.exists(os.path.join(ROOT, p))]
    texts = [p for p in everything if p != "tests/lint/lint.py"]
    good &= say("nothing left unfinished", grep(r"\b(%s)\b" % "|".join(UNFINISHED), texts))
    hosts = "|".join(re.escape(host) for host in HOSTS)
    return good & say("no names of registries", grep(r"\b(%s)\b" % hosts, texts))


def make(build, *words):
    """Runs our makefile, free of what an outer make has put into the environment."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    command = ["make", "-s", "--no-print-directory", "-C", ROOT, "BUILD=" + build] + list(words)
    return subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace")


def pure_objects(build):
    """folder -> objects of its core and codec files, as the makefile sees it."""
    lists = " ; ".join("echo $(%s_CORE_OBJ)" % folder for folder in PURE_FOLDERS)
    asked = make(build, "--eval", "lint-objects:;@" + lists, "lint-objects")
    if asked.returncode:
        return None, asked.stdout
    rows = [row.split() for row in asked.stdout.split("\n")]
    objects = dict(zip(PURE_FOLDERS, rows))
    make(build, "-k", *[o for row in objects.values() for o in row])
    return objects, ""


def symbols(path):
    """(name, class, section) of every symbol."""
    out = subprocess.run(["nm", "-f", "sysv", path], stdout=subprocess.PIPE, text=True, check=True)
    for line in out.stdout.split("\n"):
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 7 and cells[0] != "Name":
            yield cells[0], cells[2], cells[6]


def is_mutable(section):
    return bool(re.match(r"\.(data|bss|tdata|tbss|sdata|sbss)\b|\*COM\*", section)) and \
        not section.startswith(".data.rel.ro")


def allowed(name, patterns):
    return any(fnmatch.fnmatchcase(name, p) for p in patterns)


def generated_symbols(build):
    """What protoc-c wrote: tables and packers, pure as well."""
    folder = os.path.join(build, "gen")
    if not os.path.isdir(folder):
        return set()
    names = [f[:-2] for f in os.listdir(folder) if f.endswith(".pb-c.c")]
    objects = [os.path.join(folder, n + ".o") for n in names]
    if make(build, *objects).returncode:
        return set()
    return {name for o in objects for name, kind, _ in symbols(o) if kind != "U"}


def check_purity(build):
    objects, why = pure_objects(build)
    if objects is None:
        return say("purity", ["the makefile: " + why.strip().split("\n")[-1]])
    missing = [o for row in objects.values() for o in row if not os.path.exists(o)]
    good = say("cores and codecs build", missing)
    objects = {f: [o for o in row if o not in missing] for f, row in objects.items()}
    defined = {folder: {name for o in row for name, kind, _ in symbols(o) if kind in "TDRVWB"}
               for folder, row in objects.items()}
    generated = generated_symbols(build)
    impure, mutable = [], []
    for folder, row in objects.items():
        known = defined[folder] | defined["lib"] | generated
        for path in row:
            name = os.path.relpath(path, build)
            extra = ALLOWED_IN.get(name, [])
            for symbol, kind, section in symbols(path):
                if kind == "U" and symbol not in known and not allowed(symbol, ALLOWED + extra):
                    impure.append("%s asks for %s" % (name, symbol))
                if kind != "U" and is_mutable(section) and not allowed(symbol, ["__*asan*", ".*"]):
                    mutable.append("%s holds %s in %s" % (name, symbol, section))
    count = sum(len(row) for row in objects.values())
    print("# %d pure objects" % count)
    good &= say("cores and codecs ask nobody (nm -u)", impure if count else ["no objects"])
    return good & say("no mutable file-scope variable in cores and codecs", mutable)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    build = parser.parse_args().build
    build = os.path.relpath(os.path.join(os.getcwd(), build), ROOT) if not os.path.isabs(build) \
        else build
    good = check_sizes()
    good &= check_head()
    good &= check_preprocessor()
    good &= check_words()
    good &= check_clocks()
    good &= check_purity(build)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
