/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exec commands that show nothing: to daemons, to the terminal, to programs of the system. */
#include "vtysh/views.h"

#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"

const char *const daemon_names[] = {"zebra", "bfdd", "ospfd", "vrrpd", "mgmtd", NULL};

void
do_nothing(const struct exec_call *c)
{
	(void)c;
}

void
do_exit(const struct exec_call *c)
{
	c->sh->quit = true;
}

/* arg: "daemon rpc"; the values of the command are its arguments. */
void
do_rpc(const struct exec_call *c)
{
	char daemon[32], err[256], *text = NULL;
	const char *space = strchr(c->row->arg, ' ');
	struct key_value kv[4];
	unsigned n = 0;
	snprintf(daemon, sizeof(daemon), "%.*s", (int)(space - c->row->arg), c->row->arg);
	for (unsigned i = 0; i < c->m->n && n < 4; i++)
		kv[n++] = (struct key_value){c->m->b[i].tok->name, match_bind(c->m, i)};
	struct session *s = shell_session(c->sh, daemon, err, sizeof(err));
	if (!s || !session_rpc(s, space + 1, kv, n, &text, err, sizeof(err)))
		shell_error(c->sh, "%% %s", err);
	else if (text && *text)
		out_printf(c->sh->out, "%s%s", text, text[strlen(text) - 1] == '\n' ? "" : "\n");
	mem_free(text);
}

/* Debugging is a level of the daemon's log, until switched off or the daemon ends. */
void
do_debug(const struct exec_call *c)
{
	char err[256];
	const char *daemon = call_value(c, "daemon");
	struct key_value kv = {"level", call_flag(c, "no") ? "info" : "debug"};
	struct session *s = shell_session(c->sh, daemon, err, sizeof(err));
	if (!s || !session_rpc(s, "log-level", &kv, 1, NULL, err, sizeof(err)))
		shell_error(c->sh, "%% %s", err);
	else
		out_printf(c->sh->out, "%s debugging is %s\n", daemon, call_flag(c, "no") ? "off" : "on");
}

void
do_terminal_length(const struct exec_call *c)
{
	const char *lines = call_value(c, "lines");
	if (lines)
		c->sh->page = (unsigned)strtoul(lines, NULL, 10);
	else
		c->sh->page = call_flag(c, "no") ? 0 : (unsigned)strtoul(c->row->arg, NULL, 10);
}

/* --- programs ------------------------------------------------------------------------------------ */
static void
run(struct shell *sh, char **argv)
{
	int status = 0;
	fflush(stdout);
	pid_t pid = fork();
	if (!pid) {
		signal(SIGPIPE, SIG_DFL);
		execvp(argv[0], argv);
		fprintf(stderr, "%% %s: not found\n", argv[0]);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		sh->status = 1;
}

/* Words become arguments one by one: no shell sees them. `--` keeps a host from being an option. */
void
do_ping(const struct exec_call *c)
{
	char *argv[CLI_WORDS_MAX + 4];
	unsigned n = 0;
	char *program = mem_strdup(c->row->arg);
	const char *extra = call_value(c, "words");
	char *rest = mem_strdup(extra ? extra : ""), *host = mem_strdup(call_value(c, "host"));
	bool is_ping = !strncmp(program, "ping", 4);
	for (char *save = NULL, *w = strtok_r(program, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	char count[] = "-c", five[] = "5", sep[] = "--";
	if (is_ping && !c->sh->interactive) {
		argv[n++] = count;
		argv[n++] = five;
	}
	for (char *save = NULL, *w = strtok_r(rest, " ", &save); w && n < CLI_WORDS_MAX; w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	argv[n++] = sep;
	argv[n++] = host;
	argv[n] = NULL;
	run(c->sh, argv);
	mem_free(program);
	mem_free(rest);
	mem_free(host);
}

/* --- list ---------------------------------------------------------------------------------------- */
void
do_list(const struct exec_call *c)
{
	const char *text = call_value(c, "text");
	regex_t re;
	if (text && regcomp(&re, text, REG_EXTENDED | REG_NOSUB)) {
		shell_error(c->sh, "%% No regular expression: %s", text);
		return;
	}
	for (const struct exec_row *r = exec_rows; r->grammar; r++)
		if (!text || !regexec(&re, r->grammar, 0, NULL, 0))
			out_printf(c->sh->out, "  %s\n", r->grammar);
	const struct cli_mode *mode = c->sh->in_config ? c->sh->modes.m[c->sh->modes.n - 1].mode : NULL;
	for (unsigned i = 0; mode && i < mode->n; i++)
		if (!text || !regexec(&re, mode->phrase[i]->text, 0, NULL, 0))
			out_printf(c->sh->out, "  %s\n", mode->phrase[i]->text);
	if (text)
		regfree(&re);
}
