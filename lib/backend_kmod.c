// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The gccolor kernel module. The only file that knows its ABI.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend.h"
#include "error.h"
#include "gccolor_event.h"
#include "os.h"
#include "posix_map.h"
#include "posix_policy.h"
#include "uapi/linux/gccolor.h"

#define DEVICE		"/dev/gccolor"
#define FD_WISH		1000	/* above what programs close or dup2() over */

/*
 * What hooked memory (level guarded) cannot have: it is no anonymous memory to
 * the core, and madvise() of a part of a run is denied.
 */
#define NEEDS_ANONYMOUS	(GCCOLOR_CAP_LAZY | GCCOLOR_CAP_HUGEPAGE |		\
			 GCCOLOR_CAP_STACK | GCCOLOR_CAP_NODUMP |		\
			 GCCOLOR_CAP_COLLAPSE | GCCOLOR_CAP_COLD |		\
			 GCCOLOR_CAP_PAGEOUT)

/* Move @fd out of the way of programs that count on low numbers. */
static int move_high(int fd)
{
	struct rlimit limit;
	int wish = FD_WISH;
	int high;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= FD_WISH + 64)
		wish = limit.rlim_cur > 128 ? (int)limit.rlim_cur - 64 : 3;
	high = fcntl(fd, F_DUPFD_CLOEXEC, wish);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

static void kmod_forget(struct backing *at);

static int kmod_probe(struct backing *at)
{
	struct gccolor_ioc_query query = { .size = sizeof(query) };
	struct stat st;
	int error;
	int fd;

	at->fd = -1;
	/* O_NONBLOCK is for kmod_next_event(); nothing else heeds it. */
	fd = open(DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		error = -errno;
		if (error == -ENOENT)
			return error_set(error, DEVICE " does not exist (is the module loaded?)");
		if (error == -ENODEV || error == -ENXIO)
			return error_set(-ENODEV, "the module behind " DEVICE " is not loaded");
		return error_set(error, "cannot open " DEVICE ": %s",
				 error_advice(error));
	}
	at->fd = move_high(fd);
	if (ioctl(at->fd, GCCOLOR_IOC_QUERY, &query) < 0) {
		error = -errno;
		kmod_forget(at);
		if (error == -ENOTTY || error == -EOPNOTSUPP)
			return error_set(-EOPNOTSUPP, DEVICE
					 " is not the gccolor device, or refuses this process");
		return error_set(error, DEVICE " does not answer QUERY");
	}
	if (fstat(at->fd, &st) < 0) {
		error = -errno;
		kmod_forget(at);
		return error_set(error, "cannot stat the descriptor of " DEVICE);
	}
	at->lacks = query.features & GCCOLOR_IOC_FEATURE_EXEC ? 0 : GCCOLOR_CAP_EXEC;
	at->lacks |= query.features & GCCOLOR_IOC_FEATURE_EVENTS ? 0 : GCCOLOR_CAP_EVENTS;
	at->dev = st.st_dev;
	at->inode = st.st_ino;
	at->rdev = st.st_rdev;
	return 0;
}

/* Somebody may have closed our descriptor and opened another file in its place. */
static bool is_ours(const struct backing *at)
{
	struct stat st;

	return at->fd >= 0 && fstat(at->fd, &st) == 0 && st.st_dev == at->dev &&
	       st.st_ino == at->inode && st.st_rdev == at->rdev;
}

/*
 * What the kernel says about an operation that was validated above. A range
 * that it finds outside its region, or a command that it does not know, means
 * that the descriptor is another file's. That is looked at after a failure only: it
 * is a system call more, and on other files than ours our commands do nothing.
 */
static int command(const struct backing *at, unsigned long request, void *arg)
{
	int error;

	if (ioctl(at->fd, request, arg) == 0)
		return 0;
	error = errno;
	if (!is_ours(at))
		return -ENXIO;
	switch (error) {
	case ENOTTY:
	case ERANGE:
		return -ENXIO;
	case E2BIG:	/* an older module: it does not know what we ask for */
		return -EOPNOTSUPP;
	default:
		return -error;
	}
}

