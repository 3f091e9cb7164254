/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop. A turn: libevent waits and calls back for descriptors and signals, then what is
 * due of lib/timer runs, then the phases that were woken, by rank and order of registration.
 * Owns the libevent base, the timers, its descriptors' events and the phases, not the descriptors.
 * Invariants: the clock is read once per turn, at the first callback; one libevent timer is armed
 * for timers_next(); while a phase has more to do the wait does not block.
 */
#include "lib/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "lib/mem.h"
#include "lib/rows.h"

#define LOOP_TIMER_BUDGET 2000 /* timers per turn */

struct loop_fd {
	struct loop *loop;
	struct event in, out;
	unsigned want;
	loop_fd_fn *fn;
	void *arg;
};

struct loop_sig {
	SLIST_ENTRY(loop_sig) next;
	struct loop *loop;
	struct event ev;
	void (*fn)(void *arg, int signo);
	void *arg;
};

struct loop_phase {
	TAILQ_ENTRY(loop_phase) next;
	struct loop *loop;
	const char *name;
	unsigned rank;
	loop_phase_fn *fn;
	void *arg;
	bool awake;
	uint64_t runs, total_us, longest_us;
};

struct loop_attachment {
	SLIST_ENTRY(loop_attachment) next;
	const void *key;
	void *value;
	void (*free)(void *value);
};

struct loop {
	struct event_base *base;
	struct event timer;
	int64_t timer_due; /* what the libevent timer is armed for, TIME_NEVER if not */
	struct timers *timers;
	int64_t now;
	bool now_stale;
	bool stop;
	int exit_code;
	TAILQ_HEAD(, loop_phase) phases;
	SLIST_HEAD(, loop_sig) signals;
	SLIST_HEAD(, loop_attachment) attachments;
	uint64_t own_cell;
	uint64_t *cell;
	uint64_t turns, turns_us, longest_turn_us;
	uint64_t timer_runs, timer_us, timer_longest_us;
};

int64_t
loop_clock(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * TIME_SEC + ts.tv_nsec / 1000;
}

/* The turn's time: read at the first callback of the turn. */
static int64_t
loop_turn_time(struct loop *l)
{
	if (l->now_stale) {
		l->now = loop_clock();
		l->now_stale = false;
	}
	return l->now;
}

static void
loop_timer_fired(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	struct loop *l = arg;
	l->timer_due = TIME_NEVER; /* one shot; the timers themselves run after the callbacks */
	loop_turn_time(l);
}

struct loop *
loop_new(void)
{
	struct loop *l = mem_zalloc(sizeof(*l));
	struct event_config *cfg = event_config_new();
	event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER);
	event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK);
	l->base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	if (!l->base) {
		mem_free(l);
		return NULL;
	}
	evtimer_assign(&l->timer, l->base, loop_timer_fired, l);
	l->timer_due = TIME_NEVER;
	l->timers = timers_new();
	l->now = loop_clock();
	l->cell = &l->own_cell;
	TAILQ_INIT(&l->phases);
	SLIST_INIT(&l->signals);
	SLIST_INIT(&l->attachments);
	return l;
}

void
loop_free(struct loop *l)
{
	if (!l)
		return;
	while (!SLIST_EMPTY(&l->attachments)) {
		struct loop_attachment *a = SLIST_FIRST(&l->attachments);
		SLIST_REMOVE_HEAD(&l->attachments, next);
		a->free(a->value);
		mem_free(a);
	}
	while (!TAILQ_EMPTY(&l->phases))
		loop_phase_del(TAILQ_FIRST(&l->phases));
	while (!SLIST_EMPTY(&l->signals)) {
		struct loop_sig *s = SLIST_FIRST(&l->signals);
		SLIST_REMOVE_HEAD(&l->signals, next);
		event_del(&s->ev);
		mem_free(s);
	}
	event_del(&l->timer);
	timers_free(l->timers);
	event_base_free(l->base);
	mem_free(l);
}

/* --- one turn ---------------------------------------------------------------------------------- */

