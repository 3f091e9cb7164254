/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reception: see io.h. Six UDP sockets that are never connected and a packet socket for echoes.
 *
 * An echo of ours is addressed to ourselves (RFC 5881 4), so what comes back has an own address as
 * its source. IPv6 does not mind; IPv4 drops it as a martian before any UDP socket sees it. Hence a packet socket, with
 * a filter that lets through UDP to the echo port whose source equals its destination. It is open from the start (that
 * needs CAP_NET_RAW, which is given up), and bound to its protocol at the first echo session. There is one
 * only, for sending, too: when a process dies the kernel takes some 10 ms for each of them, and peers wait.
 */
#include "bfdd/io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bfdd/bfdd.h"
#include "bfdd/echoip.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/slowclose.h"
#include "lib/timely.h"

#define BATCH      32  /* datagrams per system call */
#define BURST      128 /* and per call of the timely thread */
#define DATAGRAM   512 /* a control packet has 52 octets at most; more is kept only to be complained about */
#define RCVBUF     (4 << 20) /* a thousand sessions whose packets all arrive while we are stopped */

struct port {
	struct bfd_io *io;
	int fd;
	uint8_t afi;
	bool packet;       /* a packet socket: headers are part of what is read */
	uint16_t number;
	struct timely_fd *event;
};

enum { PORTS_UDP = 6, PACKET = PORTS_UDP, PORTS };

struct bfd_io {
	struct timely *t;
	struct slowclose *closer;
	bfd_io_receive_fn *receive;
	void *arg;
	struct port ports[PORTS];
	bool echoes;
	struct bfd_io_counters count;
	uint8_t data[BATCH][DATAGRAM];
	uint8_t control[BATCH][256];
};

/* --- what a datagram says of itself ------------------------------------------------------------------ */

static struct ipaddr
address_of(const struct sockaddr_storage *from, uint16_t *port)
{
	struct ipaddr a = {.afi = AFI_NONE};
	if (from->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)from;
		*port = ntohs(in->sin_port);
		a = ipaddr_from_bytes(AFI_IP4, (const uint8_t *)&in->sin_addr);
	} else if (from->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
		*port = ntohs(in6->sin6_port);
		a = ipaddr_from_bytes(AFI_IP6, in6->sin6_addr.s6_addr);
	}
	return a;
}

static void
control_read(struct msghdr *msg, struct bfd_rx *rx, int64_t *stamp)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		const void *data = CMSG_DATA(c);
		int value;
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec ts;
			memcpy(&ts, data, sizeof(ts));
			*stamp = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
		} else if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
			   (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)) {
			memcpy(&value, data, sizeof(value));
			rx->ttl = (uint8_t)value;
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;
			memcpy(&info, data, sizeof(info));
			rx->ifindex = (uint32_t)info.ipi_ifindex;
			rx->dst = ipaddr_from_bytes(AFI_IP4, (const uint8_t *)&info.ipi_addr);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;
			memcpy(&info, data, sizeof(info));
			rx->ifindex = info.ipi6_ifindex;
			rx->dst = ipaddr_from_bytes(AFI_IP6, info.ipi6_addr.s6_addr);
		}
	}
}

/* The filter has seen that this is UDP to the echo port; it is looked at again all the same. */
static bool
echo_read(uint8_t afi, struct bfd_rx *rx)
{
	struct bfd_echoip e;
	if (!bfd_echoip_decode(afi, rx->bytes, rx->len, &e))
		return false;
	rx->src = rx->dst = e.own;
	rx->src_port = e.src_port;
	rx->dst_port = BFD_PORT_ECHO;
	rx->ttl = e.ttl;
	rx->bytes = e.payload;
	rx->len = e.payload_len;
	return true;
}

/* --- reading ----------------------------------------------------------------------------------------- */

static void
datagram(struct port *p, struct msghdr *msg, size_t len, int64_t now)
{
	struct bfd_io *io = p->io;
	struct bfd_rx rx = {.dst_port = p->number, .bytes = msg->msg_iov->iov_base, .len = len};
	const struct sockaddr_storage *from = msg->msg_name;
	int64_t stamp = 0;

	if (msg->msg_flags & MSG_TRUNC)
		io->count.truncated++; /* its beginning says what it is */
	control_read(msg, &rx, &stamp);
	rx.arrived = timely_arrival(stamp, now);
	if (p->packet) {
		rx.ifindex = (uint32_t)((const struct sockaddr_ll *)(const void *)from)->sll_ifindex;
		if (!echo_read(p->afi, &rx))
			return;
	} else {
		rx.src = address_of(from, &rx.src_port);
		if (rx.src.afi != p->afi || rx.dst.afi != p->afi) {
			io->count.foreign++;
			return;
		}
		/* an echo of ours that the kernel has let through, too (accept_local) */
		if (p->number == BFD_PORT_ECHO && p->afi == AFI_IP4 && io->echoes && !ipaddr_cmp(&rx.src, &rx.dst))
			return;
	}
	io->receive(io->arg, &rx, now);
}

