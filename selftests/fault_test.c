// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * fault_test [SCENE [VERBOSE]]: every allocation and every copy from or to user space of
 * every command fails, one at a time, and nothing may come of it but an error.
 *
 * Each scene (fault_scenes.c) is played in a fresh process with the n-th possible
 * failure, for n = 1, 2, ... until the call does not get that far. Three sweeps:
 * alone; while another thread attacks what the call is about; and with a third of
 * all allocations failing, so that what repairs fails too. Needs a kernel with fault
 * injection, whose log shows where each fault was if VERBOSE is 2. The path of the
 * module file is in GCCOLOR_KO.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "kselftest.h"
#include "child.h"
#include "fault.h"

#define DEBUG_DIR	"/sys/kernel/debug/"
#define REFCNT		"/sys/module/gccolor/refcnt"
#define FAULTS_MAX	1000
#define RANDOM_ROUNDS	12
#define RANDOM_PERCENT	"33"
#define SHAPES		3
#define BROKEN_MAX	5	/* enough to see what is wrong */
#define CASE_SECONDS	120

enum sweep { ALONE, ATTACKED, RANDOM, SWEEPS };

static const char *const sweep_names[SWEEPS] = { "alone", "attacked", "random" };

/* What a child leaves to say how its case went. */
enum outcome {
	BROKEN,		/* or killed before it could say */
	NOT_REACHED,	/* the call has fewer than n possible failures */
	HARMLESS,	/* something failed, the call succeeded */
	FAILED,		/* something failed, and so did the call */
};

static struct shared {
	enum outcome outcome;
	unsigned long got_in;	/* attacks that succeeded */
	unsigned long got_in_open;	/* of these, that no hole explains */
	char fault[200];
} *shared;

static struct counts {
	unsigned long cases, injected, failed, killed, got_in, broken;
} totals[SWEEPS];

static struct shape {
	unsigned long addr;
	unsigned long length;
} shapes[SHAPES];
static unsigned int aim;	/* which of them is attacked */

static int arm_fd;
static atomic_bool attacking, begun;

/* In a child. */
#define EXPECT(condition, ...) do {					\
	if (!(condition)) {						\
		snprintf(shared->fault, sizeof(shared->fault), __VA_ARGS__); \
		_exit(1);						\
	}								\
} while (0)

/* From here on, the n-th possible failure of this thread happens. */
static void arm(unsigned int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	CHECK_EQ(length, pwrite(arm_fd, text, length, 0));
}

/* True: it happened. Reading and writing copy too, and may be what fails now. */
static bool disarm(void)
{
	char text[16] = "";
	ssize_t got = pread(arm_fd, text, sizeof(text) - 1, 0);

	while (pwrite(arm_fd, "0", 1, 0) != 1)
		;
	return got > 0 && atoi(text) == 0;
}

/*
 * The shapes that fit into what a failed carve may leave: the range as a hole, the
 * upper part of the mapping that held it, that mapping. The kernel refuses others, as
 * they would split a mapping of ours.
 */
static void find_shapes(const struct scene *scene, const struct layout *before)
{
	unsigned int i = 0;

	while (before->end[i] <= scene->addr)
		i++;
	shapes[0] = (struct shape){ scene->addr + scene->length - PAGE, PAGE };
	shapes[1] = (struct shape){ scene->addr, before->end[i] - scene->addr };
	shapes[2] = (struct shape){ before->start[i], before->end[i] - before->start[i] };
}

static void *attacker(void *arg)
{
	const struct scene *scene = arg;

	while (attacking) {
		begun = true;
		if (aim == 0) {
			shared->got_in += !try_map_over(shapes[0].addr, shapes[0].length);
		} else if (!try_munmap(shapes[aim].addr, shapes[aim].length)) {
			shared->got_in++;
			/* A hole of just this shape can be unmapped, too. */
			shared->got_in_open += shapes[aim].length > scene->length;
		}
	}
	return NULL;
}

static unsigned long outside_mappings(const struct layout *layout)
{
	return count_mappings() - layout->mappings;
}

