/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vtysh: arguments, and which of its lives it leads: a terminal, commands, a file, standard input. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "vtysh/file.h"
#include "vtysh/shell.h"
#include "vtysh/term.h"
#include "vtysh/vtyserve.h"

struct arguments {
	const char *name, *run_dir, *file, *config;
	const char **commands;
	unsigned command_n;
	bool boot, check, mark, serve;
};

static const struct option options[] = {
	{"pathspace", required_argument, NULL, 'N'}, {"run-dir", required_argument, NULL, 'R'},
	{"command", required_argument, NULL, 'c'}, {"inputfile", required_argument, NULL, 'f'},
	{"boot", no_argument, NULL, 'b'}, {"dryrun", no_argument, NULL, 'C'}, {"markfile", no_argument, NULL, 'm'},
	{"daemon", required_argument, NULL, 'd'}, {"config", required_argument, NULL, 'F'},
	{"echo", no_argument, NULL, 'E'}, {"no-fork", no_argument, NULL, 'n'}, {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'v'}, {"vty_socket", required_argument, NULL, 'S'},
	{"vty-sockets", no_argument, NULL, 'V'},
	{"config_dir", required_argument, NULL, 'D'}, {"bindir", required_argument, NULL, 'D'}, {NULL, 0, NULL, 0},
};

static const char usage[] =
	"Usage: vtysh [-N NAME] [--run-dir DIR] [-d DAEMON] [-c COMMAND]... [-f FILE] [-b] [-C] [-m]\n"
	"  -N, --pathspace NAME   the router of that name (run directory /run/grevy/NAME)\n"
	"      --run-dir DIR      its run directory\n"
	"  -c, --command COMMAND  run COMMAND, several are run in turn\n"
	"  -f, --inputfile FILE   load FILE as one transaction; - is standard input\n"
	"  -b, --boot             load the router's configuration file in place of what runs\n"
	"      --config FILE      that file, instead of the one the router was started with\n"
	"  -C, --dryrun           only check, with -f; no router needed\n"
	"  -m, --markfile         echo FILE with the ends of its contexts, with -f\n"
	"  -d, --daemon DAEMON    ask this daemon only\n"
	"  -E, --echo             show commands and prompts as if typed, with -c\n"
	"      --vty-sockets      serve DAEMON.vty sockets in the run directory, for exporters that know FRR's\n"
	"  -v, --version          print the version\n";

static bool
parse(int argc, char **argv, struct arguments *a, struct shell *sh)
{
	int o;
	a->commands = mem_array((size_t)argc + 1, sizeof(char *));
	while ((o = getopt_long(argc, argv, "N:c:f:bCmd:EnhveuA", options, NULL)) != -1) {
		switch (o) {
		case 'N': a->name = optarg; break;
		case 'R': a->run_dir = optarg; break;
		case 'c': a->commands[a->command_n++] = optarg; break;
		case 'f': a->file = optarg; break;
		case 'b': a->boot = true; break;
		case 'C': a->check = true; break;
		case 'm': a->mark = true; break;
		case 'd': sh->only = optarg; break;
		case 'F': a->config = optarg; break;
		case 'V': a->serve = true; break;
		case 'E': sh->echo = true; break;
		case 'S': a->run_dir = optarg; break; /* where FRR's sockets would be */
		case 'D': case 'n': case 'e': case 'u': case 'A': break; /* FRR's, without meaning here */
		case 'v': printf("vtysh of Grevy %s\n", GREVY_VERSION); exit(0);
		case 'h': fputs(usage, stdout); exit(0);
		default: fputs(usage, stderr); return false;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "vtysh: %s: unexpected argument\n%s", argv[optind], usage);
		return false;
	}
	return true;
}

static void
find_router(struct shell *sh, const struct arguments *a)
{
	sh->instance = a->name ? a->name : "";
	sh->config_path = a->config;
	if (a->run_dir)
		snprintf(sh->run_dir, sizeof(sh->run_dir), "%s", a->run_dir);
	else
		snprintf(sh->run_dir, sizeof(sh->run_dir), "/run/grevy%s%s", a->name ? "/" : "", sh->instance);
	if (gethostname(sh->host, sizeof(sh->host) - 1) < 0)
		snprintf(sh->host, sizeof(sh->host), "router");
}

/* One -c may hold several lines; they share the mode. */
static void
run_commands(struct shell *sh, const struct arguments *a)
{
	char prompt[128];
	for (unsigned i = 0; i < a->command_n && !sh->quit; i++) {
		char *copy = mem_strdup(a->commands[i]);
		for (char *save = NULL, *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
			shell_prompt(sh, prompt, sizeof(prompt));
			if (sh->echo)
				printf("%s%s\n", prompt, l);
			shell_line(sh, l);
		}
		mem_free(copy);
	}
}

/* Lines of standard input, as typed at a terminal. */
static void
run_input(struct shell *sh)
{
	char *line = NULL, prompt[128];
	size_t cap = 0;
	shell_hostname(sh);
	for (ssize_t n; !sh->quit && (n = getline(&line, &cap, stdin)) >= 0;) {
		bool whole = strlen(line) == (size_t)n; /* no NUL in it */
		line[strcspn(line, "\r\n")] = '\0';
		shell_prompt(sh, prompt, sizeof(prompt));
		printf("%s%s\n", prompt, line);
		if (!whole) {
			shell_error(sh, "%% A NUL in the line");
			continue;
		}
		shell_line(sh, line);
	}
	free(line);
}

int
main(int argc, char **argv)
{
	struct arguments a = {0};
	struct shell sh = {.page = 0};
	char path[512];
	if (!parse(argc, argv, &a, &sh))
		return 2;
	find_router(&sh, &a);
	sh.out = out_new();
	shell_config_file(&sh, path, sizeof(path));
	struct file_options o = {.replace = a.boot, .startup = a.boot, .check = a.check, .wait = a.boot};
	const char *file = a.file ? a.file : a.boot || a.check ? path : NULL;
	if (a.serve)
		vtyserve_run(&sh);
	else if (a.mark && file)
		file_mark(&sh, file);
	else if (file)
		file_apply(&sh, file, &o);
	else if (a.command_n)
		run_commands(&sh, &a);
	else if (isatty(STDIN_FILENO))
		term_run(&sh);
	else
		run_input(&sh);
	shell_leave_config(&sh);
	for (unsigned i = 0; i < SHELL_DAEMONS; i++)
		session_close(sh.daemon[i]);
	out_free(sh.out);
	mem_free(a.commands);
	return sh.status;
}
