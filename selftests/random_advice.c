// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Calls that advise, lock, place and limit. They may drop contents, never a place. */
#define _GNU_SOURCE
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "limits.h"
#include "kernel.h"
#include "random.h"

#define NR_PIDFD_OPEN			434
#define NR_PROCESS_MADVISE		440
#define NR_MSEAL			462

static long result(long ret)
{
	return ret == -1 ? -errno : ret;
}

/* The part of a range that lies in the region and its aprons. */
struct range near(const struct world *w, struct range r)
{
	unsigned long apron = APRON_PAGES * page_size;
	unsigned long from = w->model.base - apron, to = model_end(&w->model) + apron;
	unsigned long end = r.addr + r.length;

	if (end < r.addr || end > to)
		end = to;
	if (r.addr < from)
		r.addr = from + (r.addr & (page_size - 1));
	r.length = end > r.addr ? end - r.addr : 0;
	return r;
}

struct range onto_run(const struct world *w, const struct call *c, struct range r)
{
	const struct run *run;

	if (!w->model.nr_runs || c->noise >> 50 & 1)
		return r;
	run = &w->model.runs[c->index % w->model.nr_runs];
	if (r.addr < run->start || r.addr >= run->end)
		r.addr = run->start;
	if (r.length > run->end - r.addr)
		r.length = run->end - r.addr;
	return r;
}

/* No more than may be faulted in. */
static struct range little(const struct world *w, struct range r)
{
	r = near(w, r);
	if (r.length > POPULATE_MAX)
		r.length = POPULATE_MAX;
	return r;
}

static bool covers_lowest_reserve(const struct world *w, struct range r)
{
	/* Reserve may be several mappings: the lowest slot alone can be one. */
	return r.addr <= w->model.base && r.addr + r.length >= w->model.base + SLOT;
}

long do_madvise(struct world *w, const struct call *c, struct range r)
{
	static const uint8_t advices[] = {
		MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_FREE, MADV_DONTFORK, MADV_DONTFORK,
		MADV_DOFORK, MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
		MADV_REMOVE, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
		MADV_DONTDUMP, MADV_DODUMP, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_COLD,
		MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_DONTNEED_LOCKED,
		MADV_COLLAPSE, 26, 63, 104, 255,
	};
	int advice = advices[c->variant % ARRAY_SIZE(advices)];
	unsigned long base = w->model.base;
	long ret;

	r = little(w, onto_run(w, c, r));
	if (advice == MADV_DONTFORK && c->variant & 0x80)
		r = (struct range){ base, model_boundary(&w->model, base) - base };
	if (advice == MADV_DONTFORK && covers_lowest_reserve(w, r))
		w->may_lose_region = true;
	ret = result(madvise((void *)r.addr, r.length, advice));
	say(w, "madvise(%lx, %lx, %d) = %ld", r.addr, r.length, advice, ret);
	/* Even one that fails may have come some way. */
	if (!w->threaded && (advice == MADV_DONTNEED || advice == MADV_FREE ||
			     advice == MADV_DONTNEED_LOCKED))
		model_fade(&w->model, r.addr, r.addr + r.length, OR_ZERO);
	return ret;
}

long do_process_madvise(struct world *w, const struct call *c, struct range r)
{
	static const uint8_t advices[] = {
		MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED, MADV_COLLAPSE, MADV_DONTNEED, MADV_DONTFORK,
		MADV_FREE, 255,
	};
	int advice = advices[c->variant % ARRAY_SIZE(advices)];
	int self = syscall(NR_PIDFD_OPEN, getpid(), 0);
	struct iovec range;
	long ret;

	r = little(w, r);
	range = (struct iovec){ (void *)r.addr, r.length };
	if (advice == MADV_DONTFORK && covers_lowest_reserve(w, r))
		w->may_lose_region = true;
	ret = result(syscall(NR_PROCESS_MADVISE, self, &range, 1UL, advice, 0));
	close(self);
	say(w, "process_madvise(%lx, %lx, %d) = %ld", r.addr, r.length, advice, ret);
	/* Since 6.13 a process may do this to itself. */
	if (!w->threaded && (advice == MADV_DONTNEED || advice == MADV_FREE))
		model_fade(&w->model, r.addr, r.addr + r.length, OR_ZERO);
	return ret;
}

