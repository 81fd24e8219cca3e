// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The same attacks by somebody else: children, threads, tracers. */
#define _GNU_SOURCE
#include <elf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "attack.h"
#include "child.h"

static int by_vfork_child(const struct target *t)
{
	volatile int err = -EINVAL;
	pid_t pid = vfork();

	if (pid == 0) {
		err = basic_attacks(t);
		_exit(0);
	}
	wait_for(pid);
	return err;
}

struct deputy {
	const struct target *target;
	int err;
};

static int act(void *arg)
{
	struct deputy *deputy = arg;

	deputy->err = basic_attacks(deputy->target);
	return 0;
}

static int by_clone_vm(const struct target *t)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));
	struct deputy deputy = { t, -EINVAL };
	pid_t pid = clone(act, stack + sizeof(stack), CLONE_VM | SIGCHLD, &deputy);

	if (wait_for(pid))
		return CANNOT_TEST;
	return deputy.err;
}

static void *act_in_thread(void *arg)
{
	act(arg);
	return NULL;
}

static int by_thread(const struct target *t)
{
	struct deputy deputy = { t, -EINVAL };
	pthread_t thread;

	if (pthread_create(&thread, NULL, act_in_thread, &deputy))
		return CANNOT_TEST;
	pthread_join(thread, NULL);
	return deputy.err;
}

/* A child attacks its own copy; grandchildren too. */
static int by_fork_child(const struct target *t)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int err = basic_attacks(t);

		if (err == 0 || strcmp(region_state(BASE, LENGTH), "whole") ||
		    !intact(AT_COMMITTED, PIECE))
			_exit(0);
		pid = fork();
		if (pid == 0) {
			err = basic_attacks(t);
			_exit(strcmp(region_state(BASE, LENGTH), "whole") ? 0 : -err);
		}
		_exit(killed_with(wait_for(pid)));
	}
	status = killed_with(wait_for(pid));
	return status >= 0 && status < 256 ? -status : 0;
}

/* Without the file: closed first, as a descriptor number that was lost. */
static int without_the_file(const struct target *t)
{
	int copy = fcntl(t->fd, F_DUPFD_CLOEXEC, 100);
	int err;

	close(t->fd);
	err = basic_attacks(t);
	if (dup3(copy, t->fd, O_CLOEXEC) < 0)
		return CANNOT_TEST;
	close(copy);
	return err;
}

static int with_personality(const struct target *t)
{
	const unsigned long persona[] = {
		READ_IMPLIES_EXEC, ADDR_COMPAT_LAYOUT, ADDR_NO_RANDOMIZE, MMAP_PAGE_ZERO,
		ADDR_LIMIT_3GB, ADDR_LIMIT_32BIT, PER_LINUX32, PER_SVR4,
	};
	int err = -EINVAL;

	for (size_t i = 0; i < ARRAY_SIZE(persona); i++) {
		personality(persona[i]);
		err = worse(err, basic_attacks(t));
		err = worse(err, try_mprotect(t->addr, t->length, PROT_READ));
		munmap((void *)OUTSIDE, t->length);
	}
	personality(PER_LINUX);
	return err;
}

static int exec_in_vfork_child(const struct target *t)
{
	char *const argv[] = { "attack_test", NULL };
	char *const env[] = { "GCCOLOR_TEST_EXECED=1", NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		syscall(SYS_execveat, AT_FDCWD, "/proc/self/exe", argv, env, 0);
		_exit(9);
	}
	return wait_for(pid) ? CANNOT_TEST : 0;
}

/* The system call that a stopped process is about to make, or has made. */
struct call {
	struct user_regs_struct regs;
	long number, result;
};

#if defined(__x86_64__)
static bool get_call(pid_t pid, struct call *call)
{
	if (ptrace(PTRACE_GETREGS, pid, NULL, &call->regs))
		return false;
	call->number = call->regs.orig_rax;
	call->result = call->regs.rax;
	return true;
}

static bool set_call(pid_t pid, struct call *call, long number, long arg0, long arg1)
{
	call->regs.orig_rax = number;
	call->regs.rdi = arg0;
	call->regs.rsi = arg1;
	return ptrace(PTRACE_SETREGS, pid, NULL, &call->regs) == 0;
}
#elif defined(__aarch64__)
#ifndef NT_ARM_SYSTEM_CALL
#define NT_ARM_SYSTEM_CALL	0x404
#endif

