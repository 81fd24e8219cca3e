// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Core dumps of a process with a region: committed memory is in, reserve is not. */
#define _GNU_SOURCE
#include <elf.h>

#include "kselftest_harness.h"
#include "pressure.h"

#define CORE_PATTERN	"/proc/sys/kernel/core_pattern"
#define CORE_FILE	"/tmp/gccolor-pressure-core"
#define SIZE		(16 * PAGE)
#define CORE_MAX	(64 * MIB)	/* the region is 1 TiB */

/* Bits of /proc/PID/coredump_filter */
#define ANON_PRIVATE	0x1
#define FILE_PRIVATE	0x4
#define DEFAULT		0x33

FIXTURE(core)
{
	char pattern[256];
	struct pair pair;
};

FIXTURE_SETUP(core)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int fd = open(CORE_PATTERN, O_RDWR | O_CLOEXEC);

	if (lacks(fd >= 0 && setrlimit(RLIMIT_CORE, &unlimited) == 0))
		SKIP(return, "no core dumps, or not root");
	memset(self->pattern, 0, sizeof(self->pattern));
	ASSERT_LT(0, read(fd, self->pattern, sizeof(self->pattern) - 1));
	close(fd);
	ASSERT_EQ(0, write_file(CORE_PATTERN, CORE_FILE));
	unlink(CORE_FILE);
	ASSERT_EQ(0, pair_make(&self->pair, SIZE));
}

FIXTURE_TEARDOWN(core)
{
	EXPECT_EQ(0, write_file(CORE_PATTERN, self->pattern));
	EXPECT_WHOLE();
	unlink(CORE_FILE);
}

struct core {
	int fd;
	unsigned int count;
	Elf64_Phdr headers[1024];
	char notes[65536];
	size_t notes_length;
};

/* A child runs @prepare, then dumps core. */
static bool dump(struct core *core, unsigned int filter, void (*prepare)(struct pair *pair),
		 struct pair *pair)
{
	pid_t pid = fork();
	char text[16];
	Elf64_Ehdr elf;
	ssize_t got;

	core->fd = -1;
	if (pid == 0) {
		snprintf(text, sizeof(text), "%#x", filter);
		CHECK_EQ(0, write_file("/proc/self/coredump_filter", text));
		prepare(pair);
		abort();
	}
	if (wait_for(pid) != 1000 + SIGABRT)
		return false;
	core->fd = open(CORE_FILE, O_RDONLY | O_CLOEXEC);
	if (core->fd < 0 || pread(core->fd, &elf, sizeof(elf), 0) != sizeof(elf) ||
	    elf.e_phnum > ARRAY_SIZE(core->headers))
		return false;
	core->count = elf.e_phnum;
	got = pread(core->fd, core->headers, core->count * sizeof(core->headers[0]), elf.e_phoff);
	if (got != (ssize_t)(core->count * sizeof(core->headers[0])))
		return false;
	for (unsigned int i = 0; i < core->count; i++) {
		if (core->headers[i].p_type == PT_NOTE)
			core->notes_length = pread(core->fd, core->notes, sizeof(core->notes),
						   core->headers[i].p_offset);
	}
	return true;
}

/* The segment that holds @addr, or NULL. */
static const Elf64_Phdr *segment(const struct core *core, unsigned long addr)
{
	for (unsigned int i = 0; i < core->count; i++) {
		const Elf64_Phdr *header = &core->headers[i];

		if (header->p_type == PT_LOAD && addr >= header->p_vaddr &&
		    addr - header->p_vaddr < header->p_memsz)
			return header;
	}
	return NULL;
}

/* Are the bytes of the page at @addr in the core? */
static bool in_core(const struct core *core, unsigned long addr)
{
	const Elf64_Phdr *header = segment(core, addr);

	return header && addr + PAGE <= header->p_vaddr + header->p_filesz;
}

/* Is the page there as fill() wrote it? */
static bool intact_in_core(const struct core *core, unsigned long addr)
{
	const Elf64_Phdr *header = segment(core, addr);
	unsigned long words[PAGE / sizeof(long)];

	if (!in_core(core, addr) ||
	    pread(core->fd, words, PAGE, header->p_offset + (addr - header->p_vaddr)) !=
	    (ssize_t)PAGE)
		return false;
	for (unsigned long i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i] != ((addr + i * sizeof(long)) ^ 0x9e3779b97f4a7c15UL))
			return false;
	}
	return true;
}

static unsigned long pages_in_core(const struct core *core, unsigned long addr)
{
	unsigned long count = 0;

	for (unsigned long a = addr; a < addr + SIZE; a += PAGE)
		count += intact_in_core(core, a);
	return count;
}

static struct core core;

