/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows the kernel: three feeds, each with a socket for events, a socket for dumps and a small
 * machine that dumps at the start and after an overflow (see kernel.h). Shell.
 *
 * A dump has its own socket and its feed's events wait meanwhile: whatever happens after the kernel
 * has written an object into the dump is still in the queue when the dump has ended. Events that
 * queued up before an overflow are thrown away before the dump: it says all that they said.
 */
#include "zebra/kernel.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/mem.h"
#include "zebra/kernel_feed.h"
#include "zebra/kernel_sys.h"

#define RESYNC_MIN   INT64_C(50000)
#define RESYNC_MAX   INT64_C(1000000)
#define RESYNC_CALM  INT64_C(5000000) /* so long without an overflow: back to RESYNC_MIN */
#define DISCARD_MAX  65536            /* reads; a flood goes on for ever */
#define NOT_DUE      INT64_MAX

enum feed_state {
	FEED_WAITING,  /* for the feeds before it, at the start */
	FEED_FOLLOWING,
	FEED_DUMPING,
};

struct feed {
	const struct feed_row *row;
	enum feed_state state;
	struct nl_sock events, dump;
	unsigned step;       /* DUMPING: which of row->steps */
	bool interrupted;    /* the running step was: it must be repeated */
	bool watched;        /* events is in the epoll set */
	int64_t due;         /* of the next dump; NOT_DUE: none wanted */
	int64_t began;       /* the last one */
	int64_t interval;
};

struct kernel {
	struct kernel_ops ops;
	void *arg;
	int epoll_fd, timer_fd;
	int64_t timer_due;
	struct feed feeds[FEEDS];
	struct kernel_counters count;
	struct kernel_handler handler;
	uint8_t buf[NL_RECV_SIZE];
};

static void
trouble(struct kernel *k, const char *what, int error)
{
	if (k->ops.trouble)
		k->ops.trouble(k->arg, what, error);
}

/* --- sockets ------------------------------------------------------------------------------------ */

static int
epoll_set(struct kernel *k, int op, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};
	return epoll_ctl(k->epoll_fd, op, fd, &e) < 0 ? errno : 0;
}

/* Events are not looked at while a dump runs: the descriptor would be readable all the time. */
static void
feed_watch(struct kernel *k, struct feed *f, bool on)
{
	if (f->watched == on)
		return;
	f->watched = on;
	int error = epoll_set(k, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, f->events.fd, EPOLLIN);
	if (error)
		trouble(k, "an event socket cannot be watched", error);
}

static int
feed_open_dump(struct kernel *k, struct feed *f)
{
	int error = nl_sock_open(&f->dump, 0);
	return error ? error : epoll_set(k, EPOLL_CTL_ADD, f->dump.fd, EPOLLIN);
}

static int
feed_open(struct kernel *k, struct feed *f, const struct feed_row *row)
{
	f->row = row;
	int error = nl_sock_open(&f->events, row->rcvbuf);
	for (unsigned i = 0; !error && row->groups[i] != 0; i++)
		error = nl_sock_join(&f->events, row->groups[i]);
	return error ? error : feed_open_dump(k, f);
}

/* --- dumps -------------------------------------------------------------------------------------- */

static const struct feed_step *
feed_step(const struct feed *f)
{
	return &f->row->steps[f->step];
}

static bool
step_is_first_of_kind(const struct feed *f)
{
	return f->step == 0 || f->row->steps[f->step - 1].kind != feed_step(f)->kind;
}

static void
feed_dump_fail(struct kernel *k, struct feed *f, const char *what, int error, int64_t now);

static void
feed_step_begin(struct kernel *k, struct feed *f, int64_t now)
{
	uint8_t request[128];
	const struct feed_step *step = feed_step(f);
	struct nl_writer w = nl_writer(request, sizeof(request));
	f->interrupted = false;
	if (step_is_first_of_kind(f))
		k->ops.resync_begin(k->arg, step->kind);
	if (!step->request(&w, step->family, ++f->dump.seq))
		return; /* cannot be: the buffer is larger than any request */
	int error = nl_sock_send(&f->dump, request, w.len);
	if (error)
		feed_dump_fail(k, f, "a dump could not be asked for", error, now);
}

static void
feed_dump_begin(struct kernel *k, struct feed *f, int64_t now)
{
	feed_watch(k, f, false);
	if (f->state == FEED_FOLLOWING)
		for (unsigned i = 0; i < DISCARD_MAX; i++)
			if (nl_sock_recv(&f->events, k->buf, sizeof(k->buf)) == -EAGAIN)
				break;
	f->state = FEED_DUMPING;
	f->began = now;
	f->due = NOT_DUE;
	f->step = 0;
	k->count.resyncs++;
	feed_step_begin(k, f, now);
}

