/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own part of the config. */
#include "mgmtd/self.h"

#include <string.h>

#include "lib/logconf.h"
#include "mgmtd/mgmtd.h"
#include "mgmtd/store.h"

uint32_t
self_owner(const struct mgmtd *m)
{
	for (unsigned i = 0; i < yangdb_owner_count(m->db); i++)
		if (!strcmp(yangdb_owner_name(m->db, i), "mgmtd"))
			return 1u << i;
	return 0;
}

static const char *
leaf_value(const struct mgmtd *m, const char *path)
{
	const struct lyd_node *n = store_find(m->running, path);
	return n ? lyd_get_value(n) : NULL;
}

void
self_apply(struct mgmtd *m)
{
	const char *file = leaf_value(m, "/grevy-system:system/log/file/path");
	bool syslog = store_find(m->running, "/grevy-system:system/log/syslog") != NULL;
	const char *level = leaf_value(m,
		file ? "/grevy-system:system/log/file/level" : "/grevy-system:system/log/syslog/level");
	struct logconf_base base = {"mgmtd", m->log_target, m->log_level};

	logconf_use(&base, file, syslog, level);
}
