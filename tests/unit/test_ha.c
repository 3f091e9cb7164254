/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/ha: the ring of events in a file: wrapped, continued, torn, damaged, read while it is written. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/ha.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/rows.h"
#include "tests/unit/unit.h"

#define SLOTS 1024
#define PAGE  4096
#define SLOT  320
#define BOOT  16 /* where the head has the machine's boot */

static char path[64], other[80];
static struct rows rows;

static void
fresh(void)
{
	snprintf(path, sizeof(path), "/tmp/grevy-ha-%d", (int)getpid());
	snprintf(other, sizeof(other), "%s.other", path);
	log_open("testd", "stdout", LOG_LVL_ERROR); /* what is logged is not the matter here */
	ha_close();
	unlink(path);
	unlink(other);
	CU_ASSERT_TRUE(ha_open("testd", path));
}

static void
write_events(int from, int to)
{
	char object[32];
	for (int i = from; i <= to; i++) {
		snprintf(object, sizeof(object), "object-%d", i);
		ha_event(HA_NOTE, "test.event", object, 0, "cause-%d", i);
	}
}

/* All rows that the call gives, in as many slices as it takes; NUL-terminated text. */
static const char *
all_rows(const struct ha_ring *r, int64_t since, uint64_t limit)
{
	uint64_t pos = 0;
	static char text[1 << 20];
	size_t len = 0;
	bool done = false;
	while (!done) {
		rows_init(&rows, 4096);
		done = ha_rows(r, since, limit, &rows, &pos);
		if (len + rows.len >= sizeof(text))
			break;
		memcpy(text + len, rows.buf ? rows.buf : "", rows.len);
		len += rows.len;
		rows_free(&rows);
	}
	CU_ASSERT_TRUE(done);
	text[len] = '\0';
	return text;
}

static unsigned
count_of(const char *text, const char *what)
{
	unsigned n = 0;
	for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

/* Overwrites octets of the file behind the mapping's back. */
static void
scribble(off_t at, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY);
	CU_ASSERT_EQUAL(pwrite(fd, bytes, n, at), (ssize_t)n);
	close(fd);
}

static void
reopen(void)
{
	ha_close();
	CU_ASSERT_TRUE(ha_open("testd", path));
}

static void
an_event_is_a_row(void)
{
	fresh();
	ha_event(HA_FAULT, "bfd.session-down", "10.0.0.2 eth1", 0, "detection time expired\nafter %d ms", 150);
	const char *text = all_rows(NULL, INT64_MIN, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"sequence\":1,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"daemon\":\"testd\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"kind\":\"fault\",\"event\":\"bfd.session-down\",\"object\":\"10.0.0.2 eth1\","
					    "\"cause\":\"detection time expired?after 150 ms\"}"));
	CU_ASSERT_EQUAL(count_of(text, "\n"), 1);
}

static void
a_long_text_is_cut(void)
{
	char big[1000];
	fresh();
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	ha_event(HA_NOTE, big, big, 0, "%s", big);
	ha_event(HA_NOTE, "test.next", "", 0, "next");
	const char *text = all_rows(NULL, INT64_MIN, 0);
	CU_ASSERT_EQUAL(count_of(text, "\n"), 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"event\":\"test.next\""));
}

static void
the_time_is_that_of_the_event(void)
{
	fresh();
	int64_t now = loop_clock();
	ha_event(HA_FAULT, "test.before", "a", now - 5000, "five ms ago");
	ha_event(HA_FAULT, "test.ahead", "a", now + 60 * TIME_SEC, "of a time that has not come: now");
	char want[64];
	snprintf(want, sizeof(want), "\"monotonic-us\":%lld,", (long long)(now - 5000));
	const char *text = all_rows(NULL, INT64_MIN, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, want));
	CU_ASSERT_EQUAL(count_of(all_rows(NULL, now + TIME_SEC, 0), "\n"), 0);
}

