/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The framing of our sockets: u32 length of what follows (big endian, 2 .. IPC_FRAME_MAX), u16
 * type, payload. Pure: the daemons' lib/ipc.c and blocking clients such as vtysh share it.
 */
#include "lib/ipc.h"

#include "lib/wire.h"

enum ipc_frame_fate
ipc_frame_parse(const uint8_t *buf, size_t len, unsigned *type, const uint8_t **payload,
	size_t *payload_len, size_t *consumed)
{
	struct wire_reader r = wire_reader(buf, len);
	uint32_t body = wire_get_u32(&r);
	if (r.bad)
		return IPC_FRAME_SHORT;
	if (body < 2 || body > IPC_FRAME_MAX)
		return IPC_FRAME_BAD;
	struct wire_reader in = wire_sub(&r, body);
	if (r.bad)
		return IPC_FRAME_SHORT;
	*type = wire_get_u16(&in);
	*payload_len = body - 2;
	*payload = in.pos;
	*consumed = IPC_FRAME_PREFIX + body;
	return IPC_FRAME_OK;
}

void
ipc_frame_head(uint8_t out[IPC_FRAME_HEAD], unsigned type, size_t payload_len)
{
	struct wire_writer w = wire_writer(out, IPC_FRAME_HEAD);
	wire_put_u32(&w, (uint32_t)payload_len + 2);
	wire_put_u16(&w, (uint16_t)type);
}
