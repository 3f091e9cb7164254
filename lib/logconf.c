/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log statements of the configuration as a table of their own, beside the daemon's: the northbound service gives it the edits
 * that concern it. A file goes before syslog; a statement without a level leaves the command line's.
 */
#include "lib/logconf.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/conf.h"

#define SUBTREE "/grevy-system:system/log"
#define LOG     "system/log/"

struct row {
	bool file, syslog;
	char path[201], file_level[16], syslog_level[16];
};

#define ROW(p, t, f) {.path = p, .type = t, .offset = offsetof(struct row, f)}
#define TEXT(p, f) {.path = p, .type = CONF_STRING, .offset = offsetof(struct row, f), .size = sizeof(((struct row *)0)->f)}
static const struct conf_field fields[] = {
	ROW(LOG "file", CONF_PRESENCE, file),
	TEXT(LOG "file/path", path),
	TEXT(LOG "file/level", file_level),
	ROW(LOG "syslog", CONF_PRESENCE, syslog),
	TEXT(LOG "syslog/level", syslog_level),
	{0},
};
const struct conf_class logconf_root = {.path = "", .size = sizeof(struct row), .fields = fields};

bool
logconf_concerns(const char *path)
{
	size_t n = sizeof(SUBTREE) - 1;

	return !strncmp(path, SUBTREE, n) && (path[n] == '/' || !path[n]);
}

void
logconf_use(const struct logconf_base *base, const char *file, bool syslog, const char *level)
{
	enum log_level at = base->level;
	char target[256];

	if (level)
		log_level_parse(level, &at);
	if (file)
		snprintf(target, sizeof(target), "file:%s", file);
	else
		snprintf(target, sizeof(target), "%s", syslog ? "syslog" : base->target);
	if (!log_open(base->daemon, target, at))
		log_error("log.target", "target=%s error=\"%s\"", target, strerror(errno));
}

void
logconf_apply(const struct logconf_base *base, const struct conf_object *old, const struct conf_object *new)
{
	static const struct row none;
	const struct row *was = old ? conf_data(old) : &none, *r = conf_data(new);
	const char *level = r->path[0] ? r->file_level : r->syslog_level;

	if (memcmp(was, r, sizeof(*r)) != 0)
		logconf_use(base, r->path[0] ? r->path : NULL, r->syslog, level[0] ? level : NULL);
}
