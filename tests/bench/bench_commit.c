/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a commit costs in mgmtd, with a zebra that says yes at once: 10,000 routes in one
 * transaction, then one line more on that config, many times, then 10,000 lines one by one from
 * nothing. Beside them the limit: the same octets written and synced by a bare loop, and the two
 * round trips (client, daemon) that a commit cannot do without.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gen/mgmt.pb-c.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/northbound.h"

#define ROUTES 10000u
#define LINES  2000u

static char dir[64];

static _Noreturn void
fail(const char *what)
{
	perror(what);
	exit(1);
}

/* --- the two other processes -------------------------------------------------------------------- */

static pid_t
zebra_start(void)
{
	static const struct northbound_def def = {.daemon = "zebra"};
	char path[96];
	snprintf(path, sizeof(path), "%s/zebra.sock", dir);
	pid_t pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct loop *l = loop_new();
	if (!northbound_new(l, path, &def, NULL))
		fail("zebra");
	loop_run(l);
	exit(0);
}

static pid_t
mgmtd_start(void)
{
	char exe[512], program[600], state[96], log[96];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n < 0)
		fail("/proc/self/exe");
	exe[n] = '\0';
	for (unsigned i = 0; i < 3; i++) /* BUILD/tests/bench/bench_commit */
		*strrchr(exe, '/') = '\0';
	snprintf(program, sizeof(program), "%s/sbin/mgmtd", exe);
	snprintf(state, sizeof(state), "%s/state", dir);
	snprintf(log, sizeof(log), "file:%s/log", dir);
	pid_t pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execl(program, program, "--run-dir", dir, "--state-dir", state, "--log", log, (char *)NULL);
	fail(program);
}

/* --- the client --------------------------------------------------------------------------------- */

static int
client_open(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/mgmtd.sock", dir);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	for (unsigned i = 0; i < 500; i++) {
		if (!connect(fd, (const struct sockaddr *)&a, sizeof(a)))
			return fd;
		usleep(10000);
	}
	fail("mgmtd.sock");
}

static void
client_read(int fd, uint8_t *buf, size_t len)
{
	while (len) {
		ssize_t n = read(fd, buf, len);
		if (n <= 0)
			fail("mgmtd went away");
		buf += n;
		len -= (size_t)n;
	}
}

/* Sends and, unless more is to follow, waits for a reply without errors; false: with a warning. */
static bool
client_ask(int fd, const Mgmt__EditRequest *r)
{
	static uint8_t buf[IPC_FRAME_MAX + IPC_FRAME_HEAD];
	bool quiet = true;
	size_t len = mgmt__edit_request__pack(r, buf + IPC_FRAME_HEAD);
	ipc_frame_head(buf, MGMT__MGMT_TYPE__MGMT_EDIT, len);
	for (size_t at = 0; at < len + IPC_FRAME_HEAD;) {
		ssize_t n = write(fd, buf + at, len + IPC_FRAME_HEAD - at);
		if (n <= 0)
			fail("write");
		at += (size_t)n;
	}
	for (unsigned type = 0; !r->more && type != MGMT__MGMT_TYPE__MGMT_REPLY;) {
		client_read(fd, buf, IPC_FRAME_HEAD);
		size_t body = ((size_t)buf[0] << 24 | (size_t)buf[1] << 16 | (size_t)buf[2] << 8 | buf[3]) - 2;
		type = (unsigned)buf[4] << 8 | buf[5];
		client_read(fd, buf, body);
		if (type != MGMT__MGMT_TYPE__MGMT_REPLY)
			continue; /* the Hello */
		Mgmt__Reply *reply = mgmt__reply__unpack(NULL, body, buf);
		if (!reply || reply->n_errors) {
			fprintf(stderr, "refused: %s\n", reply && reply->n_errors ? reply->errors[0]->message : "?");
			exit(1);
		}
		quiet = !reply->n_warnings;
		mgmt__reply__free_unpacked(reply, NULL);
	}
	return quiet;
}

