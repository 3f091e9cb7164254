/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A control packet (RFC 5880 4.1) and its authentication section (4.2 - 4.4) as structs. */
#ifndef GREVY_BFDD_PACKET_H
#define GREVY_BFDD_PACKET_H

#include "bfdd/config.h"
#include "bfdd/stats.h"
#include "lib/wire.h"

#define BFD_VERSION      1
#define BFD_HEADER_LEN   24
#define BFD_PACKET_MAX   255 /* the length field's reach; what we send is shorter */
#define BFD_AUTH_LEN_MAX 28

struct bfd_packet {
	uint8_t diag, state, multiplier, length;
	bool poll, final, cpi, auth, demand; /* cpi: control plane independent */
	uint32_t my_discr, your_discr, desired_tx_us, required_rx_us, echo_rx_us;
};

/* Everything of 6.8.6 that needs no session. *out is filled as far as the octets go. */
enum bfd_drop bfd_packet_get(const uint8_t *bytes, size_t len, struct bfd_packet *out);
/* The 24 octets; p->length says how long the whole will be. */
void bfd_packet_put(const struct bfd_packet *p, struct wire_writer *w);

struct bfd_auth_section {
	uint8_t type, len, key_id;
	uint8_t reserved;
	uint32_t sequence;
	uint8_t data_len;              /* of the password or digest */
	uint8_t data[BFD_KEY_MAX];
};

/* bytes: what follows the header, up to the packet's length. */
enum bfd_drop bfd_auth_section_get(const uint8_t *bytes, size_t len, struct bfd_auth_section *out);
void bfd_auth_section_put(const struct bfd_auth_section *s, struct wire_writer *w);
size_t bfd_auth_section_len(uint8_t type, size_t key_len); /* 0: no such type */
bool bfd_auth_is_meticulous(uint8_t type);
bool bfd_auth_has_sequence(uint8_t type);
/*
 * The digest of a whole packet whose section has any digest (6.7.3, 6.7.4): the key, filled with
 * zeros, stands in the digest's place while it is computed. Returns its length.
 */
size_t bfd_auth_digest(const struct bfd_auth *a, const uint8_t *packet, size_t len, uint8_t out[BFD_KEY_MAX]);

#endif
