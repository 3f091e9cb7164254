/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timely thread: see timely.h. Owns the thread, the lock, an epoll with a timerfd and an
 * eventfd that ends it, and the queue of what is deferred to the main loop.
 *
 * Invariants: everything but the queue's reader runs under the lock. The timerfd is armed for
 * timers_next() whenever the lock is free, so whoever arms an earlier timer wakes the thread by
 * unlocking. A descriptor that is deleted inside a turn is freed at the turn's end.
 */
#include "lib/timely.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/rows.h"

#define READY_MAX     64
#define ROUNDS_MAX    64     /* of reading before timers get their turn whatever waits */
#define TIMER_BUDGET  4096
#define DEFERRED_MAX  65536  /* records that wait; the main loop is dead when so many do */
#define MAIN_PRIORITY 1
#define DENSE_STEP    250    /* us between turns, when there is something to do all the time */
#define WALL_STEP     2000   /* between two datagrams; slewing does 0.5 ms in a second */

struct timely_fd {
	int fd;
	bool dead;
	timely_fd_fn *fn;
	void *arg;
	TAILQ_ENTRY(timely_fd) next;
};

struct deferred {
	STAILQ_ENTRY(deferred) next;
	timely_deferred_fn *fn;
	void *arg;
	_Alignas(16) uint8_t record[];
};
STAILQ_HEAD(deferred_list, deferred);

struct timely {
	struct loop *loop;
	struct loop_fd *wake_io;
	pthread_t thread;
	pthread_mutex_t lock;
	int epoll, clock, end, wake;
	bool running, ending, real_time, locked;
	bool dense;                /* the thread comes back by itself: no need to arm the clock */
	int64_t turn_began;
	int64_t armed;             /* what the timerfd is armed for, TIME_NEVER: not */
	struct timers *timers;
	TAILQ_HEAD(, timely_fd) fds, dead;
	struct deferred_list queue;
	size_t queued;
	uint64_t wakeups, late_longest_us, late_over_1ms, dropped;
};

/* --- the lock and the clock ------------------------------------------------------------------------ */

static void
clock_arm(struct timely *t)
{
	int64_t due = timers_next(t->timers);
	struct itimerspec when = {0};

	if (due == t->armed || t->dense)
		return;
	t->armed = due;
	if (due != TIME_NEVER) {
		if (due < 1)
			due = 1; /* all zero would disarm it */
		when.it_value.tv_sec = due / TIME_SEC;
		when.it_value.tv_nsec = due % TIME_SEC * 1000;
	}
	timerfd_settime(t->clock, TFD_TIMER_ABSTIME, &when, NULL);
}

void
timely_lock(struct timely *t)
{
	pthread_mutex_lock(&t->lock);
}

void
timely_unlock(struct timely *t)
{
	clock_arm(t);
	pthread_mutex_unlock(&t->lock);
}

struct timers *
timely_timers(struct timely *t)
{
	return t->timers;
}

int64_t
timely_arrival_by(struct timely_wall *w, int64_t stamp, int64_t wall, int64_t monotonic, int64_t now)
{
	int64_t offset = wall - monotonic, step = w->offset ? offset - w->offset : 0, ago = wall - stamp;

	w->offset = offset;
	if (step > WALL_STEP || step < -WALL_STEP)
		w->stepped = monotonic + TIME_SEC; /* as old as a stamp may be */
	if (!stamp || monotonic < w->stepped || ago < 0 || ago > TIME_SEC)
		return now;
	return monotonic - ago < now ? monotonic - ago : now;
}

int64_t
timely_arrival(int64_t realtime_ns, int64_t now)
{
	static _Thread_local struct timely_wall wall;
	struct timespec ts;
	int64_t monotonic = loop_clock();

	clock_gettime(CLOCK_REALTIME, &ts);
	return timely_arrival_by(&wall, realtime_ns / 1000, (int64_t)ts.tv_sec * TIME_SEC + ts.tv_nsec / 1000,
		monotonic, now);
}

/* --- deferring to the main loop --------------------------------------------------------------------- */

void
timely_defer(struct timely *t, timely_deferred_fn *fn, void *arg, const void *record, size_t size)
{
	if (t->queued >= DEFERRED_MAX || size > TIMELY_DEFER_MAX) {
		t->dropped++;
		return;
	}
	struct deferred *d = mem_alloc(sizeof(*d) + size);
	d->fn = fn;
	d->arg = arg;
	if (size)
		memcpy(d->record, record, size);
	STAILQ_INSERT_TAIL(&t->queue, d, next);
	if (!t->queued++) {
		uint64_t one = 1;
		if (write(t->wake, &one, sizeof(one)) < 0) {
			/* it counts already: the reader is on its way */
		}
	}
}

