/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A daemon's arguments and directories. Options of its own follow the common ones. Owns nothing. */
#include "lib/daemon_priv.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/priv.h"

#define OWN_OPTION 1000 /* val of the first option of a daemon's own */

enum { OPT_RUN_DIR = 500, OPT_STATE_DIR, OPT_LOG, OPT_LOG_LEVEL };

static const struct option common[] = {
	{"name", required_argument, NULL, 'N'},
	{"run-dir", required_argument, NULL, OPT_RUN_DIR},
	{"state-dir", required_argument, NULL, OPT_STATE_DIR},
	{"daemon", no_argument, NULL, 'd'},
	{"pid-file", required_argument, NULL, 'i'},
	{"log", required_argument, NULL, OPT_LOG},
	{"log-level", required_argument, NULL, OPT_LOG_LEVEL},
	{"version", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
};
#define COMMON (sizeof(common) / sizeof(common[0]))

static void
daemon_usage(const struct daemon *d, FILE *out)
{
	fprintf(out,
		"usage: %s [options]\n"
		"  -N, --name NAME      instance; default: the default instance\n"
		"      --run-dir DIR    sockets, pid file; default /run/grevy[/NAME]\n"
		"      --state-dir DIR  what outlives a restart; default /var/lib/grevy[/NAME]\n"
		"  -d, --daemon         go to the background\n"
		"  -i, --pid-file FILE  write the pid there, too\n"
		"      --log TARGET     stdout, syslog or file:PATH\n"
		"      --log-level L    error, warning, notice, info or debug\n"
		"  -v, --version        print the version\n",
		d->def->name);
	for (const struct daemon_option *o = d->def->options; o && o->name; o++)
		fprintf(out, "  %c%c  --%s %s\n", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
			o->name, o->help);
}

/* A directory name of one step: nothing that leads elsewhere. */
static bool
daemon_name_good(const char *name)
{
	return *name && name[0] != '.' && !strchr(name, '/') && strlen(name) < 64;
}

static bool
daemon_copy(char *out, size_t size, const char *value, const char *what)
{
	if (strlen(value) < size) {
		memcpy(out, value, strlen(value) + 1);
		return true;
	}
	fprintf(stderr, "%s is too long\n", what);
	return false;
}

static bool
daemon_option_take(struct daemon *d, int opt, const char *value)
{
	switch (opt) {
	case 'N':
		if (daemon_name_good(value))
			return daemon_copy(d->instance, sizeof(d->instance), value, "the name");
		fprintf(stderr, "bad instance name: %s\n", value);
		return false;
	case OPT_RUN_DIR:
		return daemon_copy(d->run_dir, sizeof(d->run_dir), value, "the run directory");
	case OPT_STATE_DIR:
		return daemon_copy(d->state_dir, sizeof(d->state_dir), value, "the state directory");
	case 'd':
		d->background = true;
		return true;
	case 'i':
		return daemon_copy(d->pid_file, sizeof(d->pid_file), value, "the pid file");
	case OPT_LOG:
		return daemon_copy(d->log_target, sizeof(d->log_target), value, "the log target");
	case OPT_LOG_LEVEL:
		if (log_level_parse(value, &d->log_level))
			return true;
		fprintf(stderr, "no such log level: %s\n", value);
		return false;
	default:
		return false;
	}
}

static void
daemon_defaults(struct daemon *d)
{
	const char *sep = d->instance[0] ? "/" : "";
	d->own_run_dir = !d->run_dir[0];
	if (d->own_run_dir)
		snprintf(d->run_dir, sizeof(d->run_dir), "/run/grevy%s%s", sep, d->instance);
	if (!d->state_dir[0])
		snprintf(d->state_dir, sizeof(d->state_dir), "/var/lib/grevy%s%s", sep, d->instance);
	if (!d->log_target[0])
		snprintf(d->log_target, sizeof(d->log_target), "%s", d->background ? "syslog" : "stdout");
}

/* The tables of getopt: the common options, then the daemon's own. */
static void
daemon_option_tables(const struct daemon *d, struct option *options, char *letters)
{
	size_t own = 0;
	memcpy(options, common, sizeof(common));
	memcpy(letters, "N:di:vh", sizeof("N:di:vh"));
	letters += strlen(letters);
	for (const struct daemon_option *o = d->def->options; o && o->name && own < DAEMON_OPTIONS; o++) {
		options[COMMON + own] = (struct option){o->name,
			o->flag ? no_argument : required_argument, NULL, OWN_OPTION + (int)own};
		own++;
		if (!o->letter)
			continue;
		*letters++ = o->letter;
		if (!o->flag)
			*letters++ = ':';
		*letters = '\0';
	}
}

/* The value of an option of the daemon's own; false: it is none. */
static bool
daemon_own_option(struct daemon *d, int opt)
{
	size_t i = 0;
	for (const struct daemon_option *o = d->def->options; o && o->name && i < DAEMON_OPTIONS; o++, i++)
		if (opt == OWN_OPTION + (int)i || (o->letter && opt == o->letter)) {
			d->values[i] = optarg ? optarg : "";
			return true;
		}
	return false;
}

int
daemon_parse(struct daemon *d, int argc, char **argv)
{
	struct option options[COMMON + DAEMON_OPTIONS + 1] = {0};
	char letters[16 + 2 * DAEMON_OPTIONS];
	daemon_option_tables(d, options, letters);
	for (int opt; (opt = getopt_long(argc, argv, letters, options, NULL)) != -1;) {
		if (opt == 'v') {
			printf("%s (Grevy) %s\n", d->def->name, GREVY_VERSION);
			return 0;
		}
		if (opt == 'h') {
			daemon_usage(d, stdout);
			return 0;
		}
		if (opt == '?' || (!daemon_own_option(d, opt) && !daemon_option_take(d, opt, optarg))) {
			daemon_usage(d, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: what is %s?\n", d->def->name, argv[optind]);
		return 2;
	}
	daemon_defaults(d);
	return -1;
}

/* The directory and those above it; the last one belongs to the user that we become. */
static bool
daemon_make_dir(const char *path, mode_t mode)
{
	char part[256];
	struct priv_ids ids = priv_ids();
	for (size_t i = 1; i < sizeof(part) && path[i - 1]; i++) {
		if (path[i] != '/' && path[i])
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, path[i] ? 0755 : mode) < 0 && errno != EEXIST) {
			fprintf(stderr, "%s: %s\n", part, strerror(errno));
			return false;
		}
	}
	if (ids.uid != (uid_t)-1 && chown(path, ids.uid, ids.gid) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return true;
}

bool
daemon_make_dirs(struct daemon *d)
{
	return daemon_make_dir(d->run_dir, 0755) && daemon_make_dir(d->state_dir, 0750);
}

const char *
daemon_option(const struct daemon *d, const char *name)
{
	size_t i = 0;
	for (const struct daemon_option *o = d->def->options; o && o->name && i < DAEMON_OPTIONS; o++, i++)
		if (!strcmp(o->name, name))
			return d->values[i];
	return NULL;
}

const char *
daemon_log_target(const struct daemon *d)
{
	return d->log_target;
}

const char *
daemon_yang_dir(void)
{
	static char dir[512];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 32);
	if (n <= 0)
		return "/usr/local/share/grevy/yang";
	dir[n] = '\0';
	char *end = strrchr(dir, '/');
	end = end ? end : dir;
	snprintf(end, sizeof(dir) - (size_t)(end - dir), "/../share/grevy/yang");
	return dir;
}
