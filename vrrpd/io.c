/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets of vrrpd: see io.h. Owns them, one port per interface that is listened on.
 *
 * Invariants: receivers sit on the parent before its macvlans (ETH_P_ALL). Behind them an advertisement
 * would be missed: a macvlan in private mode takes every multicast frame that has its own address as
 * source, and the master's frames have the very address of the backup's macvlan. Filters let nothing
 * through but what each is for, nothing of another VLAN, and nothing that we send.
 * Whoever floods a receiver gets it paused for the rest of a window: the thread that runs timers
 * is not theirs. The kernel's buffer then drops, as it would anyway.
 */
#include "vrrpd/io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/slowclose.h"
#include "lib/timely.h"

#define BATCH      16          /* packets per system call */
#define ADVERT_MAX 8192        /* octets; an advertisement of 255 IPv6 addresses has 4,088 */
#define HOST_MAX   128         /* what is read of a frame of ARP or ND */
#define RCVBUF     (4 << 20)
#define SNDBUF     (4 << 20)
#define WINDOW     (10 * TIME_MS)
#define PER_WINDOW_ADVERTS 1024 /* 255 virtual routers of both families at 10 ms need half of it */
#define PER_WINDOW_HOSTS   128

enum receiver_kind { RX_ADVERTS, RX_HOSTS, RX_KINDS };

struct port;
struct receiver {
	struct port *port;
	enum receiver_kind kind;
	int fd;                  /* -1: closed */
	struct timely_fd *event; /* NULL: paused */
	struct timer pause;
	int64_t window;          /* since */
	unsigned taken;          /* in it */
};

struct port {
	LIST_ENTRY(port) entry;
	struct vrrp_io *io;
	uint32_t ifindex;
	uint8_t mac[6];
	int group[2];            /* by family: a socket that has joined it, -1: none */
	struct receiver rx[RX_KINDS];
};

struct vrrp_io {
	struct timely *timely;
	struct slowclose *closer;
	const struct vrrp_io_ops *ops;
	void *arg;
	int tx_packet, tx_ip4, tx_ip6;
	LIST_HEAD(, port) ports;
	struct vrrp_io_counters count;
	uint8_t buffer[BATCH][ADVERT_MAX];
};

static struct port *
port_find(const struct vrrp_io *io, uint32_t ifindex)
{
	struct port *p;

	LIST_FOREACH(p, &io->ports, entry)
		if (p->ifindex == ifindex)
			return p;
	return NULL;
}

/* --- receiving ----------------------------------------------------------------------------------------- */

static int64_t
arrival(struct msghdr *h, int64_t now)
{
	struct timespec ts = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return timely_arrival((int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec, now);
}

static void
take_advert(struct receiver *r, struct msghdr *h, const uint8_t *bytes, size_t len, int64_t now)
{
	struct vrrp_io *io = r->port->io;
	struct vrrp_rx rx = {.ifindex = r->port->ifindex};

	if (h->msg_flags & MSG_TRUNC) {
		io->count.rx_truncated++;
		return;
	}
	if (!vrrp_frame_received(bytes, len, &rx)) {
		io->count.rx_malformed++;
		return;
	}
	rx.arrived = arrival(h, now);
	io->count.rx++;
	io->ops->advert(io->arg, &rx, now);
}

static void
take_host(struct receiver *r, struct msghdr *h, const uint8_t *bytes, size_t len, int64_t now)
{
	struct vrrp_io *io = r->port->io;
	struct vrrp_heard heard;

	if (!vrrp_frame_heard(bytes, len, &heard))
		return; /* the filter is coarser than the parser */
	if (!memcmp(bytes + 6, r->port->mac, 6))
		return; /* our own, come back */
	io->count.heard++;
	io->ops->heard(io->arg, r->port->ifindex, &heard, arrival(h, now), now);
}

static void
receiver_resume(void *arg, int64_t now);

/* How many more may be taken in this window; at none it is paused until the next. */
static unsigned
receiver_credit(struct receiver *r, int64_t now)
{
	struct vrrp_io *io = r->port->io;
	unsigned limit = r->kind == RX_HOSTS ? PER_WINDOW_HOSTS : PER_WINDOW_ADVERTS;

	if (now - r->window >= WINDOW || now < r->window) {
		r->window = now;
		r->taken = 0;
	}
	if (r->taken < limit)
		return limit - r->taken;
	*(r->kind == RX_HOSTS ? &io->count.heard_paused : &io->count.rx_paused) += 1;
	timely_fd_del(io->timely, r->event);
	r->event = NULL;
	timer_set(timely_timers(io->timely), &r->pause, r->window + WINDOW, receiver_resume, r);
	return 0;
}

static void
receiver_readable(void *arg, int fd, int64_t now)
{
	struct receiver *r = arg;
	struct vrrp_io *io = r->port->io;
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][128];
	unsigned credit = receiver_credit(r, now), want = credit < BATCH ? credit : BATCH;
	size_t room = r->kind == RX_HOSTS ? HOST_MAX : ADVERT_MAX;

	if (!want)
		return;
	for (unsigned i = 0; i < want; i++) {
		iov[i] = (struct iovec){io->buffer[i], room};
		msgs[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1, .msg_control = control[i],
			.msg_controllen = sizeof(control[i])}};
	}
	int n = recvmmsg(fd, msgs, want, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		r->taken++;
		if (r->kind == RX_HOSTS)
			take_host(r, &msgs[i].msg_hdr, iov[i].iov_base, msgs[i].msg_len, now);
		else
			take_advert(r, &msgs[i].msg_hdr, iov[i].iov_base, msgs[i].msg_len, now);
	}
}