static void
deferred_run(struct timely *t, int64_t now)
{
	struct deferred_list list = STAILQ_HEAD_INITIALIZER(list);
	struct deferred *d;

	timely_lock(t);
	STAILQ_CONCAT(&list, &t->queue);
	t->queued = 0;
	uint64_t dropped = t->dropped;
	t->dropped = 0;
	timely_unlock(t);
	if (dropped)
		log_error("timely.deferred-dropped", "records=%llu", (unsigned long long)dropped);
	while ((d = STAILQ_FIRST(&list))) {
		STAILQ_REMOVE_HEAD(&list, next);
		d->fn(d->arg, d->record, now);
		mem_free(d);
	}
}

static void
wake_readable(void *arg, unsigned what, int64_t now)
{
	struct timely *t = arg;
	uint64_t count;

	(void)what;
	if (read(t->wake, &count, sizeof(count)) < 0)
		return;
	deferred_run(t, now);
}

/* --- descriptors ------------------------------------------------------------------------------------- */

struct timely_fd *
timely_fd_add(struct timely *t, int fd, timely_fd_fn *fn, void *arg)
{
	struct timely_fd *f = mem_zalloc(sizeof(*f));
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = f};

	f->fd = fd;
	f->fn = fn;
	f->arg = arg;
	TAILQ_INSERT_TAIL(&t->fds, f, next);
	if (epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		log_error("timely.epoll", "fd=%d error=\"%s\"", fd, strerror(errno));
	return f;
}

void
timely_fd_del(struct timely *t, struct timely_fd *f)
{
	if (!f || f->dead)
		return;
	epoll_ctl(t->epoll, EPOLL_CTL_DEL, f->fd, NULL);
	f->dead = true;
	TAILQ_REMOVE(&t->fds, f, next);
	TAILQ_INSERT_TAIL(&t->dead, f, next);
	if (!t->running) {
		TAILQ_REMOVE(&t->dead, f, next);
		mem_free(f);
	}
}

static void
fds_bury(struct timely *t)
{
	struct timely_fd *f;
	while ((f = TAILQ_FIRST(&t->dead))) {
		TAILQ_REMOVE(&t->dead, f, next);
		mem_free(f);
	}
}

/* --- the thread ------------------------------------------------------------------------------------- */

/* One round over what can be read; returns whether there was anything. */
static bool
turn_read(struct timely *t)
{
	struct epoll_event events[READY_MAX];
	int n = epoll_wait(t->epoll, events, READY_MAX, 0);
	int64_t now = loop_clock();
	bool any = false;

	for (int i = 0; i < n; i++) {
		struct timely_fd *f = events[i].data.ptr; /* NULL: the clock, or the end */
		if (!f || f->dead)
			continue;
		f->fn(f->arg, f->fd, now);
		any = true;
	}
	return any;
}

static void
turn_late(struct timely *t, int64_t now)
{
	int64_t due = timers_next(t->timers);
	uint64_t late = due < now ? (uint64_t)(now - due) : 0;

	t->wakeups++;
	if (late > t->late_longest_us)
		t->late_longest_us = late;
	t->late_over_1ms += late > (uint64_t)TIME_MS;
}

/*
 * A turn costs a wake-up and a setting of the clock, which on a virtual machine is most of what a
 * thousand sessions cost. So when one turn follows the other within DENSE_STEP, the thread goes
 * on in steps of that length until one of them finds nothing to do. Nobody is judged by it:
 * what has arrived meanwhile carries its own time.
 */
static void
turn(struct timely *t)
{
	uint64_t ticks;
	bool worked = false;

	timely_lock(t);
	int64_t began = loop_clock();
	turn_late(t, began);
	/* All that has arrived, also while we slept or waited for the lock: timers judge by it. */
	for (int round = 0; round < ROUNDS_MAX && turn_read(t); round++)
		worked = true;
	if (read(t->clock, &ticks, sizeof(ticks)) > 0)
		t->armed = INT64_MIN; /* it has fired: arm it again whatever it was for */
	worked |= timers_run(t->timers, loop_clock(), TIMER_BUDGET) > 0;
	fds_bury(t);
	t->dense = worked && (t->dense || began - t->turn_began < DENSE_STEP);
	t->turn_began = began;
	timely_unlock(t);
}

