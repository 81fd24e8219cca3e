// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The differences between committed and plain anonymous memory that
 * docs/userspace-api.rst lists: each is asserted here, or where it says so.
 */
#define _GNU_SOURCE
#include <linux/perf_event.h>

#include "kselftest_harness.h"
#include "kernel.h"
#include "pressure.h"

#define SIZE	(16 * PAGE)
#define NAME	"anon_inode:[gccolor]"

FIXTURE(differ)
{
	struct pair pair;
};

FIXTURE_SETUP(differ)
{
	ASSERT_EQ(0, pair_make(&self->pair, SIZE));
	fill_both(&self->pair);
}

FIXTURE_TEARDOWN(differ)
{
	EXPECT_INTACT();
	EXPECT_WHOLE();
}

/* MADV_WILLNEED: see pressure_swap_test.c. Core dumps: see pressure_core_test.c. */

TEST_F(differ, wipeonfork)
{
	EXPECT_EQ(0, advise(self->pair.addr[PLAIN], SIZE, MADV_WIPEONFORK));
	EXPECT_EQ(-EINVAL, advise(self->pair.addr[OURS], SIZE, MADV_WIPEONFORK));
	EXPECT_BOTH(0, advise(addr, SIZE, MADV_KEEPONFORK));
}

TEST_F(differ, remove)
{
	EXPECT_EQ(-EINVAL, advise(self->pair.addr[PLAIN], SIZE, MADV_REMOVE));
	EXPECT_EQ(-EACCES, advise(self->pair.addr[OURS], SIZE, MADV_REMOVE));
}

static int set_name(unsigned long addr)
{
	return prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, addr, SIZE, "heap") ? -errno : 0;
}

TEST_F(differ, anon_name)
{
	int plain = set_name(self->pair.addr[PLAIN]);

	if (plain == -EINVAL && !getenv("GCCOLOR_ANON_NAMES")) {
		/* CONFIG_ANON_VMA_NAME=n, as in Debian's cloud kernels: neither has names */
		EXPECT_EQ(-EINVAL, set_name(self->pair.addr[OURS]));
		return;
	}
	EXPECT_EQ(0, plain);
	EXPECT_EQ(-EBADF, set_name(self->pair.addr[OURS]));
}

/* The line of @path that begins with the mapping that starts at @addr. */
static bool line_of(const char *path, unsigned long addr, char *line, size_t size)
{
	static struct maps_reader reader;
	bool found = false;

	if (!maps_open(&reader, path))
		return false;
	while (!found && maps_line(&reader))
		found = strtoul(reader.line, NULL, 16) == addr;
	close(reader.fd);
	snprintf(line, size, "%.500s", reader.line);
	return found;
}

TEST_F(differ, name_in_maps)
{
	char line[512];

	ASSERT_TRUE(line_of("/proc/self/maps", self->pair.addr[OURS], line, sizeof(line)));
	EXPECT_NE(NULL, strstr(line, NAME));
	ASSERT_TRUE(line_of("/proc/self/maps", self->pair.addr[PLAIN], line, sizeof(line)));
	EXPECT_EQ(NULL, strstr(line, NAME));
	ASSERT_TRUE(line_of("/proc/self/maps", BASE, line, sizeof(line)));
	EXPECT_NE(NULL, strstr(line, NAME));
}

TEST_F(differ, name_in_numa_maps)
{
	char line[512];

	if (access("/proc/self/numa_maps", R_OK))
		return;	/* CONFIG_NUMA=n */
	ASSERT_TRUE(line_of("/proc/self/numa_maps", self->pair.addr[OURS], line, sizeof(line)));
	EXPECT_NE(NULL, strstr(line, "file=" NAME));
	EXPECT_NE(NULL, strstr(line, "anon="));
	ASSERT_TRUE(line_of("/proc/self/numa_maps", self->pair.addr[PLAIN], line, sizeof(line)));
	EXPECT_EQ(NULL, strstr(line, "file="));
	EXPECT_NE(NULL, strstr(line, "anon="));
}

/*
 * CRIU restores a private file mapping from the file, which it opens through
 * map_files. Ours cannot be opened: there is no such file.
 */
TEST_F(differ, map_files)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
		 self->pair.addr[OURS], self->pair.addr[OURS] + SIZE);
	EXPECT_EQ(-1, open(path, O_RDONLY | O_CLOEXEC));
	EXPECT_EQ(kernel_before(KERNEL(7, 0)) ? ENXIO : EACCES, errno);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
		 self->pair.addr[PLAIN], self->pair.addr[PLAIN] + SIZE);
	EXPECT_EQ(-1, open(path, O_RDONLY | O_CLOEXEC));
	EXPECT_EQ(ENOENT, errno);
}

struct perf_map {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t addr, len, pgoff;
	char filename[];
};

/* The name that perf record would learn for a new mapping at @addr. */
static const char *perf_name(const char *buffer, unsigned long addr)
{
	const struct perf_event_mmap_page *control = (const void *)buffer;
	const char *data = buffer + PAGE;

	for (uint64_t at = 0; at < control->data_head;) {
		const struct perf_map *map = (const void *)(data + at);

		if (map->header.type == PERF_RECORD_MMAP && map->addr == addr)
			return map->filename;
		at += map->header.size;
	}
	return "none";
}

TEST_F(differ, name_in_perf)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.mmap = 1,
		.mmap_data = 1,
	};
	unsigned long plain = PLAIN_AT + COLOR;
	char *buffer;
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (lacks(fd >= 0))
		SKIP(return, "no perf events");
	buffer = mmap(NULL, 17 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, buffer);
	ASSERT_EQ(0, commit(self->pair.fd, INSIDE(2), SIZE));
	ASSERT_EQ(0, try_map_over(plain, SIZE));
	EXPECT_STREQ(NAME, perf_name(buffer, INSIDE(2)));
	EXPECT_STREQ("//anon", perf_name(buffer, plain));
	munmap(buffer, 17 * PAGE);
	close(fd);
}

/* Protection is final: what anonymous memory allows is refused here. */
TEST_F(differ, mprotect)
{
	EXPECT_EQ(0, try_mprotect(self->pair.addr[PLAIN], SIZE, PROT_READ));
	EXPECT_GT(0, try_mprotect(self->pair.addr[OURS], SIZE, PROT_READ));
	EXPECT_EQ(0, try_mprotect(self->pair.addr[PLAIN], SIZE, PROT_READ | PROT_WRITE));
}

/* After DONTFORK a child has committed memory all the same. */
TEST_F(differ, dontfork)
{
	pid_t pid;

	ASSERT_BOTH(0, advise(addr, SIZE, MADV_DONTFORK));
	pid = fork();
	if (pid == 0) {
		CHECK(intact(self->pair.addr[OURS], SIZE));
		CHECK(!readable(self->pair.addr[PLAIN]));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

TEST_HARNESS_MAIN
