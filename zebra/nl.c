/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink messages and attributes: the reader that refuses every length that does not fit, and the
 * writer that refuses to overflow. Pure.
 *
 *	nlmsghdr: len(4) type(2) flags(2) seq(4) port(4), then the payload, padded to 4
 *	nlattr:   len(2) type(2), then the value, padded to 4; len counts the header, not the padding
 */
#include "zebra/nl.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/prefix.h"

#define MSG_HEADER  ((size_t) 16)
#define ATTR_HEADER ((size_t) 4)

static size_t
align4(size_t n)
{
	return (n + 3) & ~(size_t) 3;
}

/* --- reading ------------------------------------------------------------------------------------ */

struct nl_reader
nl_reader(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;
	return (struct nl_reader){.pos = b, .end = b + len};
}

/* Past one item of `len` octets and its padding; the last item may lack the padding. */
static void
reader_step(struct nl_reader *r, size_t len)
{
	size_t left = (size_t) (r->end - r->pos);
	size_t step = align4(len);
	r->pos += step < left ? step : left;
}

bool
nl_next_msg(struct nl_reader *r, struct nl_msg *msg)
{
	size_t left = (size_t) (r->end - r->pos);
	if (left == 0 || r->bad)
		return false;
	struct nlmsghdr h;
	if (left < sizeof(h)) {
		r->bad = true;
		return false;
	}
	memcpy(&h, r->pos, sizeof(h));
	if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > left) {
		r->bad = true;
		return false;
	}
	*msg = (struct nl_msg){.type = h.nlmsg_type,
		.flags = h.nlmsg_flags,
		.seq = h.nlmsg_seq,
		.port = h.nlmsg_pid,
		.payload = r->pos + MSG_HEADER,
		.len = h.nlmsg_len - MSG_HEADER};
	reader_step(r, h.nlmsg_len);
	return true;
}

bool
nl_next_attr(struct nl_reader *r, struct nl_attr *attr)
{
	size_t left = (size_t) (r->end - r->pos);
	if (left == 0 || r->bad)
		return false;
	struct nlattr h;
	if (left < sizeof(h)) {
		r->bad = true;
		return false;
	}
	memcpy(&h, r->pos, sizeof(h));
	if (h.nla_len < sizeof(h) || h.nla_len > left) {
		r->bad = true;
		return false;
	}
	*attr = (struct nl_attr){.type = h.nla_type & NLA_TYPE_MASK,
		.data = r->pos + ATTR_HEADER,
		.len = h.nla_len - ATTR_HEADER};
	reader_step(r, h.nla_len);
	return true;
}

static bool
attr_copy(const struct nl_attr *a, void *out, size_t size)
{
	if (a->len != size) {
		memset(out, 0, size);
		return false;
	}
	memcpy(out, a->data, size);
	return true;
}

bool
nl_attr_u8(const struct nl_attr *a, uint8_t *out)
{
	return attr_copy(a, out, sizeof(*out));
}

bool
nl_attr_u16(const struct nl_attr *a, uint16_t *out)
{
	return attr_copy(a, out, sizeof(*out));
}

bool
nl_attr_u32(const struct nl_attr *a, uint32_t *out)
{
	return attr_copy(a, out, sizeof(*out));
}

bool
nl_attr_addr(const struct nl_attr *a, uint8_t afi, struct ipaddr *out)
{
	*out = (struct ipaddr){.afi = AFI_NONE};
	if (afi == AFI_NONE || a->len != afi_bytes(afi))
		return false;
	*out = ipaddr_from_bytes(afi, a->data);
	return true;
}

bool
nl_attr_text(const struct nl_attr *a, char *out, size_t size)
{
	size_t n = strnlen((const char *) a->data, a->len);
	out[0] = '\0';
	if (n >= size)
		return false;
	memcpy(out, a->data, n);
	out[n] = '\0';
	return true;
}

bool
nl_attr_hwaddr(const struct nl_attr *a, uint8_t *out, size_t size, uint8_t *len)
{
	*len = 0;
	if (a->len > size || a->len > UINT8_MAX)
		return false;
	memcpy(out, a->data, a->len);
	*len = (uint8_t) a->len;
	return true;
}

bool
nl_attrs_decode(struct nl_reader r, const struct nl_attr_row *rows, size_t count, void *out)
{
	struct nl_attr a;
	while (nl_next_attr(&r, &a))
		for (size_t i = 0; i < count; i++)
			if (rows[i].type == a.type) {
				if (!rows[i].get(&a, out))
					return false;
				break;
			}
	return !r.bad;
}

