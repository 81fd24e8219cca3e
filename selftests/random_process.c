// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Memory access, fork, exec, threads. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/wait.h>

#include "random.h"

static unsigned long value_at(const struct world *w, unsigned long addr)
{
	return addr * 0x9e3779b97f4a7c15UL ^ w->key;
}

/* Up to four pages; those whose contents are known afterwards. */
long do_write(struct world *w, const struct call *c, struct range r)
{
	unsigned int pages = 1 + c->variant % 4;
	unsigned long addr = page_down(r.addr);

	say(w, "write at %lx, %u pages", addr, pages);
	for (; pages--; addr += page_size) {
		const struct run *run = model_run(&w->model, addr);
		bool writable = run && run->prot & PROT_WRITE;
		bool room = w->threaded || w->model.nr_pages < PAGES_MAX - 8;
		unsigned long value = value_at(w, addr);
		int sig;

		/* Not memory that belongs to somebody else. */
		if (!overlaps(&w->model, addr, page_size) || (writable && !room))
			continue;
		sig = poke(addr, value);
		if (!sig)
			sig = poke(addr + page_size - sizeof(long), value + 1);
		if (w->threaded)
			continue;
		if (sig == SIGBUS && w->uffd >= 0) {
			model_write(&w->model, addr, 0, ANYTHING);
			continue;
		}
		if (sig != (writable ? 0 : SIGSEGV))
			found(w, "writing to %lx, prot %d: signal %d", addr,
			      run ? (int)run->prot : 0, sig);
		if (!sig)
			model_write(&w->model, addr, value, EXACT);
	}
	return 0;
}

long do_read(struct world *w, const struct call *c, struct range r)
{
	unsigned long addr = r.addr & -sizeof(long), value;
	const struct run *run = model_run(&w->model, addr);
	int sig;

	if (!overlaps(&w->model, addr, 1))
		return 0;
	sig = peek(addr, &value);
	say(w, "read at %lx: signal %d", addr, sig);
	if (w->threaded || (sig == SIGBUS && w->uffd >= 0))
		return 0;
	if (sig != (run ? 0 : SIGSEGV))
		found(w, "reading %lx, prot %d: signal %d", addr, run ? (int)run->prot : 0, sig);
	return sig ? -EFAULT : 0;
}

/* By /proc/self/mem: what is read-only too, reserve never. */
long do_write_memory(struct world *w, const struct call *c, struct range r)
{
	unsigned long addr = page_down(r.addr), value = value_at(w, addr);
	const struct run *run = model_run(&w->model, addr);
	ssize_t got;

	if (!overlaps(&w->model, addr, page_size) || w->model.nr_pages > PAGES_MAX - 8)
		return 0;
	got = pwrite(w->memory, &value, sizeof(value), addr);
	if (got > 0) {
		value++;
		got = pwrite(w->memory, &value, sizeof(value), addr + page_size - sizeof(long));
		value--;
	}
	say(w, "write to /proc/self/mem at %lx = %zd", addr, got);
	if (w->threaded)
		return 0;
	if (!run && got > 0)
		found(w, "/proc/self/mem writes to reserve at %lx", addr);
	if (run && got > 0)
		model_write(&w->model, addr, value, EXACT);
	else if (run)
		model_write(&w->model, addr, 0, ANYTHING);
	return got > 0 ? 0 : -EIO;
}

/* The kernel writes: into reserve and read-only memory it must not. */
long do_read_into(struct world *w, const struct call *c, struct range r)
{
	unsigned long addr = page_down(r.addr);
	const struct run *run = model_run(&w->model, addr);
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (overlaps(&w->model, addr, 8) && w->model.nr_pages < PAGES_MAX - 8) {
		got = read(zero, (void *)addr, 8);
		say(w, "read(2) into %lx = %zd", addr, got);
		if (!w->threaded && got > 0 && !(run && run->prot & PROT_WRITE))
			found(w, "read(2) writes to %lx", addr);
		if (!w->threaded && run)
			model_write(&w->model, addr, 0, ANYTHING);
	}
	close(zero);
	return 0;
}

static void wait_for_child(struct world *w, pid_t pid, const char *what)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			found(w, "waitpid: %s", strerror(errno));
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
	    w->level < GCCOLOR_IOC_LEVEL_ENFORCED && atomic_load(&w->report->hits)) {
		atomic_fetch_add(&w->report->stopped, 1);
		return;
	}
	found(w, "%s ended with status %#x", what, status);
}

/* What is the parent's alone is got anew; limits and locks are its parent's. */
static void become_child(struct world *w)
{
	w->depth++;
	w->key = w->key * 5 + 3;
	close(w->maps);
	close(w->memory);
	w->maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	w->memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	if (w->uffd >= 0)
		close(w->uffd);
	w->uffd = -1;
	w->locks_future = false;
}

/* The child goes on with the sequence for a few calls; then the parent does. */
long do_fork(struct world *w, const struct call *c, struct range r)
{
	int end = w->position + 1 + c->variant % 16;
	struct gccolor_ioc_info i;
	pid_t pid;

	if (w->depth > 1)
		return -EAGAIN;
	say(w, "fork, %d calls in the child", end - w->position - 1);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		become_child(w);
		if (w->may_lose_region && w->fd >= 0 && info(w->fd, &i) == -ENXIO) {
			if (commit(w->fd, w->model.base + SLOT, page_size) != -ENXIO)
				found(w, "a child without a region commits");
			_exit(0);
		}
		if (w->may_lose_region && w->fd < 0)
			_exit(0);
		probe_runs(w);
		check_region(w);
		w->position++;
		run_calls(w, end < w->count ? end : w->count);
		check_end(w);
		_exit(0);
	}
	atomic_fetch_add(&w->report->forks, 1);
	wait_for_child(w, pid, "a fork child");
	check_contents(w, true);
	return 0;
}