static void
receiver_resume(void *arg, int64_t now)
{
	struct receiver *r = arg;

	(void)now;
	r->event = timely_fd_add(r->port->io->timely, r->fd, receiver_readable, r);
}

/* --- receivers' life -------------------------------------------------------------------------------------- */

static bool
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/* A socket that does nothing but be a member: hardware and switches that snoop let the group through to us. */
static int
join(uint32_t ifindex, bool ip4)
{
	struct ip_mreqn group4 = {.imr_multiaddr.s_addr = htonl(0xe0000012), .imr_ifindex = (int)ifindex};
	struct ipv6_mreq group6 = {.ipv6mr_multiaddr.s6_addr = {0xff, 2, [15] = 0x12}, .ipv6mr_interface = ifindex};
	int fd = socket(ip4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	int error = ip4 ? setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group4, sizeof(group4))
			: setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group6, sizeof(group6));
	if (!error)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool
filter_set(int fd, struct sock_filter *code, size_t count)
{
	struct sock_fprog program = {(unsigned short)count, code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

/* ARP, and ICMPv6 135 and 136 right behind the header, not of another VLAN. */
static bool
filter_hosts(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 9),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 6),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 54),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 135, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 136, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, HOST_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return filter_set(fd, code, sizeof(code) / sizeof(code[0]));
}

/* Protocol 112 of both families, not of another VLAN. */
static bool
filter_adverts(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 8),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VRRP_PROTO, 3, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VRRP_PROTO, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0x40000),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return filter_set(fd, code, sizeof(code) / sizeof(code[0]));
}

