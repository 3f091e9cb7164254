/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/ipc: frames, batches, bounds, back-pressure, reconnection, closing from anywhere. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gen/northbound.pb-c.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "tests/unit/looping.h"
#include "tests/unit/unit.h"

struct side {
	unsigned opened, closed, messages, writable;
	unsigned last_type;
	char last[64];
	uint64_t octets;
	struct ipc_conn *conn;
	bool refuse, close_self, echo;
};

struct scene {
	struct loop *l;
	char dir[32], path[64];
	struct side server, client;
	struct ipc_server *listener;
	struct ipc_conn *conn;
};

static void
side_opened(void *arg, struct ipc_conn *c, int64_t now)
{
	struct side *s = arg;
	(void)now;
	s->opened++;
	s->conn = c;
}

static void
send_line(struct ipc_conn *c, unsigned type, const char *text)
{
	Nb__LogLine m = NB__LOG_LINE__INIT;
	m.line = mem_strdup(text);
	ipc_send(c, type, &m.base);
	mem_free(m.line);
}

static bool
side_message(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct side *s = arg;
	(void)now;
	const Nb__LogLine *m = ipc_unpack(c, &nb__log_line__descriptor, bytes, len);
	if (!m || s->refuse)
		return false;
	s->messages++;
	s->last_type = type;
	s->octets += len;
	snprintf(s->last, sizeof(s->last), "%.60s", m->line);
	if (s->echo)
		send_line(c, type + 1, m->line);
	if (s->close_self)
		ipc_close(c);
	return true;
}

static void
side_closed(void *arg, struct ipc_conn *c, int64_t now)
{
	struct side *s = arg;
	(void)c;
	(void)now;
	s->closed++;
	s->conn = NULL;
}

static void
side_writable(void *arg, struct ipc_conn *c, int64_t now)
{
	struct side *s = arg;
	(void)c;
	(void)now;
	s->writable++;
}

static const struct ipc_ops ops = {side_opened, side_message, side_closed, side_writable};

static void
scene_begin(struct scene *s)
{
	*s = (struct scene){.dir = "/tmp/grevy-ipc-XXXXXX"};
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/x.sock", s->dir);
	s->l = loop_new();
	s->listener = ipc_listen(s->l, s->path, &ops, &s->server);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s->listener);
}

static void
scene_end(struct scene *s)
{
	ipc_close(s->conn);
	ipc_server_free(s->listener);
	loop_free(s->l);
	rmdir(s->dir);
}

static bool
is_up(void *arg)
{
	const struct scene *s = arg;
	return s->conn && ipc_up(s->conn) && s->server.conn;
}

static bool
server_got_one(void *arg)
{
	return ((struct scene *)arg)->server.messages == 1;
}

static bool
client_got_one(void *arg)
{
	return ((struct scene *)arg)->client.messages == 1;
}

static bool
server_closed(void *arg)
{
	return ((struct scene *)arg)->server.closed > 0;
}

static void
connect_client(struct scene *s)
{
	s->conn = ipc_connect(s->l, s->path, &ops, &s->client);
	CU_ASSERT(loop_until(s->l, is_up, s));
}

