/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane's writer thread. Shell.
 *
 * Two rings of operations, each used by one producer (the RIB's thread) and one consumer (the
 * writer). A ring has three positions that only grow; slots [reaped, pushed) are in use:
 *
 *	reaped  (producer) <= written (thread) <= pushed (producer)
 *
 * The thread puts each operation's errno beside its slot and publishes `written`; the producer
 * walks from reaped to written and hands the slots back. So a result costs no message of its own.
 *
 * Cross-ring order: the thread reads `pushed` of the route ring, then empties the urgent ring, then
 * writes routes up to what it read: whatever was urgent and pushed before a route is written first.
 * The other direction (a deletion in the route ring before a later urgent write of the same id) is
 * kept by the producer: `held` maps an id to the last route-ring position that names it, and writes
 * that name a held id follow it into the route ring.
 */
#include "zebra/dplane.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "zebra/dplane_kinds.h"
#include "zebra/keeper.h"
#include "zebra/wake.h"

#define URGENT_SLOTS 4096
#define BATCH_OPS    128
#define RCVBUF       (4 << 20)

struct ring {
	struct dplane_op *ops;
	int *errors;
	uint64_t mask;
	uint64_t reaped;                          /* producer's */
	_Alignas(64) _Atomic uint64_t pushed;     /* producer writes, thread reads */
	_Alignas(64) _Atomic uint64_t written;    /* thread writes, producer reads */
};

struct held {
	uint32_t id;
	uint64_t pos; /* in the route ring, of the last operation that names id */
};

struct dplane {
	struct dplane_ops ops;
	void *arg;
	struct ring route, urgent;
	struct hash *held;
	struct dplane_counters count; /* producer's */
	bool refused;                 /* a push was: writable() is owed */
	int done_fd, wake_fd;
	pthread_t thread;
	struct keeper keeper;
	struct nl_sock sock;     /* thread's */
	struct nl_batch *batch;  /* thread's */
	uint64_t untold;         /* thread's: written, and done_fd not yet raised for it */
	_Atomic uint64_t batches;
	_Alignas(64) atomic_bool sleeping; /* the thread waits on wake_fd */
	atomic_bool told;                  /* done_fd is readable */
	atomic_bool stop;
};

/* --- rings -------------------------------------------------------------------------------------- */

static void
ring_init(struct ring *r, size_t slots)
{
	size_t n = 64;
	while (n < slots)
		n *= 2;
	*r = (struct ring){.ops = mem_array(n, sizeof(*r->ops)),
		.errors = mem_array(n, sizeof(*r->errors)),
		.mask = n - 1};
}

static void
op_release(struct dplane_op *op)
{
	if (op->kind != DPLANE_GROUP || !op->u.group.legs)
		return;
	union {
		const struct dplane_leg *borrowed;
		void *owned; /* copied by ring_push */
	} legs = {.borrowed = op->u.group.legs};
	mem_free(legs.owned);
	op->u.group.legs = NULL;
}

static void
ring_free(struct ring *r)
{
	for (uint64_t at = r->reaped; at < atomic_load(&r->pushed); at++)
		op_release(&r->ops[at & r->mask]);
	mem_free(r->ops);
	mem_free(r->errors);
}

static uint64_t
ring_used(const struct ring *r)
{
	return atomic_load_explicit(&r->pushed, memory_order_relaxed) - r->reaped;
}

static uint64_t
ring_room(const struct ring *r)
{
	return r->mask + 1 - ring_used(r);
}

static void
ring_push(struct ring *r, const struct dplane_op *op)
{
	uint64_t at = atomic_load_explicit(&r->pushed, memory_order_relaxed);
	struct dplane_op *slot = &r->ops[at & r->mask];
	*slot = *op;
	if (op->kind == DPLANE_GROUP)
		slot->u.group.legs =
			mem_dup(op->u.group.legs, op->u.group.count * sizeof(*op->u.group.legs));
	atomic_store_explicit(&r->pushed, at + 1, memory_order_release);
}

/* --- ids with operations in the route ring ------------------------------------------------------ */

static uint32_t
id_hash(uint32_t id)
{
	return id * UINT32_C(2654435761);
}

static bool
held_equal(const void *item, const void *key)
{
	const struct held *h = item;
	return h->id == *(const uint32_t *) key;
}

static bool
id_is_held(const struct dplane *d, uint32_t id)
{
	return hash_find(d->held, id_hash(id), &id) != NULL;
}

static void
id_hold(struct dplane *d, uint32_t id, uint64_t pos)
{
	struct held *h = hash_find(d->held, id_hash(id), &id);
	if (!h) {
		h = mem_zalloc(sizeof(*h));
		h->id = id;
		hash_insert(d->held, id_hash(id), h);
	}
	h->pos = pos;
}

