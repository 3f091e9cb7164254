/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending: see wire_out.h. Owns the sessions' sockets and the table of source ports.
 *
 * The sockets are unconnected (an ICMP error is not for us to judge the path by) and take nothing:
 * a filter drops what strangers send to their ports. With more sessions than ports, the ports
 * that are used least are shared (RFC 5881 4). A send never waits; one that fails is counted.
 */
#include "bfdd/wire_out.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bfdd/bfdd.h"
#include "bfdd/echo_out.h"
#include "lib/hash.h"
#include "lib/mem.h"

#define PORT_FIRST 49152u
#define PORTS      16384u
#define FDS_WANTED 20000u /* a socket for each port, and the rest of a daemon */

struct out {
	uint32_t session; /* first: what the hash compares */
	int fd;
	uint16_t port;    /* while it has a socket; before: the one to try first */
	uint8_t ttl;
	struct bfd_echo_peer echo;
};

struct bfd_wire {
	struct hash *sessions;
	uint16_t used[PORTS]; /* sessions per port */
	struct out *echoing[PORTS]; /* the last one that sends echoes from it */
	unsigned next;
	struct bfd_echo_out *echo;
	struct bfd_wire_counters count;
};

static bool
session_equal(const void *item, const void *key)
{
	return ((const struct out *)item)->session == *(const uint32_t *)key;
}

static uint32_t
session_hash(uint32_t session)
{
	return hash_bytes(0, &session, sizeof(session));
}

static struct out *
out_find(const struct bfd_wire *w, uint32_t session)
{
	return hash_find(w->sessions, session_hash(session), &session);
}

static struct out *
out_get(struct bfd_wire *w, uint32_t session)
{
	struct out *o = out_find(w, session);
	if (o)
		return o;
	o = mem_zalloc(sizeof(*o));
	o->session = session;
	o->fd = -1;
	hash_insert(w->sessions, session_hash(session), o);
	return o;
}

struct bfd_wire *
bfd_wire_new(int packet_fd)
{
	struct bfd_wire *w = mem_zalloc(sizeof(*w));
	struct rlimit fds;

	if (getrlimit(RLIMIT_NOFILE, &fds) == 0 && fds.rlim_cur < FDS_WANTED) {
		rlim_t most = fds.rlim_max;
		fds.rlim_cur = FDS_WANTED;
		fds.rlim_max = most > FDS_WANTED ? most : FDS_WANTED;
		if (setrlimit(RLIMIT_NOFILE, &fds) < 0) {
			fds.rlim_cur = fds.rlim_max = most;
			setrlimit(RLIMIT_NOFILE, &fds); /* then as far as it goes */
		}
	}
	w->sessions = hash_new(session_equal);
	w->echo = bfd_echo_out_new(packet_fd);
	return w;
}

static void
out_close(struct bfd_wire *w, struct out *o)
{
	if (o->fd < 0)
		return;
	close(o->fd);
	w->used[o->port - PORT_FIRST]--;
	if (w->echoing[o->port - PORT_FIRST] == o)
		w->echoing[o->port - PORT_FIRST] = NULL;
	w->count.sockets--;
}

void
bfd_wire_free(struct bfd_wire *w)
{
	struct out *o;
	if (!w)
		return;
	for (size_t pos = 0; (o = hash_next(w->sessions, &pos));) {
		out_close(w, o);
		mem_free(o);
	}
	hash_free(w->sessions);
	bfd_echo_out_free(w->echo);
	mem_free(w);
}

void
bfd_wire_session(struct bfd_wire *w, uint32_t session, uint16_t port)
{
	struct out *o = out_get(w, session);
	if (o->fd < 0 && port >= PORT_FIRST)
		o->port = port;
}

void
bfd_wire_session_gone(struct bfd_wire *w, uint32_t session)
{
	struct out *o = hash_remove(w->sessions, session_hash(session), &session);
	if (!o)
		return;
	out_close(w, o);
	mem_free(o);
}

uint16_t
bfd_wire_port(const struct bfd_wire *w, uint32_t session)
{
	const struct out *o = out_find(w, session);
	return o ? o->port : 0;
}

/* --- sockets ----------------------------------------------------------------------------------------- */

static bool
option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

static bool
out_options(int fd, uint8_t afi)
{
	struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	const struct sock_fprog filter = {1, nothing};

	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
	option(fd, SOL_SOCKET, SO_PRIORITY, 6); /* before bulk traffic in our own queues */
	/* RFC 5881 5: TTL 255 on one hop; RFC 5883 leaves it open, and peers check minimum-ttl against it */
	if (afi == AFI_IP4)
		return option(fd, IPPROTO_IP, IP_TOS, IPTOS_PREC_INTERNETCONTROL) &&
		       option(fd, IPPROTO_IP, IP_TTL, 255);
	return option(fd, IPPROTO_IPV6, IPV6_TCLASS, IPTOS_PREC_INTERNETCONTROL) &&
	       option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255) && option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
}

