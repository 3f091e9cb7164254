/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting touches most of a program and of its libraries, and the kernel maps 16 pages around each that is touched
 * (mm/memory.c, do_fault_around). Where many small processes wait, that is most of what each of them holds. What
 * is let go here was only read; it is still in the page cache and comes back without I/O. Locked pages stay.
 */
#include "lib/trim.h"

#include <link.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static int
trim_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	(void)size, (void)arg;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		if (p->p_type != PT_LOAD || p->p_flags & PF_W)
			continue;
		uintptr_t start = (info->dlpi_addr + p->p_vaddr) & ~(page - 1);
		madvise((void *)start, info->dlpi_addr + p->p_vaddr + p->p_memsz - start, MADV_DONTNEED);
	}
	return 0;
}

void
trim_text(void)
{
	dl_iterate_phdr(trim_object, NULL);
}