static void
port_readable(void *arg, int fd, int64_t now)
{
	struct port *p = arg;
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_storage from[BATCH];

	for (int taken = 0; taken < BURST; taken += BATCH) {
		for (int i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){p->io->data[i], DATAGRAM};
			from[i].ss_family = AF_UNSPEC;
			msgs[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &from[i], .msg_namelen = sizeof(from[i]),
				.msg_iov = &iov[i], .msg_iovlen = 1, .msg_control = p->io->control[i],
				.msg_controllen = sizeof(p->io->control[i])}};
		}
		int n = recvmmsg(fd, msgs, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			datagram(p, &msgs[i].msg_hdr, msgs[i].msg_len, now);
		if (n < BATCH)
			return;
	}
}

/* --- the sockets ------------------------------------------------------------------------------------- */

static bool
on(int fd, int level, int option)
{
	int one = 1;
	return setsockopt(fd, level, option, &one, sizeof(one)) == 0;
}

static void
receive_buffer(int fd, uint64_t *granted)
{
	int want = RCVBUF, have = 0;
	socklen_t size = sizeof(have);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &want, sizeof(want)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof(want));
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &have, &size) == 0)
		*granted = (uint64_t)have;
}

static bool
udp_bind(int fd, uint8_t afi, uint16_t number)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(number)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(number)};
	if (!on(fd, SOL_SOCKET, SO_TIMESTAMPNS))
		return false;
	if (afi == AFI_IP4)
		return on(fd, IPPROTO_IP, IP_RECVTTL) && on(fd, IPPROTO_IP, IP_PKTINFO) &&
		       bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0;
	return on(fd, IPPROTO_IPV6, IPV6_V6ONLY) && on(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT) &&
	       on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO) && bind(fd, (struct sockaddr *)&in6, sizeof(in6)) == 0;
}

static bool
udp_open(struct bfd_io *io, struct port *p)
{
	p->fd = socket(p->afi == AFI_IP4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0 && errno == EAFNOSUPPORT && p->afi == AFI_IP6)
		return true;
	if (p->fd < 0 || !udp_bind(p->fd, p->afi, p->number)) {
		log_error("bfd.socket", "port=%u family=%s error=\"%s\"", p->number, p->afi == AFI_IP4 ? "ipv4" : "ipv6",
			strerror(errno));
		return false;
	}
	receive_buffer(p->fd, &io->count.buffer_bytes);
	p->event = timely_fd_add(io->t, p->fd, port_readable, p);
	return true;
}

/* UDP to the echo port, from an address to the same: offsets are of the IP header (SOCK_DGRAM). */
static struct sock_filter own_echoes[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 8),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12),
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 4),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BFD_PORT_ECHO, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, DATAGRAM),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

/* Without CAP_NET_RAW there is no echo; all else works. */
static void
packet_open(struct bfd_io *io, struct port *p)
{
	const struct sock_fprog filter = {sizeof(own_echoes) / sizeof(own_echoes[0]), own_echoes};
	uint64_t granted;

	p->packet = true;
	p->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0 || !on(p->fd, SOL_SOCKET, SO_TIMESTAMPNS) ||
	    setsockopt(p->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0) {
		log_notice("bfd.no-echo", "error=\"%s\"", strerror(errno));
		if (p->fd >= 0)
			close(p->fd);
		p->fd = -1;
		return;
	}
	slowclose_hold(io->closer, p->fd);
	receive_buffer(p->fd, &granted);
	p->event = timely_fd_add(io->t, p->fd, port_readable, p);
}

int
bfd_io_packet_fd(const struct bfd_io *io)
{
	return io->ports[PACKET].fd;
}

void
bfd_io_echoes(struct bfd_io *io)
{
	const struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_IP)};
	int fd = io->ports[PACKET].fd;

	if (io->echoes || fd < 0)
		return;
	io->echoes = bind(fd, (const struct sockaddr *)&all, sizeof(all)) == 0;
}

struct bfd_io *
bfd_io_open(struct timely *t, struct slowclose *closer, bfd_io_receive_fn *receive, void *arg)
{
	static const uint16_t numbers[] = {BFD_PORT_SINGLE, BFD_PORT_ECHO, BFD_PORT_MULTI};
	struct bfd_io *io = mem_zalloc(sizeof(*io));
	bool good = true;

	io->t = t;
	io->closer = closer;
	io->receive = receive;
	io->arg = arg;
	for (unsigned i = 0; i < PORTS; i++)
		io->ports[i] = (struct port){.io = io, .fd = -1, .afi = i & 1 ? AFI_IP6 : AFI_IP4,
			.number = i == PACKET ? BFD_PORT_ECHO : numbers[i / 2]};
	for (unsigned i = 0; i < PORTS_UDP && good; i++)
		good = udp_open(io, &io->ports[i]);
	if (!good) {
		bfd_io_close(io);
		return NULL;
	}
	packet_open(io, &io->ports[PACKET]);
	return io;
}

void
bfd_io_close(struct bfd_io *io)
{
	if (!io)
		return;
	for (unsigned i = 0; i < PORTS; i++) {
		timely_fd_del(io->t, io->ports[i].event);
		if (io->ports[i].fd >= 0)
			close(io->ports[i].fd);
	}
	mem_free(io);
}

const struct bfd_io_counters *
bfd_io_counters(const struct bfd_io *io)
{
	return &io->count;
}