long do_mlock(struct world *w, const struct call *c, struct range r)
{
	long ret;

	r = near(w, onto_run(w, c, r));
	switch (c->variant % 4) {
	case 0:
		ret = result(mlock((void *)r.addr, r.length));
		break;
	case 1:
		ret = result(syscall(SYS_mlock2, r.addr, r.length, 1));
		break;
	default:
		ret = result(munlock((void *)r.addr, r.length));
	}
	say(w, "mlock %d of (%lx, %lx) = %ld", c->variant % 4, r.addr, r.length, ret);
	return ret;
}

/* With MCL_CURRENT the region is more than RLIMIT_MEMLOCK. */
long do_mlockall(struct world *w, const struct call *c, struct range r)
{
	static const int flags[] = {
		MCL_FUTURE, MCL_FUTURE, MCL_FUTURE | MCL_ONFAULT, MCL_CURRENT,
		MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT, 0, 0, 0,
	};
	int how = flags[c->variant % ARRAY_SIZE(flags)];
	long ret = result(how ? mlockall(how) : munlockall());

	if (ret == 0)
		w->locks_future = how & MCL_FUTURE;
	w->crumbled |= how & MCL_FUTURE;
	say(w, "mlockall(%#x) = %ld", how, ret);
	return ret;
}

long do_mbind(struct world *w, const struct call *c, struct range r)
{
	static const int policies[] = { MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE };
	unsigned long nodes = 1;
	int policy = policies[c->variant & 3];
	long ret;

	r = near(w, onto_run(w, c, r));
	ret = result(syscall(SYS_mbind, r.addr, r.length, policy, policy ? &nodes : NULL, 64UL,
			     c->variant & 4 ? MPOL_MF_MOVE : 0));
	say(w, "mbind(%lx, %lx, %d) = %ld", r.addr, r.length, policy, ret);
	return ret;
}

long do_msync(struct world *w, const struct call *c, struct range r)
{
	long ret;

	r = near(w, r);
	ret = result(msync((void *)r.addr, r.length, c->variant & 7));
	say(w, "msync(%lx, %lx, %d) = %ld", r.addr, r.length, c->variant & 7, ret);
	return ret;
}

long do_mincore(struct world *w, const struct call *c, struct range r)
{
	unsigned char there[512];

	r = near(w, r);
	if (r.length > sizeof(there) * page_size)
		r.length = sizeof(there) * page_size;
	return result(mincore((void *)r.addr, r.length, there));
}

long do_mseal(struct world *w, const struct call *c, struct range r)
{
	unsigned long end = model_end(&w->model);
	long ret;

	/* What is sealed beside the region would stay for good. */
	if (r.addr < w->model.base || r.addr >= end)
		return -EINVAL;
	if (r.length > end - r.addr)
		r.length = end - r.addr;
	ret = result(syscall(NR_MSEAL, r.addr, r.length, 0UL));
	say(w, "mseal(%lx, %lx) = %ld", r.addr, r.length, ret);
	return ret;
}

/* A fault that nobody would answer raises SIGBUS. */
static int open_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return -1;
	}
	return fd;
}

long do_uffd(struct world *w, const struct call *c, struct range r)
{
	struct uffdio_register watch;
	struct uffdio_writeprotect protect;
	struct uffdio_zeropage zero;
	long ret;

	r = near(w, onto_run(w, c, r));
	if (w->uffd < 0)
		w->uffd = open_uffd();
	if (w->uffd < 0)
		return -EOPNOTSUPP;
	switch (c->variant % 8) {
	case 0:
		close(w->uffd);
		w->uffd = -1;
		say(w, "userfaultfd: closed");
		return 0;
	case 1:
		ret = result(ioctl(w->uffd, UFFDIO_UNREGISTER,
				   &(struct uffdio_range){ r.addr, r.length }));
		break;
	case 2:
		protect = (struct uffdio_writeprotect){ { r.addr, r.length }, c->index & 3 };
		ret = result(ioctl(w->uffd, UFFDIO_WRITEPROTECT, &protect));
		break;
	case 3:
		r = little(w, r);
		zero = (struct uffdio_zeropage){ .range = { r.addr, r.length } };
		ret = result(ioctl(w->uffd, UFFDIO_ZEROPAGE, &zero));
		break;
	default:
		watch = (struct uffdio_register){
			.range = { r.addr, r.length }, .mode = 1 + c->variant % 7,
		};
		ret = result(ioctl(w->uffd, UFFDIO_REGISTER, &watch));
	}
	say(w, "userfaultfd: %d (%lx, %lx) = %ld", c->variant % 8, r.addr, r.length, ret);
	return ret;
}

