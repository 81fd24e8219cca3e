// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * 32-bit callers. On x86 a 64-bit program enters the kernel through int $0x80,
 * with its arguments below 4 GiB; the kernel cannot tell it from a 32-bit one.
 */
#define _GNU_SOURCE
#include <elf.h>

#include "kselftest_harness.h"
#include "child.h"
#include "maps.h"

#ifdef __x86_64__

#define I386_IOCTL	54
#define I386_MMAP	90

struct i386_mmap {
	__u32 addr, length, prot, flags, fd, offset;
};

static long i386(unsigned int nr, unsigned int a, unsigned int b, unsigned int c)
{
	int ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "0" (nr), "b" (a), "c" (b), "d" (c)
		     : "memory", "cc", "r8", "r9", "r10", "r11");
	return ret;
}

FIXTURE(compat)
{
	int fd;
	void *low;
};

FIXTURE_SETUP(compat)
{
	self->low = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE(MAP_FAILED, self->low);
	self->fd = open_device();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(compat)
{
	close(self->fd);
}

static unsigned int low(void *p)
{
	return (unsigned long)p;
}

TEST_F(compat, every_command)
{
	const unsigned long commands[] = {
		GCCOLOR_IOC_QUERY, GCCOLOR_IOC_RESERVE, GCCOLOR_IOC_COMMIT, GCCOLOR_IOC_DECOMMIT,
		GCCOLOR_IOC_RELEASE, GCCOLOR_IOC_INFO, GCCOLOR_IOC_LOCK,
	};
	__u32 *size = self->low;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		*size = PAGE;
		EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, commands[i], low(size))) {
			TH_LOG("command %zu", i);
		}
	}
}

TEST_F(compat, reserve_leaves_nothing)
{
	struct gccolor_ioc_reserve *arg = self->low;
	struct layout layout;

	*arg = reserve_args(BASE, LENGTH, SHIFT);
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_RESERVE, low(arg)));
	read_layout(-1, BASE, LENGTH, &layout);
	EXPECT_EQ(0, layout.count);
	EXPECT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
}

TEST_F(compat, commands_on_a_region)
{
	struct gccolor_ioc_commit *arg = self->low;
	struct layout before, after;

	ASSERT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), PAGE));
	read_layout(self->fd, BASE, LENGTH, &before);
	*arg = (struct gccolor_ioc_commit){
		.size = sizeof(*arg), .addr = INSIDE(2), .length = PAGE, .prot = PROT_RW,
	};
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_COMMIT, low(arg)));
	arg->size = sizeof(struct gccolor_ioc_decommit);
	arg->addr = INSIDE(1);
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_DECOMMIT, low(arg)));
	arg->size = sizeof(struct gccolor_ioc_release);
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_RELEASE, low(arg)));
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_LOCK, low(arg)));
	read_layout(self->fd, BASE, LENGTH, &after);
	EXPECT_TRUE(same_layout(&before, &after));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), PAGE));
}

TEST_F(compat, mmap)
{
	struct i386_mmap *arg = self->low;
	struct gccolor_ioc_query kernel;
	struct layout layout;

	ASSERT_EQ(0, query(self->fd, &kernel));
	*arg = (struct i386_mmap){
		.length = 16 * kernel.color_length_min, .prot = PROT_NONE,
		.flags = MAP_PRIVATE, .fd = self->fd,
	};
	ASSERT_NE(0, arg->length);
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_MMAP, low(arg), 0, 0));
	read_layout(-1, 0, 1UL << 47, &layout);
	EXPECT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_MMAP, low(arg), 0, 0));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

#elif defined(__aarch64__)

/*
 * Here only a 32-bit program makes 32-bit calls. This one makes each of the
 * seven commands and a mmap(2) of 16 MiB through descriptor 9, all of which
 * must give EOPNOTSUPP, and exits with 0 or the number of the first that did not.
 */
#define FD	9

