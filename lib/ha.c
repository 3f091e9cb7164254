/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring of events of one daemon: see ha.h. Owns the mapping. The file is
 *
 *	one page    magic, slot size and count, the machine's boot, the daemon's name
 *	HA_SLOTS    of 320 octets each; event n (from 1 on) lives in slot n % HA_SLOTS
 *
 * There is no index and no "next": whoever opens the file looks for the greatest sequence. A slot is
 * whole when its checksum, seeded with its sequence, fits and the sequence belongs into this
 * place; so a writer that was killed in the middle of one, and a reader that looks while one is
 * written, lose that one event at most. The file is allocated in full: a full file system must
 * not turn a later event into SIGBUS.
 */
#include "lib/ha.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "lib/keepfile.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/priv.h"
#include "lib/rows.h"

#define HA_MAGIC UINT64_C(0x3161687976657267) /* "grevyha1" */
#define HA_SLOTS 1024u
#define HA_PAGE  4096u
#define HA_SEQUENCE_MAX (UINT64_C(1) << 62) /* never reached: nothing below can wrap */

struct ha_slot {
	uint64_t sequence; /* 0: never written */
	uint64_t check;    /* of what follows */
	int64_t wall, mono; /* microseconds */
	uint32_t pid;
	uint32_t kind;
	char name[32];
	char object[64];
	char cause[184];
};

struct ha_head {
	uint64_t magic;
	uint32_t slot_size, slots;
	char boot[KEEPFILE_BOOT]; /* monotonic times of another boot mean nothing */
	char daemon[32];
};

struct ha_file {
	union {
		struct ha_head head;
		uint8_t page[HA_PAGE];
	};
	struct ha_slot slot[HA_SLOTS];
};

struct ha_ring {
	struct ha_file *file;
	uint64_t last;     /* sequence of the newest event */
};

_Static_assert(sizeof(struct ha_slot) == 320, "slots are written side by side");

static struct ha_ring own;
static const char *const kind_names[] = {"fault", "switch", "repair", "note"};
#define HA_KINDS (sizeof(kind_names) / sizeof(kind_names[0]))

/* --- slots ------------------------------------------------------------------------------------------ */

static uint64_t
slot_check(const struct ha_slot *s)
{
	size_t at = offsetof(struct ha_slot, wall);
	return XXH3_64bits_withSeed((const uint8_t *)s + at, sizeof(*s) - at, s->sequence);
}

/* A copy of the slot as it is now; false: empty, torn or not at its place. */
static bool
slot_read(const struct ha_file *f, size_t at, struct ha_slot *out)
{
	memcpy(out, &f->slot[at], sizeof(*out));
	return out->sequence && out->sequence < HA_SEQUENCE_MAX && out->sequence % HA_SLOTS == at &&
	       out->check == slot_check(out) && out->kind < HA_KINDS;
}

static bool
slot_is_clear(const struct ha_slot *s)
{
	static const struct ha_slot none;
	return !memcmp(s, &none, sizeof(none));
}

/* The newest sequence; *torn: slots that hold something and no event. */
static uint64_t
ring_last(const struct ha_file *f, unsigned *torn)
{
	struct ha_slot s;
	uint64_t last = 0;
	*torn = 0;
	for (size_t i = 0; i < HA_SLOTS; i++) {
		if (slot_read(f, i, &s))
			last = s.sequence > last ? s.sequence : last;
		else if (!slot_is_clear(&s))
			(*torn)++;
	}
	return last;
}

/* --- the file --------------------------------------------------------------------------------------- */

static bool
head_fits(const struct ha_head *h, bool this_boot)
{
	char boot[KEEPFILE_BOOT];
	keepfile_boot(boot);
	return h->magic == HA_MAGIC && h->slot_size == sizeof(struct ha_slot) && h->slots == HA_SLOTS &&
	       (!this_boot || !memcmp(h->boot, boot, sizeof(boot))) && memchr(h->daemon, '\0', sizeof(h->daemon));
}

