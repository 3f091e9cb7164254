/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions by key, by discriminator and by peer. Owns the indices and the struct bfd_peer, not the
 * sessions. Every session is in all three from bfd_table_add to bfd_table_remove.
 *
 * Keys leave things open: no local address, no interface. On the wire a peer on one link has one session (RFC
 * 5881 3), so wishes that differ only in what one of them leaves open are served by one session.
 */
#include "bfdd/core.h"

#include <string.h>

#include "lib/mem.h"

struct peer_key {
	const struct ipaddr *addr;
	bool multihop;
};

static int
key_cmp(const struct bfd_key *a, const struct bfd_key *b)
{
	int c = ipaddr_cmp(&a->peer, &b->peer);

	if (c)
		return c;
	if (a->multihop != b->multihop)
		return a->multihop - b->multihop;
	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return ipaddr_cmp(&a->local, &b->local);
}

static bool
discr_equal(const void *item, const void *key)
{
	const struct bfd_session *s = item;
	const uint32_t *discr = key;

	return s->discr == *discr;
}

static bool
peer_equal(const void *item, const void *key)
{
	const struct bfd_peer *p = item;
	const struct peer_key *k = key;

	return p->multihop == k->multihop && !ipaddr_cmp(&p->addr, k->addr);
}

static uint32_t
discr_hash(uint32_t discr)
{
	return hash_bytes(0, &discr, sizeof(discr));
}

static uint32_t
peer_hash(const struct peer_key *k)
{
	return hash_bytes(k->multihop, k->addr->b, afi_bytes(k->addr->afi));
}

void
bfd_table_init(struct bfd *b)
{
	b->by_discr = hash_new(discr_equal);
	b->peers = hash_new(peer_equal);
}

void
bfd_table_clear(struct bfd *b)
{
	hash_free(b->by_discr);
	hash_free(b->peers);
	mem_free(b->order);
}

uint32_t
bfd_table_discr(struct bfd *b)
{
	uint32_t discr;

	do {
		discr = (uint32_t)(prng_u64(&b->prng) >> 32);
	} while (!discr || bfd_table_by_discr(b, discr));
	return discr;
}

struct bfd_session *
bfd_table_by_discr(const struct bfd *b, uint32_t discr)
{
	return hash_find(b->by_discr, discr_hash(discr), &discr);
}

size_t
bfd_table_after(const struct bfd *b, const struct bfd_key *key)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (key_cmp(&b->order[mid]->key, key) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct bfd_peer *
peer_find(const struct bfd *b, const struct ipaddr *addr, bool multihop)
{
	struct peer_key k = {addr, multihop};

	return hash_find(b->peers, peer_hash(&k), &k);
}

void
bfd_table_add(struct bfd_session *s)
{
	struct bfd *b = s->b;
	struct peer_key k = {&s->key.peer, s->key.multihop};

	s->peer = peer_find(b, &s->key.peer, s->key.multihop);
	if (!s->peer) {
		s->peer = mem_zalloc(sizeof(*s->peer));
		s->peer->addr = s->key.peer;
		s->peer->multihop = s->key.multihop;
		TAILQ_INIT(&s->peer->sessions);
		hash_insert(b->peers, peer_hash(&k), s->peer);
	}
	TAILQ_INSERT_TAIL(&s->peer->sessions, s, of_peer);
	hash_insert(b->by_discr, discr_hash(s->discr), s);
	if (b->count == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 16;
		b->order = mem_realloc(b->order, b->cap * sizeof(b->order[0]));
	}
	size_t at = bfd_table_after(b, &s->key);
	memmove(&b->order[at + 1], &b->order[at], (b->count - at) * sizeof(b->order[0]));
	b->order[at] = s;
	b->count++;
}

void
bfd_table_remove(struct bfd_session *s)
{
	struct bfd *b = s->b;
	struct peer_key k = {&s->key.peer, s->key.multihop};

	hash_remove(b->by_discr, discr_hash(s->discr), &s->discr);
	TAILQ_REMOVE(&s->peer->sessions, s, of_peer);
	if (TAILQ_EMPTY(&s->peer->sessions))
		mem_free(hash_remove(b->peers, peer_hash(&k), &k));
	size_t at = bfd_table_after(b, &s->key) - 1;
	memmove(&b->order[at], &b->order[at + 1], (b->count - at - 1) * sizeof(b->order[0]));
	b->count--;
}

static bool
compatible(const struct bfd_key *a, const struct bfd_key *b)
{
	return (!a->ifindex || !b->ifindex || a->ifindex == b->ifindex) &&
		(!a->local.afi || !b->local.afi || !ipaddr_cmp(&a->local, &b->local));
}

/* Two links to one peer address are two sessions: who leaves the link open may not bring them together. */
static bool
suits_others(const struct bfd_session *s, const struct bfd_key *key)
{
	const struct bfd_claim *c;

	TAILQ_FOREACH(c, &s->claims, of_session)
		if (!compatible(&c->want.key, key))
			return false;
	return true;
}

struct bfd_session *
bfd_table_serving(const struct bfd *b, const struct bfd_key *key)
{
	struct bfd_peer *p = peer_find(b, &key->peer, key->multihop);
	struct bfd_session *s, *best = NULL;

	if (!p)
		return NULL;
	TAILQ_FOREACH(s, &p->sessions, of_peer) {
		if (!key_cmp(&s->key, key))
			return s;
		if (!best && compatible(&s->key, key) && suits_others(s, key))
			best = s;
	}
	return best;
}

struct bfd_session *
bfd_table_match(const struct bfd *b, const struct bfd_rx *rx, bool multihop, enum bfd_drop *why)
{
	const struct bfd_peer *p = peer_find(b, &rx->src, multihop);
	struct bfd_session *s, *best = NULL;
	int best_points = -1;

	*why = BFD_DROP_NO_SESSION;
	if (!p)
		return NULL;
	TAILQ_FOREACH(s, &p->sessions, of_peer) {
		if (s->key.ifindex && s->key.ifindex != rx->ifindex) {
			*why = BFD_DROP_INTERFACE;
			continue;
		}
		if (s->key.local.afi && ipaddr_cmp(&s->key.local, &rx->dst)) {
			*why = BFD_DROP_DESTINATION;
			continue;
		}
		int points = (s->key.ifindex ? 2 : 0) + (s->key.local.afi ? 1 : 0);
		if (points > best_points) {
			best = s;
			best_points = points;
		}
	}
	return best;
}
