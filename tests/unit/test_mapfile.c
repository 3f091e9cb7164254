/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/mapfile: records that outlive their writer, whatever state it left the file in. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mapfile.h"
#include "tests/unit/unit.h"

struct record {
	uint32_t id, value[20];
};

static char path[64];

static struct record
record_of(uint32_t id, uint32_t value)
{
	struct record r = {.id = id};
	for (unsigned i = 0; i < 20; i++)
		r.value[i] = value;
	return r;
}

static void
put(struct mapfile *m, uint32_t id, uint32_t value)
{
	struct record r = record_of(id, value);
	mapfile_put(m, &id, sizeof(id), &r);
}

/* The record's value; 0: not there, UINT32_MAX: of two values. */
static uint32_t
value_of(const struct mapfile *m, uint32_t id)
{
	const struct record *r = mapfile_get(m, &id, sizeof(id));
	if (!r)
		return 0;
	for (unsigned i = 1; i < 20; i++)
		if (r->value[i] != r->value[0])
			return UINT32_MAX;
	return r->id == id ? r->value[0] : UINT32_MAX;
}

static struct mapfile *
open_it(void)
{
	struct mapfile *m = mapfile_open(path, "test1", sizeof(struct record));
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	return m;
}

static void
path_begin(void)
{
	snprintf(path, sizeof(path), "/tmp/grevy-mf-%d", (int)getpid());
	unlink(path);
	log_level_set(LOG_LVL_ERROR);
}

static void
what_was_put_is_there_later(void)
{
	path_begin();
	struct mapfile *m = open_it();
	for (uint32_t i = 1; i <= 1000; i++)
		put(m, i, i);
	for (uint32_t i = 1; i <= 1000; i += 2)
		put(m, i, i + 5000);
	for (uint32_t i = 4; i <= 1000; i += 4)
		mapfile_del(m, &i, sizeof(i));
	CU_ASSERT_EQUAL(mapfile_count(m), 750);
	mapfile_close(m);
	m = open_it();
	CU_ASSERT_EQUAL(mapfile_count(m), 750);
	CU_ASSERT_EQUAL(value_of(m, 1), 5001);
	CU_ASSERT_EQUAL(value_of(m, 2), 2);
	CU_ASSERT_EQUAL(value_of(m, 4), 0);
	size_t seen = 0;
	const struct record *r;
	for (size_t pos = 0; (r = mapfile_next(m, &pos));)
		seen += r->id != 0;
	CU_ASSERT_EQUAL(seen, 750);
	mapfile_finish(m);
	CU_ASSERT_EQUAL(access(path, F_OK), -1);
	m = open_it();
	CU_ASSERT_EQUAL(mapfile_count(m), 0);
	mapfile_finish(m);
}

static void
another_kind_begins_anew(void)
{
	path_begin();
	struct mapfile *m = open_it();
	put(m, 1, 1);
	mapfile_close(m);
	m = mapfile_open(path, "test2", sizeof(struct record));
	CU_ASSERT_EQUAL(mapfile_count(m), 0);
	mapfile_close(m);
	m = open_it();
	CU_ASSERT_EQUAL(mapfile_count(m), 0);
	put(m, 1, 1);
	mapfile_close(m);
	CU_ASSERT_EQUAL(truncate(path, 4100), 0); /* shorter than its head says */
	m = open_it();
	CU_ASSERT_EQUAL(mapfile_count(m), 0);
	mapfile_finish(m);
	CU_ASSERT_EQUAL(symlink("/tmp/grevy-mf-elsewhere", path), 0); /* leads nowhere */
	m = open_it();
	CU_ASSERT_EQUAL(access("/tmp/grevy-mf-elsewhere", F_OK), -1);
	mapfile_finish(m);
}

/* Every octet of the file changed once: what comes back is what was put, or nothing. */
static void
damage_is_never_taken_for_a_record(void)
{
	path_begin();
	struct mapfile *m = open_it();
	put(m, 7, 70);
	put(m, 8, 80);
	mapfile_close(m);
	struct stat st;
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	uint8_t *clean = malloc((size_t)st.st_size);
	int fd = open(path, O_RDWR);
	CU_ASSERT_EQUAL(pread(fd, clean, (size_t)st.st_size, 0), st.st_size);
	for (off_t at = 0; at < 4096 + 400; at += at < 128 || at >= 4096 ? 1 : 397) {
		uint8_t bad = (uint8_t)(clean[at] ^ 0x5a);
		CU_ASSERT_EQUAL(pwrite(fd, clean, (size_t)st.st_size, 0), st.st_size);
		CU_ASSERT_EQUAL(pwrite(fd, &bad, 1, at), 1);
		m = open_it();
		uint32_t seven = value_of(m, 7), eight = value_of(m, 8);
		CU_ASSERT((!seven || seven == 70) && (!eight || eight == 80));
		CU_ASSERT_EQUAL(mapfile_count(m), (seven != 0) + (eight != 0));
		put(m, 7, 71);
		CU_ASSERT_EQUAL(value_of(m, 7), 71);
		mapfile_close(m);
	}
	close(fd);
	free(clean);
	unlink(path);
}

/* A writer that is killed while it writes leaves each record at one of its values, never without. */
static void
kill_leaves_old_or_new(void)
{
	path_begin();
	struct mapfile *m = open_it();
	for (uint32_t i = 1; i <= 8; i++)
		put(m, i, 1);
	mapfile_close(m);
	for (unsigned round = 0; round < 50; round++) {
		int fds[2];
		char byte;
		CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
		pid_t pid = fork();
		if (!pid) {
			m = open_it();
			for (uint32_t v = 2;; v++) {
				for (uint32_t i = 1; i <= 8; i++)
					put(m, i, v);
				if (v == 2 + round && write(fds[1], "", 1) < 0)
					_exit(1);
			}
		}
		CU_ASSERT_EQUAL(read(fds[0], &byte, 1), 1);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(fds[0]);
		close(fds[1]);
		m = open_it();
		CU_ASSERT_EQUAL(mapfile_count(m), 8);
		uint32_t low = value_of(m, 8), high = value_of(m, 1);
		for (uint32_t i = 1; i <= 8; i++)
			CU_ASSERT(value_of(m, i) >= low && value_of(m, i) <= high);
		CU_ASSERT(low >= 1 && high <= low + 1);
		mapfile_close(m);
	}
	unlink(path);
}

static void
without_a_file_nothing_happens(void)
{
	uint32_t key = 1;
	log_open("test", "file:/dev/null", LOG_LVL_ERROR);
	struct mapfile *m = mapfile_open("/proc/nowhere/x", "test1", sizeof(struct record));
	CU_ASSERT_PTR_NULL(m);
	put(m, 1, 1);
	mapfile_del(m, &key, sizeof(key));
	CU_ASSERT_PTR_NULL(mapfile_get(m, &key, sizeof(key)));
	CU_ASSERT_EQUAL(mapfile_count(m), 0);
	mapfile_finish(m);
}

UNIT_TESTS("mapfile", {"what was put is there later", what_was_put_is_there_later},
	{"another kind begins anew", another_kind_begins_anew},
	{"damage is never taken for a record", damage_is_never_taken_for_a_record},
	{"kill leaves old or new", kill_leaves_old_or_new},
	{"without a file nothing happens", without_a_file_nothing_happens})