static const __u32 program[] = {
	0xe3a06000,	/*	mov r6, #0		*/
	0xe3a00009,	/* 1:	mov r0, #9		*/
	0xe30c1500,	/*	movw r1, #0xc500	*/
	0xe0811006,	/*	add r1, r1, r6		*/
	0xe1a0200d,	/*	mov r2, sp		*/
	0xe3a07036,	/*	mov r7, #54 (ioctl)	*/
	0xef000000,	/*	svc #0			*/
	0xe370005f,	/*	cmn r0, #95 (EOPNOTSUPP) */
	0x1a00000d,	/*	bne 2f			*/
	0xe2866001,	/*	add r6, r6, #1		*/
	0xe3560007,	/*	cmp r6, #7		*/
	0x1afffff4,	/*	bne 1b			*/
	0xe3a00000,	/*	mov r0, #0		*/
	0xe3a01401,	/*	mov r1, #0x1000000	*/
	0xe3a02000,	/*	mov r2, #0 (PROT_NONE)	*/
	0xe3a03002,	/*	mov r3, #2 (MAP_PRIVATE) */
	0xe3a04009,	/*	mov r4, #9		*/
	0xe3a05000,	/*	mov r5, #0		*/
	0xe3a070c0,	/*	mov r7, #192 (mmap2)	*/
	0xef000000,	/*	svc #0			*/
	0xe370005f,	/*	cmn r0, #95		*/
	0x1a000000,	/*	bne 2f			*/
	0xe3e06000,	/*	mvn r6, #0		*/
	0xe2860001,	/* 2:	add r0, r6, #1		*/
	0xe3a07001,	/*	mov r7, #1 (exit)	*/
	0xef000000,	/*	svc #0			*/
};

#define LOAD	0x100000	/* a multiple of every page size */
#define HEAD	(sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr))

static bool write_program(int file)
{
	const Elf32_Ehdr ehdr = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_ARM, .e_version = EV_CURRENT,
		.e_entry = LOAD + HEAD, .e_phoff = sizeof(Elf32_Ehdr), .e_flags = 0x05000000,
		.e_ehsize = sizeof(Elf32_Ehdr), .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 1,
	};
	const Elf32_Phdr phdr = {
		.p_type = PT_LOAD, .p_vaddr = LOAD, .p_filesz = HEAD + sizeof(program),
		.p_memsz = HEAD + sizeof(program), .p_flags = PF_R | PF_X, .p_align = PAGE_MAX,
	};

	return write(file, &ehdr, sizeof(ehdr)) == sizeof(ehdr) &&
	       write(file, &phdr, sizeof(phdr)) == sizeof(phdr) &&
	       write(file, program, sizeof(program)) == sizeof(program);
}

/* The program's status with @fd as its descriptor; -1: no 32-bit programs here. */
static int run_program(int fd)
{
	int file = syscall(SYS_memfd_create, "program", MFD_CLOEXEC);
	char *const none[] = { NULL };
	int status;
	pid_t pid;

	if (!write_program(file))
		return -2;
	pid = fork();
	if (pid == 0) {
		dup2(fd, FD);
		syscall(SYS_execveat, file, "", none, none, AT_EMPTY_PATH);
		_exit(errno == ENOEXEC ? 100 : 101);
	}
	close(file);
	status = wait_for(pid);
	return status == 100 ? -1 : status;
}

TEST(compat_of_a_fresh_file)
{
	int fd = open_device(), status = run_program(fd);

	if (lacks(status != -1))
		SKIP(return, "this kernel or processor runs no 32-bit programs");
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, reserve(fd, BASE, LENGTH, SHIFT, 0));
}

TEST(compat_of_a_region)
{
	int fd = open_region(0), status;
	struct layout before, after;

	ASSERT_EQ(0, commit(fd, INSIDE(1), PAGE));
	read_layout(fd, BASE, LENGTH, &before);
	status = run_program(fd);
	if (lacks(status != -1))
		SKIP(return, "this kernel or processor runs no 32-bit programs");
	EXPECT_EQ(0, status);
	read_layout(fd, BASE, LENGTH, &after);
	EXPECT_TRUE(same_layout(&before, &after));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, decommit(fd, INSIDE(1), PAGE));
}

#endif

TEST_HARNESS_MAIN
