// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Executable colors: only where reserved so, and never writable as well. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kselftest_harness.h"
#include "kernel.h"
#include "maps.h"

/* MDWE for this process. False: this kernel has none, which is then what is tested. */
static bool set_mdwe(struct __test_metadata *_metadata)
{
	int ret = prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);

	if (kernel_before(KERNEL(6, 3))) {
		EXPECT_EQ(-1, ret);
		EXPECT_EQ(EINVAL, errno);
		return false;
	}
	ASSERT_EQ(0, ret);
	return true;
}

/* return 42; */
#if defined(__x86_64__)
static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
#elif defined(__aarch64__)
static const unsigned int code[] = { 0x52800540, 0xd65f03c0 };
#endif

static bool write_through_proc(unsigned long addr)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	bool written = pwrite(fd, code, sizeof(code), addr) == sizeof(code);

	close(fd);
	return written;
}

static int run_code(unsigned long addr)
{
	return ((int (*)(void))addr)();
}

/* The signal that running @addr ends in, 0: none. */
static int signal_of_running(unsigned long addr)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		run_code(addr);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* No way from here to executable memory. */
static const char *became_executable(unsigned long addr)
{
	static char text[80];
	struct mapping map;

	if (!mapping_at(addr, &map))
		return "nothing is there";
	snprintf(text, sizeof(text), "%s%s", map.perms, has_flag(&map, "me") ? " mayexec" : "");
	return text;
}

FIXTURE(exec)
{
	int fd;
};

FIXTURE_SETUP(exec)
{
	self->fd = open_region(1 << 3);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(exec)
{
	close(self->fd);
}

TEST_F(exec, code_runs)
{
	static unsigned char page[PAGE_MAX] __attribute__((aligned(PAGE_MAX)));
	struct mapping map;

	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(3), 2 * PAGE, PROT_RX, 0));
	ASSERT_TRUE(mapping_at(INSIDE(3), &map));
	EXPECT_STREQ("r-xp", map.perms);
	memcpy(page, code, sizeof(code));
	ASSERT_TRUE(put_pages(INSIDE(3), page, PAGE));
	EXPECT_EQ(42, run_code(INSIDE(3)));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(42, run_code(INSIDE(3)));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(3), PAGE));
	EXPECT_EQ(SIGSEGV, signal_of_running(INSIDE(3)));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/* Code next to code has the flags that mmap(2) gives it, so the kernel may merge early. */
TEST_F(exec, code_next_to_code)
{
	struct gccolor_ioc_info region;

	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(3), PAGE, PROT_RX, 0));
	EXPECT_EQ(0, commit_flags(self->fd, INSIDE(3) + PAGE, PAGE, PROT_RX, 0));
	EXPECT_EQ(0, commit_flags(self->fd, INSIDE(3) - PAGE, PAGE, PROT_RX, 0));
	ASSERT_EQ(0, info(self->fd, &region));
	EXPECT_EQ(3 * PAGE, region.committed);
	EXPECT_EQ(0, decommit(self->fd, INSIDE(3), PAGE));
	EXPECT_EQ(0, commit_flags(self->fd, INSIDE(3), PAGE, PROT_RX, 0));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/* Kernels differ in who may write what it cannot write itself: as anonymous memory. */
TEST_F(exec, proc_mem_as_anonymous_memory)
{
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool allowed;

	ASSERT_NE(MAP_FAILED, p);
	allowed = write_through_proc((unsigned long)p);
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(3), PAGE, PROT_RX, 0));
	EXPECT_EQ(allowed, write_through_proc(INSIDE(3)));
	if (allowed)
		EXPECT_EQ(42, run_code(INSIDE(3)));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(exec, executable_color_holds_data_too)
{
	ASSERT_EQ(0, commit(self->fd, INSIDE(3), PAGE));
	memcpy((void *)INSIDE(3), code, sizeof(code));
	EXPECT_EQ(SIGSEGV, signal_of_running(INSIDE(3)));
	EXPECT_STREQ("rw-p", became_executable(INSIDE(3)));
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(3) + PAGE, PAGE, PROT_RX, 0));
	EXPECT_EQ(-EEXIST, commit_flags(self->fd, INSIDE(3), PAGE, PROT_RX, 0));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(exec, other_colors_refuse)
{
	for (unsigned long n = 0; n < 16; n++) {
		EXPECT_EQ(n == 3 ? 0 : -EACCES,
			  commit_flags(self->fd, INSIDE(n), PAGE, PROT_RX, 0));
		EXPECT_EQ(-EACCES, commit_flags(self->fd, INSIDE(n) + 4 * PAGE, PAGE,
						PROT_RW | PROT_EXEC, 0));
	}
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(exec, mprotect_to_exec_is_refused)
{
	const unsigned long at[] = { INSIDE(1), INSIDE(2), INSIDE(3), INSIDE(4), BASE };

	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 4 * PAGE));
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(2), 4 * PAGE, PROT_R, 0));
	ASSERT_EQ(0, commit(self->fd, INSIDE(3), 4 * PAGE));
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		for (int prot = PROT_EXEC; prot <= (PROT_EXEC | PROT_READ | PROT_WRITE); prot++) {
			EXPECT_NE(0, try_mprotect(at[i], PAGE, prot));
			EXPECT_NE(0, try_mprotect(at[i], 4 * PAGE, prot));
			EXPECT_NE(0, try_mprotect(at[i], 8 * PAGE, prot));
		}
	}
	EXPECT_STREQ("rw-p", became_executable(INSIDE(1)));
	EXPECT_STREQ("r--p", became_executable(INSIDE(2)));
	EXPECT_STREQ("---p", became_executable(BASE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(exec, read_implies_exec)
{
	int other;

	ASSERT_NE(-1, personality(READ_IMPLIES_EXEC));
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 4 * PAGE));
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(2), 4 * PAGE, PROT_R, 0));
	ASSERT_EQ(0, commit(self->fd, INSIDE(3), 4 * PAGE));
	EXPECT_STREQ("rw-p", became_executable(INSIDE(1)));
	EXPECT_STREQ("r--p", became_executable(INSIDE(2)));
	EXPECT_STREQ("rw-p", became_executable(INSIDE(3)));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), PAGE));
	EXPECT_STREQ("---p", became_executable(INSIDE(1)));
	EXPECT_NE(0, try_mprotect(INSIDE(1) + PAGE, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	/* A region that is reserved under it. */
	other = open_device();
	ASSERT_EQ(0, reserve(other, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_STREQ("---p", became_executable(BASE - LENGTH));
	EXPECT_STREQ("whole", region_state(BASE - LENGTH, LENGTH));
}

TEST_F(exec, deny_write_execute)
{
	int err;

	if (!set_mdwe(_metadata))
		return;
	/* mmap(2) of read and execute passes; so may this. Never a half. */
	err = commit_flags(self->fd, INSIDE(3), PAGE, PROT_RX, 0);
	EXPECT_TRUE(err == 0 || err == -EACCES);
	EXPECT_EQ(0, commit(self->fd, INSIDE(1), PAGE));
	EXPECT_EQ(-EACCES, commit_flags(self->fd, INSIDE(3) + PAGE, PAGE, PROT_RW | PROT_EXEC, 0));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), PAGE));
}