static void
route_path(char *out, size_t size, unsigned net, unsigned n)
{
	snprintf(out, size, "/grevy-routing:routing/static-routes/ipv4/route[prefix='%u.%u.%u.0/24']"
		"[next-hop='192.0.2.1'][distance='1'][table='0']", net, n >> 8, n & 255);
}

static bool
client_routes(int fd, unsigned net, unsigned first, unsigned count, bool more)
{
	Mgmt__EditRequest r = MGMT__EDIT_REQUEST__INIT;
	Nb__Edit *edits = mem_array(count, sizeof(*edits)), **pointers = mem_array(count, sizeof(*pointers));
	for (unsigned i = 0; i < count; i++) {
		char path[160];
		route_path(path, sizeof(path), net, first + i);
		nb__edit__init(&edits[i]);
		edits[i].path = mem_strdup(path);
		pointers[i] = &edits[i];
	}
	r.n_edits = count;
	r.edits = pointers;
	r.more = more;
	bool quiet = client_ask(fd, &r);
	for (unsigned i = 0; i < count; i++)
		mem_free(edits[i].path);
	mem_free(edits);
	mem_free(pointers);
	return quiet;
}

static void
client_replace_by_nothing(int fd)
{
	Mgmt__EditRequest r = MGMT__EDIT_REQUEST__INIT;
	r.replace = true;
	client_ask(fd, &r);
}

/* --- figures ------------------------------------------------------------------------------------ */

static int
by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void
limit_print(void)
{
	char path[96], record[256] = "x";
	int64_t took[500];
	snprintf(path, sizeof(path), "%s/limit", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	for (unsigned i = 0; i < 500; i++) {
		int64_t began = loop_clock();
		if (write(fd, record, sizeof(record)) < 0 || fdatasync(fd) < 0)
			fail(path);
		took[i] = loop_clock() - began;
	}
	close(fd);
	unlink(path);
	qsort(took, 500, sizeof(took[0]), by_value);
	printf("limit: write and fdatasync of a record     p50 %6.3f ms   p99 %6.3f ms\n", (double)took[250] / 1e3,
		(double)took[495] / 1e3);
}

static void
lines_print(const char *what, int fd, unsigned net, unsigned count)
{
	int64_t *took = mem_array(count, sizeof(*took)), began = loop_clock();
	for (unsigned i = 0; i < count; i++) {
		int64_t at = loop_clock();
		client_routes(fd, net, i, 1, false);
		took[i] = loop_clock() - at;
	}
	double total = (double)(loop_clock() - began) / 1e6;
	qsort(took, count, sizeof(*took), by_value);
	printf("%-42s p50 %6.3f ms   p99 %6.3f ms   %u in %.2f s\n", what, (double)took[count / 2] / 1e3,
		(double)took[count * 99 / 100] / 1e3, count, total);
	mem_free(took);
}

int
main(void)
{
	snprintf(dir, sizeof(dir), "/tmp/grevy-bench-XXXXXX");
	if (!mkdtemp(dir))
		fail(dir);
	log_open("bench", "file:/dev/null", LOG_LVL_ERROR);
	setvbuf(stdout, NULL, _IOLBF, 0);
	pid_t zebra = zebra_start(), mgmtd = mgmtd_start();
	int fd = client_open();
	for (unsigned i = 0; !client_routes(fd, 1, i, 1, false); i++)
		usleep(20000); /* zebra is not there yet */
	limit_print();
	int64_t began = loop_clock();
	for (unsigned i = 0; i < ROUTES; i += 2500)
		client_routes(fd, 10, i, 2500, i + 2500 < ROUTES);
	printf("%-42s %.3f s\n", "10,000 routes in one transaction", (double)(loop_clock() - began) / 1e6);
	lines_print("one line on a config of 10,000", fd, 11, LINES);
	client_replace_by_nothing(fd);
	lines_print("10,000 lines one by one", fd, 12, ROUTES);
	kill(mgmtd, SIGTERM);
	waitpid(mgmtd, NULL, 0);
	kill(zebra, SIGKILL);
	waitpid(zebra, NULL, 0);
	char *rm = mem_printf("rm -rf %s", dir);
	int status = system(rm);
	mem_free(rm);
	return status ? 1 : 0;
}
