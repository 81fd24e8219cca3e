// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What is in the region: reading it, writing it, and whether it is as it should be. */
#define _GNU_SOURCE
#include "random.h"

static __thread sigjmp_buf trap;
static __thread volatile sig_atomic_t trap_armed;
static struct world *trapped_world;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if (trap_armed)
		siglongjmp(trap, sig);
	found(trapped_world, "signal %d at %p", sig, info->si_addr);
}

void catch_signals(struct world *w)
{
	struct sigaction action = {
		.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER,
	};

	trapped_world = w;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

int peek(unsigned long addr, unsigned long *value)
{
	int sig = sigsetjmp(trap, 0);

	if (!sig) {
		trap_armed = 1;
		*value = *(volatile unsigned long *)addr;
	}
	trap_armed = 0;
	return sig;
}

int poke(unsigned long addr, unsigned long value)
{
	int sig = sigsetjmp(trap, 0);

	if (!sig) {
		trap_armed = 1;
		*(volatile unsigned long *)addr = value;
	}
	trap_armed = 0;
	return sig;
}

/* The first and the last word of a committed page. */
static void check_page(struct world *w, unsigned long addr)
{
	const struct page *page = model_page(&w->model, addr);

	for (int last = 0; last < 2; last++) {
		unsigned long at = addr + last * (page_size - sizeof(long)), value = 0;
		unsigned long want = page ? page->value + last : 0;
		int sig = peek(at, &value);

		/* A page that userfaultfd was told to watch. */
		if (sig == SIGBUS && w->uffd >= 0)
			return;
		if (sig)
			found(w, "reading committed %lx raises signal %d", at, sig);
		if (page && (page->state == ANYTHING || (page->state == OR_ZERO && !value)))
			continue;
		if (value != want)
			found(w, "%lx holds %lx, and should hold %lx", at, value, want);
	}
}

/* All that was written; or one such page, one committed page, and one that is reserve. */
void check_contents(struct world *w, bool all)
{
	const struct model *m = &w->model;
	unsigned long n = atomic_load(&w->report->calls), addr, value;

	for (unsigned int i = 0; all && i < m->nr_pages; i++)
		check_page(w, m->pages[i].addr);
	if (!all && m->nr_pages)
		check_page(w, m->pages[n % m->nr_pages].addr);
	if (m->nr_runs) {
		const struct run *run = &m->runs[n % m->nr_runs];

		check_page(w, n & 1 ? run->start : run->end - page_size);
		addr = n & 1 ? run->start - page_size : run->end;
		if (!model_run(m, addr) && peek(addr, &value) != SIGSEGV)
			found(w, "reserve at %lx can be read", addr);
	}
}
