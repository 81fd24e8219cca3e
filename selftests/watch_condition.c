// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * watch_condition CONDITION COMMAND...: runs it where a region cannot be had, or not
 * all of it, or by user nobody.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/gccolor.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE	65
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define NOBODY		65534
#define CGROUP		"/sys/fs/cgroup/watch"
#define ARG(n)		(offsetof(struct seccomp_data, args) + 8 * (n))	/* little-endian */
#define LOAD(offset)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define AND(value)	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, value)
#define RETURN(value)	BPF_STMT(BPF_RET | BPF_K, value)

/* Every call @nr of which (argument @arg & @mask) == @value comes to @action. */
static int filter(int nr, int arg, unsigned int mask, unsigned int value, unsigned int action)
{
	struct sock_filter code[] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		EQUAL(nr, 0, 4),
		LOAD(ARG(arg)),
		AND(mask),
		EQUAL(value, 0, 1),
		RETURN(action),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int filter_ioctl(unsigned int action)
{
	return filter(SYS_ioctl, 1, 0xff00, GCCOLOR_IOC_TYPE << 8, action);
}

/* A control group in which no device can be opened. */
static int devices(void)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (unsigned long)code,
		.insn_cnt = 2,
		.license = (unsigned long)"GPL",
	};
	union bpf_attr attach = { .attach_type = BPF_CGROUP_DEVICE };
	char pid[16];
	int fd, length;

	mkdir(CGROUP, 0755);
	attach.attach_bpf_fd = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	attach.target_fd = open(CGROUP, O_RDONLY | O_DIRECTORY);
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)))
		return -1;
	fd = open(CGROUP "/cgroup.procs", O_WRONLY);
	length = snprintf(pid, sizeof(pid), "%d", getpid());
	return write(fd, pid, length) != length;
}

int main(int argc, char **argv)
{
	const char *name = argc > 2 ? argv[1] : "";
	int failed;

	if (!strcmp(name, "ioctl-refused"))
		failed = filter_ioctl(SECCOMP_RET_ERRNO | EPERM);
	else if (!strcmp(name, "ioctl-kills"))
		failed = filter_ioctl(SECCOMP_RET_KILL_PROCESS);
	else if (!strcmp(name, "open-refused"))	/* for writing: a dynamic program must start */
		failed = filter(SYS_openat, 2, O_ACCMODE, O_RDWR, SECCOMP_RET_ERRNO | EPERM);
	else if (!strcmp(name, "mdwe"))
		failed = prctl(PR_SET_MDWE, 1, 0, 0, 0);
	else if (!strcmp(name, "devices"))
		failed = devices();
	else if (!strcmp(name, "nobody"))
		failed = setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY);
	else
		return fprintf(stderr, "watch_condition: no such condition: %s\n", name), 2;
	if (failed)
		return perror("watch_condition"), 2;
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