static void
loop_arm_timer(struct loop *l)
{
	int64_t due = timers_next(l->timers);
	if (due == l->timer_due)
		return;
	l->timer_due = due;
	if (due == TIME_NEVER) {
		event_del(&l->timer);
		return;
	}
	int64_t wait = due - loop_clock();
	if (wait < 0)
		wait = 0;
	struct timeval tv = {.tv_sec = wait / TIME_SEC, .tv_usec = wait % TIME_SEC};
	event_add(&l->timer, &tv);
}

static bool
loop_busy(const struct loop *l)
{
	const struct loop_phase *p;
	TAILQ_FOREACH(p, &l->phases, next)
		if (p->awake)
			return true;
	return timers_next(l->timers) <= l->now;
}

static void
loop_run_timers(struct loop *l)
{
	if (timers_next(l->timers) > l->now)
		return;
	int64_t start = loop_clock();
	l->timer_runs += timers_run(l->timers, l->now, LOOP_TIMER_BUDGET);
	uint64_t took = (uint64_t)(loop_clock() - start);
	l->timer_us += took;
	if (took > l->timer_longest_us)
		l->timer_longest_us = took;
}

static void
loop_run_phases(struct loop *l)
{
	struct loop_phase *p, *next;
	for (p = TAILQ_FIRST(&l->phases); p; p = next) {
		next = TAILQ_NEXT(p, next);
		if (!p->awake)
			continue;
		p->awake = false;
		int64_t start = loop_clock();
		if (p->fn(p->arg, l->now))
			p->awake = true;
		uint64_t took = (uint64_t)(loop_clock() - start);
		p->runs++;
		p->total_us += took;
		if (took > p->longest_us)
			p->longest_us = took;
		next = TAILQ_NEXT(p, next); /* the phase may have added phases behind itself */
	}
}

static void
loop_turn(struct loop *l)
{
	loop_arm_timer(l);
	l->now_stale = true;
	if (event_base_loop(l->base, loop_busy(l) ? EVLOOP_ONCE | EVLOOP_NONBLOCK : EVLOOP_ONCE) == 1) {
		/* Not one descriptor, signal or timer: nothing can ever happen any more. */
		if (!loop_busy(l))
			l->stop = true;
	}
	int64_t start = loop_turn_time(l);
	loop_run_timers(l);
	loop_run_phases(l);
	uint64_t took = (uint64_t)(loop_clock() - start);
	l->turns++;
	l->turns_us += took;
	if (took > l->longest_turn_us)
		l->longest_turn_us = took;
	loop_progress(l);
}

void
loop_run(struct loop *l)
{
	while (!l->stop) /* also stopped before it began */
		loop_turn(l);
	l->stop = false;
}

void
loop_stop(struct loop *l, int exit_code)
{
	l->stop = true;
	l->exit_code = exit_code;
}

int
loop_exit_code(const struct loop *l)
{
	return l->exit_code;
}

int64_t
loop_now(const struct loop *l)
{
	return l->now;
}

