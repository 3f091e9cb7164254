/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/log: lines, levels, the rate limit, the ring, sinks, rotation, last words. */
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "tests/unit/unit.h"

static char path[64], content[300000];

static const char *
read_file(const char *name)
{
	int fd = open(name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, content, sizeof(content) - 1);
	content[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return content;
}

static void
open_file(enum log_level level)
{
	char target[80];
	snprintf(path, sizeof(path), "/tmp/grevy-log-%d", (int)getpid());
	unlink(path);
	snprintf(target, sizeof(target), "file:%s", path);
	CU_ASSERT(log_open("testd", target, level));
}

static void
a_line_has_time_daemon_level_event_fields(void)
{
	regex_t re;
	open_file(LOG_LVL_INFO);
	log_notice("test.event", "nbr=%s n=%d", "10.0.0.1", 5);
	log_debug("test.debug", "x=1");
	CU_ASSERT_EQUAL(regcomp(&re, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{6}Z testd\\[[0-9]+\\] "
				     "notice test\\.event nbr=10\\.0\\.0\\.1 n=5\n$", REG_EXTENDED), 0);
	CU_ASSERT_EQUAL(regexec(&re, read_file(path), 0, NULL, 0), 0);
	regfree(&re);
	unlink(path);
}

static void
a_field_cannot_forge_a_line(void)
{
	open_file(LOG_LVL_INFO);
	log_error("test.event", "text=%s", "a\n2026 fake\x1b[2J");
	read_file(path);
	CU_ASSERT_PTR_NOT_NULL(strstr(content, "text=a?2026 fake?[2J\n"));
	CU_ASSERT_PTR_EQUAL(strchr(content, '\n'), content + strlen(content) - 1);
	static char huge[10000];
	memset(huge, 'y', sizeof(huge) - 1);
	log_error("test.huge", "%s", huge);
	read_file(path);
	CU_ASSERT_EQUAL(content[strlen(content) - 1], '\n');
	CU_ASSERT(strlen(content) < 5000);
	unlink(path);
}

static void
levels_have_frrs_names_too(void)
{
	enum log_level l = LOG_LVL_ERROR;
	CU_ASSERT(log_level_parse("informational", &l) && l == LOG_LVL_INFO);
	CU_ASSERT(log_level_parse("debugging", &l) && l == LOG_LVL_DEBUG);
	CU_ASSERT(log_level_parse("warning", &l) && l == LOG_LVL_WARNING);
	CU_ASSERT(!log_level_parse("loud", &l));
	CU_ASSERT(!log_open("testd", "carrier-pigeon", LOG_LVL_INFO));
	CU_ASSERT(!log_open("testd", "file:/nonexistent/dir/x", LOG_LVL_INFO));
}

static unsigned
count_of(const char *what)
{
	unsigned n = 0;
	for (const char *p = content; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static void
an_event_has_a_limit_and_says_what_it_swallowed(void)
{
	static struct log_event ev = {.name = "test.flood", .level = LOG_LVL_WARNING, .per_minute = 3};
	static struct log_event quiet = {.name = "test.quiet", .level = LOG_LVL_DEBUG, .per_minute = 3};
	open_file(LOG_LVL_INFO);
	for (int i = 0; i < 10; i++) {
		log_event(&ev, "i=%d", i);
		log_event(&quiet, "i=%d", i);
	}
	read_file(path);
	CU_ASSERT_EQUAL(count_of("test.flood i="), 3);
	CU_ASSERT_EQUAL(count_of("test.quiet"), 0);
	CU_ASSERT_EQUAL(ev.count, 10);
	CU_ASSERT_EQUAL(quiet.count, 10);
	CU_ASSERT_EQUAL(ev.suppressed, 7);
	ev.window -= 61000000; /* a minute later */
	log_event(&ev, "i=%d", 10);
	read_file(path);
	CU_ASSERT_EQUAL(count_of("test.flood suppressed=7"), 1);
	CU_ASSERT_EQUAL(count_of("test.flood i=10"), 1);
	CU_ASSERT_EQUAL(ev.suppressed, 0);
	unlink(path);
}

static void
the_ring_keeps_the_last_thousand(void)
{
	uint64_t pos = 0;
	const char *first = NULL, *line;
	unsigned n = 0;
	char last[80] = "";
	open_file(LOG_LVL_INFO);
	for (int i = 0; i < 1500; i++)
		log_info("test.ring", "i=%d", i);
	for (; (line = log_ring_next(&pos)); n++) {
		if (!first)
			first = line;
		snprintf(last, sizeof(last), "%s", line);
	}
	CU_ASSERT_EQUAL(n, 1000);
	CU_ASSERT_PTR_NOT_NULL(strstr(first, " i=500\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(last, " i=1499\n"));
	unlink(path);
}

static unsigned sunk;

static void
sink(void *arg, const char *line)
{
	(void)line;
	sunk++;
	CU_ASSERT_PTR_EQUAL(arg, &sunk);
	log_info("test.from-sink", "x=1"); /* must not call back for ever */
}

static void
sinks_get_lines_from_now_on(void)
{
	open_file(LOG_LVL_INFO);
	log_info("test.before", "x=1");
	sunk = 0;
	log_sink_add(sink, &sunk);
	CU_ASSERT_EQUAL(sunk, 0);
	log_info("test.after", "x=1");
	CU_ASSERT_EQUAL(sunk, 1);
	log_sink_del(sink, &sunk);
	unsigned before = sunk;
	log_info("test.after", "x=2");
	CU_ASSERT_EQUAL(sunk, before);
	unlink(path);
}

static void
rotation_opens_the_file_anew(void)
{
	char old[80];
	open_file(LOG_LVL_INFO);
	log_info("test.one", "x=1");
	snprintf(old, sizeof(old), "%s.1", path);
	CU_ASSERT_EQUAL(rename(path, old), 0);
	log_reopen();
	log_info("test.two", "x=1");
	CU_ASSERT_PTR_NOT_NULL(strstr(read_file(path), "test.two"));
	CU_ASSERT_PTR_NULL(strstr(read_file(old), "test.two"));
	unlink(path);
	unlink(old);
}

static void
a_crash_leaves_the_ring(void)
{
	char crash[80];
	snprintf(crash, sizeof(crash), "/tmp/grevy-log-%d.crash", (int)getpid());
	open_file(LOG_LVL_INFO);
	pid_t pid = fork();
	if (pid == 0) {
		log_crash_to(crash);
		log_info("test.last-words", "x=1");
		log_crash("died of signal", 6);
		_exit(3);
	}
	waitpid(pid, NULL, 0);
	read_file(crash);
	CU_ASSERT_PTR_EQUAL(strstr(content, "testd: died of signal 6\n"), content);
	CU_ASSERT_PTR_NOT_NULL(strstr(content, "test.last-words"));
	unlink(crash);
	unlink(path);
}

UNIT_TESTS("log", {"a line has time, daemon, level, event, fields", a_line_has_time_daemon_level_event_fields},
	{"a field cannot forge a line", a_field_cannot_forge_a_line},
	{"levels have FRR's names too", levels_have_frrs_names_too},
	{"an event has a limit and says what it swallowed", an_event_has_a_limit_and_says_what_it_swallowed},
	{"the ring keeps the last thousand", the_ring_keeps_the_last_thousand},
	{"sinks get lines from now on", sinks_get_lines_from_now_on},
	{"rotation opens the file anew", rotation_opens_the_file_anew},
	{"a crash leaves the ring", a_crash_leaves_the_ring})
