/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts a cable silently: as long as this program lives, every frame that arrives at the device is thrown
 * away, and its carrier stays. Two of them, one at each end, are a cable that nobody can see broken.
 *
 *   cut NETNS DEVICE
 *
 * Prints a line when the cut is made; ends, and heals, when stdin closes or when it is killed. The drop
 * is a two-instruction XDP program: it comes before packet sockets, which a filter or a
 * traffic class would let see the frame. The kernel detaches it with the last descriptor.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
fail(const char *what)
{
	fprintf(stderr, "cut: %s: %s\n", what, strerror(errno));
	return 1;
}

static int
bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int
load_drop(void)
{
	static const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_DROP},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {0};
	attr.prog_type = BPF_PROG_TYPE_XDP;
	attr.insns = (uintptr_t)program;
	attr.insn_cnt = sizeof(program) / sizeof(program[0]);
	attr.license = (uintptr_t)"GPL";
	return bpf(BPF_PROG_LOAD, &attr);
}

int
main(int argc, char **argv)
{
	union bpf_attr attr = {0};
	char octet;

	if (argc != 3) {
		fprintf(stderr, "usage: cut NETNS DEVICE\n");
		return 2;
	}
	int ns = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET) < 0)
		return fail(argv[1]);
	unsigned index = if_nametoindex(argv[2]);
	if (!index)
		return fail(argv[2]);
	int program = load_drop();
	if (program < 0)
		return fail("program");
	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.target_ifindex = index;
	attr.link_create.attach_type = BPF_XDP;
	attr.link_create.flags = XDP_FLAGS_SKB_MODE;
	if (bpf(BPF_LINK_CREATE, &attr) < 0)
		return fail("attach");
	printf("cut\n");
	fflush(stdout);
	while (read(0, &octet, 1) > 0)
		continue;
	return 0;
}
