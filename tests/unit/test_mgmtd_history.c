/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is on disk: recovery from every prefix of the file, bits that flip, tidying, old configs. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/unit/mgmtd_world.h"

#define COMMITS 12

static char *
content(const struct store *s)
{
	return store_print(s, false);
}

/* One commit: edits on w->s, written down as number txn. */
static char *
commit(struct world *w, struct history *h, uint64_t txn, const char *path, const char *value,
	struct pending pending)
{
	char user[] = "u", client[] = "c", comment[] = "why";
	struct past who = {.uid = 7, .user = user, .client = client, .comment = comment};
	changes_clear(w->log);
	if (value)
		world_set(w, path, value);
	else
		world_delete(w, path);
	return history_commit(h, txn, &who, w->log, pending, (int64_t)txn * 1000000);
}

static struct history *
history_reopen(struct world *w, struct history *h, uint64_t *txn)
{
	char *error = NULL;
	history_close(h);
	store_free(w->s);
	w->s = NULL;
	h = history_open(w->db, w->dir, &w->s, txn, &error);
	if (!h)
		fprintf(stderr, "# %s\n", error);
	mem_free(error);
	return h;
}

static void
path_of(const struct world *w, char *out, size_t size)
{
	snprintf(out, size, "%s/config.log", w->dir);
}

/* Where the last record ends; behind it there are only zeros. */
static off_t
file_end(const char *path)
{
	static uint8_t bytes[4 << 20];
	FILE *f = fopen(path, "r");
	size_t len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	while (len && !bytes[len - 1])
		len--;
	return (off_t)len;
}

/* Makes COMMITS commits; states[i] is the config after i of them, sizes[i] the file's size then. */
static struct history *
commits_make(struct world *w, char *states[COMMITS + 1], off_t sizes[COMMITS + 1])
{
	char file[128], path[64], value[16];
	uint64_t txn;
	struct history *h = history_reopen(w, NULL, &txn);
	path_of(w, file, sizeof(file));
	for (unsigned i = 0; i <= COMMITS; i++) {
		if (i) {
			snprintf(path, sizeof(path), TOP "/group[id='%c']/rank", 'a' + (int)(i % 3));
			snprintf(value, sizeof(value), "%u", 100 + i);
			char *why = commit(w, h, 1 + i, path, value, (struct pending){0, 0});
			CU_ASSERT_PTR_NULL(why);
			mem_free(why);
		}
		sizes[i] = file_end(file);
		states[i] = content(w->s);
	}
	return h;
}

static void
states_free(char *states[COMMITS + 1])
{
	for (unsigned i = 0; i <= COMMITS; i++)
		mem_free(states[i]);
}

static uint8_t *
file_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	uint8_t *bytes = mem_alloc(4 << 20);
	*len = fread(bytes, 1, (size_t)file_end(path), f);
	fclose(f);
	return bytes;
}

static void
file_write(const char *path, const uint8_t *bytes, size_t len)
{
	FILE *f = fopen(path, "w");
	fwrite(bytes, 1, len, f);
	fclose(f);
}