/* Together they make mmap(2) itself refuse plain writable memory. */
TEST_F(exec, deny_write_execute_with_read_implies_exec)
{
	ASSERT_EQ(0, commit(self->fd, INSIDE(2) - PAGE, PAGE));
	ASSERT_EQ(0, commit(self->fd, INSIDE(2) + 4 * PAGE, PAGE));
	if (!set_mdwe(_metadata))
		return;
	ASSERT_NE(-1, personality(READ_IMPLIES_EXEC));
	for (unsigned long pages = 1; pages <= 4; pages++) {
		int err = commit(self->fd, INSIDE(2), pages * PAGE);

		EXPECT_TRUE(err == 0 || err == -EACCES);
		EXPECT_STREQ("whole", region_state(BASE, LENGTH));
		if (err == 0) {
			EXPECT_STREQ("rw-p", became_executable(INSIDE(2)));
			EXPECT_EQ(0, decommit(self->fd, INSIDE(2), pages * PAGE));
		}
	}
	EXPECT_EQ(0, decommit(self->fd, INSIDE(2) - PAGE, PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/* The device on a file system that is mounted noexec. */
TEST(noexec_dev)
{
	char dir[] = "/tmp/gccolor-noexec-XXXXXX", node[64];
	struct gccolor_ioc_query kernel;
	struct stat device;
	int fd;

	ASSERT_EQ(0, stat(DEVICE, &device));
	if (lacks(unshare(CLONE_NEWNS) == 0))
		SKIP(return, "no mount namespaces");
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, mount("gccolor", dir, "tmpfs", MS_NOEXEC, NULL));
	snprintf(node, sizeof(node), "%s/gccolor", dir);
	ASSERT_EQ(0, mknod(node, S_IFCHR | 0600, device.st_rdev));
	fd = open(node, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);

	ASSERT_EQ(0, query(fd, &kernel));
	EXPECT_EQ(GCCOLOR_IOC_FEATURE_HUGEPAGE | GCCOLOR_IOC_FEATURE_EVENTS, kernel.features);
	EXPECT_EQ(-EOPNOTSUPP, reserve(fd, BASE, LENGTH, SHIFT, 1 << 3));
	ASSERT_EQ(0, reserve(fd, BASE, LENGTH, SHIFT, 0));
	EXPECT_EQ(0, commit(fd, INSIDE(1), PAGE));
	EXPECT_EQ(-EACCES, commit_flags(fd, INSIDE(3), PAGE, PROT_RX, 0));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}

/* A mount that becomes noexec after RESERVE: the COMMIT itself refuses. */
TEST(noexec_later)
{
	char dir[] = "/tmp/gccolor-noexec-XXXXXX", node[64];
	struct stat device;
	int fd;

	ASSERT_EQ(0, stat(DEVICE, &device));
	if (lacks(unshare(CLONE_NEWNS) == 0))
		SKIP(return, "no mount namespaces");
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, mount("gccolor", dir, "tmpfs", 0, NULL));
	snprintf(node, sizeof(node), "%s/gccolor", dir);
	ASSERT_EQ(0, mknod(node, S_IFCHR | 0600, device.st_rdev));
	fd = open(node, O_RDWR | O_CLOEXEC);
	ASSERT_EQ(0, reserve(fd, BASE, LENGTH, SHIFT, 1 << 3));
	ASSERT_EQ(0, commit_flags(fd, INSIDE(3), PAGE, PROT_RX, 0));
	ASSERT_EQ(0, mount(NULL, dir, NULL, MS_REMOUNT | MS_NOEXEC, NULL));
	EXPECT_EQ(-EOPNOTSUPP, commit_flags(fd, INSIDE(3) + PAGE, PAGE, PROT_RX, 0));
	EXPECT_EQ(-EOPNOTSUPP, commit_flags(fd, INSIDE(3) + 8 * PAGE, PAGE, PROT_RX, 0));
	EXPECT_EQ(0, commit(fd, INSIDE(3) + PAGE, PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}

TEST_HARNESS_MAIN