/* The core hears no resync_end: what it knew stays valid until the next try. */
static void
feed_dump_fail(struct kernel *k, struct feed *f, const char *what, int error, int64_t now)
{
	trouble(k, what, error);
	nl_sock_close(&f->dump);
	error = feed_open_dump(k, f);
	if (error)
		trouble(k, "a dump socket could not be opened", error);
	f->due = now + RESYNC_MAX;
}

static void
feed_step_end(struct kernel *k, struct feed *f, int64_t now)
{
	const struct feed_step *step = feed_step(f);
	if (f->interrupted && step->consistent) {
		/* something changed under the dump: an object may be missing, so all over again */
		k->count.interrupted++;
		feed_step_begin(k, f, now);
		return;
	}
	f->step++;
	if (f->step == f->row->step_count || feed_step(f)->kind != step->kind)
		k->ops.resync_end(k->arg, step->kind);
	if (f->step < f->row->step_count) {
		feed_step_begin(k, f, now);
		return;
	}
	f->state = FEED_FOLLOWING;
	feed_watch(k, f, true);
}

/* The end of a dump: NLMSG_DONE with an errno, or NLMSG_ERROR. */
static void
feed_dump_answer(struct kernel *k, struct feed *f, const struct nl_msg *msg, int64_t now)
{
	int error = 0;
	if (msg->type == NLMSG_ERROR)
		nl_error_decode(msg, &error, NULL, 0);
	else if (msg->len >= sizeof(error))
		__builtin_memcpy(&error, msg->payload, sizeof(error));
	/* a kernel without next-hop objects or without the family has none of them */
	if (error == 0 || error == -EOPNOTSUPP || error == -EAFNOSUPPORT)
		feed_step_end(k, f, now);
	else
		feed_dump_fail(k, f, "a dump ended with an error", -error, now);
}

static void
feed_read_dump(struct kernel *k, struct feed *f, int64_t now, unsigned *budget)
{
	while (*budget > 0 && f->state == FEED_DUMPING && f->due == NOT_DUE) {
		ssize_t n = nl_sock_recv(&f->dump, k->buf, sizeof(k->buf));
		if (n == -EAGAIN)
			return;
		if (n < 0) {
			feed_dump_fail(k, f, "a dump broke off", (int) -n, now);
			return;
		}
		struct nl_reader r = nl_reader(k->buf, (size_t) n);
		struct nl_msg msg;
		while (nl_next_msg(&r, &msg)) {
			if (msg.seq != f->dump.seq)
				continue;
			f->interrupted |= (msg.flags & NLM_F_DUMP_INTR) != 0;
			if (msg.type == NLMSG_DONE || msg.type == NLMSG_ERROR) {
				feed_dump_answer(k, f, &msg, now);
				break;
			}
			k->count.dumped++;
			k->count.refused += kernel_handle(&k->handler, f->row, &msg) == NL_REFUSED;
			*budget -= *budget > 0;
		}
		k->count.refused += r.bad;
	}
}

/* --- events ------------------------------------------------------------------------------------- */

/* A dump is wanted: at once after calm, else throttled more and more while overflows go on. */
static void
feed_want_dump(struct feed *f, int64_t now)
{
	if (f->due != NOT_DUE || f->state == FEED_WAITING)
		return;
	if (now - f->began > RESYNC_CALM)
		f->interval = RESYNC_MIN;
	f->due = f->began + f->interval > now ? f->began + f->interval : now;
	f->interval = f->interval * 2 < RESYNC_MAX ? f->interval * 2 : RESYNC_MAX;
}

static void
feed_read_events(struct kernel *k, struct feed *f, int64_t now, unsigned *budget)
{
	while (*budget > 0 && f->state == FEED_FOLLOWING) {
		ssize_t n = nl_sock_recv(&f->events, k->buf, sizeof(k->buf));
		if (n == -EAGAIN)
			return;
		if (n == -ENOBUFS) {
			k->count.overruns++;
			trouble(k, f->row->overrun, ENOBUFS);
			feed_want_dump(f, now);
			return;
		}
		if (n < 0) {
			trouble(k, "an event socket failed", (int) -n);
			feed_want_dump(f, now);
			return;
		}
		struct nl_reader r = nl_reader(k->buf, (size_t) n);
		struct nl_msg msg;
		while (nl_next_msg(&r, &msg)) {
			k->count.events++;
			k->count.refused += kernel_handle(&k->handler, f->row, &msg) == NL_REFUSED;
		}
		k->count.refused += r.bad;
		--*budget;
	}
}

/* --- turns -------------------------------------------------------------------------------------- */

