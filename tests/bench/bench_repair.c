/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of zebra's that brings many routes with one next-hop group, whose backup leg is the second
 * one named, and keeps them until its standard input ends. Runs in the router's network namespace;
 * bench_repair.py drives it.
 *
 *	bench_repair SOCKET IFNAME GATEWAY [-b IFNAME,GATEWAY] [-n ROUTES]
 * Prints `ready` when zebra has told that the last route is in the kernel; exits 1 when one failed.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gen/rib.pb-c.h"
#include "lib/ipc.h"
#include "lib/prefix.h"

#define BATCH_OCTETS 61440u /* as lib/zclient.c */

struct peer {
	int fd;
	uint8_t out[IPC_FRAME_MAX]; /* frames to send */
	size_t out_len, out_at;
	uint8_t in[2 * IPC_FRAME_MAX];
	size_t in_len;
	uint64_t done; /* newest sequence that is complete in the kernel */
	bool welcome, synced;
	unsigned failed;
};

struct leg {
	uint32_t ifindex;
	struct ipaddr gateway;
};

static struct peer peer;
static unsigned routes = 1000000;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bench_repair: %s: %s\n", what, errno ? strerror(errno) : "not as expected");
	exit(1);
}

/* --- the socket ----------------------------------------------------------------------------------- */

static void
peer_got(struct peer *p, unsigned type, const uint8_t *bytes, size_t len)
{
	if (type == RIB__RIB_TYPE__RIB_HELLO_REPLY) {
		Rib__HelloReply *m = rib__hello_reply__unpack(NULL, len, bytes);
		if (!m || (m->error && *m->error))
			die(m ? m->error : "hello");
		p->welcome = true;
		rib__hello_reply__free_unpacked(m, NULL);
	} else if (type == RIB__RIB_TYPE__RIB_SYNCED) {
		p->synced = true;
	} else if (type == RIB__RIB_TYPE__RIB_RESULTS) {
		Rib__Results *m = rib__results__unpack(NULL, len, bytes);
		if (!m)
			die("results");
		if (m->errno_value && p->failed++ == 0)
			fprintf(stderr, "bench_repair: a route failed: %s\n", strerror((int)m->errno_value));
		if (m->sequence > p->done)
			p->done = m->sequence;
		rib__results__free_unpacked(m, NULL);
	}
}

static void
peer_read(struct peer *p)
{
	ssize_t n = recv(p->fd, p->in + p->in_len, sizeof(p->in) - p->in_len, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		die("zebra went away");
	p->in_len += (size_t)n;
	size_t at = 0, used, len;
	const uint8_t *payload;
	unsigned type;
	while (ipc_frame_parse(p->in + at, p->in_len - at, &type, &payload, &len, &used) == IPC_FRAME_OK) {
		peer_got(p, type, payload, len);
		at += used;
	}
	memmove(p->in, p->in + at, p->in_len - at);
	p->in_len -= at;
}

/* Sends and receives what can be; waits if nothing can. */
static void
peer_turn(struct peer *p)
{
	struct pollfd f = {.fd = p->fd, .events = POLLIN};
	if (p->out_at < p->out_len)
		f.events |= POLLOUT;
	if (poll(&f, 1, 60000) <= 0)
		die("zebra does not answer");
	if (f.revents & POLLOUT) {
		ssize_t n = send(p->fd, p->out + p->out_at, p->out_len - p->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			die("send");
		p->out_at += n > 0 ? (size_t)n : 0;
	}
	if (f.revents & (POLLIN | POLLHUP))
		peer_read(p);
}

static void
peer_send(struct peer *p, unsigned type, const ProtobufCMessage *m)
{
	size_t len = protobuf_c_message_pack(m, p->out + IPC_FRAME_HEAD);
	ipc_frame_head(p->out, type, len);
	p->out_len = IPC_FRAME_HEAD + len;
	p->out_at = 0;
	while (p->out_at < p->out_len)
		peer_turn(p);
}

static void
peer_open(struct peer *p, const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	p->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(p->fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		die(path);
	Rib__Hello m = RIB__HELLO__INIT;
	char protocol[] = "bench";
	m.protocol = protocol;
	m.version = 1;
	m.want_results = true;
	peer_send(p, RIB__RIB_TYPE__RIB_HELLO, &m.base);
	while (!p->welcome || !p->synced)
		peer_turn(p);
}

/* --- groups and routes ------------------------------------------------------------------------------ */

static void
group_send(struct peer *p, struct leg *legs, size_t count)
{
	Rib__Group m = RIB__GROUP__INIT;
	Rib__Leg leg[2], *list[2];
	for (size_t i = 0; i < count; i++) {
		rib__leg__init(&leg[i]);
		leg[i].gateway.data = legs[i].gateway.b;
		leg[i].gateway.len = afi_bytes(legs[i].gateway.afi);
		leg[i].ifindex = legs[i].ifindex;
		leg[i].backup_rank = (uint32_t)i;
		list[i] = &leg[i];
	}
	m.id = 1;
	m.legs = list;
	m.n_legs = count;
	peer_send(p, RIB__RIB_TYPE__RIB_GROUP, &m.base);
}

/* All routes in batches, until the kernel has done the last. */
static void
routes_send(struct peer *p)
{
	static uint8_t packed[BATCH_OCTETS + 17];
	Rib__Routes m = RIB__ROUTES__INIT;
	m.afi = AFI_IP4;
	m.metric = 10;
	m.group = 1;
	m.prefixes.data = packed;
	for (unsigned i = 0; i < routes;) {
		m.prefixes.len = 0;
		for (; i < routes && m.prefixes.len < BATCH_OCTETS; i++) {
			struct prefix x = prefix_from_ip4(0x10000000u + (i << 8), 24);
			m.prefixes.len += prefix_pack(&x, packed + m.prefixes.len);
		}
		m.sequence++;
		peer_send(p, RIB__RIB_TYPE__RIB_ROUTES, &m.base);
	}
	while (p->done < m.sequence)
		peer_turn(p);
	if (p->failed)
		exit(1);
}

static struct leg
leg_parse(const char *ifname, const char *gateway)
{
	struct leg l = {.ifindex = if_nametoindex(ifname)};
	if (!l.ifindex || !ipaddr_parse(gateway, &l.gateway))
		die(ifname);
	return l;
}

int
main(int argc, char **argv)
{
	struct leg legs[2];
	size_t count = 1;
	char *gateway;
	for (int c; (c = getopt(argc, argv, "n:b:")) != -1;) {
		if (c == 'n')
			routes = (unsigned)atoi(optarg);
		else if (c == 'b' && count == 1 && (gateway = strchr(optarg, ','))) {
			*gateway++ = '\0';
			legs[count++] = leg_parse(optarg, gateway);
		} else
			return 2;
	}
	if (argc - optind != 3 || routes == 0 || routes > 4000000)
		return 2;
	legs[0] = leg_parse(argv[optind + 1], argv[optind + 2]);
	peer_open(&peer, argv[optind]);
	group_send(&peer, legs, count);
	routes_send(&peer);
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	close(peer.fd);
	return 0;
}
