/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See keepfile.h. */
#include "lib/keepfile.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/priv.h"

void
keepfile_boot(char out[KEEPFILE_BOOT])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, KEEPFILE_BOOT - 4);
	if (fd >= 0)
		close(fd);
	memset(out + (n > 0 ? n : 0), 0, KEEPFILE_BOOT - (size_t)(n > 0 ? n : 0));
}

static bool
is_ours(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	       (st.st_uid == geteuid() || st.st_uid == priv_ids().uid);
}

int
keepfile_open(const char *path, mode_t mode)
{
	for (int try = 0; try < 2; try++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
		if (fd >= 0 && is_ours(fd))
			return fd;
		if (fd >= 0)
			close(fd);
		if (unlink(path) < 0)
			return -1;
	}
	return -1;
}
