/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes on rib.sock: frames cut by lib/ipc's parser, messages unpacked, handed to the core by the table
 * of clients_codec.c. Whatever comes, the core stays whole and answers.
 *
 * fuzz-links: zebra/clients_codec.c zebra/config.c zebra/core.c zebra/iface.c zebra/iface_conf.c zebra/kgroup.c zebra/nh_leg.c zebra/nhg.c zebra/nht.c zebra/pool.c zebra/protocol.c zebra/redist.c zebra/resolve.c zebra/rib.c zebra/rib_fib.c zebra/rib_import.c zebra/routerid.c zebra/source.c zebra/statics.c zebra/sweep.c lib/ipc_frame.c gen/rib.pb-c.c
 * fuzz-links: zebra/connected.c zebra/detour.c zebra/lan.c zebra/lease.c zebra/ready.c zebra/step.c zebra/vaddr.c zebra/vlink.c
 * fuzz-links: zebra/config_track.c zebra/gate.c zebra/repair.c zebra/track.c zebra/track_judge.c
 */
#define WORLD_MAX 256
#include "tests/unit/zebra_world.h"

#include "lib/ipc.h"
#include "zebra/clients_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take_answer(void *arg, unsigned type, const ProtobufCMessage *msg)
{
	uint8_t buf[8192];
	(void)arg, (void)type;
	if (protobuf_c_message_get_packed_size(msg) <= sizeof(buf))
		protobuf_c_message_pack(msg, buf);
}

static bool
one_frame(struct rib_session *s, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	const ProtobufCMessageDescriptor *d = rib_descriptor(type);
	ProtobufCMessage *m = d ? protobuf_c_message_unpack(d, NULL, len, bytes) : NULL;
	bool ok = m && rib_message(s, type, m, now);
	if (m)
		protobuf_c_message_free_unpacked(m, NULL);
	return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = world_up();
	struct rib_session s = {.z = w->z, .send = take_answer};
	COMMIT(w, "+/t:tracks/track[id='5']/tcp-address=10.0.0.9", "+/t:tracks/track[id='5']/tcp-port=80");
	for (size_t at = 0; at < size;) {
		unsigned type;
		const uint8_t *payload;
		size_t len, used;
		if (ipc_frame_parse(data + at, size - at, &type, &payload, &len, &used) != IPC_FRAME_OK)
			break;
		at += used;
		if (!one_frame(&s, type, payload, len, w->now))
			break;
		world_run(w);
	}
	if (s.client)
		zebra_client_closed(w->z, s.client, w->now);
	world_advance(w, 10 * TIME_SEC);
	world_free(w);
	return 0;
}
