/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Least privilege: user grevy (where it exists), an exact capability set, no new privileges,
 * a seccomp allow-list with a common base and a daemon's own additions (DESIGN 4, SECURITY 5.6).
 */
#ifndef GREVY_LIB_PRIV_H
#define GREVY_LIB_PRIV_H

#include <stdbool.h>
#include <sys/types.h>

struct priv_def {
	const int *caps;            /* CAP_..., -1 terminated; kept after the drop */
	const int *syscalls;        /* SCMP_SYS numbers beyond the base, -1 terminated; NULL: base only */
	const int *families;        /* of sockets beyond AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; -1 terminated; NULL: none */
};

/* Who we are after the drop, and to whom sockets belong; -1: leave as it is. Started as root only. */
struct priv_ids {
	uid_t uid;        /* user grevy */
	gid_t gid;
	gid_t socket_gid; /* group grevyvty */
};
struct priv_ids priv_ids(void);

void priv_prepare(void); /* at the very start */
/*
 * Chowns nothing; call when the sockets are open and before threads are made (capabilities are per
 * thread). Says in the log what it could not do. False: refuse to run.
 */
bool priv_drop(const struct priv_def *def, const char *daemon);
void priv_filter(const struct priv_def *def); /* its last step */
bool priv_shed(const struct priv_def *def, const char *daemon); /* all steps but the last: for what must exec */

#endif
