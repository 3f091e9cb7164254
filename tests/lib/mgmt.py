# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of mgmtd's socket and daemons that are played: enough protobuf by hand for both.

    c = Client("/run/grevy/mgmtd.sock"); c.open("LINE"); c.edit([("set", PATH, VALUE), ("del", PATH)])
    d = FakeDaemon("/run/grevy/zebra.sock", "zebra"); d.config -> {path: value}
"""
import json
import os
import re
import socket
import struct
import threading
import time

(HELLO, PREPARE, PREPARE_REPLY, APPLY, APPLY_REPLY, ABORT, STATE, STATE_CHUNK) = range(1, 9)
(OPEN, EDIT, COMMIT, DISCARD, GET, CHUNK, ROLLBACK, LOAD, LOCK, HISTORY, REPLY, CONFIRM) = range(32, 44)
KINDS = {"LINE": 0, "CANDIDATE": 1, "PRIVATE": 2, "EXCLUSIVE": 3}
STORES = {"RUNNING": 0, "CANDIDATE": 1, "STARTUP": 2, "COMMIT": 3}


def varint(n):
    out = bytearray()
    while n > 0x7f:
        out.append(n & 0x7f | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, value):
    """bytes/str: length-delimited; bool/int: varint; None and zero: left out, as proto3 does."""
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, (bytes, bytearray)):
        return varint(number << 3 | 2) + varint(len(value)) + bytes(value) if value else b""
    return varint(number << 3) + varint(int(value)) if value else b""


def submessage(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body


def parse(buf):
    """{number: [values]} of varints and bytes."""
    out, at = {}, 0
    while at < len(buf):
        key, at = read_varint(buf, at)
        if key & 7 == 0:
            value, at = read_varint(buf, at)
        elif key & 7 == 2:
            n, at = read_varint(buf, at)
            value, at = buf[at:at + n], at + n
        else:
            raise ValueError("wire type %d" % (key & 7))
        out.setdefault(key >> 3, []).append(value)
    return out


def read_varint(buf, at):
    n = shift = 0
    while True:
        b = buf[at]
        at += 1
        n |= (b & 0x7f) << shift
        shift += 7
        if b < 0x80:
            return n, at


def one(msg, number, default=0):
    return msg[number][0] if number in msg else default


def text(msg, number):
    return one(msg, number, b"").decode()


def edit_body(e):
    op, path, value = (e + (None,))[:3] if len(e) < 3 else e[:3]
    return field(1, op == "del") + field(2, path) + field(3, value or "")


class Stream:
    def __init__(self, sock):
        self.sock, self.buf = sock, b""

    def send(self, kind, body):
        self.sock.sendall(struct.pack(">IH", len(body) + 2, kind) + body)

    def recv(self):
        while True:
            if len(self.buf) >= 6:
                n, kind = struct.unpack(">IH", self.buf[:6])
                if len(self.buf) >= 4 + n:
                    body, self.buf = self.buf[6:4 + n], self.buf[4 + n:]
                    return kind, body
            data = self.sock.recv(1 << 18)
            if not data:
                raise EOFError("closed by the other side")
            self.buf += data


class Reply:
    def __init__(self, body):
        m = parse(body)
        self.id, self.txn = one(m, 1), one(m, 3)
        self.errors = []
        for e in m.get(2, []):
            e = parse(e)
            self.errors.append((text(e, 1), text(e, 2), one(e, 3)))
        self.warnings = [w.decode() for w in m.get(4, [])]

    def __repr__(self):
        return "Reply(txn=%d errors=%r warnings=%r)" % (self.txn, self.errors, self.warnings)


class Client(Stream):
    def __init__(self, path, timeout=30, wait=5):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.settimeout(timeout)
        end = time.monotonic() + wait
        while True:
            try:
                s.connect(path)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        super().__init__(s)
        self.id = 0
        kind, self.hello = self.recv()
        assert kind == HELLO

    def close(self):
        self.sock.close()

    def ask(self, kind, body=b"", wait=True):
        self.id += 1
        self.send(kind, field(1, self.id) + body)
        return self.reply() if wait else None

    def reply(self):
        kind, body = self.recv()
        assert kind == REPLY, kind
        return Reply(body)

    def open(self, kind="LINE", user="tester", client="test"):
        return self.ask(OPEN, field(2, KINDS[kind]) + field(3, user) + field(4, client))

    def edit(self, edits, commit=False, replace=False, best_effort=False, strict=False, comment="", startup=False,
             wait=True):
        self.id += 1
        tail = field(4, commit) + field(5, replace) + field(6, best_effort) + field(7, strict) + \
            field(8, comment) + field(9, startup)
        parts, size = [], 0
        for e in edits:
            parts.append(submessage(2, edit_body(e)))
            size += len(parts[-1])
            if size > 500000:
                self.send(EDIT, field(1, self.id) + b"".join(parts) + field(3, True) + tail)
                parts, size = [], 0
        self.send(EDIT, field(1, self.id) + b"".join(parts) + tail)
        return self.reply() if wait else None

    def set(self, path, value=""):
        return self.edit([("set", path, value)])

    def delete(self, path, strict=False):
        return self.edit([("del", path, "")], strict=strict)

    def commit(self, check=False, minutes=0, comment=""):
        return self.ask(COMMIT, field(2, check) + field(3, minutes) + field(4, comment))

    def chunks(self):
        data = b""
        while True:
            kind, body = self.recv()
            assert kind == CHUNK, kind
            m = parse(body)
            data += one(m, 2, b"")
            if one(m, 3):
                return data.decode(), text(m, 4)

    def get(self, store="RUNNING", commit=0, defaults=False):
        self.id += 1
        self.send(GET, field(1, self.id) + field(2, STORES[store]) + field(3, commit) + field(4, defaults))
        data, error = self.chunks()
        if error:
            raise LookupError(error)
        return json.loads(data)

    def history(self):
        self.id += 1
        self.send(HISTORY, field(1, self.id))
        return [json.loads(line) for line in self.chunks()[0].splitlines()]

    def state(self, path, **args):
        self.id += 1
        kv = b"".join(submessage(3, field(1, k) + field(2, str(v))) for k, v in args.items())
        self.send(STATE, field(1, self.id) + field(2, path) + kv)
        rows = b""
        while True:
            kind, body = self.recv()
            assert kind == STATE_CHUNK
            m = parse(body)
            rows += one(m, 2, b"")
            if one(m, 3):
                if text(m, 4):
                    raise LookupError(text(m, 4))
                return [json.loads(line) for line in rows.decode().splitlines()]

    def rollback(self, commit, now=False, comment=""):
        return self.ask(ROLLBACK, field(2, commit) + field(3, now) + field(4, comment))

    def load(self, doc, replace=False):
        return self.ask(LOAD, field(2, doc if isinstance(doc, str) else json.dumps(doc)) + field(4, replace))

    def lock(self, unlock=False):
        return self.ask(LOCK, field(2, unlock))


class FakeDaemon:
    """Serves the northbound of one daemon in a thread. `refuse`: a text; paths with it are refused."""

    def __init__(self, path, name):
        self.path, self.name = path, name
        self.config, self.next, self.txn = {}, None, 0
        self.refuse, self.hang, self.log = None, False, []
        self.applied, self.gone = 0, []
        self.stop = False
        self.conn = None
        if os.path.exists(path):
            os.unlink(path)
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(path)
        self.server.listen(4)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while not self.stop:
            try:
                conn, _ = self.server.accept()
            except OSError:
                return
            self.conn = conn
            s = Stream(conn)
            try:
                s.send(HELLO, field(1, self.name) + field(2, "0") + field(3, os.getpid()) + field(4, self.txn))
                while True:
                    kind, body = s.recv()
                    while self.hang and not self.stop:
                        time.sleep(0.02)
                    self.handle(s, kind, parse(body))
            except (EOFError, OSError):
                self.next = None

    def handle(self, s, kind, m):
        if kind == PREPARE:
            self.prepare(s, m)
        elif kind == APPLY:
            assert self.next is not None and self.preparing == one(m, 1)
            self.config, self.next, self.txn = self.next, None, one(m, 1)
            self.applied += 1
            s.send(APPLY_REPLY, field(1, self.txn))
        elif kind == ABORT:
            self.next = None

    def prepare(self, s, m):
        full, more = one(m, 2), one(m, 3)
        if self.next is None or self.preparing != one(m, 1):
            self.next, self.preparing, self.error, self.seen = ({} if full else dict(self.config)), one(m, 1), None, 0
        for e in m.get(4, []):
            e = parse(e)
            self.seen += 1
            path, value = text(e, 2), text(e, 3)
            self.log.append(("del" if one(e, 1) else "set", path, value))
            if self.refuse and self.refuse in path + value and not self.error:
                self.error = field(1, path) + field(2, "refused by the test") + field(3, self.seen)
            if one(e, 1):
                self.gone.append(path)
            else:
                self.remove()
                self.next[path] = value
        self.remove()
        if more:
            return
        s.send(PREPARE_REPLY, field(1, self.preparing) + (submessage(2, self.error) if self.error else b""))
        if self.error:
            self.next = None

    def remove(self):
        """The paths of self.gone, with all below them, in one pass."""
        if self.gone:
            gone = tuple(p + "/" for p in self.gone) if len(self.gone) < 50 else None
            roots = set(self.gone)
            if gone:
                self.next = {p: v for p, v in self.next.items() if p not in roots and not p.startswith(gone)}
            else:
                self.next = {p: v for p, v in self.next.items() if not self.is_below(p, roots)}
        self.gone = []

    @staticmethod
    def is_below(path, roots):
        while path:
            if path in roots:
                return True
            path = re.sub(r"/(?:[^/'\"]|'[^']*'|\"[^\"]*\")*$", "", path)
        return False

    def close(self):
        self.stop = True
        self.server.close()
        if self.conn:
            try:
                self.conn.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.conn.close()
        if os.path.exists(self.path):
            os.unlink(self.path)