bool
nl_error_decode(const struct nl_msg *msg, int *error, char *text, size_t text_size)
{
	struct nlmsgerr e;
	*error = 0;
	if (text_size > 0)
		text[0] = '\0';
	if (msg->type != NLMSG_ERROR || msg->len < sizeof(e))
		return false;
	memcpy(&e, msg->payload, sizeof(e));
	*error = e.error;
	if (text_size == 0 || !(msg->flags & NLM_F_ACK_TLVS))
		return true;
	/* The request follows unless it was cut to its header (NETLINK_CAP_ACK), then attributes. */
	size_t skip = sizeof(e);
	if (!(msg->flags & NLM_F_CAPPED)) {
		if (e.msg.nlmsg_len < MSG_HEADER || e.msg.nlmsg_len > msg->len)
			return true;
		skip += align4(e.msg.nlmsg_len - MSG_HEADER);
	}
	if (skip >= msg->len)
		return true;
	struct nl_reader r = nl_reader(msg->payload + skip, msg->len - skip);
	struct nl_attr a;
	while (nl_next_attr(&r, &a)) {
		if (a.type != NLMSGERR_ATTR_MSG)
			continue;
		size_t n = strnlen((const char *) a.data, a.len);
		n = n < text_size ? n : text_size - 1;
		memcpy(text, a.data, n);
		text[n] = '\0';
	}
	return true;
}

/* --- writing ------------------------------------------------------------------------------------ */

struct nl_writer
nl_writer(void *buf, size_t cap)
{
	return (struct nl_writer){.buf = buf, .cap = cap};
}

/* Room for len octets and padding, zeroed padding; NULL and bad when there is none. */
static uint8_t *
writer_room(struct nl_writer *w, size_t len)
{
	size_t padded = align4(len);
	if (w->bad || padded < len || padded > w->cap - w->len) {
		w->bad = true;
		return NULL;
	}
	uint8_t *at = w->buf + w->len;
	if (padded > len)
		memset(at + len, 0, padded - len);
	w->len += padded;
	return at;
}

void
nl_msg_begin(struct nl_writer *w, uint16_t type, uint16_t flags, uint32_t seq, const void *header,
	size_t header_len)
{
	const struct nlmsghdr h = {.nlmsg_type = type, .nlmsg_flags = flags, .nlmsg_seq = seq};
	w->bad = false;
	w->msg = w->len;
	uint8_t *at = writer_room(w, sizeof(h) + header_len);
	if (!at)
		return;
	memcpy(at, &h, sizeof(h));
	if (header_len > 0)
		memcpy(at + sizeof(h), header, header_len);
}

bool
nl_msg_end(struct nl_writer *w)
{
	if (w->bad) {
		w->len = w->msg;
		w->bad = false;
		return false;
	}
	uint32_t len = (uint32_t) (w->len - w->msg);
	memcpy(w->buf + w->msg, &len, sizeof(len));
	return true;
}

void
nl_put(struct nl_writer *w, uint16_t type, const void *data, size_t len)
{
	if (len > UINT16_MAX - ATTR_HEADER) {
		w->bad = true;
		return;
	}
	const struct nlattr h = {.nla_len = (uint16_t) (ATTR_HEADER + len), .nla_type = type};
	uint8_t *at = writer_room(w, ATTR_HEADER + len);
	if (!at)
		return;
	memcpy(at, &h, sizeof(h));
	if (len > 0)
		memcpy(at + sizeof(h), data, len);
}

void
nl_put_raw(struct nl_writer *w, const void *data, size_t len)
{
	uint8_t *at = writer_room(w, len);
	if (at && len > 0)
		memcpy(at, data, len);
}

void
nl_put_u8(struct nl_writer *w, uint16_t type, uint8_t v)
{
	nl_put(w, type, &v, sizeof(v));
}

void
nl_put_u32(struct nl_writer *w, uint16_t type, uint32_t v)
{
	nl_put(w, type, &v, sizeof(v));
}

void
nl_put_addr(struct nl_writer *w, uint16_t type, const struct ipaddr *a)
{
	nl_put(w, type, a->b, afi_bytes(a->afi));
}

size_t
nl_nest_begin(struct nl_writer *w, uint16_t type)
{
	size_t at = w->len;
	nl_put(w, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void
nl_nest_end(struct nl_writer *w, size_t at)
{
	if (w->bad || w->len - at > UINT16_MAX) {
		w->bad = true;
		return;
	}
	uint16_t len = (uint16_t) (w->len - at);
	memcpy(w->buf + at, &len, sizeof(len));
}

uint8_t
nl_afi(uint8_t family)
{
	if (family == AF_INET)
		return AFI_IP4;
	return family == AF_INET6 ? AFI_IP6 : AFI_NONE;
}

uint8_t
nl_family(uint8_t afi)
{
	if (afi == AFI_IP4)
		return AF_INET;
	return afi == AFI_IP6 ? AF_INET6 : AF_UNSPEC;
}
