/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mandatory section of a control packet (RFC 5880 4.1), both ways. Owns nothing.
 *
 *	 0                   1                   2                   3
 *	|Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
 *	|  My Discriminator  |  Your Discriminator  |  Desired Min TX   |
 *	|  Required Min RX   |  Required Min Echo RX                    |
 */
#include "bfdd/packet.h"

enum { FLAG_P = 0x20, FLAG_F = 0x10, FLAG_C = 0x08, FLAG_A = 0x04, FLAG_D = 0x02, FLAG_M = 0x01 };

enum bfd_drop
bfd_packet_get(const uint8_t *bytes, size_t len, struct bfd_packet *out)
{
	struct wire_reader r = wire_reader(bytes, len);
	uint8_t first = wire_get_u8(&r), flags = wire_get_u8(&r);

	*out = (struct bfd_packet){.diag = first & 0x1f, .state = flags >> 6,
		.poll = flags & FLAG_P, .final = flags & FLAG_F, .cpi = flags & FLAG_C,
		.auth = flags & FLAG_A, .demand = flags & FLAG_D};
	out->multiplier = wire_get_u8(&r);
	out->length = wire_get_u8(&r);
	out->my_discr = wire_get_u32(&r);
	out->your_discr = wire_get_u32(&r);
	out->desired_tx_us = wire_get_u32(&r);
	out->required_rx_us = wire_get_u32(&r);
	out->echo_rx_us = wire_get_u32(&r);

	/* RFC 5880 6.8.6, in its order; what is shorter than a header has no fields to judge */
	if (r.bad)
		return BFD_DROP_SHORT;
	if (first >> 5 != BFD_VERSION)
		return BFD_DROP_VERSION;
	if (out->length < (out->auth ? BFD_HEADER_LEN + 2 : BFD_HEADER_LEN))
		return BFD_DROP_LENGTH_SMALL;
	if (out->length > len)
		return BFD_DROP_LENGTH_LARGE;
	if (!out->multiplier)
		return BFD_DROP_MULTIPLIER;
	if (flags & FLAG_M)
		return BFD_DROP_MULTIPOINT;
	if (!out->my_discr)
		return BFD_DROP_MY_DISCR;
	/* RFC 5880 6.5: never both */
	return out->poll && out->final ? BFD_DROP_POLL_FINAL : BFD_DROP_NONE;
}

void
bfd_packet_put(const struct bfd_packet *p, struct wire_writer *w)
{
	wire_put_u8(w, (uint8_t)(BFD_VERSION << 5 | (p->diag & 0x1f)));
	wire_put_u8(w, (uint8_t)(p->state << 6 | (p->poll ? FLAG_P : 0) | (p->final ? FLAG_F : 0) |
		(p->cpi ? FLAG_C : 0) | (p->auth ? FLAG_A : 0) | (p->demand ? FLAG_D : 0)));
	wire_put_u8(w, p->multiplier);
	wire_put_u8(w, p->length);
	wire_put_u32(w, p->my_discr);
	wire_put_u32(w, p->your_discr);
	wire_put_u32(w, p->desired_tx_us);
	wire_put_u32(w, p->required_rx_us);
	wire_put_u32(w, p->echo_rx_us);
}