/* Bound with the protocol only when the filter is there: nothing slips in before it. */
static int
open_tap(uint32_t ifindex, enum receiver_kind kind)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)ifindex};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (set_int(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1) && (kind == RX_HOSTS ? filter_hosts(fd) : filter_adverts(fd)) &&
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool
receiver_open(struct port *p, enum receiver_kind kind)
{
	struct receiver *r = &p->rx[kind];

	if (r->fd >= 0)
		return true;
	r->fd = open_tap(p->ifindex, kind);
	if (r->fd < 0)
		return false;
	slowclose_hold(p->io->closer, r->fd);
	set_int(r->fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	set_int(r->fd, SOL_SOCKET, SO_RCVBUF, RCVBUF);
	r->event = timely_fd_add(p->io->timely, r->fd, receiver_readable, r);
	return true;
}

static void
receiver_close(struct receiver *r)
{
	struct timely *t = r->port->io->timely;

	if (r->fd < 0)
		return;
	timer_cancel(timely_timers(t), &r->pause);
	timely_fd_del(t, r->event);
	slowclose_release(r->port->io->closer, r->fd);
	close(r->fd);
	r->event = NULL;
	r->fd = -1;
}

static struct port *
port_get(struct vrrp_io *io, uint32_t ifindex)
{
	struct port *p = port_find(io, ifindex);

	if (p)
		return p;
	p = mem_zalloc(sizeof(*p));
	p->io = io;
	p->ifindex = ifindex;
	p->group[0] = p->group[1] = -1;
	for (unsigned k = 0; k < RX_KINDS; k++)
		p->rx[k] = (struct receiver){.port = p, .kind = k, .fd = -1};
	LIST_INSERT_HEAD(&io->ports, p, entry);
	return p;
}

static void
port_leave(struct port *p, bool ip4)
{
	if (p->group[ip4] >= 0)
		close(p->group[ip4]);
	p->group[ip4] = -1;
}

static void
port_free(struct port *p)
{
	port_leave(p, false);
	port_leave(p, true);
	for (unsigned k = 0; k < RX_KINDS; k++)
		receiver_close(&p->rx[k]);
	LIST_REMOVE(p, entry);
	mem_free(p);
}

bool
vrrp_io_membership(struct vrrp_io *io, uint32_t ifindex, uint8_t afi, bool wanted)
{
	bool ip4 = afi == AFI_IP4;
	struct port *p = wanted ? port_get(io, ifindex) : port_find(io, ifindex);

	if (!p)
		return true;
	if (wanted) {
		if (p->group[ip4] < 0)
			p->group[ip4] = join(ifindex, ip4);
		return p->group[ip4] >= 0 && receiver_open(p, RX_ADVERTS) && receiver_open(p, RX_HOSTS);
	}
	port_leave(p, ip4);
	for (unsigned k = 0; k < RX_KINDS && p->group[!ip4] < 0; k++)
		receiver_close(&p->rx[k]);
	return true;
}

void
vrrp_io_link(struct vrrp_io *io, uint32_t ifindex, const uint8_t mac[6], bool gone)
{
	struct port *p = gone ? port_find(io, ifindex) : port_get(io, ifindex);

	if (!p)
		return;
	if (gone)
		port_free(p);
	else
		memcpy(p->mac, mac, sizeof(p->mac));
}

/* --- sending ------------------------------------------------------------------------------------------- */

static void
sent(struct vrrp_io *io, ssize_t n)
{
	io->count.tx++;
	if (n >= 0)
		return;
	io->count.tx--;
	io->count.tx_failed++;
	io->count.tx_errno = errno;
}

void
vrrp_io_send_frame(struct vrrp_io *io, uint32_t ifindex, const uint8_t *bytes, size_t len)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)ifindex, .sll_halen = 6};

	if (len < 14)
		return;
	memcpy(to.sll_addr, bytes, 6);
	memcpy(&to.sll_protocol, bytes + 12, 2);
	sent(io, sendto(io->tx_packet, bytes, len, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)));
}

/* From the interface's own MAC address; the kernel resolves a unicast peer, on whatever interface it is. */
static ssize_t
send_raw(struct vrrp_io *io, const struct vrrp_tx *tx)
{
	bool group = ipaddr_is_multicast(&tx->dst), ip4 = tx->dst.afi == AFI_IP4;
	struct sockaddr_in to4 = {.sin_family = AF_INET};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6};
	struct in_pktinfo info4 = {.ipi_ifindex = group ? (int)tx->key.ifindex : 0};
	struct in6_pktinfo info6 = {.ipi6_ifindex = group || ipaddr_is_link_local(&tx->dst) ? tx->key.ifindex : 0};
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(info6))] = {0};
	struct iovec iov = {.iov_len = tx->len};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};
	size_t info = ip4 ? sizeof(info4) : sizeof(info6);

	memcpy(&iov.iov_base, &tx->bytes, sizeof(tx->bytes)); /* sendmsg does not write to it */
	memcpy(&to4.sin_addr, tx->dst.b, 4);
	memcpy(&to6.sin6_addr, tx->dst.b, 16);
	memcpy(&info4.ipi_spec_dst, tx->src.b, 4);
	memcpy(&info6.ipi6_addr, tx->src.b, 16);
	to6.sin6_scope_id = info6.ipi6_ifindex;
	h.msg_name = ip4 ? (void *)&to4 : (void *)&to6;
	h.msg_namelen = ip4 ? sizeof(to4) : sizeof(to6);
	h.msg_controllen = CMSG_SPACE(info);
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	c->cmsg_level = ip4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = ip4 ? IP_PKTINFO : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(info);
	memcpy(CMSG_DATA(c), ip4 ? (void *)&info4 : (void *)&info6, info);
	return sendmsg(ip4 ? io->tx_ip4 : io->tx_ip6, &h, MSG_DONTWAIT);
}

