/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink's common shape: messages (nlmsghdr) and attributes (nlattr), read by a cursor that cannot
 * see beyond its length and written into a buffer that cannot overflow. Everything is in host byte
 * order and aligned to four octets; a length from the wire is checked before it is believed.
 */
#ifndef GREVY_ZEBRA_NL_H
#define GREVY_ZEBRA_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipaddr;

/* How a decoder ends: taken; well-formed but none of ours; malformed (nothing in the output counts). */
enum nl_fate { NL_TAKEN, NL_SKIPPED, NL_REFUSED };

/* --- reading ------------------------------------------------------------------------------------ */

struct nl_msg {
	uint16_t type, flags;
	uint32_t seq, port;
	const uint8_t *payload;
	size_t len;
};

struct nl_reader {
	const uint8_t *pos, *end;
	bool bad; /* a header whose length is wrong: the rest cannot be read */
};

struct nl_reader nl_reader(const void *bytes, size_t len);
bool nl_next_msg(struct nl_reader *r, struct nl_msg *msg); /* false: end, or bad */

struct nl_attr {
	uint16_t type; /* without NLA_F_NESTED and NLA_F_NET_BYTEORDER */
	const uint8_t *data;
	size_t len;
};
bool nl_next_attr(struct nl_reader *r, struct nl_attr *attr); /* false: end, or bad */
/* Values; each is false, and the output zero, when the attribute's length does not fit. */
bool nl_attr_u8(const struct nl_attr *a, uint8_t *out);
bool nl_attr_u16(const struct nl_attr *a, uint16_t *out);
bool nl_attr_u32(const struct nl_attr *a, uint32_t *out);
bool nl_attr_addr(const struct nl_attr *a, uint8_t afi, struct ipaddr *out);
bool nl_attr_text(const struct nl_attr *a, char *out, size_t size); /* false: longer than size - 1 */
bool nl_attr_hwaddr(const struct nl_attr *a, uint8_t *out, size_t size, uint8_t *len);

/*
 * The switchboard of all decoders: a row per attribute type. The loop refuses what a getter
 * refuses; types without a row are skipped (newer kernels send more).
 */
struct nl_attr_row {
	uint16_t type;
	bool (*get)(const struct nl_attr *a, void *out);
};
bool nl_attrs_decode(struct nl_reader r, const struct nl_attr_row *rows, size_t count, void *out);

/* NLMSG_ERROR's payload: the negative errno (0: an acknowledgement), the text of the kernel if any. */
bool nl_error_decode(const struct nl_msg *msg, int *error, char *text, size_t text_size);

/* --- writing ------------------------------------------------------------------------------------ */

struct nl_writer {
	uint8_t *buf;
	size_t len, cap;
	size_t msg; /* where the open message begins */
	bool bad;   /* something did not fit */
};

struct nl_writer nl_writer(void *buf, size_t cap);
/* header: the family's fixed part (rtmsg, ifinfomsg, ...), copied. */
void nl_msg_begin(struct nl_writer *w, uint16_t type, uint16_t flags, uint32_t seq,
	const void *header, size_t header_len);
/* Patches the length. False, and the message is taken back, when it did not fit. */
bool nl_msg_end(struct nl_writer *w);
void nl_put(struct nl_writer *w, uint16_t type, const void *data, size_t len);
/* Octets without an attribute header, inside a nest that begins with a fixed part. */
void nl_put_raw(struct nl_writer *w, const void *data, size_t len);
void nl_put_u8(struct nl_writer *w, uint16_t type, uint8_t v);
void nl_put_u32(struct nl_writer *w, uint16_t type, uint32_t v);
void nl_put_addr(struct nl_writer *w, uint16_t type, const struct ipaddr *a);
size_t nl_nest_begin(struct nl_writer *w, uint16_t type);
void nl_nest_end(struct nl_writer *w, size_t at);

uint8_t nl_afi(uint8_t family);    /* AF_* -> enum afi, AFI_NONE if neither */
uint8_t nl_family(uint8_t afi);    /* and back, AF_UNSPEC if neither */

#endif