static void
timer_arm(struct kernel *k)
{
	int64_t due = NOT_DUE;
	for (unsigned i = 0; i < FEEDS; i++)
		due = k->feeds[i].due < due ? k->feeds[i].due : due;
	if (due == k->timer_due)
		return;
	struct itimerspec t = {0};
	if (due != NOT_DUE) {
		t.it_value.tv_sec = due / 1000000;
		t.it_value.tv_nsec = due % 1000000 * 1000 + 1; /* never zero: that disarms */
	}
	timerfd_settime(k->timer_fd, TFD_TIMER_ABSTIME, &t, NULL);
	k->timer_due = due;
}

static void
feed_turn(struct kernel *k, struct feed *f, int64_t now, unsigned *budget)
{
	if (f->due <= now && f->state != FEED_WAITING)
		feed_dump_begin(k, f, now);
	if (f->state == FEED_DUMPING)
		feed_read_dump(k, f, now, budget);
	if (f->state == FEED_FOLLOWING)
		feed_read_events(k, f, now, budget);
}

void
kernel_run(struct kernel *k, int64_t now, unsigned budget)
{
	uint64_t fired;
	if (k->timer_due <= now && read(k->timer_fd, &fired, sizeof(fired)) < 0 && errno != EAGAIN)
		trouble(k, "the listener's timer failed", errno);
	bool before_done = true;
	for (unsigned i = 0; i < FEEDS; i++) {
		struct feed *f = &k->feeds[i];
		if (f->state == FEED_WAITING && before_done)
			feed_dump_begin(k, f, now);
		/* what the budget leaves over stays readable; links always get their share */
		unsigned share = budget > 16 ? budget : 16;
		feed_turn(k, f, now, &share);
		before_done = before_done && f->state == FEED_FOLLOWING;
	}
	timer_arm(k);
}

int
kernel_fd(const struct kernel *k)
{
	return k->epoll_fd;
}

void
kernel_resync(struct kernel *k, enum kernel_kind kind)
{
	int64_t now = kernel_now();
	for (unsigned i = 0; i < FEEDS; i++)
		for (unsigned s = 0; s < k->feeds[i].row->step_count; s++)
			if (k->feeds[i].row->steps[s].kind == kind && k->feeds[i].state == FEED_FOLLOWING)
				feed_want_dump(&k->feeds[i], now);
	timer_arm(k);
}

const struct kernel_counters *
kernel_counters(const struct kernel *k)
{
	return &k->count;
}

void
kernel_ignore_port(struct kernel *k, uint32_t port)
{
	for (unsigned i = 0; i < FEEDS; i++) {
		if (!k->feeds[i].row->drops_own)
			continue;
		int error = nl_sock_ignore_port(&k->feeds[i].events, port);
		if (error)
			trouble(k, "own changes cannot be filtered", error);
	}
}

void
kernel_shrink(struct kernel *k, int rcvbuf)
{
	for (unsigned i = 0; i < FEEDS; i++)
		nl_sock_shrink(&k->feeds[i].events, rcvbuf);
}

/* --- life --------------------------------------------------------------------------------------- */

struct kernel *
kernel_open(const struct kernel_ops *ops, void *arg)
{
	struct kernel *k = mem_zalloc(sizeof(*k));
	k->ops = *ops;
	k->arg = arg;
	k->handler.ops = &k->ops;
	k->handler.arg = arg;
	k->timer_due = NOT_DUE;
	for (unsigned i = 0; i < FEEDS; i++)
		k->feeds[i] = (struct feed){.events.fd = -1,
			.dump.fd = -1,
			.due = NOT_DUE,
			.interval = RESYNC_MIN};
	k->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	k->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	int error = k->epoll_fd < 0 || k->timer_fd < 0 ? errno : 0;
	if (!error)
		error = epoll_set(k, EPOLL_CTL_ADD, k->timer_fd, EPOLLIN);
	for (unsigned i = 0; !error && i < FEEDS; i++)
		error = feed_open(k, &k->feeds[i], &feed_rows[i]);
	if (error) {
		kernel_close(k);
		errno = error;
		return NULL;
	}
	/* the first turn is due now */
	struct itimerspec t = {.it_value.tv_nsec = 1};
	timerfd_settime(k->timer_fd, 0, &t, NULL);
	k->timer_due = 0;
	return k;
}

void
kernel_close(struct kernel *k)
{
	for (unsigned i = 0; i < FEEDS; i++) {
		nl_sock_close(&k->feeds[i].events);
		nl_sock_close(&k->feeds[i].dump);
	}
	if (k->timer_fd >= 0)
		close(k->timer_fd);
	if (k->epoll_fd >= 0)
		close(k->epoll_fd);
	mem_free(k);
}
