/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Least privilege. Owns nothing. The order matters: bounding set and secure bits while CAP_SETPCAP is
 * there, then the user, then the exact capability sets, then no_new_privs, then the filter of
 * system calls (priv_filter.c).
 */
#include "lib/priv.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/log.h"

#define PRIV_USER  "grevy"
#define PRIV_GROUP "grevyvty"
#define PRIV_BITS                                                                                  \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |                           \
		SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |                      \
		SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

struct priv_ids
priv_ids(void)
{
	struct priv_ids ids = {(uid_t)-1, (gid_t)-1, (gid_t)-1};
	const struct passwd *user = getpwnam(PRIV_USER);
	if (user && geteuid() == 0) {
		ids.uid = user->pw_uid;
		ids.gid = user->pw_gid;
	}
	const struct group *group = getgrnam(PRIV_GROUP);
	if (group)
		ids.socket_gid = group->gr_gid;
	return ids;
}

void
priv_prepare(void)
{
	/* Capabilities then survive the change of user, in this thread and in those it makes. */
	prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0);
}

/* --- user and capabilities --------------------------------------------------------------------- */

static bool
priv_wants(const struct priv_def *def, int cap)
{
	for (const int *c = def ? def->caps : NULL; c && *c >= 0; c++)
		if (*c == cap)
			return true;
	return false;
}

static void
priv_bound(const struct priv_def *def)
{
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!priv_wants(def, cap))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	prctl(PR_SET_SECUREBITS, PRIV_BITS, 0, 0, 0);
}

static bool
priv_user(void)
{
	struct priv_ids ids = priv_ids();
	if (geteuid() != 0)
		return true;
	if (ids.uid == (uid_t)-1) {
		log_notice("priv.user", "user=%s error=\"does not exist\" uid=%d", PRIV_USER, (int)geteuid());
		return true;
	}
	bool group = ids.socket_gid != (gid_t)-1;
	if (setgroups(group, &ids.socket_gid) == 0 && setresgid(ids.gid, ids.gid, ids.gid) == 0 &&
	    setresuid(ids.uid, ids.uid, ids.uid) == 0)
		return true;
	log_error("priv.user", "user=%s error=\"%s\"", PRIV_USER, strerror(errno));
	return false;
}

/* Exactly the wanted ones of those that we have. */
static bool
priv_caps(const struct priv_def *def)
{
	cap_t have = cap_get_proc(), want = cap_init();
	bool good = have && want;
	for (const int *c = def ? def->caps : NULL; good && c && *c >= 0; c++) {
		cap_flag_value_t held = CAP_CLEAR;
		cap_value_t value = *c;
		cap_get_flag(have, value, CAP_PERMITTED, &held);
		if (held != CAP_SET) {
			log_warning("priv.missing", "capability=%d", value);
			continue;
		}
		cap_set_flag(want, CAP_PERMITTED, 1, &value, CAP_SET);
		cap_set_flag(want, CAP_EFFECTIVE, 1, &value, CAP_SET);
	}
	good = good && cap_set_proc(want) == 0;
	cap_free(have);
	cap_free(want);
	if (!good)
		log_error("priv.capabilities", "error=\"%s\"", strerror(errno));
	return good;
}

/* Threads made before keep what they had: capabilities are per thread. */
static void
priv_check_threads(void)
{
	DIR *d = opendir("/proc/self/task");
	int threads = 0;
	for (const struct dirent *e; d && (e = readdir(d));)
		threads += e->d_name[0] != '.';
	if (d)
		closedir(d);
	if (threads > 1)
		log_warning("priv.threads", "count=%d error=\"made before the drop\"", threads);
}

bool
priv_shed(const struct priv_def *def, const char *daemon)
{
	priv_bound(def);
	if (!priv_user() || !priv_caps(def))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		log_warning("priv.no-new-privs", "daemon=%s error=\"%s\"", daemon, strerror(errno));
	return true;
}

bool
priv_drop(const struct priv_def *def, const char *daemon)
{
	priv_check_threads();
	if (!priv_shed(def, daemon))
		return false;
	priv_filter(def);
	return true;
}
