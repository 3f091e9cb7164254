/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/loop: the order of a turn, phases, descriptors that go while they are served, signals. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/rows.h"
#include "tests/unit/looping.h"
#include "tests/unit/unit.h"

static char trail[64];

static void
mark(char c)
{
	size_t n = strlen(trail);
	if (n + 1 < sizeof(trail)) {
		trail[n] = c;
		trail[n + 1] = '\0';
	}
}

struct stage {
	struct loop *l;
	struct loop_phase *a, *b, *late;
	struct loop_fd *f[2];
	struct timer t;
	int fds[2], left;
	int64_t time;
};

static bool
phase_a(void *arg, int64_t now)
{
	struct stage *s = arg;
	mark('a');
	CU_ASSERT_EQUAL(now, s->time);
	return false;
}

static bool
phase_b(void *arg, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	mark('b');
	return --s->left > 0;
}

static bool
phase_late(void *arg, int64_t now)
{
	(void)arg;
	(void)now;
	mark('z');
	return false;
}

static void
timer_fired(void *arg, int64_t now)
{
	struct stage *s = arg;
	mark('t');
	CU_ASSERT_EQUAL(now, s->time);
	loop_phase_wake(s->b);
	loop_phase_wake(s->a);
}

static void
fd_ready(void *arg, unsigned what, int64_t now)
{
	struct stage *s = arg;
	char byte;
	CU_ASSERT_EQUAL(what, LOOP_READ);
	CU_ASSERT_EQUAL(read(s->fds[0], &byte, 1), 1);
	mark('f');
	s->time = now;
	loop_phase_wake(s->late);
	timer_set(loop_timers(s->l), &s->t, now, timer_fired, s);
}

static bool
trail_ends(void *arg)
{
	return strstr(trail, arg) != NULL;
}

static void
a_turn_is_descriptors_timers_phases(void)
{
	struct stage s = {.l = loop_new(), .left = 3};
	trail[0] = '\0';
	CU_ASSERT_EQUAL(pipe(s.fds), 0);
	s.late = loop_phase_add_ranked(s.l, LOOP_RANK_IPC, "late", phase_late, &s);
	s.a = loop_phase_add(s.l, "a", phase_a, &s);
	s.b = loop_phase_add(s.l, "b", phase_b, &s);
	s.f[0] = loop_fd_add(s.l, s.fds[0], LOOP_READ, fd_ready, &s);
	CU_ASSERT_EQUAL(write(s.fds[1], "x", 1), 1);
	char want[] = "ftabz";
	char whole[] = "ftabzbb";
	CU_ASSERT(loop_until(s.l, trail_ends, whole));
	CU_ASSERT(trail_ends(want));
	loop_for(s.l, 2000);
	CU_ASSERT_STRING_EQUAL(trail, whole); /* a phase that has done its work is left alone */
	loop_fd_del(s.f[0]);
	loop_free(s.l);
	close(s.fds[0]);
	close(s.fds[1]);
}

static void
suicide(void *arg, unsigned what, int64_t now)
{
	struct stage *s = arg;
	(void)what;
	(void)now;
	mark('s');
	/* whichever comes first takes both away */
	loop_fd_del(s->f[0]);
	loop_fd_del(s->f[1]);
	s->f[0] = s->f[1] = NULL;
}

static void
a_descriptor_may_go_in_its_own_handler(void)
{
	struct stage s = {.l = loop_new()};
	trail[0] = '\0';
	CU_ASSERT_EQUAL(pipe(s.fds), 0);
	CU_ASSERT_EQUAL(write(s.fds[1], "x", 1), 1);
	s.f[0] = loop_fd_add(s.l, s.fds[0], LOOP_READ, suicide, &s);
	s.f[1] = loop_fd_add(s.l, s.fds[1], LOOP_WRITE, suicide, &s);
	char once[] = "s";
	CU_ASSERT(loop_until(s.l, trail_ends, once));
	loop_for(s.l, 2000);
	CU_ASSERT_STRING_EQUAL(trail, "s");
	loop_free(s.l);
	close(s.fds[0]);
	close(s.fds[1]);
}

static void
signal_came(void *arg, int signo)
{
	(void)arg;
	CU_ASSERT_EQUAL(signo, SIGUSR1);
	mark('u');
}

static void
signals_come_in_a_turn(void)
{
	struct loop *l = loop_new();
	char once[] = "u";
	trail[0] = '\0';
	loop_signal(l, SIGUSR1, signal_came, NULL);
	raise(SIGUSR1);
	CU_ASSERT_STRING_EQUAL(trail, "");
	CU_ASSERT(loop_until(l, trail_ends, once));
	loop_free(l);
}

static void
late_fired(void *arg, int64_t now)
{
	int64_t *late = arg;
	*late = now;
}

static void
timers_are_precise_and_never_early(void)
{
	struct loop *l = loop_new();
	struct timer t = {0};
	int64_t fired = 0, due = loop_clock() + 3300;
	timer_set(loop_timers(l), &t, due, late_fired, &fired);
	loop_for(l, 20000);
	CU_ASSERT(fired >= due);
	loop_free(l);
}

static void
what_happened_is_counted(void)
{
	struct loop *l = loop_new();
	struct rows out;
	uint64_t cell = 7;
	struct stage s = {.l = l, .left = 2};
	rows_init(&out, 65536);
	trail[0] = '\0';
	s.b = loop_phase_add(l, "b-phase", phase_b, &s);
	loop_progress_cell(l, &cell);
	loop_phase_wake(s.b);
	loop_for(l, 1000);
	CU_ASSERT(cell > 7);
	loop_rows(l, &out);
	out.buf[out.len - 1] = '\0';
	CU_ASSERT_PTR_NOT_NULL(strstr(out.buf, "{\"name\":\"b-phase\",\"runs\":2,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out.buf, "\"name\":\"turn\""));
	rows_free(&out);
	loop_free(l);
}

UNIT_TESTS("loop", {"a turn is descriptors, timers, phases", a_turn_is_descriptors_timers_phases},
	{"a descriptor may go in its own handler", a_descriptor_may_go_in_its_own_handler},
	{"signals come in a turn", signals_come_in_a_turn},
	{"timers are precise and never early", timers_are_precise_and_never_early},
	{"what happened is counted", what_happened_is_counted})