struct timers *
loop_timers(struct loop *l)
{
	return l->timers;
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

/* --- descriptors and signals ------------------------------------------------------------------- */

static void
loop_fd_ready(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	struct loop_fd *f = arg;
	int64_t now = loop_turn_time(f->loop);
	/* f may be gone after this */
	f->fn(f->arg, what & EV_READ ? LOOP_READ : LOOP_WRITE, now);
}

struct loop_fd *
loop_fd_add(struct loop *l, int fd, unsigned what, loop_fd_fn *fn, void *arg)
{
	struct loop_fd *f = mem_zalloc(sizeof(*f));
	f->loop = l;
	f->fn = fn;
	f->arg = arg;
	event_assign(&f->in, l->base, fd, EV_READ | EV_PERSIST, loop_fd_ready, f);
	event_assign(&f->out, l->base, fd, EV_WRITE | EV_PERSIST, loop_fd_ready, f);
	loop_fd_want(f, what);
	return f;
}

void
loop_fd_want(struct loop_fd *f, unsigned what)
{
	unsigned changed = f->want ^ what;
	if (changed & LOOP_READ) {
		if (what & LOOP_READ)
			event_add(&f->in, NULL);
		else
			event_del(&f->in);
	}
	if (changed & LOOP_WRITE) {
		if (what & LOOP_WRITE)
			event_add(&f->out, NULL);
		else
			event_del(&f->out);
	}
	f->want = what;
}

void
loop_fd_del(struct loop_fd *f)
{
	if (!f)
		return;
	loop_fd_want(f, 0);
	mem_free(f);
}

static void
loop_signal_came(evutil_socket_t signo, short what, void *arg)
{
	(void)what;
	struct loop_sig *s = arg;
	loop_turn_time(s->loop);
	s->fn(s->arg, (int)signo);
}

void
loop_signal(struct loop *l, int signo, void (*fn)(void *arg, int signo), void *arg)
{
	struct loop_sig *s = mem_zalloc(sizeof(*s));
	s->loop = l;
	s->fn = fn;
	s->arg = arg;
	evsignal_assign(&s->ev, l->base, signo, loop_signal_came, s);
	event_add(&s->ev, NULL);
	SLIST_INSERT_HEAD(&l->signals, s, next);
}

/* --- phases ------------------------------------------------------------------------------------ */

struct loop_phase *
loop_phase_add_ranked(struct loop *l, unsigned rank, const char *name, loop_phase_fn *fn, void *arg)
{
	struct loop_phase *p = mem_zalloc(sizeof(*p)), *before;
	p->loop = l;
	p->name = name;
	p->rank = rank;
	p->fn = fn;
	p->arg = arg;
	TAILQ_FOREACH(before, &l->phases, next)
		if (before->rank > rank)
			break;
	if (before)
		TAILQ_INSERT_BEFORE(before, p, next);
	else
		TAILQ_INSERT_TAIL(&l->phases, p, next);
	return p;
}

struct loop_phase *
loop_phase_add(struct loop *l, const char *name, loop_phase_fn *fn, void *arg)
{
	return loop_phase_add_ranked(l, LOOP_RANK_DAEMON, name, fn, arg);
}

void
loop_phase_wake(struct loop_phase *p)
{
	p->awake = true;
}

void
loop_phase_del(struct loop_phase *p)
{
	if (!p)
		return;
	TAILQ_REMOVE(&p->loop->phases, p, next);
	mem_free(p);
}

/* --- what hangs on the loop, progress, counters ------------------------------------------------ */

void *
loop_attached(const struct loop *l, const void *key)
{
	const struct loop_attachment *a;
	SLIST_FOREACH(a, &l->attachments, next)
		if (a->key == key)
			return a->value;
	return NULL;
}

void
loop_attach(struct loop *l, const void *key, void *value, void (*free_fn)(void *value))
{
	struct loop_attachment *a = mem_zalloc(sizeof(*a));
	a->key = key;
	a->value = value;
	a->free = free_fn;
	SLIST_INSERT_HEAD(&l->attachments, a, next);
}

void
loop_progress(struct loop *l)
{
	__atomic_store_n(l->cell, *l->cell + 1, __ATOMIC_RELAXED);
}

void
loop_progress_cell(struct loop *l, uint64_t *cell)
{
	l->cell = cell ? cell : &l->own_cell;
}

static void
loop_row(struct rows *out, const char *name, uint64_t runs, uint64_t total, uint64_t longest)
{
	row_begin(out);
	row_str(out, "name", name);
	row_uint(out, "runs", runs);
	row_uint(out, "total-us", total);
	row_uint(out, "longest-us", longest);
	row_end(out);
}

void
loop_rows(const struct loop *l, struct rows *out)
{
	const struct loop_phase *p;
	loop_row(out, "turn", l->turns, l->turns_us, l->longest_turn_us);
	loop_row(out, "timers", l->timer_runs, l->timer_us, l->timer_longest_us);
	TAILQ_FOREACH(p, &l->phases, next)
		loop_row(out, p->name, p->runs, p->total_us, p->longest_us);
}
