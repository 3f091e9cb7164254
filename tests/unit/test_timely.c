/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timely thread: what it promises to bfdd and vrrpd. Nothing here measures time; where an order is
 * claimed, the lock is held until all that has to be there is there.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/rows.h"
#include "lib/timely.h"
#include "tests/unit/looping.h"
#include "tests/unit/unit.h"

#define FDS 100 /* more than one epoll_wait of the thread takes */

struct stage {
	struct loop *l;
	struct timely *t;
	int fd[FDS][2];          /* [0] is read by the thread */
	struct timely_fd *on[FDS];
	unsigned fds;
	/* written under the lock */
	char story[4096];
	unsigned reads, ticks;
	int64_t last_now;
	bool time_ran_back, keep;
	struct timer timer, again;
	const char *await;
	/* written by the main loop */
	char told[4096];
};

static void
story(struct stage *s, const char *word)
{
	strncat(s->story, word, sizeof(s->story) - strlen(s->story) - 1);
}

static void
saw_time(struct stage *s, int64_t now)
{
	s->time_ran_back |= now < s->last_now;
	s->last_now = now;
}

static void
on_readable(void *arg, int fd, int64_t now)
{
	struct stage *s = arg;
	char octet;
	saw_time(s, now);
	s->reads++;
	story(s, "r");
	if (!s->keep && recv(fd, &octet, 1, MSG_DONTWAIT) != 1)
		story(s, "?");
}

static void
on_timer(void *arg, int64_t now)
{
	struct stage *s = arg;
	saw_time(s, now);
	s->ticks++;
	story(s, "t");
}

static void
stage_begin(struct stage *s, unsigned fds)
{
	memset(s, 0, sizeof(*s));
	log_open("test", "file:/dev/null", LOG_LVL_ERROR);
	s->l = loop_new();
	s->t = timely_new(s->l);
	s->fds = fds;
	for (unsigned i = 0; i < fds; i++) {
		CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s->fd[i]), 0);
		s->on[i] = timely_fd_add(s->t, s->fd[i][0], on_readable, s);
	}
}

static void
stage_end(struct stage *s)
{
	timely_stop(s->t);
	timer_cancel(timely_timers(s->t), &s->timer);
	timer_cancel(timely_timers(s->t), &s->again);
	timely_free(s->t);
	loop_free(s->l);
	for (unsigned i = 0; i < s->fds; i++) {
		close(s->fd[i][0]);
		close(s->fd[i][1]);
	}
	CU_ASSERT(!s->time_ran_back);
}

static void
poke(struct stage *s, unsigned i)
{
	CU_ASSERT_EQUAL(send(s->fd[i][1], "x", 1, 0), 1);
}

static bool
story_has(void *arg)
{
	struct stage *s = arg;
	timely_lock(s->t);
	bool has = strstr(s->story, s->await) != NULL;
	timely_unlock(s->t);
	return has;
}

static void
await(struct stage *s, const char *what)
{
	s->await = what;
	CU_ASSERT(loop_until(s->l, story_has, s));
}

/* Who holds the lock until the timer is late shows what the thread does when it is. */
static void
hold_until(int64_t when)
{
	while (loop_clock() < when)
		nanosleep(&(struct timespec){0, 100000}, NULL);
}

/* --- cases ------------------------------------------------------------------------------------------- */

static void
a_late_wake_reads_before_it_runs_timers(void)
{
	struct stage s;
	stage_begin(&s, FDS);
	timely_start(s.t, 10);
	timely_lock(s.t);
	int64_t due = loop_clock() + TIME_MS;
	timer_set(timely_timers(s.t), &s.timer, due, on_timer, &s);
	timely_unlock(s.t); /* armed */
	timely_lock(s.t);
	s.story[0] = '\0';
	s.ticks = 0;
	timer_set(timely_timers(s.t), &s.timer, due, on_timer, &s);
	hold_until(due + TIME_MS); /* the thread is awake, and waits for us */
	for (unsigned i = 0; i < FDS; i++)
		poke(&s, i);
	timely_unlock(s.t);
	await(&s, "t");
	timely_lock(s.t);
	CU_ASSERT_EQUAL(strspn(s.story, "r"), FDS); /* all of them, then the timer */
	CU_ASSERT_EQUAL(s.ticks, 1);
	timely_unlock(s.t);
	stage_end(&s);
}

