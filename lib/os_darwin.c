// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <errno.h>
#include <libproc.h>
#include <mach/mach.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "os.h"
#include "os_unix.h"

/* There is no MSan here, and what ASan's user poisoned himself is his to clear. */
void os_fresh(uintptr_t addr, size_t length)
{
	(void)addr;
	(void)length;
}

int os_random(uint64_t *out)
{
	*out = 0;	/* MSan does not know who writes next */
	return getentropy(out, sizeof(*out)) ? -errno : 0;
}

/* Mach replaces nothing unless told to; protection and flags come with mmap over it. */
void *os_map_at(uintptr_t addr, size_t length, int prot, int flags)
{
	vm_address_t at = addr;
	kern_return_t error;
	void *p;

	error = vm_map(mach_task_self(), &at, length, 0, VM_FLAGS_FIXED, MEMORY_OBJECT_NULL,
		       0, FALSE, VM_PROT_NONE, VM_PROT_ALL, VM_INHERIT_COPY);
	if (error != KERN_SUCCESS) {
		errno = error == KERN_NO_SPACE ? EEXIST : ENOMEM;
		return MAP_FAILED;
	}
	p = os_map_over(addr, length, prot, MAP_PRIVATE | MAP_ANON | flags);
	if (p == MAP_FAILED)
		vm_deallocate(mach_task_self(), at, length);
	return p;
}

/*
 * Code lives in MAP_JIT memory, which a thread makes writable for itself with
 * pthread_jit_write_protect_np(). The kernel refuses MAP_JIT with MAP_FIXED: the
 * place is given up for a moment, and what came to lie elsewhere goes back.
 */
static void *map_code(uintptr_t addr, size_t length, int flags)
{
	void *p;

	munmap((void *)addr, length);
	p = mmap((void *)addr, length, PROT_READ | PROT_WRITE | PROT_EXEC, flags | MAP_JIT,
		 -1, 0);
	if (p == MAP_FAILED || (uintptr_t)p == addr)
		return p;
	munmap(p, length);
	errno = EEXIST;
	return MAP_FAILED;
}

void *os_map_over(uintptr_t addr, size_t length, int prot, int flags)
{
	if (prot & PROT_EXEC)
		return map_code(addr, length, flags);
	return mmap((void *)addr, length, prot, flags | MAP_FIXED, -1, 0);
}

int os_occupant(uintptr_t start, uintptr_t end, struct os_occupant *out)
{
	vm_region_basic_info_data_64_t info;
	mach_msg_type_number_t count = VM_REGION_BASIC_INFO_COUNT_64;
	mach_port_t object = MACH_PORT_NULL;
	vm_address_t at = start;
	char name[PROC_PIDPATHINFO_MAXSIZE] = "";
	vm_size_t length;

	if (vm_region_64(mach_task_self(), &at, &length, VM_REGION_BASIC_INFO_64,
			 (vm_region_info_t)&info, &count, &object) != KERN_SUCCESS ||
	    at >= end)
		return -ENOENT;
	out->start = at;
	out->end = at + length;
	if (proc_regionfilename(getpid(), at, name, sizeof(name)) <= 0)
		name[0] = '\0';
	os_occupant_name(out, name[0] ? name : "anonymous memory");
	return 0;
}

bool os_mapped(uintptr_t addr)
{
	struct os_occupant who;

	return os_occupant(addr, addr + 1, &who) == 0 && who.start <= addr;
}