static int
raw_socket(const struct scene *s)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", s->path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static void
a_message_goes_there_and_back(void)
{
	struct scene s;
	struct stat st;
	scene_begin(&s);
	s.server.echo = true;
	CU_ASSERT_EQUAL(stat(s.path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0660);
	connect_client(&s);
	CU_ASSERT_EQUAL(ipc_peer_uid(s.server.conn), getuid());
	CU_ASSERT_EQUAL(ipc_peer_pid(s.server.conn), getpid());
	send_line(s.conn, 40, "hello");
	CU_ASSERT(loop_until(s.l, client_got_one, &s));
	CU_ASSERT_EQUAL(s.client.last_type, 41);
	CU_ASSERT_STRING_EQUAL(s.client.last, "hello");
	CU_ASSERT_EQUAL(ipc_frames_out(s.conn), 1);
	CU_ASSERT_EQUAL(ipc_frames_in(s.conn), 1);
	CU_ASSERT_PTR_EQUAL(ipc_next(s.listener, NULL), s.server.conn);
	scene_end(&s);
	CU_ASSERT_NOT_EQUAL(access(s.path, F_OK), 0);
}

static size_t
frame(uint8_t *out, unsigned type, const char *text)
{
	Nb__LogLine m = NB__LOG_LINE__INIT;
	m.line = mem_strdup(text);
	size_t len = nb__log_line__pack(&m, out + IPC_FRAME_HEAD);
	mem_free(m.line);
	ipc_frame_head(out, type, len);
	return IPC_FRAME_HEAD + len;
}

static bool
server_got_three(void *arg)
{
	return ((struct scene *)arg)->server.messages == 3;
}

static void
frames_come_in_pieces_and_in_bunches(void)
{
	struct scene s;
	uint8_t buf[256];
	scene_begin(&s);
	int fd = raw_socket(&s);
	size_t n = frame(buf, 1, "one");
	for (size_t i = 0; i < n; i++) {
		CU_ASSERT_EQUAL(s.server.messages, 0);
		CU_ASSERT_EQUAL(write(fd, buf + i, 1), 1);
		loop_for(s.l, 500);
	}
	CU_ASSERT(loop_until(s.l, server_got_one, &s));
	n = frame(buf, 2, "two");
	n += frame(buf + n, 3, "three");
	CU_ASSERT_EQUAL(write(fd, buf, n), (ssize_t)n);
	CU_ASSERT(loop_until(s.l, server_got_three, &s));
	CU_ASSERT_STRING_EQUAL(s.server.last, "three");
	close(fd);
	scene_end(&s);
}

static void
bad_frames_close_that_connection_only(void)
{
	static const struct {
		uint8_t bytes[10];
		size_t len;
	} bad[] = {
		{{0, 0x10, 0, 1, 0, 1}, 6},           /* 1 MiB and one */
		{{0xff, 0xff, 0xff, 0xff, 0, 1}, 6},
		{{0, 0, 0, 0}, 4},                    /* no room for the type */
		{{0, 0, 0, 1, 0}, 5},
		{{0, 0, 0, 4, 0, 1, 0x0a, 0x7f}, 8},  /* a string that goes beyond its message */
	};
	struct scene s;
	scene_begin(&s);
	connect_client(&s);
	log_level_set(LOG_LVL_ERROR);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int fd = raw_socket(&s);
		s.server.closed = 0;
		CU_ASSERT_EQUAL(write(fd, bad[i].bytes, bad[i].len), (ssize_t)bad[i].len);
		CU_ASSERT(loop_until(s.l, server_closed, &s));
		CU_ASSERT_EQUAL(s.server.closed, 1);
		close(fd);
	}
	CU_ASSERT(ipc_up(s.conn));
	send_line(s.conn, 1, "still here");
	CU_ASSERT(loop_until(s.l, server_got_one, &s));
	scene_end(&s);
}

static void
a_handler_may_refuse_or_close(void)
{
	struct scene s;
	scene_begin(&s);
	connect_client(&s);
	log_level_set(LOG_LVL_ERROR);
	s.server.close_self = true;
	send_line(s.conn, 1, "one");
	send_line(s.conn, 1, "never seen");
	CU_ASSERT(loop_until(s.l, server_closed, &s));
	CU_ASSERT_EQUAL(s.server.messages, 1);
	CU_ASSERT_EQUAL(s.server.closed, 1);
	CU_ASSERT(loop_until(s.l, is_up, &s)); /* a client comes back by itself */
	CU_ASSERT_EQUAL(s.client.closed, 1);
	CU_ASSERT_EQUAL(s.client.opened, 2);
	s.server.close_self = false;
	s.server.refuse = true;
	s.server.closed = 0;
	send_line(s.conn, 1, "refused");
	CU_ASSERT(loop_until(s.l, server_closed, &s));
	scene_end(&s);
}

static void
a_client_survives_the_server(void)
{
	struct scene s;
	scene_begin(&s);
	connect_client(&s);
	ipc_server_free(s.listener);
	CU_ASSERT_EQUAL(s.server.closed, 1);
	loop_for(s.l, 30000);
	CU_ASSERT_EQUAL(s.client.closed, 1);
	CU_ASSERT(!ipc_up(s.conn));
	send_line(s.conn, 1, "into the void"); /* harmless */
	s.listener = ipc_listen(s.l, s.path, &ops, &s.server);
	CU_ASSERT(loop_until(s.l, is_up, &s));
	send_line(s.conn, 1, "back");
	CU_ASSERT(loop_until(s.l, server_got_one, &s));
	CU_ASSERT_STRING_EQUAL(s.server.last, "back");
	scene_end(&s);
}

