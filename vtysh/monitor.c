/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal monitor: a session to each daemon on which log lines come in. Owns those sessions. */
#include "vtysh/views.h"

#include <string.h>

#include "gen/northbound.pb-c.h"

static struct session *monitor[SHELL_DAEMONS];
static const char *const monitored[] = {"zebra", "bfdd", "ospfd", "vrrpd", "mgmtd", "grevy", NULL};

void
do_terminal_monitor(const struct exec_call *c)
{
	char err[256];
	bool on = !strcmp(c->row->arg, "on") && !call_flag(c, "no");
	for (unsigned i = 0; monitored[i]; i++) {
		session_close(monitor[i]);
		monitor[i] = NULL;
		if (!on)
			continue;
		Nb__LogSubscribe m = NB__LOG_SUBSCRIBE__INIT;
		monitor[i] = session_open(c->sh->run_dir, monitored[i], err, sizeof(err));
		if (!monitor[i] || !session_send(monitor[i], NB__NB_TYPE__NB_LOG_SUBSCRIBE, &m.base))
			out_printf(c->sh->out, "%% %s\n", err);
	}
}

unsigned
monitor_fds(int *fds, unsigned max)
{
	unsigned n = 0;
	for (unsigned i = 0; monitored[i] && n < max; i++)
		if (session_alive(monitor[i]))
			fds[n++] = session_fd(monitor[i]);
	return n;
}

void
monitor_read(struct shell *sh, int fd, void (*print)(const char *line))
{
	unsigned type;
	const uint8_t *p;
	size_t len;
	(void)sh;
	for (unsigned i = 0; monitored[i]; i++) {
		int got = 0;
		if (!session_alive(monitor[i]) || session_fd(monitor[i]) != fd)
			continue;
		while ((got = session_recv(monitor[i], &type, &p, &len, 0)) == 1) {
			if (type != NB__NB_TYPE__NB_LOG_LINE)
				continue;
			Nb__LogLine *l = nb__log_line__unpack(NULL, len, p);
			if (l)
				print(l->line);
			if (l)
				nb__log_line__free_unpacked(l, NULL);
		}
		if (got < 0) {
			print("% a daemon went away; `terminal monitor` again when it is back");
			session_close(monitor[i]);
			monitor[i] = NULL;
		}
	}
}
