/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The allow-list of system calls: a base for every daemon and a daemon's own additions. Owns nothing.
 * A refused call is a bug in a list or an attack: the process says which one it was and aborts.
 */
#include "lib/priv.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/log.h"

#ifndef __SANITIZE_ADDRESS__
/* What the loop, the sockets, the log, malloc, threads and stdio of glibc need. */
static const int priv_base[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
	SCMP_SYS(pwrite64), SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(statx), SCMP_SYS(fstatfs), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect),
	SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(futex),
	SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(clone),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid),
	SCMP_SYS(tgkill), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
	SCMP_SYS(eventfd2), SCMP_SYS(pipe2), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept4),
	SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(shutdown), SCMP_SYS(socketpair),
	SCMP_SYS(openat), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
	SCMP_SYS(renameat2), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate), SCMP_SYS(fcntl), SCMP_SYS(ioctl), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64), SCMP_SYS(getrusage), SCMP_SYS(times), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(getcwd), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat), SCMP_SYS(getdents64), SCMP_SYS(restart_syscall), SCMP_SYS(membarrier),
	SCMP_SYS(dup), SCMP_SYS(fchmod), SCMP_SYS(umask), SCMP_SYS(flock), SCMP_SYS(prctl),
};
static const int priv_families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

static void
priv_refused(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	log_crash("refused by the sandbox (name it by scmp_sys_resolver): system call",
		(unsigned long)info->si_syscall);
	signal(SIGABRT, SIG_DFL); /* the crash file has its last words already */
	abort();
}

static int
priv_rules(scmp_filter_ctx ctx, const struct priv_def *def)
{
	int error = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	/* Threads by clone, whose flags could be seen; glibc falls back to it. */
	error = error ? error : seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	for (size_t i = 0; !error && i < sizeof(priv_base) / sizeof(priv_base[0]); i++)
		error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, priv_base[i], 0);
	for (size_t i = 0; !error && i < sizeof(priv_families) / sizeof(priv_families[0]); i++)
		error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)priv_families[i]));
	for (const int *f = def ? def->families : NULL; !error && f && *f != -1; f++)
		error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)*f));
	for (const int *s = def ? def->syscalls : NULL; !error && s && *s != -1; s++)
		error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, *s, 0);
	return error;
}

void
priv_filter(const struct priv_def *def)
{
	struct sigaction sa = {.sa_sigaction = priv_refused, .sa_flags = SA_SIGINFO | SA_NODEFER};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);
	int error = ctx ? priv_rules(ctx, def) : -ENOMEM;
	sigaction(SIGSYS, &sa, NULL);
	if (!error)
		error = seccomp_load(ctx);
	seccomp_release(ctx);
	if (error) /* a kernel or container without seccomp: the capabilities are gone all the same */
		log_warning("priv.seccomp", "error=\"%s\"", strerror(-error));
}
#else
void
priv_filter(const struct priv_def *def)
{
	(void)def;
	log_notice("priv.seccomp", "error=\"left out: a sanitizer build needs other system calls\"");
}
#endif
