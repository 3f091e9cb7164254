/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records in a mapped file: see mapfile.h. The file is a page with the head, then slots. A slot is
 * whole when its checksum, seeded with its sequence, fits. A put writes a free slot and then
 * clears the old one of the key; where a death in between leaves two, the greater sequence wins.
 * Owns the mapping, an index by key and the list of free slots; at least one slot is always free.
 */
#include "lib/mapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/hash.h"
#include "lib/keepfile.h"
#include "lib/log.h"
#include "lib/mem.h"

#define MAP_MAGIC UINT64_C(0x3170616d76657267) /* "grevmap1" */
#define MAP_PAGE  4096u
#define MAP_FIRST 64u       /* slots of a new file */
#define MAP_MOST  (1u << 20)

struct map_head {
	uint64_t magic;
	uint32_t record_size, slots;
	char kind[32];
	char boot[KEEPFILE_BOOT]; /* monotonic times and interface numbers of another boot mean nothing */
};
struct map_slot {
	uint64_t sequence; /* 0: free */
	uint32_t check, unused;
	uint8_t key[MAPFILE_KEY];
	_Alignas(8) uint8_t record[];
};
struct map_entry { /* of the index; key first */
	uint8_t key[MAPFILE_KEY];
	uint32_t slot;
};

struct mapfile {
	int fd;
	char *path;
	uint8_t *at;
	size_t slot_size;
	uint32_t record_size, slots;
	uint64_t sequence;
	struct hash *index;
	uint32_t *unused;
	uint32_t unused_count;
};

static struct map_head *
head_of(const struct mapfile *m)
{
	return (struct map_head *)(void *)m->at;
}

static struct map_slot *
slot_at(const struct mapfile *m, uint32_t i)
{
	return (struct map_slot *)(void *)(m->at + MAP_PAGE + (size_t)i * m->slot_size);
}

static uint32_t
slot_check(const struct mapfile *m, const struct map_slot *s, uint64_t sequence)
{
	return hash_bytes(sequence, s->key, sizeof(s->key) + m->record_size);
}

static bool
slot_whole(const struct mapfile *m, const struct map_slot *s)
{
	return s->sequence && s->check == slot_check(m, s, s->sequence);
}

static bool
entry_equal(const void *item, const void *key)
{
	return !memcmp(item, key, MAPFILE_KEY);
}

static void
key_make(uint8_t out[MAPFILE_KEY], const void *key, size_t len)
{
	memset(out, 0, MAPFILE_KEY);
	memcpy(out, key, len < MAPFILE_KEY ? len : MAPFILE_KEY);
}

static struct map_entry *
entry_find(const struct mapfile *m, const uint8_t key[MAPFILE_KEY])
{
	return hash_find(m->index, hash_bytes(0, key, MAPFILE_KEY), key);
}

static void
entry_add(struct mapfile *m, const uint8_t key[MAPFILE_KEY], uint32_t slot)
{
	struct map_entry *e = mem_alloc(sizeof(*e));
	memcpy(e->key, key, MAPFILE_KEY);
	e->slot = slot;
	hash_insert(m->index, hash_bytes(0, key, MAPFILE_KEY), e);
}

static void
slot_clear(struct mapfile *m, uint32_t i)
{
	__atomic_store_n(&slot_at(m, i)->sequence, 0, __ATOMIC_RELEASE);
	m->unused[m->unused_count++] = i;
}

/* --- the file --------------------------------------------------------------------------------------- */

/* Allocated in full: a file system that is full later must not turn a put into SIGBUS. */
static bool
file_map(struct mapfile *m, uint32_t slots)
{
	size_t size = MAP_PAGE + (size_t)slots * m->slot_size;
	size_t old = m->at ? MAP_PAGE + (size_t)m->slots * m->slot_size : 0;
	void *at = MAP_FAILED;

	if (posix_fallocate(m->fd, 0, (off_t)size) == 0)
		at = m->at ? mremap(m->at, old, size, MREMAP_MAYMOVE)
			   : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	if (at == MAP_FAILED)
		return false;
	m->at = at;
	m->slots = slots;
	m->unused = mem_realloc(m->unused, slots * sizeof(m->unused[0]));
	return true;
}

static void
file_begin(struct mapfile *m, const char *kind)
{
	struct map_head *h = head_of(m);
	memset(m->at, 0, MAP_PAGE + (size_t)m->slots * m->slot_size);
	h->record_size = m->record_size;
	h->slots = m->slots;
	snprintf(h->kind, sizeof(h->kind), "%s", kind);
	keepfile_boot(h->boot);
	__atomic_store_n(&h->magic, MAP_MAGIC, __ATOMIC_RELEASE);
}

/* How many slots the file says it has, and is large enough for; 0: it is none of ours. */
static uint32_t
file_slots(const struct mapfile *m, const char *kind)
{
	struct map_head h;
	struct stat st;
	char boot[KEEPFILE_BOOT];

	keepfile_boot(boot);
	if (fstat(m->fd, &st) < 0 || pread(m->fd, &h, sizeof(h), 0) != sizeof(h) || h.magic != MAP_MAGIC ||
	    h.record_size != m->record_size || memcmp(h.boot, boot, sizeof(boot)) ||
	    strncmp(h.kind, kind, sizeof(h.kind)) || h.slots < MAP_FIRST || h.slots > MAP_MOST)
		return 0;
	return (uint64_t)st.st_size >= MAP_PAGE + (uint64_t)h.slots * m->slot_size ? h.slots : 0;
}

