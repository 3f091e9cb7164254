/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The conversation on rib.sock, without the socket: messages to entry points of the core by one
 * table, and the core's output to messages. Pure; the shell and the fuzzer bring the bytes.
 */
#ifndef GREVY_ZEBRA_CLIENTS_CODEC_H
#define GREVY_ZEBRA_CLIENTS_CODEC_H

#include <protobuf-c/protobuf-c.h>

#include "zebra/zebra.h"

typedef void rib_send_fn(void *arg, unsigned type, const ProtobufCMessage *msg);

/* One connection. */
struct rib_session {
	struct zebra *z;
	uint32_t client;     /* 0: no hello yet */
	uint64_t epoch;      /* of this zebra, told in the hello's answer */
	rib_send_fn *send;
	void *arg;
};

/* The message's descriptor; NULL: no client may send this. */
const ProtobufCMessageDescriptor *rib_descriptor(unsigned type);
/* False: the rules were broken, the connection is to be closed. */
bool rib_message(struct rib_session *s, unsigned type, const void *msg, int64_t now);

/* The core's output, for one connection. */
void rib_send_interface(struct rib_session *s, const struct zebra_interface *i, bool gone);
void rib_send_address(struct rib_session *s, const struct zebra_address *a, bool gone);
void rib_send_router_id(struct rib_session *s, uint32_t id);
void rib_send_redistributed(struct rib_session *s, const struct zebra_redistributed *r);
void rib_send_nht(struct rib_session *s, const struct zebra_nht *n);
void rib_send_results(struct rib_session *s, const struct zebra_results *r);
void rib_send_vlink(struct rib_session *s, const struct zebra_vlink_state *v);
void rib_send_lan(struct rib_session *s, const struct zebra_lan *l);
void rib_send_track(struct rib_session *s, const struct zebra_track *t);
void rib_send_ready(struct rib_session *s, bool ready, const char *waiting_for);

#endif
