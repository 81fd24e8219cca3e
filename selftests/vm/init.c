// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The guest's process 1: prepares the system, loads the module, runs one
 * command as root, reports, powers off.
 *
 * It is started by the kernel from the initramfs that selftests/vm/run puts
 * together, and talks to run over three virtio ports, never over the console:
 *
 *	/dev/vport0p1	reports, one a line (see report())
 *	/dev/vport0p2	the command's standard output, byte for byte
 *	/dev/vport0p3	the command's standard error, byte for byte
 *
 * From the initramfs it reads /vm/command (argument vector, each argument
 * ended by a zero byte), where a module is to be loaded /vm/module (path) and
 * /vm/modparam (parameters), from /vm/drivers what the ports need; /vm/leaks asks
 * for kmemleak's report.
 *
 * Reports: "up" once the ports are open, "start" before the command,
 * "module MESSAGE" (the module did not load; the command is not run),
 * "status N" (as a shell gives it: 128 + signal when killed),
 * "busy MESSAGE" (the module could not be unloaded afterwards), "end".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MODULE_NAME	"gccolor"
#define WORKDIR		"/root/work"
#define COMMAND_MAX	1048576
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"

/* Where a pipe end of the command goes to. */
struct relay {
	int from;	/* read end of the command's pipe, -1 once it ended */
	int to;		/* the virtio port */
};

static int report_fd = -1;
static volatile sig_atomic_t child_ended;	/* volatile: set by the signal handler */

static void on_child(int sig)
{
	(void)sig;
	child_ended = 1;
}

/* Writes all of it; a port blocks until the host took the bytes. */
static void write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		buf += n;
		len -= n;
	}
}

/* Sends one line to the host, or to the console where there is no port yet. */
__attribute__((format(printf, 1, 2)))
static void report(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	write_all(report_fd >= 0 ? report_fd : STDERR_FILENO, line, len);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, text, strlen(text));
	close(fd);
}

/* Reads a whole small file; NULL where it is missing. */
static char *read_file(const char *path, size_t *len)
{
	char *buf;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	buf = calloc(1, COMMAND_MAX + 1);
	*len = 0;
	while (buf && *len < COMMAND_MAX) {
		n = read(fd, buf + *len, COMMAND_MAX - *len);
		if (n <= 0)
			break;
		*len += n;
	}
	close(fd);
	return buf;
}

/* Everything here is best effort: an old kernel lacks some of it. */
static void mount_all(void)
{
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
	/* A program brought along from the host's /tmp must stay visible. */
	if (!rmdir("/tmp")) {
		mkdir("/tmp", 01777);
		mount("tmpfs", "/tmp", "tmpfs", MS_NODEV, "mode=1777");
	}
	mkdir("/dev/shm", 01777);
	mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	if (symlink("/proc/self/fd", "/dev/fd") ||
	    symlink("/proc/self/fd/0", "/dev/stdin") ||
	    symlink("/proc/self/fd/1", "/dev/stdout") ||
	    symlink("/proc/self/fd/2", "/dev/stderr"))
		report("note /dev/fd: %m");
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

/*
 * The first event of a task makes the kernel rewrite the code of its scheduler, the
 * last one rewrites it back. QEMU may go on with what another processor has just
 * rewritten (an int3 that is gone: the guest dies), so one event stays open.
 */
static void hold_perf_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.exclude_kernel = 1,
	};

	/* A kernel without them rewrites nothing. */
	syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Ports appear a little after boot, from a worker of the virtio driver. */
static int open_port(const char *path)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	int i, fd;

	for (i = 0; i < 5000; i++) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		nanosleep(&ms, NULL);
	}
	return -1;
}

static int load_file(const char *path, const char *param)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -1;
	ret = syscall(SYS_finit_module, fd, param, 0);
	close(fd);
	return ret;
}

/* What a kernel that has no virtio ports built in needs for them, in order. */
static void load_drivers(void)
{
	static const char *const names[] = {
		"virtio_ring", "virtio", "virtio_pci_legacy_dev",
		"virtio_pci_modern_dev", "virtio_pci", "virtio_console",
		NULL
	};
	const char *const *name;
	char path[64];

	for (name = names; *name; name++) {
		snprintf(path, sizeof(path), "/vm/drivers/%s.ko", *name);
		if (load_file(path, "") && errno != ENOENT)
			report("note %s: %m", path);
	}
}

/* Return: 0 where there is no module to load or it was loaded. */
static int load_module(void)
{
	size_t len;
	char *path = read_file("/vm/module", &len);
	char *param = read_file("/vm/modparam", &len);
	int ret = 0;

	if (path && load_file(path, param ? param : "")) {
		ret = -1;
		report("module %s: %m", path);
	}
	free(path);
	free(param);
	return ret;
}