static bool
port_bind(int fd, uint8_t afi, unsigned port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	if (afi == AFI_IP4)
		return bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0;
	return bind(fd, (struct sockaddr *)&in6, sizeof(in6)) == 0;
}

/* A port that no other session has, else one that few have; never one of another program. */
static bool
port_choose(struct bfd_wire *w, struct out *o, int fd, uint8_t afi)
{
	unsigned first = o->port ? o->port - PORT_FIRST : w->next;

	for (unsigned share = 0; share < 8; share++) {
		if (share)
			option(fd, SOL_SOCKET, SO_REUSEADDR, 1); /* among ourselves: others do not set it */
		for (unsigned i = 0; i < PORTS; i++) {
			unsigned at = (first + i) % PORTS;
			if (w->used[at] > share || !port_bind(fd, afi, PORT_FIRST + at))
				continue;
			option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
			w->count.shared_ports += w->used[at] > 0;
			w->used[at]++;
			w->next = (at + 1) % PORTS;
			o->port = (uint16_t)(PORT_FIRST + at);
			return true;
		}
	}
	return false;
}

static bool
out_open(struct bfd_wire *w, struct out *o, uint8_t afi)
{
	int fd = socket(afi == AFI_IP4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	if (!out_options(fd, afi) || !port_choose(w, o, fd, afi)) {
		int error = errno;
		close(fd);
		errno = error;
		return false;
	}
	o->fd = fd;
	o->ttl = 255;
	w->count.sockets++;
	return true;
}

/* --- sending ----------------------------------------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
address_fill(union address *to, const struct bfd_tx *tx)
{
	const struct ipaddr *peer = &tx->key.peer;
	if (peer->afi == AFI_IP4) {
		to->in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(tx->dst_port)};
		memcpy(&to->in.sin_addr, peer->b, 4);
		return sizeof(to->in);
	}
	to->in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(tx->dst_port)};
	memcpy(&to->in6.sin6_addr, peer->b, 16);
	if (ipaddr_is_link_local(peer))
		to->in6.sin6_scope_id = tx->key.ifindex;
	return sizeof(to->in6);
}

/* From which address and through which interface, where the session says so. */
static size_t
control_fill(struct msghdr *msg, void *room, const struct bfd_tx *tx)
{
	const struct bfd_key *k = &tx->key;
	bool v4 = k->peer.afi == AFI_IP4;
	struct in_pktinfo info = {.ipi_ifindex = (int)k->ifindex};
	struct in6_pktinfo info6 = {.ipi6_ifindex = k->ifindex};
	size_t size = v4 ? sizeof(info) : sizeof(info6);

	if (!k->ifindex && !k->local.afi)
		return 0;
	if (k->local.afi) {
		memcpy(&info.ipi_spec_dst, k->local.b, 4);
		memcpy(&info6.ipi6_addr, k->local.b, 16);
	}
	msg->msg_control = room;
	msg->msg_controllen = CMSG_SPACE(size);
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = v4 ? IP_PKTINFO : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), v4 ? (const void *)&info : (const void *)&info6, size);
	return size;
}

static bool
out_send(struct out *o, const struct bfd_tx *tx)
{
	union address to;
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control = {0};
	union {
		const void *in;
		void *out;
	} data = {.in = tx->bytes}; /* sendmsg only reads it */
	struct iovec iov = {data.out, tx->len};
	struct msghdr msg = {.msg_name = &to, .msg_namelen = address_fill(&to, tx), .msg_iov = &iov, .msg_iovlen = 1};

	control_fill(&msg, control.room, tx);
	if (o->ttl != tx->ttl && tx->ttl) {
		bool v4 = tx->key.peer.afi == AFI_IP4;
		option(o->fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_UNICAST_HOPS, tx->ttl);
		o->ttl = tx->ttl;
	}
	return sendmsg(o->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

bool
bfd_wire_send(struct bfd_wire *w, const struct bfd_tx *tx)
{
	struct out *o = out_get(w, tx->session);
	bool sent = (o->fd >= 0 || out_open(w, o, tx->key.peer.afi)) &&
		    (tx->echo ? bfd_echo_send(w->echo, &o->echo, tx, o->port) : out_send(o, tx));
	if (sent) {
		if (tx->echo)
			w->echoing[o->port - PORT_FIRST] = o;
		w->count.sent++;
		return true;
	}
	w->count.failed++;
	w->count.last_errno = errno;
	return false;
}

bool
bfd_wire_own_echo(const struct bfd_wire *w, const struct bfd_rx *rx)
{
	const struct out *o = rx->src_port >= PORT_FIRST ? w->echoing[rx->src_port - PORT_FIRST] : NULL;
	return o && !ipaddr_cmp(&o->echo.own, &rx->src);
}

const struct bfd_wire_counters *
bfd_wire_counters(const struct bfd_wire *w)
{
	return &w->count;
}
