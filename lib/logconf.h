/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `log file` and `log syslog` of the configuration, which mean the same to every daemon (grevy-system.yang). */
#ifndef GREVY_LIB_LOGCONF_H
#define GREVY_LIB_LOGCONF_H

#include <stdbool.h>

#include "lib/log.h"

struct conf_class;
struct conf_object;

struct logconf_base { /* without a statement: what the command line says */
	const char *daemon, *target;
	enum log_level level;
};

extern const struct conf_class logconf_root;

/* Is the edit with that path one for logconf_root? */
bool logconf_concerns(const char *path);
/* file and level may be NULL. A target that cannot be opened is told where the log went before. */
void logconf_use(const struct logconf_base *base, const char *file, bool syslog, const char *level);
/* The same by the rows; old is NULL at first. What did not change is left alone, and so is what `debug DAEMON` has switched. */
void logconf_apply(const struct logconf_base *base, const struct conf_object *old, const struct conf_object *new);

#endif
