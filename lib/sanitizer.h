/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What the runtimes of sanitizers offer, null where the program has none. The
 * library need not be built with one to use them. For ELF: Mach-O has no such symbols.
 */
#ifndef GCCOLOR_SANITIZER_H
#define GCCOLOR_SANITIZER_H

#include <stddef.h>
#include <stdint.h>

void __asan_unpoison_memory_region(const volatile void *addr, size_t length)
	__attribute__((weak));
void __msan_unpoison(const volatile void *addr, size_t length)
	__attribute__((weak));

static inline void sanitizer_fresh(uintptr_t addr, size_t length)
{
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region((void *)addr, length);
	if (__msan_unpoison)
		__msan_unpoison((void *)addr, length);
}

#endif /* GCCOLOR_SANITIZER_H */
