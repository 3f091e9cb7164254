/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own part of the config. */
#include "mgmtd/self.h"

#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
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
	enum log_level level = m->log_level;
	const char *file = leaf_value(m, "/grevy-system:system/log/file/path");
	const char *text = leaf_value(m, "/grevy-system:system/log/file/level");
	bool syslog = store_find(m->running, "/grevy-system:system/log/syslog") != NULL;
	if (!file && syslog)
		text = leaf_value(m, "/grevy-system:system/log/syslog/level");
	if (text)
		log_level_parse(text, &level);
	char *target = file ? mem_printf("file:%s", file) : mem_strdup(syslog ? "syslog" : m->log_target);
	if (!log_open("mgmtd", target, level))
		log_error("mgmtd.log", "target=%s error=\"cannot be opened\"", target);
	mem_free(target);
}