static void
file_begin(struct ha_file *f, const char *daemon)
{
	memset(f, 0, sizeof(*f));
	f->head.slot_size = sizeof(struct ha_slot);
	f->head.slots = HA_SLOTS;
	keepfile_boot(f->head.boot);
	snprintf(f->head.daemon, sizeof(f->head.daemon), "%s", daemon);
	__atomic_store_n(&f->head.magic, HA_MAGIC, __ATOMIC_RELEASE);
}

/* After the drop the daemon is its owner; who may ask daemons may read it. */
static int
file_open(const char *path)
{
	struct priv_ids ids = priv_ids();
	gid_t group = ids.socket_gid != (gid_t)-1 ? ids.socket_gid : ids.gid;
	int fd = keepfile_open(path, 0640);
	if (fd >= 0 && geteuid() == 0 && fchown(fd, ids.uid, group) < 0)
		log_notice("ha.owner", "path=%s error=\"%s\"", path, strerror(errno));
	return fd;
}

static struct ha_file *
file_map(const char *path)
{
	void *at = MAP_FAILED;
	int fd = file_open(path);
	int error = fd < 0 ? errno : ftruncate(fd, sizeof(struct ha_file)) < 0 ? errno
		: posix_fallocate(fd, 0, sizeof(struct ha_file));
	if (!error)
		at = mmap(NULL, sizeof(struct ha_file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!error && at == MAP_FAILED)
		error = errno;
	if (fd >= 0)
		close(fd);
	if (error)
		log_warning("ha.file", "path=%s error=\"%s\"", path, strerror(error));
	return at == MAP_FAILED ? NULL : at;
}

/* What is left of a slot that was being written when the process died is no event of a later one. */
static void
file_mend(struct ha_file *f)
{
	struct ha_slot s;
	for (size_t i = 0; i < HA_SLOTS; i++)
		if (!slot_read(f, i, &s) && !slot_is_clear(&s))
			memset(&f->slot[i], 0, sizeof(f->slot[i]));
}

bool
ha_open(const char *daemon, const char *path)
{
	unsigned torn = 0;
	struct ha_file *f = file_map(path);
	bool good = f != NULL;
	ha_close();
	if (!good)
		f = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (f == MAP_FAILED)
		return false;
	if (!head_fits(&f->head, true) || strcmp(f->head.daemon, daemon) != 0)
		file_begin(f, daemon);
	own = (struct ha_ring){.file = f, .last = ring_last(f, &torn)};
	if (torn) {
		log_notice("ha.torn", "path=%s slots=%u", path, torn);
		file_mend(f);
	}
	return good;
}

void
ha_close(void)
{
	if (own.file)
		munmap(own.file, sizeof(*own.file));
	own = (struct ha_ring){.file = NULL};
}

struct ha_ring *
ha_map(const char *path)
{
	struct stat st;
	unsigned torn;
	void *at = MAP_FAILED;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size == sizeof(struct ha_file))
		at = mmap(NULL, sizeof(struct ha_file), PROT_READ, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		return NULL;
	struct ha_ring *r = mem_zalloc(sizeof(*r));
	r->file = at;
	if (head_fits(&r->file->head, true)) {
		r->last = ring_last(r->file, &torn);
		return r;
	}
	ha_unmap(r);
	return NULL;
}

void
ha_unmap(struct ha_ring *r)
{
	if (!r)
		return;
	munmap(r->file, sizeof(*r->file));
	mem_free(r);
}

/* --- writing ---------------------------------------------------------------------------------------- */

static int64_t
wall_clock(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * TIME_SEC + ts.tv_nsec / 1000;
}

static void
slot_write(struct ha_file *f, struct ha_slot *s)
{
	struct ha_slot *to = &f->slot[s->sequence % HA_SLOTS];
	s->check = slot_check(s);
	memcpy(to, s, sizeof(*to));
	__asm__ volatile("" : : : "memory"); /* it is there before whatever the caller does next */
}

void
ha_event(enum ha_kind kind, const char *name, const char *object, int64_t at, const char *fmt, ...)
{
	struct ha_slot s = {.kind = kind, .pid = (uint32_t)getpid()};
	int64_t now = loop_clock();
	va_list ap;
	s.mono = at > 0 && at <= now ? at : now;
	s.wall = wall_clock() - (now - s.mono);
	snprintf(s.name, sizeof(s.name), "%s", name);
	snprintf(s.object, sizeof(s.object), "%s", object);
	va_start(ap, fmt);
	vsnprintf(s.cause, sizeof(s.cause), fmt, ap);
	va_end(ap);
	if (own.file) {
		s.sequence = ++own.last;
		slot_write(own.file, &s);
	}
	log_line(kind == HA_FAULT ? LOG_LVL_WARNING : LOG_LVL_NOTICE, name, "object=\"%s\" kind=%s cause=\"%s\"%s",
		s.object, kind_names[kind], s.cause, own.file ? "" : " kept=0");
}

/* --- rows ------------------------------------------------------------------------------------------- */

/* Octets of a file, to be shown on a terminal. */
static void
row_text(struct rows *out, const char *name, const char *field, size_t size)
{
	char text[192];
	size_t n = 0;
	for (; n < size && n < sizeof(text) - 1 && field[n]; n++)
		text[n] = field[n] < ' ' || field[n] > '~' ? '?' : field[n];
	text[n] = '\0';
	row_str(out, name, text);
}

static void
row_of_slot(struct rows *out, const char *daemon, const struct ha_slot *s)
{
	char text[40];
	struct tm tm;
	time_t seconds = (time_t)(s->wall / TIME_SEC);
	gmtime_r(&seconds, &tm);
	size_t n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%06dZ", (int)(s->wall % TIME_SEC));
	row_begin(out);
	row_uint(out, "sequence", s->sequence);
	row_str(out, "time", text);
	row_int(out, "wall-us", s->wall);
	row_int(out, "monotonic-us", s->mono);
	row_str(out, "daemon", daemon);
	row_uint(out, "pid", s->pid);
	row_str(out, "kind", kind_names[s->kind]);
	row_text(out, "event", s->name, sizeof(s->name));
	row_text(out, "object", s->object, sizeof(s->object));
	row_text(out, "cause", s->cause, sizeof(s->cause));
	row_end(out);
}

/* The first event to show: from the newest backwards, as far as `since` and `limit` go. */
static uint64_t
ring_first(const struct ha_ring *r, int64_t since, uint64_t limit)
{
	struct ha_slot s;
	uint64_t first = r->last + 1, oldest = r->last > HA_SLOTS ? r->last - HA_SLOTS + 1 : 1, n = 0;
	for (uint64_t at = r->last; at >= oldest && (!limit || n < limit); at--)
		if (slot_read(r->file, at % HA_SLOTS, &s) && s.sequence == at && s.mono >= since) {
			first = at;
			n++;
		}
	return first;
}

bool
ha_rows(const struct ha_ring *r, int64_t since, uint64_t limit, struct rows *out, uint64_t *pos)
{
	struct ha_slot s;
	r = r ? r : &own;
	if (!r->file)
		return true;
	if (!*pos)
		*pos = ring_first(r, since, limit);
	if (r->last > HA_SLOTS && *pos <= r->last - HA_SLOTS)
		*pos = r->last - HA_SLOTS + 1; /* overtaken since the last slice */
	for (; *pos <= r->last && !rows_full(out); ++*pos)
		if (slot_read(r->file, *pos % HA_SLOTS, &s) && s.sequence == *pos && s.mono >= since)
			row_of_slot(out, r->file->head.daemon, &s);
	return *pos > r->last;
}