/* The file cut at every octet: the longest whole prefix of commits comes back, never a mix. */
static void
every_truncation(void)
{
	struct world w;
	char *states[COMMITS + 1], file[128];
	off_t sizes[COMMITS + 1];
	size_t len, wrong = 0;
	uint64_t txn;
	world_open(&w);
	path_of(&w, file, sizeof(file));
	struct history *h = commits_make(&w, states, sizes);
	uint8_t *whole = file_read(file, &len);
	CU_ASSERT_EQUAL((off_t)len, sizes[COMMITS]);
	for (size_t cut = 0; cut <= len; cut++) {
		unsigned want = 0;
		while (want < COMMITS && sizes[want + 1] <= (off_t)cut)
			want++;
		history_close(h);
		file_write(file, whole, cut);
		h = history_reopen(&w, NULL, &txn);
		CU_ASSERT_PTR_NOT_NULL_FATAL(h);
		char *is = content(w.s);
		bool good = !strcmp(is, states[want]) && history_count(h) == want && txn == 1 + want;
		if (!good && !wrong++)
			fprintf(stderr, "# cut at %zu: %s instead of %s\n", cut, is, states[want]);
		mem_free(is);
		/* zeros in place of what was not written: the same */
		if (cut % 13 == 0) {
			history_close(h);
			size_t len2 = len + 5000;
			uint8_t *padded = mem_zalloc(len2);
			memcpy(padded, whole, cut);
			file_write(file, padded, len2);
			mem_free(padded);
			h = history_reopen(&w, NULL, &txn);
			wrong += txn != 1 + want;
		}
		/* and it goes on from there */
		if (cut % 97 == 0) {
			char *why = commit(&w, h, txn + 1, TOP "/name", "again", (struct pending){0, 0});
			CU_ASSERT_PTR_NULL(why);
			mem_free(why);
			h = history_reopen(&w, h, &txn);
			CU_ASSERT_STRING_EQUAL(world_value(&w, TOP "/name"), "again");
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
	mem_free(whole);
	history_close(h);
	states_free(states);
	world_close(&w);
}

/* A bit flips anywhere: a prefix comes back, never something that was never committed. */
static void
every_flip(void)
{
	struct world w;
	char *states[COMMITS + 1], file[128];
	off_t sizes[COMMITS + 1];
	size_t len, wrong = 0;
	uint64_t txn;
	world_open(&w);
	path_of(&w, file, sizeof(file));
	struct history *h = commits_make(&w, states, sizes);
	uint8_t *whole = file_read(file, &len);
	for (size_t at = 0; at < len; at++) {
		unsigned want = 0;
		while (want < COMMITS && sizes[want + 1] <= (off_t)at)
			want++;
		history_close(h);
		whole[at] ^= (uint8_t)(1u << (at % 8));
		file_write(file, whole, len);
		whole[at] ^= (uint8_t)(1u << (at % 8));
		h = history_reopen(&w, NULL, &txn);
		CU_ASSERT_PTR_NOT_NULL_FATAL(h);
		char *is = content(w.s);
		wrong += strcmp(is, states[want]) != 0;
		mem_free(is);
	}
	CU_ASSERT_EQUAL(wrong, 0);
	mem_free(whole);
	history_close(h);
	states_free(states);
	world_close(&w);
}

static void
old_configs_come_back(void)
{
	struct world w;
	char *states[COMMITS + 1];
	off_t sizes[COMMITS + 1];
	world_open(&w);
	struct history *h = commits_make(&w, states, sizes);
	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t n = 0; n < COMMITS; n++) {
			struct store *s = history_store(h, w.s, n);
			CU_ASSERT_PTR_NOT_NULL_FATAL(s);
			struct store *want;
			char *error = NULL;
			want = store_parse(w.db, states[COMMITS - 1 - n], &error);
			struct changes *diff = changes_new();
			store_diff(s, want, diff);
			CU_ASSERT_EQUAL(changes_net(diff), 0);
			changes_free(diff);
			store_free(want);
			store_free(s);
		}
		CU_ASSERT_PTR_NULL(history_store(h, w.s, COMMITS));
		const struct past *p = history_past(h, 0);
		CU_ASSERT(p->txn == 1 + COMMITS && p->uid == 7 && !strcmp(p->comment, "why") && p->edits > 0);
		/* the second time from a file made anew, and re-read */
		uint64_t txn = 1 + COMMITS;
		history_tidy(h, w.s, txn, 0, true);
		h = history_reopen(&w, h, &txn);
		CU_ASSERT_EQUAL(txn, 1 + COMMITS);
		CU_ASSERT_EQUAL(history_count(h), COMMITS);
	}
	history_close(h);
	states_free(states);
	world_close(&w);
}

