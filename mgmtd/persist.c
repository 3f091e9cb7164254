/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record file. Layout of a record, little endian: u32 magic, u32 payload length, u64 xxh3 of
 * length and payload, payload. Behind the last record the file is zeros, written in advance: a
 * record that changes no file size is synced without waiting for the file system's journal (half
 * the time on an idle disk, a fifth on a busy one).
 * Owns the descriptor of the file and, while it is being replaced, that of its successor.
 */
#include "mgmtd/persist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "lib/mem.h"
#include "mgmtd/crash.h"

#define PERSIST_MAGIC 0x31595247u /* "GRY1" */
#define PERSIST_HEAD  16u
#define PERSIST_MAX   (256u << 20)
#define PERSIST_ROOM  (512u << 10) /* zeros written at a time */
#define PERSIST_BLOCK 65536u

struct persist {
	int dir_fd, fd;
	char *file, *next_file;
	uint64_t size, cut;
	uint64_t room; /* size of the file; zeros from `size` on */
	int next_fd; /* -1: not being replaced */
	uint64_t next_size;
	int next_errno;
};

static void
put_le(uint8_t *out, uint64_t v, unsigned octets)
{
	for (unsigned i = 0; i < octets; i++)
		out[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t
get_le(const uint8_t *in, unsigned octets)
{
	uint64_t v = 0;
	for (unsigned i = octets; i-- > 0;)
		v = v << 8 | in[i];
	return v;
}

static uint64_t
record_sum(const uint8_t *payload, size_t len)
{
	return XXH3_64bits_withSeed(payload, len, PERSIST_MAGIC + len);
}

/* The record in one buffer, so that it is one write. */
static uint8_t *
record_make(const uint8_t *payload, size_t len)
{
	uint8_t *rec = mem_alloc(PERSIST_HEAD + len);
	put_le(rec, PERSIST_MAGIC, 4);
	put_le(rec + 4, len, 4);
	put_le(rec + 8, record_sum(payload, len), 8);
	memcpy(rec + PERSIST_HEAD, payload, len);
	return rec;
}

static bool
write_all(int fd, const uint8_t *bytes, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : ENOSPC;
			return false;
		}
		bytes += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

static bool
read_all(int fd, uint8_t *bytes, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t n = pread(fd, bytes, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

/* Goes through the records; returns where the last good one ends. */
static uint64_t
file_scan(int fd, uint64_t size, persist_fn *fn, void *arg)
{
	uint64_t at = 0;
	uint8_t head[PERSIST_HEAD];
	while (size - at >= PERSIST_HEAD && read_all(fd, head, sizeof(head), at)) {
		uint64_t len = get_le(head + 4, 4);
		if (get_le(head, 4) != PERSIST_MAGIC || len > PERSIST_MAX || len > size - at - PERSIST_HEAD)
			break;
		uint8_t *payload = mem_alloc(len + 1);
		struct persist_at where = {at + PERSIST_HEAD, (uint32_t)len};
		bool good = read_all(fd, payload, len, where.offset) &&
			record_sum(payload, len) == get_le(head + 8, 8) && fn(arg, where, payload, len);
		mem_free(payload);
		if (!good)
			break;
		at += PERSIST_HEAD + len;
	}
	return at;
}

/* Nothing but zeros from `at` to the end: room, no torn record. */
static bool
tail_is_room(int fd, uint64_t at, uint64_t end)
{
	static const uint8_t zeros[PERSIST_BLOCK];
	uint8_t block[PERSIST_BLOCK];
	while (at < end) {
		size_t n = end - at < sizeof(block) ? (size_t)(end - at) : sizeof(block);
		if (!read_all(fd, block, n, at) || memcmp(block, zeros, n))
			return false;
		at += n;
	}
	return true;
}

/* Room for another record; without it (a full disk) the record is appended the slow way, if it can. */
static void
room_make(struct persist *p, size_t total)
{
	static const uint8_t zeros[PERSIST_BLOCK];
	if (p->size + total <= p->room)
		return;
	uint64_t want = p->size + total + PERSIST_ROOM;
	while (p->room < want && write_all(p->fd, zeros, sizeof(zeros), p->room))
		p->room += sizeof(zeros);
}

static char *
errno_text(const char *what, const char *file, int err)
{
	return mem_printf("%s %s: %s", what, file, strerror(err));
}

struct persist *
persist_open(const char *dir, const char *file, persist_fn *fn, void *arg, char **error)
{
	struct persist *p = mem_zalloc(sizeof(*p));
	struct stat st;
	p->fd = p->next_fd = -1;
	p->file = mem_strdup(file);
	p->next_file = mem_printf("%s.new", file);
	p->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir_fd >= 0)
		p->fd = openat(p->dir_fd, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (p->fd < 0 || fstat(p->fd, &st) < 0) {
		*error = errno_text("cannot open", p->dir_fd < 0 ? dir : file, errno);
		persist_close(p);
		return NULL;
	}
	unlinkat(p->dir_fd, p->next_file, 0); /* of a replacement that did not come to its end */
	p->size = file_scan(p->fd, (uint64_t)st.st_size, fn, arg);
	p->room = (uint64_t)st.st_size;
	p->cut = tail_is_room(p->fd, p->size, p->room) ? 0 : p->room - p->size;
	if (p->cut)
		p->room = p->size;
	if (p->cut && (ftruncate(p->fd, (off_t)p->size) < 0 || fsync(p->fd) < 0)) {
		*error = errno_text("cannot cut the tail of", file, errno);
		persist_close(p);
		return NULL;
	}
	if (!st.st_size)
		fsync(p->dir_fd);
	return p;
}

void
persist_close(struct persist *p)
{
	if (!p)
		return;
	if (p->next_fd >= 0)
		close(p->next_fd);
	if (p->fd >= 0)
		close(p->fd);
	if (p->dir_fd >= 0)
		close(p->dir_fd);
	mem_free(p->file);
	mem_free(p->next_file);
	mem_free(p);
}

uint64_t
persist_size(const struct persist *p)
{
	return p->size;
}

uint64_t
persist_cut(const struct persist *p)
{
	return p->cut;
}

char *
persist_append(struct persist *p, const uint8_t *payload, size_t len, struct persist_at *at)
{
	if (len > PERSIST_MAX)
		return mem_strdup("the change is too large to be written down");
	uint8_t *rec = record_make(payload, len);
	size_t total = PERSIST_HEAD + len;
	if (crash_wanted("mid-persist")) {
		write_all(p->fd, rec, total / 2, p->size);
		crash_now();
	}
	room_make(p, total);
	bool good = write_all(p->fd, rec, total, p->size) && fdatasync(p->fd) == 0;
	int err = errno;
	mem_free(rec);
	if (!good) {
		/* what is left of it fails its checksum; cutting it off is for tidiness */
		if (ftruncate(p->fd, (off_t)p->size) == 0)
			fdatasync(p->fd);
		p->room = p->size;
		return errno_text("cannot write", p->file, err);
	}
	*at = (struct persist_at){p->size + PERSIST_HEAD, (uint32_t)len};
	p->size += total;
	p->room = p->size > p->room ? p->size : p->room;
	return NULL;
}

uint8_t *
persist_read(const struct persist *p, struct persist_at at)
{
	uint8_t *payload = mem_alloc((size_t)at.len + 1);
	if (read_all(p->fd, payload, at.len, at.offset))
		return payload;
	mem_free(payload);
	return NULL;
}

/* --- replacing ---------------------------------------------------------------------------------- */

bool
persist_replace_begin(struct persist *p)
{
	p->next_fd = openat(p->dir_fd, p->next_file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	p->next_size = 0;
	p->next_errno = 0;
	return p->next_fd >= 0;
}

void
persist_replace_add(struct persist *p, const uint8_t *payload, size_t len, struct persist_at *at)
{
	uint8_t *rec = record_make(payload, len);
	if (!p->next_errno && !write_all(p->next_fd, rec, PERSIST_HEAD + len, p->next_size))
		p->next_errno = errno;
	mem_free(rec);
	*at = (struct persist_at){p->next_size + PERSIST_HEAD, (uint32_t)len};
	p->next_size += PERSIST_HEAD + len;
}

char *
persist_replace_end(struct persist *p)
{
	int err = p->next_errno;
	if (!err && fsync(p->next_fd) < 0)
		err = errno;
	if (!err && renameat(p->dir_fd, p->next_file, p->dir_fd, p->file) < 0)
		err = errno;
	if (err) {
		close(p->next_fd);
		p->next_fd = -1;
		unlinkat(p->dir_fd, p->next_file, 0);
		return errno_text("cannot replace", p->file, err);
	}
	fsync(p->dir_fd);
	close(p->fd);
	p->fd = p->next_fd;
	p->next_fd = -1;
	p->size = p->room = p->next_size;
	return NULL;
}
