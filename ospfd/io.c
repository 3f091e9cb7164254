/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw sockets: one per interface, bound to it, so that membership limits, receive budgets and
 * floods of one link stay with that link. Several packets per system call in, at most IO_BURST a
 * turn; what the IP header claims is checked before the core sees a byte.
 */
#include "ospfd/io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/prefix.h"

#define PROTO_OSPF 89
#define IO_BURST   64 /* packets per interface and turn */
#define IO_BATCH   16 /* packets per system call */
#define IO_PACKET  65536
#define IO_RCVBUF  (4 << 20)

struct port {
	LIST_ENTRY(port) entry;
	struct io *io;
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	unsigned groups; /* joined */
	int fd;
	struct loop_fd *event;
};

struct io {
	struct loop *loop;
	io_receive_fn *receive;
	void *arg;
	LIST_HEAD(, port) ports;
	struct io_counters count;
	uint8_t *buffers; /* IO_BATCH packets */
};

static struct log_event ev_socket = {.name = "ospf.socket", .level = LOG_LVL_WARNING, .per_minute = 10};
static struct log_event ev_send = {.name = "ospf.send-failed", .level = LOG_LVL_WARNING, .per_minute = 10};

struct io *
io_new(struct loop *l, io_receive_fn *receive, void *arg)
{
	struct io *io = mem_zalloc(sizeof(*io));

	io->loop = l;
	io->receive = receive;
	io->arg = arg;
	io->buffers = mem_alloc((size_t)IO_BATCH * IO_PACKET);
	LIST_INIT(&io->ports);
	return io;
}

static void
port_close(struct port *p)
{
	loop_fd_del(p->event);
	close(p->fd);
	LIST_REMOVE(p, entry);
	mem_free(p);
}

void
io_free(struct io *io)
{
	struct port *p;

	while ((p = LIST_FIRST(&io->ports)))
		port_close(p);
	mem_free(io->buffers);
	mem_free(io);
}

static struct port *
port_find(const struct io *io, uint32_t ifindex)
{
	struct port *p;

	LIST_FOREACH(p, &io->ports, entry)
		if (p->ifindex == ifindex)
			return p;
	return NULL;
}

/* The IP header is the kernel's word, yet its lengths are checked like everybody's. */
static void
port_packet(struct port *p, const uint8_t *bytes, size_t len, int64_t now)
{
	struct io *io = p->io;
	const struct iphdr *ip = (const struct iphdr *)(const void *)bytes;

	if (len < sizeof(*ip) || ip->version != 4) {
		io->count.rx_malformed++;
		return;
	}
	size_t header = (size_t)ip->ihl * 4;
	size_t total = ntohs(ip->tot_len);
	if (header < sizeof(*ip) || total < header || total > len || ip->protocol != PROTO_OSPF) {
		io->count.rx_malformed++;
		return;
	}
	struct ipaddr src = ipaddr_from_ip4(ntohl(ip->saddr));
	struct ipaddr dst = ipaddr_from_ip4(ntohl(ip->daddr));
	io->count.rx++;
	io->receive(io->arg, p->ifindex, &src, &dst, bytes + header, total - header, now);
}

static int
port_read(struct io *io, int fd, struct mmsghdr *msgs, struct iovec *iov)
{
	for (int i = 0; i < IO_BATCH; i++) {
		iov[i] = (struct iovec){io->buffers + (size_t)i * IO_PACKET, IO_PACKET};
		msgs[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
	}
	return recvmmsg(fd, msgs, IO_BATCH, MSG_DONTWAIT, NULL);
}

static void
port_readable(void *arg, unsigned what, int64_t now)
{
	struct port *p = arg;
	struct io *io = p->io;
	uint32_t ifindex = p->ifindex;
	struct mmsghdr msgs[IO_BATCH];
	struct iovec iov[IO_BATCH];

	(void)what;
	for (int taken = 0; taken < IO_BURST; taken += IO_BATCH) {
		int n = port_read(io, p->fd, msgs, iov);
		/* the core may have closed this very port over a packet: look it up again */
		for (int i = 0; i < n && (p = port_find(io, ifindex)); i++)
			if (!(msgs[i].msg_hdr.msg_flags & MSG_TRUNC))
				port_packet(p, iov[i].iov_base, msgs[i].msg_len, now);
		if (n < IO_BATCH || !p)
			return;
	}
}

static bool
port_options(int fd, const char *ifname)
{
	int tos = IPTOS_PREC_INTERNETCONTROL, off = 0, one = 1, rcvbuf = IO_RCVBUF, prio = 6;
	unsigned char ttl = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname, (socklen_t)strlen(ifname) + 1))
		return false;
	/* RFC 2328 A.1: TTL 1, precedence internetwork control; unicast packets stay on the link too */
	return !setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) &&
	       !setsockopt(fd, IPPROTO_IP, IP_TTL, &one, sizeof(one)) &&
	       !setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &off, sizeof(off)) &&
	       !setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &prio, sizeof(prio)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
}

static struct port *
port_open(struct io *io, uint32_t ifindex)
{
	char name[IF_NAMESIZE];

	if (!if_indextoname(ifindex, name))
		return NULL;
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, PROTO_OSPF);
	if (fd < 0 || !port_options(fd, name)) {
		log_event(&ev_socket, "interface=%s error=\"%s\"", name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	struct port *p = mem_zalloc(sizeof(*p));
	p->io = io;
	p->ifindex = ifindex;
	memcpy(p->name, name, sizeof(name));
	p->fd = fd;
	p->event = loop_fd_add(io->loop, fd, LOOP_READ, port_readable, p);
	LIST_INSERT_HEAD(&io->ports, p, entry);
	return p;
}

void
io_membership(struct io *io, uint32_t ifindex, const struct ipaddr *group, bool join)
{
	struct port *p = port_find(io, ifindex);
	struct ip_mreqn req = {
		.imr_multiaddr.s_addr = htonl(ipaddr_to_ip4(group)), .imr_ifindex = (int)ifindex};

	if (!p && join)
		p = port_open(io, ifindex);
	if (!p)
		return;
	if (setsockopt(p->fd, IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &req, sizeof(req)) &&
		join)
		log_event(&ev_socket, "interface=%s join-error=\"%s\"", p->name, strerror(errno));
	p->groups += join ? 1 : 0;
	if (!join && p->groups && --p->groups == 0)
		port_close(p);
}

void
io_send(struct io *io, uint32_t ifindex, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	struct port *p = port_find(io, ifindex);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(ipaddr_to_ip4(dst))};
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = {0};
	union {
		const void *in;
		void *out;
	} data = {.in = bytes}; /* sendmsg only reads it */
	struct iovec iov = {data.out, len};
	struct msghdr msg = {.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.room, .msg_controllen = sizeof(control.room)};
	struct in_pktinfo info = {.ipi_ifindex = (int)ifindex, .ipi_spec_dst.s_addr = htonl(ipaddr_to_ip4(src))};

	if (!p)
		return;
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	if (sendmsg(p->fd, &msg, MSG_DONTWAIT) < 0) {
		io->count.tx_failed++;
		log_event(&ev_send, "interface=%s error=\"%s\"", p->name, strerror(errno));
		return;
	}
	io->count.tx++;
}

const struct io_counters *
io_counters(const struct io *io)
{
	return &io->count;
}
