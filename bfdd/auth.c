/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Authentication of one session (RFC 5880 6.7): its key and the windows of its sequence numbers.
 *
 * It fails closed: with a type configured, nothing is sent or accepted but with a good key; a packet
 * with authentication is not accepted by a session without.
 * ours: sequence numbers are learnt only from packets whose digest is right. 6.7.3 notes the first
 * one before it has looked at the digest, and a forger could poison the window with it.
 */
#include "bfdd/core.h"

#include <string.h>

#include "lib/auth.h"

bool
bfd_auth_usable(const struct bfd_session *s)
{
	return s->p.auth.type == BFD_AUTH_NONE || s->p.auth.key_len > 0;
}

void
bfd_auth_init(struct bfd_session *s)
{
	s->auth.xmit_seq = (uint32_t)prng_u64(&s->b->prng); /* 6.8.1: random */
}

/* 6.7.3, 6.7.4: the window of what may come, in a circular space. */
static bool
in_window(const struct bfd_session *s, const struct bfd_packet *p, uint32_t seq)
{
	uint32_t first = bfd_auth_is_meticulous(s->p.auth.type) ? 1 : 0;
	uint32_t ahead = seq - s->auth.rcv_seq;

	return !s->auth.known || (ahead >= first && ahead <= 3u * p->multiplier);
}

enum bfd_drop
bfd_auth_check(struct bfd_session *s, const struct bfd_packet *p, const uint8_t *bytes)
{
	const struct bfd_auth *a = &s->p.auth;
	struct bfd_auth_section section;
	uint8_t digest[BFD_KEY_MAX];

	if (!p->auth)
		return a->type == BFD_AUTH_NONE ? BFD_DROP_NONE : BFD_DROP_AUTH_MISSING;
	if (a->type == BFD_AUTH_NONE)
		return BFD_DROP_AUTH_UNEXPECTED;
	if (!a->key_len)
		return BFD_DROP_AUTH_UNUSABLE;
	enum bfd_drop why = bfd_auth_section_get(bytes + BFD_HEADER_LEN, p->length - BFD_HEADER_LEN, &section);
	if (section.type != a->type)
		return BFD_DROP_AUTH_TYPE;
	if (why != BFD_DROP_NONE)
		return why;
	if (section.key_id != a->key_id)
		return BFD_DROP_AUTH_KEY_ID;
	if (!bfd_auth_has_sequence(a->type)) { /* 6.7.2 */
		return section.data_len == a->key_len && auth_equal(section.data, a->key, a->key_len) ?
			BFD_DROP_NONE : BFD_DROP_AUTH_PASSWORD;
	}
	if (!in_window(s, p, section.sequence))
		return BFD_DROP_AUTH_REPLAY;
	size_t len = bfd_auth_digest(a, bytes, p->length, digest);
	if (!len || !auth_equal(section.data, digest, len))
		return BFD_DROP_AUTH_DIGEST;
	s->auth.known = true;
	s->auth.rcv_seq = section.sequence;
	return BFD_DROP_NONE;
}

size_t
bfd_auth_len(const struct bfd_session *s)
{
	return bfd_auth_section_len(s->p.auth.type, s->p.auth.key_len);
}

void
bfd_auth_append(struct bfd_session *s, struct wire_writer *w)
{
	const struct bfd_auth *a = &s->p.auth;
	struct bfd_auth_section section = {.type = a->type, .len = (uint8_t)bfd_auth_len(s), .key_id = a->key_id};
	size_t at = w->len;

	if (a->type == BFD_AUTH_NONE)
		return;
	if (!bfd_auth_has_sequence(a->type)) {
		section.data_len = a->key_len;
		memcpy(section.data, a->key, a->key_len);
		bfd_auth_section_put(&section, w);
		return;
	}
	section.sequence = ++s->auth.xmit_seq; /* 6.7.3 would allow repetition; a rising number suits every peer */
	section.data_len = (uint8_t)bfd_auth_key_max(a->type);
	bfd_auth_section_put(&section, w);
	bfd_auth_digest(a, w->buf, w->len, section.data);
	w->len = at;
	bfd_auth_section_put(&section, w);
}