static int info_from_uapi(const struct backing *at, struct gccolor_ioc_info *info)
{
	int error;

	*info = (struct gccolor_ioc_info){ .size = sizeof(*info) };
	error = command(at, GCCOLOR_IOC_INFO, info);
	if (!error && info->base != at->base)
		return -ENXIO;
	return error;
}

static int kmod_reserve(struct backing *at)
{
	struct gccolor_ioc_reserve reserve = {
		.size = sizeof(reserve),
		.base = at->base,
		.length = at->length,
		.color_shift = at->color_shift,
		.level_min = at->min_level,
		.exec_colors = at->exec_colors,
	};
	struct gccolor_ioc_info info;

	if (!is_ours(at))
		return -ENXIO;
	if (ioctl(at->fd, GCCOLOR_IOC_RESERVE, &reserve) == 0) {
		if (info_from_uapi(at, &info) ||
		    info.level != GCCOLOR_IOC_LEVEL_ENFORCED)
			at->lacks |= NEEDS_ANONYMOUS;
		return 0;
	}
	at->busy_start = (uintptr_t)reserve.busy_start;
	at->busy_end = (uintptr_t)reserve.busy_end;
	return -errno;
}

static void kmod_forget(struct backing *at)
{
	if (is_ours(at))
		close(at->fd);
	at->fd = -1;
}

static int kmod_release(struct backing *at)
{
	struct gccolor_ioc_release release = { .size = sizeof(release) };

	return command(at, GCCOLOR_IOC_RELEASE, &release);
}

static uint32_t flags_to_uapi(uint32_t flags)
{
	return (flags & GCCOLOR_NORESERVE ? GCCOLOR_IOC_COMMIT_NORESERVE : 0) |
	       (flags & GCCOLOR_HUGEPAGE ? GCCOLOR_IOC_COMMIT_HUGEPAGE : 0);
}

static uint32_t prot_to_uapi(uint32_t prot)
{
	return (prot & GCCOLOR_READ ? GCCOLOR_IOC_PROT_READ : 0) |
	       (prot & GCCOLOR_WRITE ? GCCOLOR_IOC_PROT_WRITE : 0) |
	       (prot & GCCOLOR_EXEC ? GCCOLOR_IOC_PROT_EXEC : 0);
}

static int kmod_decommit(struct backing *at, uintptr_t addr, size_t length)
{
	struct gccolor_ioc_decommit decommit = {
		.size = sizeof(decommit),
		.addr = addr,
		.length = length,
	};

	return command(at, GCCOLOR_IOC_DECOMMIT, &decommit);
}

static int kmod_commit(struct backing *at, uintptr_t addr, size_t length,
		       uint32_t prot, uint32_t flags)
{
	struct gccolor_ioc_commit commit = {
		.size = sizeof(commit),
		.flags = flags_to_uapi(flags),
		.addr = addr,
		.length = length,
		.prot = prot_to_uapi(prot),
	};
	int error;

	error = command(at, GCCOLOR_IOC_COMMIT, &commit);
	if (error)
		return error;
	error = posix_policy(addr, length, flags & ~GCCOLOR_HUGEPAGE);
	if (error && kmod_decommit(at, addr, length))
		at->stuck = true;
	return error;
}