static void fill_parts(struct pair *pair)
{
	fill_both(pair);
	/* Elsewhere, read-only, and left out on purpose. */
	CHECK_EQ(0, commit(pair->fd, BASE + SLOT, PAGE));
	fill(BASE + SLOT, PAGE);
	CHECK_EQ(0, commit(pair->fd, END - SLOT - PAGE, PAGE));
	fill(END - SLOT - PAGE, PAGE);
	for (int side = OURS; side <= PLAIN; side++)
		CHECK_EQ(0, advise(pair->addr[side] + 4 * PAGE, 4 * PAGE, MADV_DONTDUMP));
}

TEST_F(core, committed_memory_is_in)
{
	struct stat stat;

	ASSERT_TRUE(dump(&core, DEFAULT, fill_parts, &self->pair));
	EXPECT_EQ(0, fstat(core.fd, &stat));
	EXPECT_GT(CORE_MAX, stat.st_size);
	EXPECT_BOTH(SIZE / PAGE - 4, pages_in_core(&core, addr));
	EXPECT_BOTH(false, in_core(&core, addr + 4 * PAGE));
	EXPECT_TRUE(intact_in_core(&core, BASE + SLOT));
	EXPECT_TRUE(intact_in_core(&core, END - SLOT - PAGE));
	/* Reserve is listed, without contents. */
	for (unsigned int n = 2; n < 16; n++) {
		ASSERT_NE(NULL, segment(&core, INSIDE(n)));
		EXPECT_EQ(0, segment(&core, INSIDE(n))->p_filesz);
		EXPECT_EQ(0, segment(&core, INSIDE(n))->p_flags);
	}
	EXPECT_EQ(0, segment(&core, BASE)->p_filesz);
	EXPECT_EQ(0, segment(&core, END - PAGE)->p_filesz);
	close(core.fd);
}

static void touch_half(struct pair *pair)
{
	for (int side = OURS; side <= PLAIN; side++) {
		unsigned long addr = pair->addr[side];

		fill(addr, SIZE / 2);
	}
}

/* Half of it touched: the whole mapping is in, as zeroes where untouched. */
TEST_F(core, touched_in_part)
{
	ASSERT_TRUE(dump(&core, DEFAULT, touch_half, &self->pair));
	EXPECT_BOTH(SIZE / 2 / PAGE, pages_in_core(&core, addr));
	EXPECT_BOTH(true, in_core(&core, addr + SIZE - PAGE));
	close(core.fd);
}

/* Without the bit for private anonymous memory neither is in. */
TEST_F(core, filtered_out)
{
	ASSERT_TRUE(dump(&core, 0, touch_half, &self->pair));
	EXPECT_BOTH(false, in_core(&core, addr));
	close(core.fd);
}

/*
 * A difference: to coredump_filter committed memory is private memory of a
 * file as well, so bit 2 takes it along, touched or not.
 */
TEST_F(core, counts_as_file)
{
	ASSERT_TRUE(dump(&core, FILE_PRIVATE, touch_half, &self->pair));
	EXPECT_TRUE(intact_in_core(&core, self->pair.addr[OURS]));
	EXPECT_FALSE(in_core(&core, self->pair.addr[PLAIN]));
	EXPECT_EQ(0, segment(&core, INSIDE(2))->p_filesz);
	close(core.fd);
}

/* Is the range from @start on in the list of mapped files? */
static bool in_file_note(const struct core *core, unsigned long start)
{
	size_t at = 0;

	while (at + sizeof(Elf64_Nhdr) < core->notes_length) {
		const Elf64_Nhdr *note = (const void *)(core->notes + at);
		const long *data = (const void *)(core->notes + at + sizeof(*note) +
						  ((note->n_namesz + 3) & ~3U));

		/* count, page size, then start, end, offset each */
		for (long i = 0; note->n_type == NT_FILE && i < data[0]; i++) {
			if ((unsigned long)data[2 + 3 * i] == start)
				return true;
		}
		at += sizeof(*note) + ((note->n_namesz + 3) & ~3U) + ((note->n_descsz + 3) & ~3U);
	}
	return false;
}

/* A difference: NT_FILE lists the pieces of the region as mapped files. */
TEST_F(core, listed_as_file)
{
	ASSERT_TRUE(dump(&core, DEFAULT, touch_half, &self->pair));
	EXPECT_TRUE(in_file_note(&core, self->pair.addr[OURS]));
	EXPECT_TRUE(in_file_note(&core, BASE));
	EXPECT_FALSE(in_file_note(&core, self->pair.addr[PLAIN]));
	EXPECT_NE(NULL, memmem(core.notes, core.notes_length, "anon_inode:[gccolor]", 20));
	close(core.fd);
}

TEST_HARNESS_MAIN
