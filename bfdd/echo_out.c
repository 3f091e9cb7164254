/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending of echoes: see echo_out.h. Owns a netlink socket for the kernel's routes and neighbours; a scratch
 * UDP socket is asked which address a packet would have.
 *
 * The peer's link address is the kernel's to learn (the control packets see to it that it does); it
 * is looked up again every second, so that a peer that has changed its interface is found. All three
 * questions are answered by the kernel at once, so nothing here waits.
 */
#include "bfdd/echo_out.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bfdd/bfdd.h"
#include "bfdd/echoip.h"
#include "lib/loop.h"
#include "lib/mem.h"

#define LOOKUP_AGAIN TIME_SEC
#define PAYLOAD_MAX  128u

struct bfd_echo_out {
	int packet, netlink;
	uint32_t sequence;
};

struct bfd_echo_out *
bfd_echo_out_new(int packet_fd)
{
	if (packet_fd < 0)
		return NULL;
	struct bfd_echo_out *e = mem_zalloc(sizeof(*e));
	e->packet = packet_fd;
	e->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	return e;
}

void
bfd_echo_out_free(struct bfd_echo_out *e)
{
	if (e && e->netlink >= 0)
		close(e->netlink);
	mem_free(e);
}

/* --- where the peer is ------------------------------------------------------------------------------- */

/* The address that the kernel would send from. */
static bool
own_address(struct bfd_echo_peer *p, const struct bfd_tx *tx)
{
	bool v4 = tx->key.peer.afi == AFI_IP4;
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(BFD_PORT_ECHO)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(BFD_PORT_ECHO)};
	socklen_t len = v4 ? sizeof(in) : sizeof(in6);
	struct sockaddr *to = v4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6;

	memcpy(&in.sin_addr, tx->key.peer.b, 4);
	memcpy(&in6.sin6_addr, tx->key.peer.b, 16);
	int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int device = (int)tx->key.ifindex;
	if (device && v4)
		setsockopt(fd, IPPROTO_IP, IP_UNICAST_IF, &(int){(int)htonl((uint32_t)device)}, sizeof(device));
	else if (device)
		in6.sin6_scope_id = (uint32_t)device;
	bool found = fd >= 0 && connect(fd, to, len) == 0 && getsockname(fd, to, &len) == 0;
	if (fd >= 0)
		close(fd);
	if (found)
		p->own = v4 ? ipaddr_from_bytes(AFI_IP4, (const uint8_t *)&in.sin_addr)
			    : ipaddr_from_bytes(AFI_IP6, in6.sin6_addr.s6_addr);
	return found;
}

struct question {
	struct nlmsghdr head;
	union {
		struct ndmsg neighbour;
		struct rtmsg route;
	} body;
	uint8_t attributes[64];
};

static void
question_attribute(struct question *q, unsigned type, const void *data, size_t len)
{
	size_t at = NLMSG_ALIGN(q->head.nlmsg_len);
	struct rtattr *a = (struct rtattr *)(void *)((uint8_t *)q + at);
	a->rta_type = (unsigned short)type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	q->head.nlmsg_len = (uint32_t)(at + RTA_ALIGN(a->rta_len));
}

/* The answer to q: the octets of the attribute, 0: none. The kernel has it ready when sendto returns. */
static size_t
ask(struct bfd_echo_out *e, struct question *q, size_t body, unsigned attribute, void *out, size_t size)
{
	_Alignas(struct nlmsghdr) uint8_t answer[2048];
	ssize_t n;

	q->head.nlmsg_seq = ++e->sequence;
	q->head.nlmsg_flags = NLM_F_REQUEST;
	if (send(e->netlink, q, q->head.nlmsg_len, MSG_DONTWAIT) < 0)
		return 0;
	while ((n = recv(e->netlink, answer, sizeof(answer), MSG_DONTWAIT)) > 0) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)answer;
		if ((size_t)n < NLMSG_LENGTH(body) || h->nlmsg_len > (size_t)n || h->nlmsg_seq != e->sequence ||
		    h->nlmsg_type == NLMSG_ERROR)
			continue;
		size_t left = h->nlmsg_len - NLMSG_LENGTH(body);
		const struct rtattr *a = (const struct rtattr *)(const void *)(answer + NLMSG_LENGTH(NLMSG_ALIGN(body)));
		for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
			if (a->rta_type == attribute && RTA_PAYLOAD(a) <= size) {
				memcpy(out, RTA_DATA(a), RTA_PAYLOAD(a));
				return RTA_PAYLOAD(a);
			}
	}
	return 0;
}

static bool
interface_of(struct bfd_echo_out *e, struct bfd_echo_peer *p, const struct bfd_tx *tx)
{
	const struct ipaddr *peer = &tx->key.peer;
	struct question q = {.head.nlmsg_len = NLMSG_LENGTH(sizeof(q.body.route)), .head.nlmsg_type = RTM_GETROUTE};

	p->ifindex = tx->key.ifindex;
	if (p->ifindex)
		return true;
	q.body.route.rtm_family = peer->afi == AFI_IP4 ? AF_INET : AF_INET6;
	q.body.route.rtm_dst_len = (unsigned char)afi_bits(peer->afi);
	question_attribute(&q, RTA_DST, peer->b, afi_bytes(peer->afi));
	return ask(e, &q, sizeof(q.body.route), RTA_OIF, &p->ifindex, sizeof(p->ifindex)) == sizeof(p->ifindex);
}

static bool
link_address(struct bfd_echo_out *e, struct bfd_echo_peer *p, const struct bfd_tx *tx)
{
	const struct ipaddr *peer = &tx->key.peer;
	struct question q = {.head.nlmsg_len = NLMSG_LENGTH(sizeof(q.body.neighbour)), .head.nlmsg_type = RTM_GETNEIGH};

	q.body.neighbour.ndm_family = peer->afi == AFI_IP4 ? AF_INET : AF_INET6;
	q.body.neighbour.ndm_ifindex = (int)p->ifindex;
	question_attribute(&q, NDA_DST, peer->b, afi_bytes(peer->afi));
	size_t len = ask(e, &q, sizeof(q.body.neighbour), NDA_LLADDR, p->mac, sizeof(p->mac));
	p->mac_len = (uint8_t)len;
	return len > 0;
}

static bool
peer_find(struct bfd_echo_out *e, struct bfd_echo_peer *p, const struct bfd_tx *tx)
{
	int64_t now = loop_clock();
	if (p->mac_len && now < p->looked_up + LOOKUP_AGAIN)
		return true;
	p->looked_up = now;
	p->own = tx->key.local;
	if (!p->own.afi && !own_address(p, tx))
		return false;
	return interface_of(e, p, tx) && link_address(e, p, tx);
}

bool
bfd_echo_send(struct bfd_echo_out *e, struct bfd_echo_peer *p, const struct bfd_tx *tx, uint16_t src_port)
{
	uint8_t packet[BFD_ECHOIP_HEADERS + PAYLOAD_MAX];
	struct sockaddr_ll to = {.sll_family = AF_PACKET};

	errno = EHOSTUNREACH;
	if (!e || !peer_find(e, p, tx))
		return false;
	struct bfd_echoip echo = {p->own, tx->ttl, src_port, tx->bytes, tx->len};
	size_t len = bfd_echoip_encode(&echo, packet, sizeof(packet));
	to.sll_protocol = htons(p->own.afi == AFI_IP4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	to.sll_ifindex = (int)p->ifindex;
	to.sll_halen = p->mac_len;
	memcpy(to.sll_addr, p->mac, p->mac_len);
	return len && sendto(e->packet, packet, len, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)) >= 0;
}
