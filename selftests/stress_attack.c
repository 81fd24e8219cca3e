// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Attackers: they read where the mappings are, and aim at their edges. */
#define _GNU_SOURCE
#include "stress.h"

#define EDGES	256
/* Where an attacker keeps pages of its own; never the region. */
#define OWN(worker)	(BASE - LENGTH + ((worker)->number + 1) * MIB)

struct edges {
	unsigned int count;
	unsigned long at[EDGES];
	struct maps_reader reader;
};

static void read_edges(struct edges *edges)
{
	struct mapping map;

	edges->count = 0;
	if (!maps_open(&edges->reader, "/proc/self/maps"))
		return;
	while (edges->count < EDGES && maps_next(&edges->reader, &map)) {
		if (map.start > BASE && map.start < END)
			edges->at[edges->count++] = map.start;
	}
	close(edges->reader.fd);
}

static int remap(unsigned long addr, unsigned long old, unsigned long new, int flags,
		 unsigned long to)
{
	return mremap((void *)addr, old, new, flags, (void *)to) == MAP_FAILED ? -errno : 0;
}

static int map_nothing_over(unsigned long addr, unsigned long length)
{
	void *p = mmap((void *)addr, length, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? -errno : 0;
}

static int attack_once(struct worker *worker, unsigned int how, unsigned long addr,
		       unsigned long length)
{
	switch (how) {
	case 0:
	case 1:
		return try_munmap(addr, length);
	case 2:
		return try_map_over(addr, length);
	case 3:
		/* Not charged: gets through where the commit limit is reached. */
		return map_nothing_over(addr, length);
	case 4:
		return remap(addr, length, length, MREMAP_MAYMOVE | MREMAP_FIXED,
			     OWN(worker) + MIB / 2);
	case 5:
		return remap(OWN(worker), PAGE, length, MREMAP_MAYMOVE | MREMAP_FIXED, addr);
	case 6:
		return remap(addr, length, length > PAGE ? PAGE : 2 * PAGE, 0, 0);
	default:
		return try_mprotect(addr, length, PROT_READ | PROT_WRITE);
	}
}

/* A range at an edge, from an edge to the next, or what an owner is changing. */
static void aim(struct worker *worker, const struct edges *edges, unsigned long *addr,
		unsigned long *length)
{
	struct process *process = worker->process;
	unsigned int owner = pick(worker, OWNERS), way = pick(worker, 8);
	unsigned long edge = INSIDE(1);

	*length = (1 + pick(worker, 4)) * PAGE;
	if (way < 5 || !edges->count) {
		*addr = __atomic_load_n(&process->aim_addr[owner], __ATOMIC_RELAXED);
		if (way < 3)
			*length = __atomic_load_n(&process->aim_length[owner], __ATOMIC_RELAXED);
		if (way == 4)
			*addr += *length;
	} else {
		unsigned int i = pick(worker, edges->count);

		edge = edges->at[i];
		*addr = way == 5 ? edge : edge - PAGE * pick(worker, 3);
		if (way == 7 && i + 1 < edges->count) {
			*addr = edge;
			*length = edges->at[i + 1] - edge;
		}
	}
	/* Never anything but the region. */
	if (*addr < BASE || *addr >= END || !*length)
		*addr = BASE;
	if (!*length || *length > END - *addr)
		*length = PAGE;
}

static void hit(struct worker *worker, const struct edges *edges)
{
	struct process *process = worker->process;
	unsigned int how = pick(worker, 8);
	unsigned long addr, length;
	int err;

	aim(worker, edges, &addr, &length);
	err = attack_once(worker, how, addr, length);
	count(&process->counts->attacks);
	count(&process->shared->attacks);
	if (err) {
		count(&process->counts->denied);
		return;
	}
	if (__atomic_fetch_add(&process->counts->succeeded, 1, __ATOMIC_RELAXED) == 0)
		snprintf(process->counts->first_success, sizeof(process->counts->first_success),
			 "attack %u at %lx + %lx", how, addr, length);
}

void attack_a_few(struct worker *worker, unsigned int number)
{
	static struct edges edges;

	read_edges(&edges);
	while (number--)
		hit(worker, &edges);
}

void *attacker(void *arg)
{
	struct worker *worker = arg;
	/* No allocation: there may be no memory to be had just now. */
	static struct edges of_each[ATTACKERS];
	struct edges *edges = &of_each[worker->number];

	mmap((void *)OWN(worker), PAGE, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	wait_for_all(worker->process);
	while (!enough(worker->process)) {
		read_edges(edges);
		for (int i = 0; i < 64; i++)
			hit(worker, edges);
	}
	return NULL;
}