static void
keeps_a_hundred(void)
{
	struct world w;
	uint64_t txn;
	char value[16];
	world_open(&w);
	struct history *h = history_reopen(&w, NULL, &txn);
	for (unsigned i = 0; i < HISTORY_MAX + 30; i++) {
		snprintf(value, sizeof(value), "%u", 20 + i);
		mem_free(commit(&w, h, ++txn, TOP "/high", value, (struct pending){0, 0}));
	}
	CU_ASSERT_EQUAL(history_count(h), HISTORY_MAX);
	history_tidy(h, w.s, txn, 0, true);
	h = history_reopen(&w, h, &txn);
	CU_ASSERT_EQUAL(history_count(h), HISTORY_MAX);
	CU_ASSERT_EQUAL(txn, 1 + HISTORY_MAX + 30);
	struct store *oldest = history_store(h, w.s, HISTORY_MAX - 1);
	CU_ASSERT_STRING_EQUAL(lyd_get_value(store_find(oldest, TOP "/high")), "49");
	store_free(oldest);
	history_close(h);
	world_close(&w);
}

static void
pending_confirmation_survives(void)
{
	struct world w;
	uint64_t txn;
	world_open(&w);
	struct history *h = history_reopen(&w, NULL, &txn);
	mem_free(commit(&w, h, 2, TOP "/name", "one", (struct pending){0, 0}));
	mem_free(commit(&w, h, 3, TOP "/name", "two", (struct pending){12345, 2}));
	h = history_reopen(&w, h, &txn);
	CU_ASSERT(history_pending(h).by == 12345 && history_pending(h).base == 2);
	struct store *s = history_store_at(h, w.s, 2);
	CU_ASSERT_STRING_EQUAL(lyd_get_value(store_find(s, TOP "/name")), "one");
	store_free(s);
	history_tidy(h, w.s, txn, 0, true);
	h = history_reopen(&w, h, &txn);
	CU_ASSERT_EQUAL(history_pending(h).by, 12345);
	mem_free(history_confirm(h, 3, 0));
	h = history_reopen(&w, h, &txn);
	CU_ASSERT_EQUAL(history_pending(h).by, 0);
	CU_ASSERT_PTR_NULL(history_mark_startup(h, w.s, 0));
	history_tidy(h, w.s, txn, 0, true);
	h = history_reopen(&w, h, &txn);
	char *startup = history_startup(h);
	CU_ASSERT_STRING_EQUAL(startup, "{\"grevy-test:top\":{\"name\":\"two\"}}");
	mem_free(startup);
	history_close(h);
	world_close(&w);
}

/* No room: the commit is refused in words, and what was there is still there. */
static void
disk_full(void)
{
	struct world w;
	uint64_t txn;
	struct rlimit was, small;
	char file[128];
	world_open(&w);
	path_of(&w, file, sizeof(file));
	struct history *h = history_reopen(&w, NULL, &txn);
	mem_free(commit(&w, h, 2, TOP "/name", "one", (struct pending){0, 0}));
	getrlimit(RLIMIT_FSIZE, &was);
	signal(SIGXFSZ, SIG_IGN);
	small = was;
	small.rlim_cur = (rlim_t)file_end(file) + 20; /* a part of the record fits */
	setrlimit(RLIMIT_FSIZE, &small);
	char *why = commit(&w, h, 3, TOP "/name", "two", (struct pending){0, 0});
	setrlimit(RLIMIT_FSIZE, &was);
	CU_ASSERT(why && strstr(why, "cannot write config.log"));
	mem_free(why);
	why = commit(&w, h, 3, TOP "/name", "three", (struct pending){0, 0});
	CU_ASSERT_PTR_NULL(why);
	h = history_reopen(&w, h, &txn);
	CU_ASSERT_STRING_EQUAL(world_value(&w, TOP "/name"), "three");
	CU_ASSERT_EQUAL(history_count(h), 2);
	history_close(h);
	world_close(&w);
}

UNIT_TESTS("mgmtd history", {"every truncation", every_truncation}, {"every flip", every_flip},
	{"old configs come back", old_configs_come_back}, {"keeps a hundred", keeps_a_hundred},
	{"pending confirmation survives", pending_confirmation_survives}, {"disk full", disk_full})