static void
id_written(struct dplane *d, uint32_t id, uint64_t pos)
{
	struct held *h = hash_find(d->held, id_hash(id), &id);
	if (!h || h->pos != pos)
		return;
	hash_remove(d->held, id_hash(id), &id);
	mem_free(h);
}

static bool
kind_names_id(uint8_t kind)
{
	return kind == DPLANE_NEXTHOP || kind == DPLANE_GROUP || kind == DPLANE_NEXTHOP_DEL;
}

static bool
op_is_urgent(const struct dplane *d, const struct dplane_op *op)
{
	if (!dplane_kind_rows[op->kind].urgent)
		return false;
	if (!kind_names_id(op->kind) || hash_count(d->held) == 0)
		return true;
	if (id_is_held(d, op->id))
		return false;
	for (unsigned i = 0; op->kind == DPLANE_GROUP && i < op->u.group.count; i++)
		if (id_is_held(d, op->u.group.legs[i].id))
			return false;
	return true;
}

/* --- the producer's side ------------------------------------------------------------------------ */

bool
dplane_push(struct dplane *d, const struct dplane_op *op)
{
	bool urgent = op_is_urgent(d, op);
	struct ring *r = urgent ? &d->urgent : &d->route;
	if (ring_room(r) == 0) {
		d->refused = true;
		d->count.refused++;
		return false;
	}
	if (!urgent && kind_names_id(op->kind))
		id_hold(d, op->id, atomic_load_explicit(&r->pushed, memory_order_relaxed));
	ring_push(r, op);
	d->count.pushed++;
	d->count.urgent += urgent;
	/* The thread says that it sleeps and then looks once more; we publish and then look whether it
	 * sleeps: with a full fence in each, one of the two sees the other. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&d->sleeping, memory_order_relaxed) &&
		atomic_exchange(&d->sleeping, false))
		wake_raise(d->wake_fd);
	return true;
}

size_t
dplane_room(const struct dplane *d)
{
	return ring_room(&d->route);
}

size_t
dplane_pending(const struct dplane *d)
{
	return ring_used(&d->route) + ring_used(&d->urgent);
}

int
dplane_fd(const struct dplane *d)
{
	return d->done_fd;
}

uint32_t
dplane_port(const struct dplane *d)
{
	return d->sock.port;
}

void
dplane_keepers_remove(void)
{
	keeper_remove();
}

bool
dplane_has_keeper(const struct dplane *d, uint8_t afi)
{
	return afi == AFI_IP4 ? d->keeper.ip4 : afi == AFI_IP6 && d->keeper.ip6;
}

struct dplane_counters
dplane_counters(const struct dplane *d)
{
	struct dplane_counters c = d->count;
	c.batches = atomic_load_explicit(&d->batches, memory_order_relaxed);
	return c;
}

/* Hands back what the thread has written, at most *budget of it. */
static void
ring_reap(struct dplane *d, struct ring *r, unsigned *budget)
{
	uint64_t end = atomic_load_explicit(&r->written, memory_order_acquire);
	for (; r->reaped < end && *budget > 0; --*budget) {
		struct dplane_op *op = &r->ops[r->reaped & r->mask];
		int error = r->errors[r->reaped & r->mask];
		d->count.done++;
		d->count.failed += error != 0;
		if (r == &d->route && kind_names_id(op->kind))
			id_written(d, op->id, r->reaped);
		d->ops.done(d->arg, op, error);
		op_release(op);
		r->reaped++;
	}
}

static bool
rings_have_results(const struct dplane *d)
{
	return d->route.reaped < atomic_load(&d->route.written) ||
	       d->urgent.reaped < atomic_load(&d->urgent.written);
}

bool
dplane_run(struct dplane *d, unsigned budget)
{
	wake_clear(d->done_fd);
	atomic_store(&d->told, false);
	ring_reap(d, &d->urgent, &budget);
	ring_reap(d, &d->route, &budget);
	if (d->refused && ring_room(&d->route) > d->route.mask / 2 &&
		ring_room(&d->urgent) > d->urgent.mask / 2) {
		d->refused = false;
		if (d->ops.writable)
			d->ops.writable(d->arg);
	}
	bool more = rings_have_results(d);
	if (more && !atomic_exchange(&d->told, true))
		wake_raise(d->done_fd);
	return more;
}

/* --- the thread's side -------------------------------------------------------------------------- */

static bool
op_encode(struct dplane *d, const struct dplane_kind_row *row, const struct dplane_op *op)
{
	struct dplane_leg legs[DPLANE_LEGS_MAX + 1];
	struct dplane_op kept;
	struct nl_batch *b = d->batch;
	if (op->keep != 0 && keeper_join(&d->keeper, op, &kept, legs))
		op = &kept;
	return row->encode(&b->w, op, nl_batch_seq(b), 0);
}

/* Writes up to BATCH_OPS of what lies before `limit`; false: there was nothing. */
static bool
ring_write(struct dplane *d, struct ring *r, uint64_t limit)
{
	uint64_t start = atomic_load_explicit(&r->written, memory_order_relaxed);
	uint64_t at = start;
	struct nl_batch *b = d->batch;
	if (start == limit)
		return false;
	nl_batch_start(b, &d->sock);
	for (; at < limit && b->count < BATCH_OPS; at++) {
		const struct dplane_op *op = &r->ops[at & r->mask];
		const struct dplane_kind_row *row = &dplane_kind_rows[op->kind];
		int *error = &r->errors[at & r->mask];
		*error = 0;
		if (!row->encode)
			continue;
		if (op_encode(d, row, op)) {
			nl_batch_added(b);
			*error = -1; /* in this batch */
		} else if (b->count > 0) {
			break; /* the buffer is full */
		} else {
			*error = EMSGSIZE; /* more legs than an operation may have */
		}
	}
	nl_batch_run(b, &d->sock);
	unsigned answer = 0;
	for (uint64_t i = start; i < at; i++) {
		int *error = &r->errors[i & r->mask];
		if (*error >= 0)
			continue;
		*error = b->errors[answer++];
		if (*error == dplane_kind_rows[r->ops[i & r->mask].kind].gone)
			*error = 0;
	}
	atomic_fetch_add_explicit(&d->batches, 1, memory_order_relaxed);
	atomic_store_explicit(&r->written, at, memory_order_release);
	d->untold += at - start;
	return true;
}

/* The producer is woken for a share of the ring at a time, not for every batch. */
static void
writer_tell(struct dplane *d, bool now)
{
	if (d->untold == 0 || (!now && d->untold < (d->route.mask + 1) / 8))
		return;
	d->untold = 0;
	if (!atomic_exchange(&d->told, true))
		wake_raise(d->done_fd);
}

static bool
rings_have_work(struct dplane *d)
{
	return atomic_load(&d->route.pushed) != atomic_load(&d->route.written) ||
	       atomic_load(&d->urgent.pushed) != atomic_load(&d->urgent.written);
}

static void *
writer_main(void *arg)
{
	struct dplane *d = arg;
	while (!atomic_load(&d->stop)) {
		uint64_t routes = atomic_load_explicit(&d->route.pushed, memory_order_acquire);
		uint64_t urgent = atomic_load_explicit(&d->urgent.pushed, memory_order_acquire);
		bool rushed = false;
		while (ring_write(d, &d->urgent, urgent))
			rushed = true;
		bool busy = ring_write(d, &d->route, routes) || rushed;
		writer_tell(d, rushed || !busy);
		if (busy)
			continue;
		atomic_store(&d->sleeping, true);
		atomic_thread_fence(memory_order_seq_cst);
		if (!rings_have_work(d) && !atomic_load(&d->stop))
			wake_clear(d->wake_fd); /* waits */
		atomic_store(&d->sleeping, false);
	}
	return NULL;
}

/* --- life --------------------------------------------------------------------------------------- */

static void
dplane_free(struct dplane *d)
{
	struct held *h;
	for (size_t pos = 0; (h = hash_next(d->held, &pos));)
		mem_free(h);
	hash_free(d->held);
	ring_free(&d->route);
	ring_free(&d->urgent);
	wake_close(d->done_fd);
	wake_close(d->wake_fd);
	nl_sock_close(&d->sock);
	mem_free(d->batch);
	mem_free(d);
}

/* The thread takes no signals: they belong to the daemon's loop. */
static int
writer_start(struct dplane *d)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&d->thread, NULL, writer_main, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!error)
		pthread_setname_np(d->thread, "dplane");
	return error;
}

struct dplane *
dplane_open(const struct dplane_ops *ops, void *arg, size_t ring_slots)
{
	struct dplane *d = mem_zalloc(sizeof(*d));
	d->ops = *ops;
	d->arg = arg;
	d->held = hash_new(held_equal);
	ring_init(&d->route, ring_slots ? ring_slots : DPLANE_RING_DEFAULT);
	ring_init(&d->urgent, URGENT_SLOTS);
	d->batch = mem_alloc(sizeof(*d->batch));
	d->done_fd = wake_open(false);
	d->wake_fd = wake_open(true);
	int error = nl_sock_open(&d->sock, RCVBUF);
	if (!error && (d->done_fd < 0 || d->wake_fd < 0))
		error = EMFILE;
	if (!error) {
		d->keeper = keeper_setup(&d->sock);
		error = writer_start(d);
	}
	if (error) {
		dplane_free(d);
		errno = error;
		return NULL;
	}
	return d;
}

void
dplane_close(struct dplane *d)
{
	atomic_store(&d->stop, true);
	wake_raise(d->wake_fd);
	pthread_join(d->thread, NULL);
	dplane_free(d);
}