static bool get_call(pid_t pid, struct call *call)
{
	struct iovec iov = { &call->regs, sizeof(call->regs) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov))
		return false;
	call->number = call->regs.regs[8];
	call->result = call->regs.regs[0];
	return true;
}

static bool set_call(pid_t pid, struct call *call, long number, long arg0, long arg1)
{
	struct iovec iov = { &call->regs, sizeof(call->regs) };
	int nr = number;

	call->regs.regs[0] = arg0;
	call->regs.regs[1] = arg1;
	if (ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov))
		return false;
	iov = (struct iovec){ &nr, sizeof(nr) };
	return ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &iov) == 0;
}
#endif

/*
 * A tracer makes another process call munmap. It is that process's own system
 * call, and denied like any other.
 */
static int through_ptrace(const struct target *t)
{
	int err = -EINVAL, status;
	struct call call;
	pid_t pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		syscall(SYS_getpid);
		_exit(strcmp(region_state(BASE, LENGTH), "whole") ||
		      !intact(AT_COMMITTED, PIECE));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return CANNOT_TEST;
	/* To its next system call: turn that into ours. */
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) || waitpid(pid, &status, 0) != pid ||
		    !WIFSTOPPED(status) || !get_call(pid, &call))
			return CANNOT_TEST;
		if (call.number == SYS_getpid)
			break;
	}
	if (!set_call(pid, &call, SYS_munmap, t->addr, t->length) ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) ||
	    waitpid(pid, &status, 0) != pid)
		return CANNOT_TEST;
	if (WIFSIGNALED(status))
		killed_with(1000 + WTERMSIG(status));
	if (!get_call(pid, &call))
		return CANNOT_TEST;
	err = (int)call.result;
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return wait_for(pid) ? 0 : err;
}

/* Contents are not promised against a debugger. */
static int poke(const struct target *t)
{
	int status, err;
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		if (ptrace(PTRACE_ATTACH, parent, NULL, NULL))
			_exit(1);
		waitpid(parent, &status, __WALL);
		err = result(ptrace(PTRACE_POKEDATA, parent, t->addr, (void *)0x5555L));
		ptrace(PTRACE_DETACH, parent, NULL, NULL);
		_exit(-err & 0xff ? 100 + -err : 0);
	}
	status = wait_for(pid);
	return status == 0 ? 0 : status < 100 ? CANNOT_TEST : -(status - 100);
}

static int proc_mem(const struct target *t)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	int err = result(pwrite(fd, "attack", 6, t->addr));

	close(fd);
	return err;
}

static int vm_writev(const struct target *t)
{
	struct iovec here = { "attack", 6 }, there = { (void *)t->addr, 6 };

	return result(syscall(SYS_process_vm_writev, getpid(), &here, 1UL, &there, 1UL, 0UL));
}

/* What /proc/self/map_files opens is a new file without a region. */
static int open_mapped_file(const struct target *t)
{
	struct mapping map;
	char path[96];
	int fd, err;

	if (!mapping_at(t->addr, &map))
		return CANNOT_TEST;
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", map.start, map.end);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = worse(commit(fd, t->addr, PAGE), decommit(fd, t->addr, PAGE));
	err = worse(err, release(fd));
	return worse(err, reserve(fd, BASE, LENGTH, SHIFT, 0));
}

#define WRITES	{ DENIED, DISCARD, DISCARD }

const struct attack process_attacks[] = {
	{ "the basic attacks by a vfork child", by_vfork_child, ALL(DENIED) },
	{ "the basic attacks by a CLONE_VM process", by_clone_vm, ALL(DENIED) },
	{ "the basic attacks by a thread", by_thread, ALL(DENIED) },
	{ "the basic attacks by a fork child and its child", by_fork_child, ALL(DENIED) },
	{ "the basic attacks after close of the file", without_the_file, ALL(DENIED) },
	{ "the basic attacks under every personality", with_personality, ALL(DENIED), true },
	{ "execveat in a vfork child", exec_in_vfork_child, ALL(HARMLESS), true },
	{ "munmap injected by ptrace", through_ptrace, ALL(DENIED) },
	{ "ptrace PTRACE_POKEDATA", poke, WRITES, true },
	{ "write to /proc/self/mem", proc_mem, { DENIED, DISCARD, DISCARD_FORCED }, true },
	{ "process_vm_writev", vm_writev, { DENIED, DISCARD, DENIED }, true },
	{ "/proc/self/map_files", open_mapped_file, ALL(DENIED), true, .untold = true },
	{ }
};