/* Nothing but what the scene says may have changed. */
static void check_state(const struct scene *scene, const struct layout *before,
			unsigned long outside, bool done)
{
	static const unsigned long middles[] = { INSIDE(0) + PAGE, RUN + PAGE, RUN + 8 * PAGE,
		RUNS + 6 * PAGE, GAP + 5 * PAGE, CODE + PAGE, HUGE + PAGE };
	long change = done ? scene->change * (long)scene->length : 0;
	struct shape lost = { 0, 0 };
	static struct layout now;
	const char *fault;

	if (scene->before != REGION) {
		unsigned long here = count_mappings();

		EXPECT(done || here == outside, "%ld more mappings", here - outside);
		return;
	}
	if (shared->got_in || change < 0)
		lost = (struct shape){ scene->addr, scene->length };
	if (shared->got_in) {
		unsigned long start = shapes[2].addr, end = start + shapes[2].length;

		if (end < lost.addr + lost.length)
			end = lost.addr + lost.length;
		lost = (struct shape){ start, end - start };
	}
	fault = contents_fault(lost.addr, lost.length);
	EXPECT(!fault, "%s", fault);
	if (!scene->once) {
		read_layout(fault_fd, BASE, LENGTH, &now);
		if (!shared->got_in) {
			EXPECT(now.committed == before->committed + change,
			       "%lx bytes committed, %lx before", now.committed, before->committed);
			EXPECT(done || same_layout(before, &now), "the layout changed");
		}
		EXPECT(outside_mappings(&now) == outside, "%ld more mappings outside",
		       outside_mappings(&now) - outside);
	}
	fault = region_state(BASE, LENGTH);
	EXPECT(!strcmp(fault, "whole"), "%s", fault);
	for (unsigned int i = 0; i < ARRAY_SIZE(middles); i++) {
		fault = page_attack(middles[i]);
		EXPECT(!fault, "%s succeeds at %lx", fault, middles[i]);
	}
	fault = contents_fault(lost.addr, lost.length);
	EXPECT(!fault, "after the attacks: %s", fault);
}

/* In a child of its own: one scene, its n-th failure. */
static void run_case(const struct scene *scene, enum sweep sweep, unsigned int n)
{
	static struct layout before;
	unsigned long outside;
	bool injected = true, spent = false;
	pthread_t thread;
	int err, again;

	alarm(CASE_SECONDS);
	scene_prepare(scene);
	if (scene->before == REGION)
		read_layout(fault_fd, BASE, LENGTH, &before);
	outside = outside_mappings(&before);
	arm_fd = open(sweep == RANDOM ? "/proc/self/make-it-fail" : "/proc/thread-self/fail-nth",
		      O_RDWR | O_CLOEXEC);
	CHECK(arm_fd >= 0);
	if (sweep == ATTACKED) {
		find_shapes(scene, &before);
		attacking = true;
		CHECK_EQ(0, pthread_create(&thread, NULL, attacker, (void *)scene));
		outside = outside_mappings(&before);
		while (!begun)
			sched_yield();
	}

	arm(n);
	err = scene->call(scene);
	if (sweep == RANDOM)
		disarm();
	else
		injected = disarm();

	if (sweep == ATTACKED) {
		attacking = false;
		pthread_join(thread, NULL);
	}
	EXPECT(!err || injected, "%d without a fault", err);
	EXPECT(!err || err == -ENOMEM || err == -EFAULT || err == -EAGAIN || shared->got_in,
	       "%d is no answer to a fault", err);
	EXPECT(injected || !shared->got_in, "an attack got in without a fault");
	EXPECT(!shared->got_in || scene->window != SHUT, "an attack got in");
	EXPECT(!shared->got_in_open || scene->window == OPEN, "an attack met an open guard");
	if (err || !scene->ends)
		check_state(scene, &before, outside, !err);
	if (err && !shared->got_in) {
		again = scene->call(scene);
		/* RESERVE was undone, as its answer could not be written: the file is spent. */
		spent = scene->before == NO_REGION && err == -EFAULT && again == -EBUSY;
		EXPECT(!again || spent, "%d, and then %d without a fault", err, again);
		if (!scene->ends)
			check_state(scene, &before, outside, true);
	}
	if (scene->after && !spent && !shared->got_in)
		scene->after();
	shared->outcome = err ? FAILED : injected ? HARMLESS : NOT_REACHED;
	_exit(0);
}

static void report(const struct scene *scene, enum sweep sweep, unsigned int n, const char *what)
{
	ksft_print_msg("%s, %s, fault %u: BROKEN: %s\n", scene->name, sweep_names[sweep], n, what);
}

/* Play it, and count. False: there is no n-th failure. */
static bool play(const struct scene *scene, enum sweep sweep, unsigned int n,
		 struct counts *counts)
{
	char text[64];
	int status;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		run_case(scene, sweep, n);
	status = wait_for(pid);
	counts->cases++;
	counts->got_in += shared->got_in;
	if (status == 0 && shared->outcome == NOT_REACHED)
		return false;
	counts->injected++;
	if (status == 0 && shared->outcome == FAILED) {
		counts->failed++;
	} else if (status == 1000 + SIGKILL && sweep == ATTACKED && scene->window != SHUT &&
		   (scene->window == OPEN || !shared->got_in_open)) {
		counts->killed++;
	} else if (status || shared->outcome == BROKEN) {
		snprintf(text, sizeof(text), "the process ended with status %d", status);
		report(scene, sweep, n, shared->fault[0] ? shared->fault : text);
		counts->broken++;
	}
	return true;
}

