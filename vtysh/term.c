/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readline around the shell: `?` prints the choices at once, Tab completes words and names, Ctrl-Z
 * leaves the configuration, log lines of `terminal monitor` appear above the prompt.
 */
#include "vtysh/term.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "lib/mem.h"
#include "vtysh/views.h"

static struct shell *the_shell;
static bool line_done;
static char *typed;

static void
on_interrupt(int sig)
{
	(void)sig;
	session_interrupted = 1;
}

/* --- ? ------------------------------------------------------------------------------------------- */
static void
choices_print(const struct choices *c)
{
	unsigned width = 10;
	for (unsigned i = 0; i < c->n; i++)
		if (strlen(c->c[i].word) > width)
			width = (unsigned)strlen(c->c[i].word);
	putchar('\n');
	for (unsigned i = 0; i < c->n; i++)
		printf("  %-*s  %s\n", (int)width, c->c[i].word, c->c[i].help);
	if (c->cr)
		puts("  <cr>");
	if (!c->n && !c->cr)
		puts("% There is no matched command.");
}

static int
key_question(int count, int key)
{
	struct choices c;
	(void)count;
	(void)key;
	char *line = mem_printf("%.*s", rl_point, rl_line_buffer);
	choices_for(the_shell, line, true, &c);
	choices_print(&c);
	choices_free(&c);
	mem_free(line);
	rl_on_new_line();
	rl_forced_update_display();
	return 0;
}

/* --- Tab ------------------------------------------------------------------------------------------ */
static struct choices completing;
static unsigned complete_at;

static char *
next_word(const char *text, int state)
{
	(void)text;
	if (!state)
		complete_at = 0;
	while (complete_at < completing.n) {
		const struct choice *c = &completing.c[complete_at++];
		if (c->insert)
			return strdup(c->word); /* readline frees it */
	}
	return NULL;
}

static char **
complete(const char *text, int start, int end)
{
	(void)start;
	rl_attempted_completion_over = 1;
	char *line = mem_printf("%.*s", end, rl_line_buffer);
	choices_free(&completing);
	choices_for(the_shell, line, true, &completing);
	mem_free(line);
	return rl_completion_matches(text, next_word);
}

static void
show_matches(char **matches, int n, int width)
{
	(void)matches;
	(void)n;
	(void)width;
	choices_print(&completing);
	rl_on_new_line();
	rl_forced_update_display();
}

/* --- Ctrl-Z --------------------------------------------------------------------------------------- */
static int
key_end(int count, int key)
{
	(void)count;
	(void)key;
	if (!the_shell->in_config)
		return 0;
	rl_replace_line("end", 0);
	rl_redisplay();
	return rl_newline(1, '\n');
}

/* --- the loop -------------------------------------------------------------------------------------- */
static void
take_line(char *line)
{
	typed = line;
	line_done = true;
	rl_callback_handler_remove();
}

static void
print_above(const char *line)
{
	rl_clear_visible_line();
	printf("%s%s", line, *line && line[strlen(line) - 1] == '\n' ? "" : "\n");
	rl_on_new_line();
	rl_redisplay();
}

/* A line, while log lines of the daemons may come in. NULL: end of input. */
static char *
read_line(struct shell *sh, const char *prompt)
{
	line_done = false;
	typed = NULL;
	rl_callback_handler_install(prompt, take_line);
	while (!line_done) {
		struct pollfd p[SHELL_DAEMONS + 1] = {{STDIN_FILENO, POLLIN, 0}};
		int fds[SHELL_DAEMONS];
		unsigned n = monitor_fds(fds, SHELL_DAEMONS);
		for (unsigned i = 0; i < n; i++)
			p[i + 1] = (struct pollfd){fds[i], POLLIN, 0};
		int k = poll(p, n + 1, -1);
		if (k < 0 && session_interrupted) { /* ^C: a fresh line */
			session_interrupted = 0;
			rl_free_line_state();
			rl_callback_sigcleanup();
			rl_replace_line("", 0);
			puts("^C");
			rl_on_new_line();
			rl_redisplay();
			continue;
		}
		if (k <= 0)
			continue;
		for (unsigned i = 0; i < n; i++)
			if (p[i + 1].revents)
				monitor_read(sh, fds[i], print_above);
		if (p[0].revents)
			rl_callback_read_char();
	}
	return typed;
}

static void
remember(struct shell *sh, const char *line)
{
	if (!*line)
		return;
	add_history(line);
	if (sh->history_n == SHELL_HISTORY) {
		mem_free(sh->history[0]);
		memmove(sh->history, sh->history + 1, (SHELL_HISTORY - 1) * sizeof(char *));
		sh->history_n--;
	}
	sh->history[sh->history_n++] = mem_strdup(line);
}

static struct termios terminal_before;

static void
terminal_restore(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
}

/* Ctrl-Z is a key of ours, not the terminal's. */
static void
terminal_prepare(void)
{
	struct termios t;
	if (tcgetattr(STDIN_FILENO, &t) < 0)
		return;
	terminal_before = t;
	atexit(terminal_restore);
	t.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

static void
setup(struct shell *sh)
{
	struct winsize ws;
	struct sigaction sa = {.sa_handler = on_interrupt};
	sigaction(SIGINT, &sa, NULL);
	terminal_prepare();
	signal(SIGPIPE, SIG_IGN);
	the_shell = sh;
	sh->interactive = true;
	bool screen = isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_row;
	sh->page = screen ? ws.ws_row : 0;
	shell_hostname(sh);
	rl_catch_signals = 0;
	rl_readline_name = "vtysh";
	rl_initialize();
	rl_bind_key('?', key_question);
	rl_bind_key(CTRL('Z'), key_end);
	rl_attempted_completion_function = complete;
	rl_completion_display_matches_hook = show_matches;
	rl_completer_word_break_characters = (char *)(uintptr_t) " ";
	rl_basic_quote_characters = "";
	rl_completer_quote_characters = "";
}

void
term_run(struct shell *sh)
{
	char prompt[128];
	setup(sh);
	printf("\nHello, this is Grevy (version %s).\n\n", GREVY_VERSION);
	while (!sh->quit) {
		shell_prompt(sh, prompt, sizeof(prompt));
		char *line = read_line(sh, prompt);
		if (!line) {
			putchar('\n');
			if (!sh->in_config)
				break;
			shell_leave_config(sh);
			continue;
		}
		remember(sh, line);
		shell_line(sh, line);
		session_interrupted = 0;
		free(line);
	}
	choices_free(&completing);
	for (unsigned i = 0; i < sh->history_n; i++)
		mem_free(sh->history[i]);
	sh->status = 0;
}