static void *
thread_main(void *arg)
{
	struct timely *t = arg;
	struct epoll_event event;

	for (;;) {
		if (t->dense) { /* nobody else changes it */
			int64_t next = t->turn_began + DENSE_STEP;
			struct timespec ts = {next / TIME_SEC, next % TIME_SEC * 1000};
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		} else if (epoll_wait(t->epoll, &event, 1, -1) < 0 && errno != EINTR) {
			break;
		}
		if (__atomic_load_n(&t->ending, __ATOMIC_ACQUIRE))
			break;
		turn(t); /* asks again: what counts is what has arrived when it has the lock */
	}
	return NULL;
}

/* --- life ------------------------------------------------------------------------------------------- */

static void
plain_fd(struct timely *t, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
	if (fd < 0 || epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		log_error("timely.setup", "error=\"%s\"", strerror(errno));
}

struct timely *
timely_new(struct loop *l)
{
	struct timely *t = mem_zalloc(sizeof(*t));
	pthread_mutexattr_t attr;

	t->loop = l;
	t->timers = timers_new();
	t->armed = TIME_NEVER;
	TAILQ_INIT(&t->fds);
	TAILQ_INIT(&t->dead);
	STAILQ_INIT(&t->queue);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT); /* main holds it: it runs as we would */
	pthread_mutex_init(&t->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	t->clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	t->end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	t->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	plain_fd(t, t->clock);
	plain_fd(t, t->end);
	t->wake_io = loop_fd_add(l, t->wake, LOOP_READ, wake_readable, t);
	return t;
}

void
timely_prepare(struct timely *t)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	const struct sched_param priority = {.sched_priority = TIMELY_PRIORITY_MOST};

	/* The policy, while it may be chosen: the thread inherits it, and to lower a priority takes no privilege. */
	sched_setscheduler(0, SCHED_RR, &priority);
	/* Without the limit's lifting, locked pages to come would make allocations fail. */
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		t->locked = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
	if (!t->locked)
		log_notice("timely.memory-not-locked", "error=\"%s\"", strerror(errno));
}

void
timely_start(struct timely *t, int priority)
{
	struct sched_param own = {.sched_priority = priority}, main_own = {.sched_priority = MAIN_PRIORITY};
	sigset_t all, old;

	t->running = true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are the main loop's */
	if (priority > TIMELY_PRIORITY_MOST)
		own.sched_priority = TIMELY_PRIORITY_MOST;
	int error = pthread_create(&t->thread, NULL, thread_main, t);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error) {
		log_error("timely.thread", "error=\"%s\"", strerror(error));
		t->running = false;
		return;
	}
	error = pthread_setschedparam(t->thread, SCHED_RR | SCHED_RESET_ON_FORK, &own);
	if (!error)
		error = pthread_setschedparam(pthread_self(), SCHED_RR | SCHED_RESET_ON_FORK, &main_own);
	t->real_time = !error;
	if (error)
		log_notice("timely.not-real-time", "error=\"%s\"", strerror(error));
}

void
timely_stop(struct timely *t)
{
	uint64_t one = 1;

	if (!t->running)
		return;
	__atomic_store_n(&t->ending, true, __ATOMIC_RELEASE);
	if (write(t->end, &one, sizeof(one)) < 0)
		log_error("timely.stop", "error=\"%s\"", strerror(errno));
	pthread_join(t->thread, NULL);
	t->running = false;
	fds_bury(t);
}

void
timely_free(struct timely *t)
{
	struct timely_fd *f;

	timely_stop(t);
	deferred_run(t, loop_clock());
	while ((f = TAILQ_FIRST(&t->fds))) {
		TAILQ_REMOVE(&t->fds, f, next);
		mem_free(f);
	}
	loop_fd_del(t->wake_io);
	close(t->wake);
	close(t->end);
	close(t->clock);
	close(t->epoll);
	timers_free(t->timers);
	pthread_mutex_destroy(&t->lock);
	mem_free(t);
}

void
timely_rows(struct timely *t, struct rows *out)
{
	timely_lock(t);
	row_uint(out, "wakeups", t->wakeups);
	row_uint(out, "late-longest-us", t->late_longest_us);
	row_uint(out, "late-over-1ms", t->late_over_1ms);
	row_bool(out, "real-time", t->real_time);
	row_bool(out, "locked", t->locked);
	t->late_longest_us = 0;
	timely_unlock(t);
}
