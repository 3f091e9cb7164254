/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/slowclose: what is held stays open without its owner, until it is released or the owner dies. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/slowclose.h"
#include "tests/unit/unit.h"

/* Whether the last writer has gone; waits that long for it. */
static bool
ended(int fd, int ms)
{
	struct pollfd p = {fd, POLLIN, 0};
	char octet;
	return poll(&p, 1, ms) == 1 && read(fd, &octet, 1) == 0;
}

static void
what_is_held_stays_open_until_released(void)
{
	int fds[2];
	log_open("test", "file:/dev/null", LOG_LVL_ERROR);
	struct slowclose *s = slowclose_new("test");
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	slowclose_hold(s, fds[1]);
	close(fds[1]);
	CU_ASSERT(!ended(fds[0], 100));
	slowclose_release(s, fds[1]);
	CU_ASSERT(ended(fds[0], 5000));
	close(fds[0]);
	slowclose_free(s);
}

static void
a_number_that_is_used_again_means_the_new_one(void)
{
	int one[2], two[2];
	struct slowclose *s = slowclose_new("test");
	CU_ASSERT_EQUAL_FATAL(pipe(one) | pipe(two), 0);
	slowclose_hold(s, one[1]);
	dup2(two[1], one[1]); /* the owner closed it without a word, and got the number again */
	close(two[1]);
	slowclose_hold(s, one[1]);
	CU_ASSERT(ended(one[0], 5000));
	close(one[1]);
	CU_ASSERT(!ended(two[0], 100));
	slowclose_free(s); /* the end of the owner */
	CU_ASSERT(ended(two[0], 5000));
	close(one[0]);
	close(two[0]);
}

static void
the_holder_dies_with_its_owner(void)
{
	int fds[2], ready[2];
	char octet;
	CU_ASSERT_EQUAL_FATAL(pipe(fds) | pipe(ready), 0);
	pid_t pid = fork();
	if (!pid) {
		close(fds[0]);
		struct slowclose *s = slowclose_new("test");
		slowclose_hold(s, fds[1]);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(fds[1]);
	CU_ASSERT_EQUAL(read(ready[0], &octet, 1), 1);
	CU_ASSERT(!ended(fds[0], 100));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CU_ASSERT(ended(fds[0], 5000));
	close(fds[0]);
	close(ready[0]);
	close(ready[1]);
}

static void
nobody_holds_nothing(void)
{
	slowclose_hold(NULL, 1);
	slowclose_release(NULL, 1);
	slowclose_free(NULL);
	struct slowclose *s = slowclose_new("test");
	slowclose_hold(s, -1);
	slowclose_release(s, 100000);
	slowclose_free(s);
}

UNIT_TESTS("slowclose", {"what is held stays open until it is released", what_is_held_stays_open_until_released},
	{"a number that is used again means the new one", a_number_that_is_used_again_means_the_new_one},
	{"the holder dies with its owner", the_holder_dies_with_its_owner},
	{"nobody holds nothing", nobody_holds_nothing})
