/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lib/zclient.c and lib/zclient_ha.c share. */
#ifndef GREVY_LIB_ZCLIENT_PRIV_H
#define GREVY_LIB_ZCLIENT_PRIV_H

#include <protobuf-c/protobuf-c.h>

#include "lib/zclient.h"

struct zha; /* the standing wishes of zclient_ha.c */

struct zha *zha_new(void);
void zha_free(struct zha *h);
void zha_replay(struct zclient *z, struct zha *h); /* zebra has accepted our hello */

/* A row of the table of what zebra says. */
struct zclient_message {
	const ProtobufCMessageDescriptor *descriptor; /* NULL: no payload worth reading */
	bool (*handle)(struct zclient *z, const void *msg, int64_t now); /* false: malformed */
};
const struct zclient_message *zha_message(unsigned type); /* NULL: not of this file */

struct zha *zclient_ha(struct zclient *z);
const struct zclient_ops *zclient_told(struct zclient *z, void **arg);
/* Behind the routes announced so far; nothing while zebra is away. */
void zclient_tell(struct zclient *z, unsigned type, const ProtobufCMessage *m);
/* No address for 0 octets; false: a length that no family has. */
bool zclient_addr(const ProtobufCBinaryData *bytes, struct ipaddr *out);

#endif