static void
the_ring_keeps_the_newest(void)
{
	fresh();
	write_events(1, SLOTS + 500);
	const char *text = all_rows(NULL, INT64_MIN, 0);
	CU_ASSERT_EQUAL(count_of(text, "\n"), SLOTS);
	CU_ASSERT_PTR_NULL(strstr(text, "\"object-500\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"object-501\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"object-1524\""));
	CU_ASSERT(strstr(text, "\"object-501\"") < strstr(text, "\"object-502\""));
}

static void
since_and_limit(void)
{
	fresh();
	write_events(1, 10);
	int64_t between = loop_clock();
	while (loop_clock() <= between)
		continue;
	write_events(11, 15);
	CU_ASSERT_EQUAL(count_of(all_rows(NULL, between + 1, 0), "\n"), 5);
	const char *text = all_rows(NULL, INT64_MIN, 3);
	CU_ASSERT_EQUAL(count_of(text, "\n"), 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"object-13\""));
	CU_ASSERT_EQUAL(count_of(all_rows(NULL, between + 1, 9), "\n"), 5);
	CU_ASSERT_EQUAL(count_of(all_rows(NULL, INT64_MIN, 99999), "\n"), 15);
}

static void
the_next_process_goes_on(void)
{
	fresh();
	ha_close();
	pid_t child = fork();
	if (!child) {
		ha_open("testd", path);
		write_events(1, 1030);
		kill(getpid(), SIGKILL); /* nothing is closed, nothing synced */
	}
	waitpid(child, NULL, 0);
	reopen();
	write_events(1031, 1031);
	const char *text = all_rows(NULL, INT64_MIN, 0);
	char pids[2][32];
	snprintf(pids[0], sizeof(pids[0]), "\"pid\":%d,", (int)child);
	snprintf(pids[1], sizeof(pids[1]), "\"pid\":%d,", (int)getpid());
	CU_ASSERT_EQUAL(count_of(text, pids[0]), SLOTS - 1);
	CU_ASSERT_EQUAL(count_of(text, pids[1]), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"sequence\":1031,"));
}

static void
a_torn_slot_is_left_out(void)
{
	fresh();
	write_events(1, 20);
	scribble(PAGE + 7 * SLOT + 200, "torn", 4);    /* in the middle of the history */
	scribble(PAGE + 20 * SLOT + 40, "torn", 4);    /* the newest */
	const char *text = all_rows(NULL, INT64_MIN, 0);
	CU_ASSERT_EQUAL(count_of(text, "\n"), 18);
	CU_ASSERT_PTR_NULL(strstr(text, "\"object-7\""));
	reopen();
	write_events(101, 101); /* takes the place of the newest */
	text = all_rows(NULL, INT64_MIN, 0);
	CU_ASSERT_EQUAL(count_of(text, "\n"), 19);
	CU_ASSERT_EQUAL(count_of(text, "\"sequence\":20,"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"object-101\""));
}

/* A whole slot at another's place is no event of that place. */
static void
a_slot_in_the_wrong_place_is_left_out(void)
{
	uint8_t copy[SLOT];
	fresh();
	write_events(1, 3);
	int fd = open(path, O_RDONLY);
	CU_ASSERT_EQUAL(pread(fd, copy, SLOT, PAGE + 3 * SLOT), SLOT);
	close(fd);
	scribble(PAGE + 9 * SLOT, copy, SLOT);
	CU_ASSERT_EQUAL(count_of(all_rows(NULL, INT64_MIN, 0), "\n"), 3);
	reopen();
	CU_ASSERT_EQUAL(count_of(all_rows(NULL, INT64_MIN, 0), "\n"), 3);
}

static void
another_boot_begins_anew(void)
{
	fresh();
	write_events(1, 5);
	scribble(BOOT, "01234567-0123-0123-0123-0123456789ab", 36);
	CU_ASSERT_PTR_NULL(ha_map(path)); /* its times mean nothing here */
	reopen();
	CU_ASSERT_EQUAL(count_of(all_rows(NULL, INT64_MIN, 0), "\n"), 0);
	write_events(1, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(all_rows(NULL, INT64_MIN, 0), "\"sequence\":1,"));
}

