/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shell: where it talks to, the mode it is in, and how a line is run. */
#ifndef GREVY_VTYSH_SHELL_H
#define GREVY_VTYSH_SHELL_H

#include "vtysh/edit.h"
#include "vtysh/mgmt.h"
#include "vtysh/out.h"

#define SHELL_DAEMONS 8
#define SHELL_HISTORY 200

struct shell {
	char run_dir[128];
	const char *instance;      /* -N, "" for the default one */
	const char *config_path;   /* --config; NULL: what <run-dir>/config-file says */
	const char *only;          /* -d: ask this daemon only */
	bool interactive;          /* prompts, pager, history */
	bool echo;                 /* standard input is a file: prompts and commands are shown */
	bool mark;                 /* -m */
	bool in_config;
	Mgmt__Open__Kind kind;     /* of the configuration session, while in_config */
	struct mode_stack modes;
	const struct schema *schema;
	struct session *mgmt;      /* that session */
	struct session *daemon[SHELL_DAEMONS];
	struct out *out;
	unsigned page;             /* terminal length; 0: no pager */
	char host[64];
	bool quit;
	int status;                /* exit status: 1 when anything failed */
	char *history[SHELL_HISTORY];
	unsigned history_n;
};

/* Runs one line as typed, in the mode the shell is in. Errors are printed and set status. */
void shell_line(struct shell *sh, const char *line);
/* An exec command (after `do`, or in exec mode). */
void shell_exec(struct shell *sh, const char *line);
void shell_prompt(const struct shell *sh, char *out, size_t size);
void shell_error(struct shell *sh, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void shell_leave_config(struct shell *sh);
/* The configured name, where mgmtd answers; else the machine's. */
void shell_hostname(struct shell *sh);

/* Loads the schema at the first call; NULL: printed why. */
const struct schema *shell_schema(struct shell *sh);
/* A cached session; NULL: err says why. */
struct session *shell_session(struct shell *sh, const char *daemon, char *err, size_t size);
const char *shell_yang_dir(void);
/* A store of mgmtd as a tree. False: err says why; *tree may be NULL (empty). */
bool shell_config(struct shell *sh, Mgmt__Get__Store store, unsigned commit, struct lyd_node **tree,
	char *err, size_t size);
void shell_print_reply(struct shell *sh, const struct mgmt_reply *r);
void shell_fault(struct shell *sh, const struct cli_fault *f, const struct cli_line *l);
/* Path of the config file into out. */
void shell_config_file(const struct shell *sh, char *out, size_t size);

#endif