static void play_all(const struct scene *scene, enum sweep sweep)
{
	unsigned int limit = sweep == RANDOM ? RANDOM_ROUNDS : FAULTS_MAX, n = 1;
	struct counts c = { 0 };
	bool enough;

	aim = 0;
	while (n <= limit && c.broken < BROKEN_MAX &&
	       play(scene, sweep, sweep == RANDOM ? 1 : n, &c)) {
		/* Under attack, each failure meets each shape. */
		if (sweep == ATTACKED && aim < SHAPES - 1) {
			aim++;
			continue;
		}
		aim = 0;
		n++;
	}
	/* Each command copies or allocates something. */
	enough = (sweep == RANDOM ? n > limit : n <= limit) && (scene->quiet || c.injected);
	ksft_test_result(enough && !c.broken,
			 "%s, %s: %lu faults, %lu times it failed, %lu attacks got in, %lu killed\n",
			 scene->name, sweep_names[sweep], c.injected, c.failed, c.got_in, c.killed);
	totals[sweep].cases++;
	totals[sweep].injected += c.injected;
	totals[sweep].failed += c.failed;
	totals[sweep].killed += c.killed;
	totals[sweep].got_in += c.got_in;
	totals[sweep].broken += c.broken;
}

static void set(const char *file, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUG_DIR "%s", file);
	if (write_file(path, value))
		ksft_exit_fail_msg("%s: cannot write: this kernel injects no faults\n", path);
}

static void make_faults_possible(const char *verbose)
{
	set("failslab/ignore-gfp-wait", "N");
	set("fail_page_alloc/ignore-gfp-wait", "N");
	set("fail_page_alloc/ignore-gfp-highmem", "N");
	set("fail_page_alloc/min-order", "0");
	set("failslab/verbose", verbose);
	set("fail_page_alloc/verbose", verbose);
	set("fail_usercopy/verbose", verbose);
	set("failslab/task-filter", "Y");
	set("fail_page_alloc/task-filter", "Y");
	set("failslab/times", "-1");
	set("fail_page_alloc/times", "-1");
}

static void fail_randomly(const char *percent)
{
	set("failslab/probability", percent);
	set("fail_page_alloc/probability", percent);
}

/* Nothing holds the module any more: it goes, and comes again. */
static bool reload(void)
{
	const char *path = getenv("GCCOLOR_KO");
	int fd, err;

	for (int i = 0; i < 100000 && read_number(REFCNT) > 0; i++)
		sched_yield();
	if (read_number(REFCNT) != 0 || !path ||
	    syscall(SYS_delete_module, "gccolor", O_NONBLOCK))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	err = syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return err == 0;
}

static bool wanted(const struct scene *scene, enum sweep sweep, const char *name)
{
	/* Attackers need a region, before and after. */
	if (sweep == ATTACKED && (scene->before != REGION || scene->ends))
		return false;
	return !name || !strcmp(name, scene->name);
}

int main(int argc, char **argv)
{
	unsigned int plan = 0;
	const struct scene *scene;
	enum sweep sweep;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ksft_print_header();
	make_faults_possible(argc > 2 ? argv[2] : "0");
	for (sweep = ALONE; sweep < SWEEPS; sweep++)
		for (scene = scenes; scene->name; scene++)
			plan += wanted(scene, sweep, argv[1]);
	ksft_set_plan(plan + 1);
	for (sweep = ALONE; sweep < SWEEPS; sweep++) {
		if (sweep == RANDOM)
			fail_randomly(RANDOM_PERCENT);
		for (scene = scenes; scene->name; scene++)
			if (wanted(scene, sweep, argv[1]))
				play_all(scene, sweep);
	}
	fail_randomly("0");
	ksft_test_result(reload(), "nothing holds the module afterwards\n");
	for (sweep = ALONE; sweep < SWEEPS; sweep++)
		ksft_print_msg("faults %s: %lu scenes, %lu injected, %lu calls failed, "
			       "%lu attacks got in, %lu processes killed, %lu broken\n",
			       sweep_names[sweep], totals[sweep].cases, totals[sweep].injected,
			       totals[sweep].failed, totals[sweep].got_in, totals[sweep].killed,
			       totals[sweep].broken);
	ksft_finished();
}
