/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serves <run-dir>/<daemon>.vty as FRR's daemons do: a command and a NUL come in; the answer, three
 * NULs and a status octet go out. Only commands that show something are run. The status is always 0:
 * the exporter reads until the last octet is NUL and would wait for its time limit otherwise
 * (ECOSYSTEM 4). Clients are served one after the other; a slow one is cut off.
 */
#include "vtysh/vtyserve.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mem.h"

#define CLIENTS_MAX 64
#define COMMAND_MAX 1024

static const char *const sockets[] = {"zebra", "ospfd", "bgpd", "bfdd", "vrrpd", NULL};
#define SOCKETS 5

struct client {
	int fd;
	char in[COMMAND_MAX];
	size_t len;
};
struct server {
	struct shell *sh;
	int listener[SOCKETS];
	char path[SOCKETS][108];
	struct client c[CLIENTS_MAX];
	unsigned n;
};

static volatile sig_atomic_t ending;

static void
on_end(int sig)
{
	(void)sig;
	ending = 1;
}

static int
serve_socket(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	const struct group *g = getgrnam("grevyvty");
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(path);
	mode_t old = umask(0117);
	bool ok = fd >= 0 && !bind(fd, (struct sockaddr *)&un, sizeof(un)) && !listen(fd, 16);
	umask(old);
	if (ok && g && chown(path, (uid_t)-1, g->gr_gid) < 0)
		fprintf(stderr, "vtysh: %s: no group grevyvty\n", path);
	if (!ok) {
		fprintf(stderr, "vtysh: %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool
may_run(const char *command)
{
	static const char *const words[] = {"show", "enable", "disable", "exit", "terminal", NULL};
	size_t n = strcspn(command, " ");
	for (unsigned i = 0; n >= 2 && words[i]; i++)
		if (!strncmp(words[i], command, n) && n <= strlen(words[i]))
			return !strchr(command, '|');
	return false;
}

static bool
write_all(int fd, const char *p, size_t len)
{
	while (len) {
		struct pollfd w = {fd, POLLOUT, 0};
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR) || poll(&w, 1, 5000) <= 0) {
			return false;
		}
	}
	return true;
}

/* Runs one command and sends the answer; false: the client is gone. */
static bool
answer(struct server *s, int fd, const char *command)
{
	static const char end[4];
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	if (!f)
		return false;
	out_to(s->sh->out, f);
	if (may_run(command))
		shell_exec(s->sh, command);
	else
		fprintf(f, "%% Unknown command: %s\n", command);
	s->sh->quit = false;
	out_to(s->sh->out, stdout);
	fclose(f);
	bool ok = write_all(fd, text, len) && write_all(fd, end, sizeof(end));
	free(text);
	return ok;
}

static bool
client_read(struct server *s, struct client *c)
{
	ssize_t n = recv(c->fd, c->in + c->len, sizeof(c->in) - c->len, MSG_DONTWAIT);
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	c->len += (size_t)n;
	char *nul;
	while ((nul = memchr(c->in, '\0', c->len))) {
		size_t used = (size_t)(nul - c->in) + 1;
		if (!answer(s, c->fd, c->in))
			return false;
		c->len -= used;
		memmove(c->in, c->in + used, c->len);
	}
	return c->len < sizeof(c->in);
}

static void
client_drop(struct server *s, unsigned i)
{
	close(s->c[i].fd);
	s->c[i] = s->c[--s->n];
}

static void
turn(struct server *s)
{
	struct pollfd p[SOCKETS + CLIENTS_MAX];
	unsigned clients = s->n;
	for (unsigned i = 0; i < SOCKETS; i++)
		p[i] = (struct pollfd){s->n < CLIENTS_MAX ? s->listener[i] : -1, POLLIN, 0};
	for (unsigned i = 0; i < clients; i++)
		p[SOCKETS + i] = (struct pollfd){s->c[i].fd, POLLIN, 0};
	if (poll(p, SOCKETS + clients, -1) <= 0)
		return;
	for (unsigned i = clients; i-- > 0;)
		if (p[SOCKETS + i].revents && !client_read(s, &s->c[i]))
			client_drop(s, i);
	for (unsigned i = 0; i < SOCKETS; i++) {
		int fd = p[i].revents && s->n < CLIENTS_MAX ? accept4(s->listener[i], NULL, NULL, SOCK_CLOEXEC) : -1;
		if (fd >= 0) {
			s->c[s->n].fd = fd;
			s->c[s->n++].len = 0;
		}
	}
}

void
vtyserve_run(struct shell *sh)
{
	struct server *s = mem_zalloc(sizeof(*s));
	struct sigaction sa = {.sa_handler = on_end};
	unsigned served = 0;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	s->sh = sh;
	shell_hostname(sh);
	for (unsigned i = 0; i < SOCKETS; i++) {
		snprintf(s->path[i], sizeof(s->path[i]), "%.90s/%s.vty", sh->run_dir, sockets[i]);
		s->listener[i] = serve_socket(s->path[i]);
		served += s->listener[i] >= 0;
	}
	while (served && !ending)
		turn(s);
	while (s->n)
		client_drop(s, s->n - 1);
	for (unsigned i = 0; i < SOCKETS; i++) {
		if (s->listener[i] < 0)
			continue;
		close(s->listener[i]);
		unlink(s->path[i]);
	}
	sh->status = !served;
	mem_free(s);
}