static void
who_never_is_empty_does_not_stop_the_clock(void)
{
	struct stage s;
	stage_begin(&s, 1);
	s.keep = true; /* is not read: it stays readable */
	poke(&s, 0);
	timely_start(s.t, 10);
	timely_lock(s.t);
	timer_set(timely_timers(s.t), &s.timer, loop_clock(), on_timer, &s);
	timely_unlock(s.t);
	s.await = "t";
	bool ticked = false;
	for (int64_t end = loop_clock() + 5 * TIME_SEC; !ticked && loop_clock() < end;) {
		timely_lock(s.t);
		ticked = s.ticks > 0;
		timely_unlock(s.t);
		nanosleep(&(struct timespec){0, 100000}, NULL);
	}
	CU_ASSERT(ticked);
	CU_ASSERT(s.reads > 0);
	stage_end(&s);
}

static void
unlocking_arms_the_clock_again(void)
{
	struct stage s;
	stage_begin(&s, 0);
	timely_start(s.t, 10);
	timely_lock(s.t);
	timer_set(timely_timers(s.t), &s.timer, loop_clock() + 3600 * TIME_SEC, on_timer, &s);
	timely_unlock(s.t);
	timely_lock(s.t);
	timer_set(timely_timers(s.t), &s.again, loop_clock() + TIME_MS, on_timer, &s);
	timely_unlock(s.t); /* earlier than what the thread sleeps for */
	await(&s, "t");
	timely_lock(s.t);
	CU_ASSERT_EQUAL(s.ticks, 1);
	timer_set(timely_timers(s.t), &s.timer, loop_clock() - TIME_SEC, on_timer, &s); /* long due */
	timely_unlock(s.t);
	await(&s, "tt");
	stage_end(&s);
}

static bool
delete_self_and_next(struct stage *s, int fd)
{
	for (unsigned i = 0; i < s->fds; i++)
		if (s->fd[i][0] != fd)
			timely_fd_del(s->t, s->on[i]);
	for (unsigned i = 0; i < s->fds; i++)
		if (s->fd[i][0] == fd)
			timely_fd_del(s->t, s->on[i]);
	return true;
}

static void
on_readable_delete_all(void *arg, int fd, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	s->reads++;
	story(s, "d");
	delete_self_and_next(s, fd);
}

static void
what_is_deleted_inside_a_turn_is_not_called(void)
{
	struct stage s;
	stage_begin(&s, 8);
	for (unsigned i = 0; i < s.fds; i++) {
		timely_fd_del(s.t, s.on[i]); /* before the start, too */
		s.on[i] = timely_fd_add(s.t, s.fd[i][0], on_readable_delete_all, &s);
		poke(&s, i);
	}
	timely_fd_del(s.t, NULL);
	timely_start(s.t, 10);
	await(&s, "d");
	timely_lock(s.t); /* the turn is over; another one would find them, were they there */
	timer_set(timely_timers(s.t), &s.timer, loop_clock(), on_timer, &s);
	timely_unlock(s.t);
	await(&s, "t");
	CU_ASSERT_EQUAL(s.reads, 1);
	timely_lock(s.t);
	struct timely_fd *again = timely_fd_add(s.t, s.fd[3][0], on_readable, &s); /* the fd was not closed */
	timely_unlock(s.t);
	await(&s, "r");
	timely_lock(s.t);
	timely_fd_del(s.t, again);
	timely_unlock(s.t);
	stage_end(&s);
}

struct note {
	unsigned number;
	uint8_t rest[TIMELY_DEFER_MAX - sizeof(unsigned)];
};