/* Every whole slot into the index, everything else free. */
static void
slots_read(struct mapfile *m)
{
	for (uint32_t i = 0; i < m->slots; i++) {
		struct map_slot *s = slot_at(m, i);
		struct map_entry *e = entry_find(m, s->key);
		if (!slot_whole(m, s)) {
			slot_clear(m, i);
			continue;
		}
		if (s->sequence > m->sequence)
			m->sequence = s->sequence;
		if (!e) {
			entry_add(m, s->key, i);
		} else if (slot_at(m, e->slot)->sequence < s->sequence) {
			slot_clear(m, e->slot);
			e->slot = i;
		} else {
			slot_clear(m, i);
		}
	}
}

struct mapfile *
mapfile_open(const char *path, const char *kind, size_t record_size)
{
	struct mapfile *m = mem_zalloc(sizeof(*m));

	m->path = mem_strdup(path);
	m->record_size = (uint32_t)record_size;
	m->slot_size = (sizeof(struct map_slot) + record_size + 7) & ~(size_t)7;
	m->index = hash_new(entry_equal);
	m->fd = keepfile_open(path, 0600);
	uint32_t slots = m->fd < 0 ? 0 : file_slots(m, kind);
	bool fresh = !slots;
	if (m->fd >= 0 && (!fresh || ftruncate(m->fd, 0) == 0) && file_map(m, fresh ? MAP_FIRST : slots)) {
		if (fresh)
			file_begin(m, kind);
		slots_read(m);
		return m;
	}
	log_warning("mapfile.open", "path=%s error=\"%s\"", path, strerror(errno));
	mapfile_close(m);
	return NULL;
}

void
mapfile_close(struct mapfile *m)
{
	struct map_entry *e;
	if (!m)
		return;
	for (size_t pos = 0; (e = hash_next(m->index, &pos));)
		mem_free(e);
	hash_free(m->index);
	if (m->at)
		munmap(m->at, MAP_PAGE + (size_t)m->slots * m->slot_size);
	if (m->fd >= 0)
		close(m->fd);
	mem_free(m->unused);
	mem_free(m->path);
	mem_free(m);
}

void
mapfile_finish(struct mapfile *m)
{
	if (m && unlink(m->path) < 0)
		head_of(m)->magic = 0; /* the directory is not ours any more: the file is none of ours either */
	mapfile_close(m);
}

/* --- records ----------------------------------------------------------------------------------------- */

static bool
grow(struct mapfile *m)
{
	uint32_t old = m->slots;
	if (old >= MAP_MOST || !file_map(m, 2 * old))
		return false;
	memset(slot_at(m, old), 0, (size_t)old * m->slot_size);
	for (uint32_t i = old; i < m->slots; i++)
		m->unused[m->unused_count++] = i;
	head_of(m)->slots = m->slots;
	return true;
}

void
mapfile_put(struct mapfile *m, const void *key, size_t key_len, const void *record)
{
	static struct log_event ev_full = {.name = "mapfile.full", .level = LOG_LVL_WARNING, .per_minute = 1};
	uint8_t own[MAPFILE_KEY];

	if (!m)
		return;
	key_make(own, key, key_len);
	struct map_entry *e = entry_find(m, own);
	if (!e && m->unused_count < 2 && !grow(m)) {
		log_event(&ev_full, "path=%s records=%u", m->path, m->slots - 1);
		return;
	}
	uint32_t i = m->unused[--m->unused_count];
	struct map_slot *s = slot_at(m, i);
	memcpy(s->key, own, sizeof(own));
	memcpy(s->record, record, m->record_size);
	s->check = slot_check(m, s, ++m->sequence);
	__atomic_store_n(&s->sequence, m->sequence, __ATOMIC_RELEASE);
	if (!e) {
		entry_add(m, own, i);
		return;
	}
	slot_clear(m, e->slot);
	e->slot = i;
}

void
mapfile_del(struct mapfile *m, const void *key, size_t key_len)
{
	uint8_t own[MAPFILE_KEY];

	if (!m)
		return;
	key_make(own, key, key_len);
	struct map_entry *e = hash_remove(m->index, hash_bytes(0, own, sizeof(own)), own);
	if (!e)
		return;
	slot_clear(m, e->slot);
	mem_free(e);
}

const void *
mapfile_get(const struct mapfile *m, const void *key, size_t key_len)
{
	uint8_t own[MAPFILE_KEY];

	if (!m)
		return NULL;
	key_make(own, key, key_len);
	const struct map_entry *e = entry_find(m, own);
	return e ? slot_at(m, e->slot)->record : NULL;
}

const void *
mapfile_next(const struct mapfile *m, size_t *pos)
{
	const struct map_entry *e = m ? hash_next(m->index, pos) : NULL;
	return e ? slot_at(m, e->slot)->record : NULL;
}

size_t
mapfile_count(const struct mapfile *m)
{
	return m ? hash_count(m->index) : 0;
}