/* In the child: never returns. */
static void run_command(char **argv, int out, int err)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t none;
	int null;

	setsid();
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	write_file("/proc/self/oom_score_adj", "0");
	setrlimit(RLIMIT_CORE, &no_core);
	null = open("/dev/null", O_RDONLY);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (null > STDERR_FILENO)
		close(null);
	if (chdir(WORKDIR))
		dprintf(STDERR_FILENO, "vm: %s: %m\n", WORKDIR);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "vm: %s: %m\n", argv[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Passes on what is there; a pipe that ended is closed. */
static void relay_some(struct relay *r)
{
	static char buf[65536];
	ssize_t n = read(r->from, buf, sizeof(buf));

	if (n > 0) {
		write_all(r->to, buf, n);
	} else if (n == 0 || errno != EINTR) {
		close(r->from);
		r->from = -1;
	}
}

/*
 * Passes both streams on until the command has ended and every process that
 * could still write to them is gone. Return: the command's wait status.
 */
static int relay_until_end(pid_t pid, struct relay *relays, const sigset_t *mask)
{
	int i, got, status = 0;

	for (;;) {
		struct pollfd p[2];

		if (child_ended) {
			child_ended = 0;
			while ((got = waitpid(-1, &i, WNOHANG)) > 0) {
				if (got != pid)
					continue;
				status = i;
				pid = -1;
				kill(-1, SIGKILL);
			}
		}
		for (i = 0; i < 2; i++)
			p[i] = (struct pollfd){ relays[i].from, POLLIN, 0 };
		if (p[0].fd < 0 && p[1].fd < 0 && pid < 0)
			return status;
		if (ppoll(p, 2, NULL, mask) < 0)
			continue;
		for (i = 0; i < 2; i++)
			if (p[i].fd >= 0 && p[i].revents)
				relay_some(&relays[i]);
	}
}

/*
 * Closes the session: nothing of the command is alive any more, so nobody can
 * hold the module. One that does not go all the same is worth a report.
 */
static void unload_module(void)
{
	if (access("/vm/module", F_OK))
		return;
	if (syscall(SYS_delete_module, MODULE_NAME, O_NONBLOCK) && errno != ENOENT)
		report("busy %m");
}

/*
 * Two scans, as an object counts once it is old enough and the same in both. The log
 * gets what they find.
 */
static void find_leaks(void)
{
	const struct timespec old_enough = { .tv_sec = 6 };
	size_t len;
	char *text;

	if (access("/vm/leaks", F_OK))
		return;
	if (access(KMEMLEAK, W_OK))
		write_file("/dev/kmsg", "BUG: this kernel has no kmemleak");
	write_file(KMEMLEAK, "scan");
	nanosleep(&old_enough, NULL);
	write_file(KMEMLEAK, "scan");
	text = read_file(KMEMLEAK, &len);
	write_file("/dev/console", text ? text : "");
	free(text);
}

static void run_and_report(char **argv)
{
	int out[2], err[2], status;
	struct relay relays[2];
	sigset_t chld, before;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
		report("note pipe: %m");
		return;
	}
	relays[0] = (struct relay){ out[0], open_port("/dev/vport0p2") };
	relays[1] = (struct relay){ err[0], open_port("/dev/vport0p3") };

	/* SIGCHLD arrives in ppoll() only, so none is missed before it. */
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &before);
	signal(SIGCHLD, on_child);

	report("start");
	pid = fork();
	if (!pid)
		run_command(argv, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (pid < 0) {
		report("note fork: %m");
		return;
	}
	status = relay_until_end(pid, relays, &before);
	report("status %d", WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
						  WEXITSTATUS(status));
}

/* Makes an argument vector of /vm/command; NULL where there is none. */
static char **read_command(void)
{
	size_t len, at = 0, n = 0;
	char *text = read_file("/vm/command", &len);
	char **argv = text ? calloc(len + 1, sizeof(*argv)) : NULL;

	while (argv && at < len) {
		argv[n++] = text + at;
		at += strlen(text + at) + 1;
	}
	return n ? argv : NULL;
}

int main(void)
{
	char **argv;

	umask(0);
	mount_all();
	umask(022);
	write_file("/proc/self/oom_score_adj", "-1000");
	/* Everything the kernel says from here on reaches the log. */
	write_file("/proc/sys/kernel/printk", "8");
	load_drivers();
	report_fd = open_port("/dev/vport0p1");
	if (report_fd < 0) {
		report("vm: no /dev/vport0p1: this kernel lacks virtio_console or virtio_pci");
		reboot(RB_AUTOBOOT);
	}
	report("up");
	if (sethostname("gccolor-vm", 10))
		report("note sethostname: %m");
	loopback_up();
	hold_perf_event();
	/* The working directory lies in it, and tests become nobody. */
	chmod("/root", 0755);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);

	argv = read_command();
	if (!argv)
		report("note /vm/command: empty or missing");
	else if (!load_module())
		run_and_report(argv);
	find_leaks();
	unload_module();
	/* run looks for this line: the log is whole only if it is there. */
	write_file("/dev/kmsg", "gccolor-vm: end of log");
	report("end");
	reboot(RB_AUTOBOOT);
	return 1;
}