/* In the program that was executed: nothing of the region is left. */
int after_exec(int fd, unsigned long base, unsigned long length)
{
	struct gccolor_ioc_info i;

	page_size = sysconf(_SC_PAGESIZE);
	if (info(fd, &i) != -ENXIO || commit(fd, base + SLOT, page_size) != -ENXIO ||
	    decommit(fd, base + SLOT, page_size) != -ENXIO || release(fd) != -ENXIO ||
	    lock_region(fd) != -ENXIO)
		return 1;
	if (reserve(fd, base, length, 20, 0) == 0)
		return 2;
	if (mmap(NULL, length, PROT_NONE, MAP_PRIVATE, fd, 0) != MAP_FAILED)
		return 3;
	if (mmap((void *)base, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
		 MAP_FIXED_NOREPLACE, -1, 0) != (void *)base)
		return 4;
	return 0;
}

long do_exec(struct world *w, const struct call *c, struct range r)
{
	char fd[16], base[32], length[32];
	pid_t pid;

	if (w->fd < 0)
		return -EBADF;
	lift_limits(w);
	say(w, "exec");
	snprintf(fd, sizeof(fd), "%d", dup(w->fd));
	snprintf(base, sizeof(base), "%lu", w->model.base);
	snprintf(length, sizeof(length), "%lu", w->model.length);
	pid = c->variant & 1 ? fork() : vfork();
	if (pid == 0) {
		execl("/proc/self/exe", "random_test", "--after-exec", fd, base, length, NULL);
		_exit(100);
	}
	close(atoi(fd));
	if (pid < 0)
		return -errno;
	atomic_fetch_add(&w->report->execs, 1);
	wait_for_child(w, pid, "an executed program");
	return 0;
}

struct thread {
	struct world *w;
	int first, end, step;
};

/* Nobody knows what comes first: only what must never be is looked for. */
static void *call_in_thread(void *arg)
{
	const struct thread *thread = arg;
	struct world *w = thread->w;

	for (int i = thread->first; i < thread->end; i += thread->step) {
		const struct call *c = &w->calls[i];

		if (ops[c->op].flags & ALONE)
			continue;
		if (ops[c->op].run(w, c, aim(&w->model, c)) < 0)
			atomic_fetch_add(&w->report->denied, 1);
		atomic_fetch_add(&w->report->calls, 1);
	}
	return NULL;
}

/* The pages that do_write() and its kin may have written. */
static void note_writes(struct world *w, int first, int end)
{
	for (int i = first; i < end; i++) {
		unsigned long addr = page_down(aim(&w->model, &w->calls[i]).addr);
		long (*run)(struct world *, const struct call *, struct range) =
			ops[w->calls[i].op].run;

		if (run != do_write && run != do_write_memory && run != do_read_into)
			continue;
		for (int page = 0; page < 4; page++, addr += page_size) {
			if (overlaps(&w->model, addr, page_size))
				model_write(&w->model, addr, 0, ANYTHING);
		}
	}
}

/* The next calls, in several threads at once. */
long do_threads(struct world *w, const struct call *c, struct range r)
{
	static char stacks[THREADS_MAX][256 * 1024] __attribute__((aligned(65536)));
	int first = w->position + 1, end = first + 4 + c->variant % 28;
	int number = 2 + c->index % (THREADS_MAX - 1);
	struct thread threads[THREADS_MAX];
	pthread_t ids[THREADS_MAX];

	if (end > w->count)
		end = w->count;
	if (w->model.nr_pages > PAGES_MAX / 2 || w->model.nr_runs > RUNS_MAX - 100)
		return -EAGAIN;
	lift_limits(w);
	say(w, "%d threads, %d calls", number, end - first);
	note_writes(w, first, end);
	w->threaded = true;
	for (int i = 0; i < number; i++) {
		pthread_attr_t attr;

		threads[i] = (struct thread){ w, first + i, end, number };
		pthread_attr_init(&attr);
		pthread_attr_setstack(&attr, stacks[i], sizeof(stacks[i]));
		if (pthread_create(&ids[i], &attr, call_in_thread, &threads[i]))
			found(w, "no thread");
		atomic_fetch_add(&w->report->threads, 1);
	}
	for (int i = 0; i < number; i++)
		pthread_join(ids[i], NULL);
	w->threaded = false;
	munlockall();
	w->locks_future = false;
	adopt_region(w);
	/* They are done. */
	w->position = end > first ? end - 1 : w->position;
	return 0;
}

void run_calls(struct world *w, int end)
{
	for (; w->position < end; w->position++) {
		const struct call *c = &w->calls[w->position];
		const struct op *op = &ops[c->op];
		long ret;

		atomic_store(&w->report->hits, 0);
		w->target = aim(&w->model, c);
		ret = op->run(w, c, w->target);
		atomic_fetch_add(&w->report->calls, 1);
		if (ret < 0)
			atomic_fetch_add(&w->report->denied, 1);
		if (!(op->flags & NO_CHECK))
			probe(w, w->target.addr, w->target.addr + w->target.length);
		if (w->limited && --w->limited == 0)
			lift_limits(w);
		if (op->flags & NO_CHECK)
			continue;
		atomic_fetch_add(&w->report->mutating, 1);
		check_region(w);
		check_contents(w, false);
	}
}
