/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever a peer may write to our sockets: the framing, every message of every .proto, and a live
 * northbound service behind a real socket, which must close that connection at worst.
 *
 * fuzz-links: lib/ipc.c lib/loop.c lib/log.c lib/logconf.c lib/northbound.c lib/northbound_state.c lib/priv.c lib/priv_filter.c lib/ha.c lib/keepfile.c
 * fuzz-links: gen/rib.pb-c.c gen/northbound.pb-c.c gen/mgmt.pb-c.c gen/bfd.pb-c.c
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gen/bfd.pb-c.h"
#include "gen/mgmt.pb-c.h"
#include "gen/rib.pb-c.h"
#include "lib/arena.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/northbound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ProtobufCMessageDescriptor *const messages[] = {
	&rib__hello__descriptor, &rib__hello_reply__descriptor, &rib__group__descriptor,
	&rib__group_delete__descriptor, &rib__routes__descriptor, &rib__replay_end__descriptor,
	&rib__results__descriptor, &rib__nht_register__descriptor, &rib__nht_update__descriptor,
	&rib__redistribute__descriptor, &rib__redistributed__descriptor, &rib__interface__descriptor,
	&rib__address__descriptor, &rib__router_id__descriptor, &nb__hello__descriptor,
	&nb__prepare__descriptor, &nb__state_request__descriptor, &nb__state_chunk__descriptor,
	&nb__rpc_request__descriptor, &nb__rpc_reply__descriptor, &nb__log_line__descriptor,
	&mgmt__open__descriptor, &mgmt__edit_request__descriptor, &mgmt__commit__descriptor,
	&mgmt__get__descriptor, &mgmt__chunk__descriptor, &mgmt__load__descriptor, &mgmt__reply__descriptor,
	&bfd__hello__descriptor, &bfd__hello_reply__descriptor, &bfd__want__descriptor, &bfd__unwant__descriptor,
	&bfd__state__descriptor,
};

static void *
scratch_alloc(void *data, size_t size)
{
	return arena_alloc(data, size);
}

static void
scratch_free(void *data, void *p)
{
	(void)data;
	(void)p;
}

/* What unpacks packs again, into something that unpacks to the same octets. */
static void
every_message(struct arena *a, const uint8_t *bytes, size_t len)
{
	ProtobufCAllocator allocator = {scratch_alloc, scratch_free, a};
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		arena_reset(a);
		ProtobufCMessage *m = protobuf_c_message_unpack(messages[i], &allocator, len, bytes);
		if (!m)
			continue;
		size_t n = protobuf_c_message_get_packed_size(m);
		uint8_t *once = arena_alloc(a, n), *twice = arena_alloc(a, n);
		assert(protobuf_c_message_pack(m, once) == n);
		m = protobuf_c_message_unpack(messages[i], &allocator, n, once);
		assert(m && protobuf_c_message_get_packed_size(m) == n);
		protobuf_c_message_pack(m, twice);
		assert(!memcmp(once, twice, n));
	}
}

static void
frames(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	for (size_t at = 0; at < size;) {
		unsigned type;
		const uint8_t *payload;
		size_t len, used;
		if (ipc_frame_parse(data + at, size - at, &type, &payload, &len, &used) != IPC_FRAME_OK)
			break;
		assert(used > 0 && payload + len == data + at + used && type <= UINT16_MAX);
		every_message(a, payload, len);
		at += used;
	}
	arena_free(a);
}

/* --- a live service ---------------------------------------------------------------------------- */

struct settings {
	uint32_t cost;
	char name[16];
};
static const struct conf_field entry_fields[] = {
	{"name", CONF_STRING, offsetof(struct settings, name), 16, NULL, 1},
	{"cost", CONF_U32, offsetof(struct settings, cost), 0, NULL, 2},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};
static const char *const keys[] = {"name", NULL};
static const struct conf_class entry_class = {
	.path = "list/entry", .size = sizeof(struct settings), .fields = entry_fields, .keys = keys};
static const struct conf_class *const lists[] = {&entry_class, NULL};
static const struct conf_class root_class = {
	.path = "", .size = sizeof(struct settings), .fields = entry_fields, .lists = lists};

static bool
rows_of_some(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const char *who = nb_arg(args, "who");
	(void)core;
	(void)now;
	for (; resume->n < 2000; resume->n++) {
		if (rows_full(out))
			return false;
		row_begin(out);
		row_str(out, "who", who ? who : "nobody");
		row_end(out);
	}
	return true;
}

static const struct state_producer producers[] = {{"some", rows_of_some}, {NULL, NULL}};
static const struct northbound_def def = {"testd", &root_class, NULL, producers, NULL};

struct turns {
	struct loop *loop;
	unsigned left;
};

static bool
turn_over(void *arg, int64_t now)
{
	struct turns *t = arg;
	(void)now;
	if (!--t->left)
		loop_stop(t->loop, 0);
	return true;
}

static void
service(const uint8_t *data, size_t size)
{
	static char path[64];
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	if (!path[0]) {
		snprintf(path, sizeof(path), "/tmp/grevy-fuzz-%d.sock", (int)getpid());
		log_open("fuzz", "file:/dev/null", LOG_LVL_ERROR);
	}
	struct loop *l = loop_new();
	struct northbound *nb = northbound_new(l, path, &def, NULL);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	assert(nb && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	ssize_t n = send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)n;
	shutdown(fd, SHUT_WR);
	struct turns turns = {l, 12}; /* accept, read, slices, answers, the end of the stream */
	loop_phase_wake(loop_phase_add(l, "turns", turn_over, &turns));
	loop_run(l);
	close(fd);
	northbound_free(nb);
	loop_free(l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	frames(data, size);
	service(data, size);
	return 0;
}
