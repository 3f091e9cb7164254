/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What files in the run directory that outlive their process have in common. */
#ifndef GREVY_LIB_KEEPFILE_H
#define GREVY_LIB_KEEPFILE_H

#include <sys/types.h>

#define KEEPFILE_BOOT 40

/*
 * The kernel's id of this boot, zero-filled: what an earlier boot has left says nothing of this one.
 */
void keepfile_boot(char out[KEEPFILE_BOOT]);
/*
 * Opens or makes it for reading and writing. The directory belongs to the user that daemons run as, so
 * only a plain file with no second name elsewhere, and nobody else's, is taken; anything else is removed
 * first. -1: errno says why.
 */
int keepfile_open(const char *path, mode_t mode);

#endif