void
vrrp_io_send(struct vrrp_io *io, const struct vrrp_tx *tx)
{
	uint8_t frame[VRRP_FRAME_MAX];

	if (!tx->virtual_mac) {
		sent(io, send_raw(io, tx));
		return;
	}
	size_t len = vrrp_frame_advert(tx, frame, sizeof(frame));
	if (len)
		vrrp_io_send_frame(io, tx->key.ifindex, frame, len);
}

/* Protocol 0 receives nothing; priority 6 keeps adverts out of a full queue (RFC 9568 wants no such thing, queues do). */
static bool
open_senders(struct vrrp_io *io)
{
	int prio = 6;

	io->tx_packet = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	io->tx_ip4 = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, VRRP_PROTO);
	io->tx_ip6 = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, VRRP_PROTO);
	slowclose_hold(io->closer, io->tx_packet);
	if (io->tx_packet < 0 || io->tx_ip4 < 0)
		return false;
	/* 255 virtual routers that take over in one turn send 1,500 frames; the first is more, if it is permitted */
	if (!set_int(io->tx_packet, SOL_SOCKET, SO_SNDBUFFORCE, SNDBUF))
		set_int(io->tx_packet, SOL_SOCKET, SO_SNDBUF, SNDBUF);
	if (!set_int(io->tx_packet, SOL_SOCKET, SO_PRIORITY, prio) || !set_int(io->tx_ip4, IPPROTO_IP, IP_TTL, 255) ||
	    !set_int(io->tx_ip4, IPPROTO_IP, IP_MULTICAST_TTL, 255) || !set_int(io->tx_ip4, IPPROTO_IP, IP_TOS, 0xc0) ||
	    !set_int(io->tx_ip4, IPPROTO_IP, IP_MULTICAST_LOOP, 0) || !set_int(io->tx_ip4, SOL_SOCKET, SO_PRIORITY, prio) ||
	    !set_int(io->tx_ip4, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO))
		return false;
	return io->tx_ip6 < 0 /* a kernel without IPv6 */ ||
	       (set_int(io->tx_ip6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255) &&
		       set_int(io->tx_ip6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255) &&
		       set_int(io->tx_ip6, IPPROTO_IPV6, IPV6_TCLASS, 0xc0) &&
		       set_int(io->tx_ip6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0) &&
		       set_int(io->tx_ip6, SOL_SOCKET, SO_PRIORITY, prio));
}

/*
 * Raw sockets hear their protocol, too: these are never read, and let nothing in. That they are there keeps the
 * kernel from telling a unicast peer that nobody listens.
 */
static bool
deafen(int fd)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

	return fd < 0 || filter_set(fd, code, 1);
}

struct vrrp_io *
vrrp_io_new(struct timely *t, struct slowclose *closer, const struct vrrp_io_ops *ops, void *arg)
{
	struct vrrp_io *io = mem_zalloc(sizeof(*io));

	io->timely = t;
	io->closer = closer;
	io->ops = ops;
	io->arg = arg;
	LIST_INIT(&io->ports);
	if (!open_senders(io) || !deafen(io->tx_ip4) || !deafen(io->tx_ip6))
		io->count.tx_errno = errno;
	return io;
}

void
vrrp_io_free(struct vrrp_io *io)
{
	struct port *p;
	int fds[] = {io->tx_packet, io->tx_ip4, io->tx_ip6};

	while ((p = LIST_FIRST(&io->ports)))
		port_free(p);
	for (unsigned i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	mem_free(io);
}

const struct vrrp_io_counters *
vrrp_io_counters(const struct vrrp_io *io)
{
	return &io->count;
}