/* Looking once is what makes the module keep events. */
static int kmod_event_fd(struct backing *at)
{
	struct pollfd p = { .fd = at->fd, .events = POLLIN };
	struct gccolor_ioc_info info;
	int error = info_from_uapi(at, &info);

	if (error)
		return error;
	while (poll(&p, 1, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return p.revents & POLLERR ? -ENOMEM : at->fd;
}

static uint32_t kind_from_uapi(uint32_t kind)
{
	switch (kind) {
	case GCCOLOR_IOC_EVENT_DENIED:
		return GCCOLOR_EVENT_DENIED;
	case GCCOLOR_IOC_EVENT_KILLED:
		return GCCOLOR_EVENT_KILLED;
	case GCCOLOR_IOC_EVENT_GUARD_LOST:
		return GCCOLOR_EVENT_GUARD_LOST;
	default:
		return GCCOLOR_EVENT_UNKNOWN;
	}
}

static uint32_t call_from_uapi(uint32_t call)
{
	switch (call) {
	case GCCOLOR_IOC_CALL_UNMAP:
		return GCCOLOR_CALL_UNMAP;
	case GCCOLOR_IOC_CALL_MAP:
		return GCCOLOR_CALL_MAP;
	case GCCOLOR_IOC_CALL_PROTECT:
		return GCCOLOR_CALL_PROTECT;
	case GCCOLOR_IOC_CALL_REMAP:
		return GCCOLOR_CALL_REMAP;
	case GCCOLOR_IOC_CALL_SPLIT:
		return GCCOLOR_CALL_SPLIT;
	default:
		return GCCOLOR_CALL_UNKNOWN;
	}
}

static int kmod_next_event(struct backing *at, struct gccolor_event *out)
{
	struct gccolor_ioc_event event;
	ssize_t got;

	if (!is_ours(at))
		return -ENXIO;
	got = read(at->fd, &event, sizeof(event));
	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (got != sizeof(event))
		return -EIO;
	*out = (struct gccolor_event){
		.size = sizeof(*out),
		.kind = kind_from_uapi(event.kind),
		.call = call_from_uapi(event.call),
		.time = event.time,
		.addr = (void *)(uintptr_t)event.addr,
		.length = (size_t)event.length,
		.pid = event.pid,
		.tid = event.tid,
		.suppressed = event.suppressed,
		.lost = event.lost,
	};
	memcpy(out->comm, event.comm, sizeof(out->comm));
	return 1;
}

static int kmod_present(struct backing *at)
{
	struct gccolor_ioc_info info;

	return info_from_uapi(at, &info) == -ENXIO ? -ENXIO : 0;
}

static enum gccolor_level level_from_uapi(uint32_t level)
{
	switch (level) {
	case GCCOLOR_IOC_LEVEL_ENFORCED:
		return GCCOLOR_ENFORCED;
	case GCCOLOR_IOC_LEVEL_GUARDED:
		return GCCOLOR_GUARDED;
	default:	/* a level that we do not know promises nothing to us */
		return GCCOLOR_NONE;
	}
}

static enum gccolor_level kmod_level(struct backing *at, const char **why)
{
	struct gccolor_ioc_info info;

	if (info_from_uapi(at, &info)) {
		*why = "this process has no region any more, or its descriptor is gone";
		return GCCOLOR_NONE;
	}
	switch (info.reason) {
	case GCCOLOR_IOC_REASON_NONE:
		*why = NULL;
		break;
	case GCCOLOR_IOC_REASON_UNPROVEN:
		*why = "the module's own test attack was not denied";
		break;
	case GCCOLOR_IOC_REASON_BUSY:
		*why = "a live patch or tracer is in the way, or kernel.ftrace_enabled is 0";
		break;
	case GCCOLOR_IOC_REASON_MISSED:
		*why = "the module's guard was not run when it should have been";
		break;
	case GCCOLOR_IOC_REASON_PARAMETER:
		*why = "the administrator loaded the module with guard=hooks";
		break;
	default:
		*why = "this kernel gives the module no way to deny everything";
		break;
	}
	return level_from_uapi(info.level);
}

const struct backend backend_kmod = {
	.id		= GCCOLOR_KMOD,
	.best		= GCCOLOR_ENFORCED,
	.holds		= true,
	.can_trap	= true,
	.can_release	= true,
	.can_exec	= true,
	.can_protect	= true,
	.caps		= POSIX_CAPS & ~GCCOLOR_CAP_WIPE,	/* the kernel: EINVAL */
	.probe		= kmod_probe,
	.reserve	= kmod_reserve,
	.release	= kmod_release,
	.forget		= kmod_forget,
	.commit		= kmod_commit,
	.decommit	= kmod_decommit,
	.discard	= posix_discard,
	.populate	= posix_populate,
	.advise		= posix_advise,
	.event_fd	= kmod_event_fd,
	.next_event	= kmod_next_event,
	.present	= kmod_present,
	.level		= kmod_level,
};