static bool
server_writable(void *arg)
{
	return ((struct scene *)arg)->server.writable > 0;
}

static void
a_slow_reader_is_felt_and_then_dropped(void)
{
	struct scene s;
	static char big[500001];
	char drain[65536];
	memset(big, 'x', sizeof(big) - 1);
	scene_begin(&s);
	log_level_set(LOG_LVL_ERROR);
	int fd = raw_socket(&s);
	uint8_t buf[64];
	size_t n = frame(buf, 1, "hi");
	CU_ASSERT_EQUAL(write(fd, buf, n), (ssize_t)n);
	CU_ASSERT(loop_until(s.l, server_got_one, &s));
	struct ipc_conn *c = s.server.conn;
	for (int i = 0; i < 10; i++)
		send_line(c, 1, big);
	loop_for(s.l, 1000);
	CU_ASSERT(ipc_congested(c));
	CU_ASSERT_EQUAL(s.server.writable, 0);
	for (int i = 0; i < 200 && !s.server.writable; i++) {
		while (recv(fd, drain, sizeof(drain), MSG_DONTWAIT) > 0)
			;
		loop_for(s.l, 500);
	}
	CU_ASSERT(loop_until(s.l, server_writable, &s));
	CU_ASSERT(!ipc_congested(c));
	for (int i = 0; i < 200 && s.server.conn; i++) {
		send_line(c, 1, big);
		if (i % 20 == 0)
			loop_for(s.l, 500);
	}
	CU_ASSERT(loop_until(s.l, server_closed, &s));
	close(fd);
	scene_end(&s);
}

static void
a_held_connection_waits(void)
{
	struct scene s;
	scene_begin(&s);
	connect_client(&s);
	ipc_hold(s.server.conn, true);
	send_line(s.conn, 1, "wait");
	loop_for(s.l, 3000);
	CU_ASSERT_EQUAL(s.server.messages, 0);
	ipc_hold(s.server.conn, false);
	CU_ASSERT(loop_until(s.l, server_got_one, &s));
	scene_end(&s);
}

static bool
hold_first(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct side *s = arg;
	ipc_hold(c, true);
	return side_message(s, c, type, bytes, len, now);
}

static void
a_hold_inside_a_handler_keeps_the_rest(void)
{
	static const struct ipc_ops holding = {side_opened, hold_first, side_closed, side_writable};
	struct scene s;
	scene_begin(&s);
	ipc_server_free(s.listener);
	s.listener = ipc_listen(s.l, s.path, &holding, &s.server);
	connect_client(&s);
	send_line(s.conn, 1, "one");
	send_line(s.conn, 1, "two");
	send_line(s.conn, 1, "three");
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.server.last, "one");
	ipc_hold(s.server.conn, false);
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.server.last, "two");
	ipc_hold(s.server.conn, false);
	loop_for(s.l, 3000);
	CU_ASSERT_EQUAL(s.server.messages, 3);
	scene_end(&s);
}

static bool
all_arrived(void *arg)
{
	return ((struct scene *)arg)->server.messages == 20000;
}

static void
thousands_of_messages_arrive_in_order(void)
{
	struct scene s;
	char text[16];
	scene_begin(&s);
	connect_client(&s);
	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "n%d", i);
		send_line(s.conn, 1, text);
	}
	CU_ASSERT(loop_until(s.l, all_arrived, &s));
	CU_ASSERT_STRING_EQUAL(s.server.last, "n19999");
	scene_end(&s);
}

UNIT_TESTS("ipc", {"a message goes there and back", a_message_goes_there_and_back},
	{"frames come in pieces and in bunches", frames_come_in_pieces_and_in_bunches},
	{"bad frames close that connection only", bad_frames_close_that_connection_only},
	{"a handler may refuse or close", a_handler_may_refuse_or_close},
	{"a client survives the server", a_client_survives_the_server},
	{"a slow reader is felt and then dropped", a_slow_reader_is_felt_and_then_dropped},
	{"a held connection waits", a_held_connection_waits},
	{"a hold inside a handler keeps the rest", a_hold_inside_a_handler_keeps_the_rest},
	{"thousands of messages arrive in order", thousands_of_messages_arrive_in_order})