static void
note_due(void *arg, const void *record, int64_t now)
{
	struct stage *s = arg;
	const struct note *n = record;
	char word[16];
	(void)now;
	timely_lock(s->t); /* it is not held: this would never return */
	timely_unlock(s->t);
	for (unsigned i = 0; i < sizeof(n->rest); i++)
		if (n->rest[i] != (uint8_t)n->number)
			strncat(s->told, "damaged ", sizeof(s->told) - strlen(s->told) - 1);
	snprintf(word, sizeof(word), "%u ", n->number);
	strncat(s->told, word, sizeof(s->told) - strlen(s->told) - 1);
}

static void
note_defer(struct stage *s, unsigned number)
{
	struct note n = {.number = number};
	memset(n.rest, (int)number, sizeof(n.rest));
	timely_defer(s->t, note_due, s, &n, sizeof(n));
	memset(&n, 0xee, sizeof(n)); /* a copy was made */
}

static void
on_timer_defer(void *arg, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	for (unsigned i = 10; i < 20; i++)
		note_defer(s, i);
	story(s, "D");
}

static bool
told_all(void *arg)
{
	return strstr(((struct stage *)arg)->told, "29 ") != NULL;
}

static void
deferred_records_keep_their_order(void)
{
	struct stage s;
	stage_begin(&s, 0);
	timely_start(s.t, 10);
	timely_lock(s.t);
	for (unsigned i = 0; i < 10; i++)
		note_defer(&s, i);
	timer_set(timely_timers(s.t), &s.timer, loop_clock(), on_timer_defer, &s);
	timely_unlock(s.t);
	/* not by the loop: nothing may be told before the thread has had its turn */
	for (bool done = false; !done;) {
		timely_lock(s.t);
		done = strchr(s.story, 'D') != NULL;
		timely_unlock(s.t);
	}
	CU_ASSERT_STRING_EQUAL(s.told, "");
	timely_lock(s.t);
	for (unsigned i = 20; i < 30; i++)
		note_defer(&s, i);
	timely_unlock(s.t);
	CU_ASSERT(loop_until(s.l, told_all, &s));
	CU_ASSERT_STRING_EQUAL(s.told, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 ");
	stage_end(&s);
}

static void
what_waits_at_the_end_is_still_told(void)
{
	struct stage s;
	uint8_t large[TIMELY_DEFER_MAX + 1] = {0};
	stage_begin(&s, 1);
	timely_start(s.t, 10);
	timely_lock(s.t);
	note_defer(&s, 1);
	timely_defer(s.t, note_due, &s, large, sizeof(large)); /* refused, and counted: nobody gets half a record */
	note_defer(&s, 2);
	timely_unlock(s.t);
	timely_stop(s.t);
	timely_stop(s.t); /* once is enough, twice is harmless */
	poke(&s, 0);
	timer_set(timely_timers(s.t), &s.timer, loop_clock(), on_timer, &s);
	timely_lock(s.t); /* the lock outlives the thread */
	timely_unlock(s.t);
	loop_for(s.l, 0);
	CU_ASSERT_STRING_EQUAL(s.story, ""); /* joined: nothing runs any more */
	note_defer(&s, 3);
	stage_end(&s);
	CU_ASSERT_STRING_EQUAL(s.told, "1 2 3 ");
}

static void
on_timer_count(void *arg, int64_t now)
{
	struct stage *s = arg;
	unsigned before = s->ticks;
	saw_time(s, now);
	sched_yield();
	s->ticks = before + 1;
	s->reads++;
	timer_set(timely_timers(s->t), &s->again, now, on_timer_count, s);
}

static void
both_threads_are_kept_apart_by_the_lock(void)
{
	struct stage s;
	unsigned mine = 0;
	stage_begin(&s, 0);
	timely_start(s.t, 10);
	timely_lock(s.t);
	timer_set(timely_timers(s.t), &s.again, loop_clock(), on_timer_count, &s);
	timely_unlock(s.t);
	for (bool enough = false; !enough; mine++) {
		timely_lock(s.t);
		unsigned before = s.ticks;
		sched_yield();
		s.ticks = before + 1;
		saw_time(&s, loop_clock());
		enough = mine >= 2000 && s.reads > 0;
		timely_unlock(s.t);
	}
	timely_stop(s.t);
	CU_ASSERT_EQUAL(s.ticks, mine + s.reads);
	CU_ASSERT(s.reads > 0);
	stage_end(&s);
}

static void
in_dense_steps_nothing_is_forgotten(void)
{
	struct stage s;
	stage_begin(&s, 1);
	timely_start(s.t, 10);
	timely_lock(s.t);
	timer_set(timely_timers(s.t), &s.again, loop_clock(), on_timer_count, &s); /* always something to do */
	timely_unlock(s.t);
	for (bool dense = false; !dense;) {
		timely_lock(s.t);
		dense = s.reads > 20;
		timely_unlock(s.t);
	}
	timely_lock(s.t); /* the clock is not armed for this one */
	timer_set(timely_timers(s.t), &s.timer, loop_clock() + TIME_MS, on_timer, &s);
	timely_unlock(s.t);
	await(&s, "t");
	poke(&s, 0);
	await(&s, "r");
	timely_lock(s.t); /* and when the steps end, it is again */
	timer_cancel(timely_timers(s.t), &s.again);
	s.story[0] = '\0';
	timer_set(timely_timers(s.t), &s.timer, loop_clock() + 20 * TIME_MS, on_timer, &s);
	timely_unlock(s.t);
	await(&s, "t");
	poke(&s, 0);
	await(&s, "tr");
	stage_end(&s);
}

static void
arrivals_are_never_later_than_now_nor_long_ago(void)
{
	struct timespec ts;
	const int64_t now = loop_clock();
	clock_gettime(CLOCK_REALTIME, &ts);
	int64_t wall = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	CU_ASSERT_EQUAL(timely_arrival(0, now), now);
	CU_ASSERT_EQUAL(timely_arrival(wall + 3600 * INT64_C(1000000000), now), now); /* set back an hour */
	CU_ASSERT_EQUAL(timely_arrival(wall - 3600 * INT64_C(1000000000), now), now); /* set forward */
	CU_ASSERT_EQUAL(timely_arrival(INT64_MAX, now), now);
	CU_ASSERT_EQUAL(timely_arrival(INT64_MIN, now), now);
	CU_ASSERT_EQUAL(timely_arrival(1, now), now);
	int64_t a = timely_arrival(wall - 50000000, now); /* 50 ms ago, and what has passed since */
	CU_ASSERT(a <= loop_clock() - 50 * TIME_MS && a >= now - TIME_SEC);
	clock_gettime(CLOCK_REALTIME, &ts);
	a = timely_arrival((int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec, now);
	CU_ASSERT(a <= now && a >= now - TIME_SEC);
}

static void
its_state_is_a_row(void)
{
	struct stage s;
	struct rows r;
	stage_begin(&s, 0);
	timely_start(s.t, 10);
	rows_init(&r, 4096);
	row_begin(&r);
	timely_rows(s.t, &r);
	row_end(&r);
	char *text = strndup(r.buf, r.len);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"wakeups\":"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"late-longest-us\":"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"real-time\":"));
	free(text);
	rows_free(&r);
	stage_end(&s);
}

UNIT_TESTS("timely", {"a late wake reads before it runs timers", a_late_wake_reads_before_it_runs_timers},
	{"who never is empty does not stop the clock", who_never_is_empty_does_not_stop_the_clock},
	{"unlocking arms the clock again", unlocking_arms_the_clock_again},
	{"what is deleted inside a turn is not called", what_is_deleted_inside_a_turn_is_not_called},
	{"deferred records keep their order", deferred_records_keep_their_order},
	{"what waits at the end is still told", what_waits_at_the_end_is_still_told},
	{"both threads are kept apart by the lock", both_threads_are_kept_apart_by_the_lock},
	{"in dense steps nothing is forgotten", in_dense_steps_nothing_is_forgotten},
	{"arrivals are never later than now, nor long ago", arrivals_are_never_later_than_now_nor_long_ago},
	{"its state is a row", its_state_is_a_row})