long do_prctl(struct world *w, const struct call *c, struct range r)
{
	long ret;

	r = near(w, r);
	switch (c->variant % 16) {
	case 0 ... 2:
		ret = result(prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0));
		break;
	case 3 ... 5:
		ret = result(prctl(PR_SET_MEMORY_MERGE, 0, 0, 0, 0));
		break;
	case 6:
		/* For good: shall not be in every sequence. */
		ret = c->noise % 4 ? 0 : result(prctl(PR_SET_MDWE, 1, 0, 0, 0));
		w->denies_exec |= ret == 0 && c->noise % 4 == 0;
		break;
	case 7:
		ret = result(prctl(PR_SET_THP_DISABLE, c->noise & 1, 0, 0, 0));
		break;
	case 8:
		ret = result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
		break;
	default:
		ret = result(prctl(PR_SET_VMA, 0, r.addr, r.length, "random"));
	}
	say(w, "prctl %d (%lx, %lx) = %ld", c->variant % 16, r.addr, r.length, ret);
	return ret;
}

long do_personality(struct world *w, const struct call *c, struct range r)
{
	static const unsigned int some[] = {
		READ_IMPLIES_EXEC, READ_IMPLIES_EXEC | ADDR_COMPAT_LAYOUT, ADDR_COMPAT_LAYOUT, 0,
		MMAP_PAGE_ZERO | ADDR_LIMIT_3GB, ADDR_LIMIT_32BIT | ADDR_NO_RANDOMIZE, 0, 0,
	};
	unsigned int persona = some[c->variant % ARRAY_SIZE(some)];
	long ret = result(personality(persona));

	w->implies_exec = persona & READ_IMPLIES_EXEC;
	say(w, "personality(%#x) = %ld", persona, ret);
	return ret;
}

/* Lowered between calls, and lifted again a few calls later. */
long do_limit(struct world *w, const struct call *c, struct range r)
{
	static const int resources[] = { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, RLIMIT_STACK };
	int resource = resources[c->variant & 3];
	unsigned long value = (c->noise % 64) * page_size;
	long ret;

	if (resource == RLIMIT_AS && c->noise & 0x100)
		value += proc_number("/proc/self/status", "VmSize") * 1024;
	if (resource == RLIMIT_DATA && c->noise & 0x100)
		value += proc_number("/proc/self/status", "VmData") * 1024;
	if (resource == RLIMIT_STACK)
		value += MIB;
	ret = set_limit(resource, value);
	w->limited = 1 + c->index % 8;
	say(w, "limit %d to %lx for %d calls", resource, value, w->limited);
	return ret;
}

void lift_limits(struct world *w)
{
	if (w->limited)
		say(w, "the limits are lifted");
	w->limited = 0;
	unlimit(RLIMIT_AS);
	unlimit(RLIMIT_DATA);
	set_limit(RLIMIT_MEMLOCK, 8 * MIB);
	set_limit(RLIMIT_STACK, 8 * MIB);
}

void settle(struct world *w)
{
	lift_limits(w);
	if (w->uffd >= 0)
		close(w->uffd);
	w->uffd = -1;
	munlockall();
	w->locks_future = false;
	personality(0);
	w->implies_exec = false;
}

long do_clear_refs(struct world *w, const struct call *c, struct range r)
{
	return write_file("/proc/self/clear_refs", c->variant & 1 ? "1" : "4");
}