static void
garbage_begins_anew(void)
{
	static const size_t sizes[] = {0, 1, 100, PAGE, PAGE + SLOTS * SLOT, 2 * (PAGE + SLOTS * SLOT)};
	srandom(7);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fresh();
		ha_close();
		int fd = open(path, O_WRONLY | O_TRUNC);
		for (size_t n = 0; n < sizes[i]; n++) {
			uint8_t octet = (uint8_t)random();
			CU_ASSERT_EQUAL_FATAL(write(fd, &octet, 1), 1);
		}
		close(fd);
		CU_ASSERT_PTR_NULL(ha_map(path));
		CU_ASSERT_TRUE(ha_open("testd", path));
		CU_ASSERT_EQUAL(count_of(all_rows(NULL, INT64_MIN, 0), "\n"), 0);
		write_events(1, 2);
		CU_ASSERT_EQUAL(count_of(all_rows(NULL, INT64_MIN, 0), "\n"), 2);
	}
}

/* The directory belongs to another user than root: a name in it must not lead a privileged start elsewhere. */
static void
links_are_not_followed(void)
{
	struct stat st;
	fresh();
	ha_close();
	for (int hard = 0; hard < 2; hard++) {
		unlink(path);
		unlink(other);
		int fd = open(other, O_WRONLY | O_CREAT, 0600);
		CU_ASSERT_EQUAL(write(fd, "precious", 8), 8);
		close(fd);
		CU_ASSERT_EQUAL((hard ? link : symlink)(other, path), 0);
		CU_ASSERT_TRUE(ha_open("testd", path));
		write_events(1, 1);
		CU_ASSERT_TRUE(stat(other, &st) == 0 && st.st_size == 8);
		CU_ASSERT_TRUE(lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1);
		ha_close();
	}
}

static void
no_file_is_no_disaster(void)
{
	fresh();
	CU_ASSERT_FALSE(ha_open("testd", "/nonexistent/testd.ha"));
	write_events(1, 3);
	CU_ASSERT_EQUAL(count_of(all_rows(NULL, INT64_MIN, 0), "\n"), 3);
	CU_ASSERT_PTR_NULL(ha_map("/nonexistent/testd.ha"));
}

/* Whoever reads sees whole events only: object and cause of each row carry the same number. */
static void
read_while_written(void)
{
	unsigned seen = 0;
	fresh();
	ha_close();
	pid_t child = fork();
	if (!child) {
		ha_open("testd", path);
		for (;;)
			write_events(100000, 103000);
	}
	for (int round = 0; round < 3000 && seen < 100000; round++) {
		struct ha_ring *r = ha_map(path);
		if (!r)
			continue; /* the child has not begun */
		const char *text = all_rows(r, INT64_MIN, 0);
		ha_unmap(r);
		for (const char *p = text; (p = strstr(p, "\"object\":\"object-")); seen++) {
			const char *cause = strstr(p, "\"cause\":\"cause-");
			if (!cause || strncmp(p + 17, cause + 15, 6) != 0)
				CU_FAIL_FATAL("a row of two events");
			p = cause;
		}
	}
	CU_ASSERT(seen > 1000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(path);
	unlink(other);
}

UNIT_TESTS("ha", {"an event is a row", an_event_is_a_row}, {"a long text is cut", a_long_text_is_cut},
	{"the time is that of the event", the_time_is_that_of_the_event},
	{"the ring keeps the newest", the_ring_keeps_the_newest}, {"since and limit", since_and_limit},
	{"the next process goes on after kill -9", the_next_process_goes_on},
	{"a torn slot is left out", a_torn_slot_is_left_out},
	{"a slot in the wrong place is left out", a_slot_in_the_wrong_place_is_left_out},
	{"another boot begins anew", another_boot_begins_anew}, {"garbage begins anew", garbage_begins_anew},
	{"links are not followed", links_are_not_followed}, {"no file is no disaster", no_file_is_no_disaster},
	{"read while it is written", read_while_written})
