/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/priv: what a daemon can no longer do. Each attempt is made by a process of its own after priv_drop. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/priv.h"
#include "tests/unit/unit.h"

static const int caps[] = {CAP_NET_RAW, -1};
static const int more[] = {SYS_getpriority, SYS_capget, -1};
static const struct priv_def def = {.caps = caps, .syscalls = more};

/* What becomes of a process that drops its privileges and then does this. */
static int
fate(int (*attempt)(long arg), long arg)
{
	int status = 0;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		log_open("test", "file:/dev/null", LOG_LVL_ERROR);
		log_crash_to("/dev/null");
		priv_prepare();
		if (!priv_drop(&def, "test"))
			_exit(99);
		_exit(attempt(arg));
	}
	waitpid(pid, &status, 0);
	return status;
}

static int __attribute__((unused)) /* by a sanitizer build */
call(long nr)
{
	return syscall(nr, 0, 0, 0, 0, 0, 0) < 0 ? 10 : 11;
}

static void
forbidden_calls_end_the_process(void)
{
#ifndef __SANITIZE_ADDRESS__
	static const long forbidden[] = {SYS_execve, SYS_execveat, SYS_ptrace, SYS_mount, SYS_umount2, SYS_bpf,
		SYS_unshare, SYS_setns, SYS_setuid, SYS_setresuid, SYS_setgid, SYS_kill, SYS_init_module, SYS_chroot,
		SYS_pivot_root, SYS_keyctl, SYS_perf_event_open, SYS_userfaultfd, SYS_process_vm_readv,
		SYS_process_vm_writev, SYS_open_by_handle_at, SYS_swapon, SYS_reboot, SYS_settimeofday,
		SYS_clock_settime, SYS_acct, SYS_io_uring_setup, SYS_chmod, SYS_chown, SYS_fork, SYS_vfork,
		SYS_pidfd_open, SYS_personality, SYS_memfd_create, SYS_capset, SYS_seccomp};
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		int status = fate(call, forbidden[i]);
		CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
		if (!WIFSIGNALED(status))
			printf("# system call %ld was let through\n", forbidden[i]);
	}
#endif
}

static int
open_family(long family)
{
	return socket((int)family, SOCK_DGRAM, 0) < 0 ? 10 : 11;
}

static void
sockets_are_of_four_families(void)
{
	static const int good[] = {AF_UNIX, AF_INET, AF_INET6};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CU_ASSERT_EQUAL(fate(open_family, good[i]), 11 << 8);
#ifndef __SANITIZE_ADDRESS__
	static const int bad[] = {AF_PACKET, AF_ALG, AF_VSOCK, AF_BLUETOOTH};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(WTERMSIG(fate(open_family, bad[i])), SIGABRT);
#endif
}

static int
has_exactly_its_capabilities(long arg)
{
	(void)arg;
	cap_t got = cap_get_proc();
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		static const cap_flag_t kinds[] = {CAP_EFFECTIVE, CAP_PERMITTED, CAP_INHERITABLE};
		for (int k = 0; k < 3; k++) {
			cap_flag_value_t v = CAP_CLEAR;
			cap_get_flag(got, cap, kinds[k], &v);
			if (v != (cap == CAP_NET_RAW && k < 2 ? CAP_SET : CAP_CLEAR))
				return 1 + cap;
		}
		if (cap != CAP_NET_RAW && prctl(PR_CAPBSET_READ, cap) > 0)
			return 60 + cap;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) > 0)
			return 120 + cap;
	}
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 200;
}

static void
capabilities_are_exact(void)
{
	int status = fate(has_exactly_its_capabilities, 0);
	CU_ASSERT_EQUAL(status, 0);
	if (status)
		printf("# status %x\n", (unsigned)status);
}

static int
ordinary_work(long arg)
{
	(void)arg;
	char buf[16];
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	FILE *f = fopen("/proc/self/statm", "re");
	if (fd < 0 || !f || !fgets(buf, sizeof(buf), f) || write(fd, buf, 1) != 1)
		return 1;
	fclose(f);
	close(fd);
	return 0;
}

static int
own_addition(long arg)
{
	return syscall(arg, 0, 0) < 0 ? 10 : 11;
}

static void
what_a_daemon_needs_still_works(void)
{
	CU_ASSERT_EQUAL(fate(ordinary_work, 0), 0);
	CU_ASSERT_EQUAL(fate(own_addition, SYS_getpriority), 11 << 8);
}

static void
the_crash_file_names_the_call(void)
{
#ifndef __SANITIZE_ADDRESS__
	char path[64], text[256] = "", want[32];
	snprintf(path, sizeof(path), "/tmp/grevy-priv-%d", (int)getpid());
	pid_t pid = fork();
	if (pid == 0) {
		log_open("testd", "file:/dev/null", LOG_LVL_ERROR);
		log_crash_to(path);
		priv_drop(&def, "testd");
		_exit(call(SYS_ptrace));
	}
	waitpid(pid, NULL, 0);
	int fd = open(path, O_RDONLY);
	CU_ASSERT(read(fd, text, sizeof(text) - 1) > 0);
	snprintf(want, sizeof(want), "system call %d\n", SYS_ptrace);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, want));
	close(fd);
	unlink(path);
#endif
}

UNIT_TESTS("priv", {"forbidden calls end the process", forbidden_calls_end_the_process},
	{"sockets are of four families", sockets_are_of_four_families},
	{"capabilities are exact", capabilities_are_exact},
	{"what a daemon needs still works", what_a_daemon_needs_still_works},
	{"the crash file names the call", the_crash_file_names_the_call})
