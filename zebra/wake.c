/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flag between two threads that poll can wait for. Shell. */
#include "zebra/wake.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int
wake_open(bool blocking)
{
	return eventfd(0, EFD_CLOEXEC | (blocking ? 0 : EFD_NONBLOCK));
}

void
wake_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
wake_raise(int fd)
{
	const uint64_t one = 1;
	/* fails only when interrupted: the counter never nears its limit */
	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void
wake_clear(int fd)
{
	uint64_t n;
	while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
		;
}
