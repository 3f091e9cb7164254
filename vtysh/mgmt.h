/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mgmtd's datastores as calls (lib/proto/mgmt.proto). */
#ifndef GREVY_VTYSH_MGMT_H
#define GREVY_VTYSH_MGMT_H

#include "gen/mgmt.pb-c.h"
#include "vtysh/edit.h"
#include "vtysh/session.h"

struct mgmt_error {
	char *path, *message;
	unsigned edit;          /* index + 1, 0 unknown */
};
struct mgmt_reply {
	struct mgmt_error *errors;
	unsigned error_n;
	char **warnings;
	unsigned warning_n;
	uint64_t txn;
};
void mgmt_reply_free(struct mgmt_reply *r);

/* Each: false = no answer came. What mgmtd refused is in r->errors. */
bool mgmt_open(struct session *s, Mgmt__Open__Kind kind, const char *client, struct mgmt_reply *r);
struct mgmt_edit_options {
	bool commit, replace, mark_startup;
	const char *comment;
};
bool mgmt_edit(struct session *s, const struct edit *e, unsigned n, const struct mgmt_edit_options *o,
	struct mgmt_reply *r);
bool mgmt_commit(struct session *s, bool check, unsigned confirmed, const char *comment, struct mgmt_reply *r);
bool mgmt_discard(struct session *s, struct mgmt_reply *r);
bool mgmt_confirm(struct session *s, struct mgmt_reply *r);
bool mgmt_rollback(struct session *s, unsigned commit, struct mgmt_reply *r);
bool mgmt_load(struct session *s, const char *json, bool replace, struct mgmt_reply *r);
/* JSON text, mem_free it; NULL: err says why. */
char *mgmt_get(struct session *s, Mgmt__Get__Store store, unsigned commit, char *err, size_t size);

#endif
