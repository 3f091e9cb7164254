/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logging: named events with key=value fields, levels, targets (file, syslog, stdout), a rate
 * limit per event, and a ring of the last lines for `show log`, terminal monitor and crash dumps.
 */
#ifndef GREVY_LIB_LOG_H
#define GREVY_LIB_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LVL_ERROR, LOG_LVL_WARNING, LOG_LVL_NOTICE, LOG_LVL_INFO, LOG_LVL_DEBUG };

struct log_event { /* one static object per event, in the daemon's log.c */
	const char *name;       /* "ospf.neighbor-state" */
	enum log_level level;
	uint32_t per_minute;    /* 0: no limit; suppressed lines are counted and told once */
	uint64_t count;         /* private from here */
	uint64_t suppressed;
	int64_t window;
	uint32_t in_window;
};

/* target: "stdout", "syslog", "file:PATH"; may be called again (rotation, config). */
bool log_open(const char *daemon, const char *target, enum log_level level);
void log_reopen(void);
void log_level_set(enum log_level level);
enum log_level log_level_get(void);
const char *log_level_name(enum log_level level);
bool log_level_parse(const char *text, enum log_level *level); /* FRR's names too: informational, ... */
/* fmt gives the fields: "nbr=%s from=%s to=%s" */
void log_event(struct log_event *ev, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For what has no event of its own. */
void log_line(enum log_level level, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#define log_error(name, ...)   log_line(LOG_LVL_ERROR, name, __VA_ARGS__)
#define log_warning(name, ...) log_line(LOG_LVL_WARNING, name, __VA_ARGS__)
#define log_notice(name, ...)  log_line(LOG_LVL_NOTICE, name, __VA_ARGS__)
#define log_info(name, ...)    log_line(LOG_LVL_INFO, name, __VA_ARGS__)
#define log_debug(name, ...)   log_line(LOG_LVL_DEBUG, name, __VA_ARGS__)

typedef void log_sink_fn(void *arg, const char *line); /* terminal monitor; borrowed line */
void log_sink_add(log_sink_fn *fn, void *arg);
void log_sink_del(log_sink_fn *fn, void *arg);
/* Oldest first; returns the line after `*pos`, NULL at the end. Start with *pos = 0. */
const char *log_ring_next(uint64_t *pos);

/* From now on a death by SIGSEGV, SIGABRT or SIGBUS leaves its reason and the ring in this file. */
void log_crash_to(const char *path);
/* Async-signal-safe: "DAEMON: what number" to the target and, with the ring, to the crash file. */
void log_crash(const char *what, unsigned long number);

#endif
