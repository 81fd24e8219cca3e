// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * random_test [CALLS [SEED]]	that many calls, from a seed that is printed
 * random_test --replay CALL...	these calls, said one by one
 * random_test --sequence SEED NUMBER	one sequence, said one by one
 * random_test --self		the tests of the test
 */
#define _GNU_SOURCE
#include <sys/random.h>
#include <sys/wait.h>

#include "kselftest.h"
#include "random.h"

#define CALLS		100000UL
#define WORKERS		2

unsigned long page_size;

static struct shared {
	struct report reports[WORKERS];
	atomic_ulong next;			/* sequence to run */
	unsigned long failed[WORKERS];		/* sequence + 1, or 0 */
} *shared;

static struct call calls[CALLS_MAX + 1];

/* A sequence, and behind it the call that says what region it is about. */
static int make_sequence(uint64_t seed, unsigned long number)
{
	int count = make_calls(seed, number, calls);
	uint64_t state = seed + number * 0x2545f4914f6cdd1dUL;

	calls[count] = (struct call){ .noise = next_random(&state) };
	return count;
}

static unsigned long count_sequences(uint64_t seed, unsigned long wanted)
{
	unsigned long number, sum = 0;

	for (number = 0; sum < wanted; number++)
		sum += make_calls(seed, number, calls);
	return number;
}

static void work(unsigned int worker, uint64_t seed, unsigned long sequences)
{
	unsigned long number;

	while ((number = atomic_fetch_add(&shared->next, 1)) < sequences) {
		int count = make_sequence(seed, number);

		if (run_sequence(calls, count, 0, false, &shared->reports[worker])) {
			shared->failed[worker] = number + 1;
			return;
		}
	}
}

static void print_calls(int count)
{
	char text[33];

	printf("# replay: make check-random KERNEL=... REPLAY=\"");
	for (int i = 0; i <= count; i++) {
		call_to_text(&calls[i], text);
		printf("%s%s", i ? " " : "", text);
	}
	printf("\"\n");
}

/* What was found, as short as it gets. */
static void explain(uint64_t seed, unsigned long number, struct report *report)
{
	int count = make_sequence(seed, number);

	ksft_print_msg("seed %lu, sequence %lu: %s\n", (unsigned long)seed, number, report->text);
	if (report->position + 16 < count && report->position >= 0) {
		calls[report->position + 16] = calls[count];
		count = report->position + 16;
	}
	count = shrink(calls, count, 0, report);
	if (!atomic_load(&report->found)) {
		ksft_print_msg("not found again; all of it: random_test --sequence %lu %lu\n",
			       (unsigned long)seed, number);
		return;
	}
	ksft_print_msg("shrunk to %d calls:\n", count);
	run_sequence(calls, count, 0, true, report);
	ksft_print_msg("%s\n", report->text);
	print_calls(count);
}

static void run_all(uint64_t seed, unsigned long wanted)
{
	unsigned long sequences = count_sequences(seed, wanted), findings = 0;
	struct report sum = { 0 };
	pid_t pids[WORKERS];

	ksft_set_plan(3);
	ksft_print_msg("random: seed %lu, %lu sequences\n", (unsigned long)seed, sequences);
	fflush(stdout);
	for (unsigned int i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			work(i, seed, sequences);
			_exit(0);
		}
	}
	for (unsigned int i = 0; i < WORKERS; i++)
		waitpid(pids[i], NULL, 0);
	for (unsigned int i = 0; i < WORKERS; i++) {
		const struct report *r = &shared->reports[i];

		sum.calls += r->calls;
		sum.mutating += r->mutating;
		sum.denied += r->denied;
		sum.forks += r->forks;
		sum.execs += r->execs;
		sum.threads += r->threads;
		sum.stopped += r->stopped;
	}
	for (unsigned int i = 0; i < WORKERS; i++) {
		if (shared->failed[i]) {
			findings++;
			explain(seed, shared->failed[i] - 1, &shared->reports[i]);
		}
	}
	ksft_print_msg("random: seed %lu, %lu calls (%lu mutating, %lu denied, %lu forks, "
		       "%lu execs, %lu threads, %lu stopped), %lu findings\n",
		       (unsigned long)seed, sum.calls, sum.mutating, sum.denied, sum.forks,
		       sum.execs, sum.threads, sum.stopped, findings);
	ksft_test_result(findings == 0, "the region is as it should be after every call\n");
	ksft_test_result(findings || sum.calls >= wanted, "as many calls as were wanted\n");
	ksft_test_result(findings || wanted < 20000 ||
			 (sum.denied && sum.forks && sum.execs && sum.threads &&
			  sum.mutating > sum.denied / 2), "calls of every kind\n");
}

static void replay(int count, char **texts)
{
	struct report *report = &shared->reports[0];

	ksft_set_plan(1);
	for (int i = 0; i < count; i++) {
		if (i > CALLS_MAX || !call_from_text(texts[i], &calls[i]))
			ksft_exit_fail_msg("not a call: %s\n", texts[i]);
	}
	run_sequence(calls, count - 1, 0, true, report);
	if (report->found)
		ksft_print_msg("%s\n", report->text);
	ksft_test_result(!report->found, "%d calls again\n", count - 1);
}

static void run_one(uint64_t seed, unsigned long number)
{
	struct report *report = &shared->reports[0];
	int count = make_sequence(seed, number);

	ksft_set_plan(1);
	run_sequence(calls, count, 0, true, report);
	if (report->found)
		explain(seed, number, report);
	ksft_test_result(!report->found, "sequence %lu of seed %lu\n", number, (unsigned long)seed);
}

/* Every call again from its text. */
static bool texts_are_whole(int count)
{
	struct call back;
	char text[33];

	for (int i = 0; i <= count; i++) {
		call_to_text(&calls[i], text);
		if (!call_from_text(text, &back) || memcmp(&back, &calls[i], sizeof(back)))
			return false;
	}
	return true;
}

/*
 * An oracle that is told a lie, 64 sequences long: the lie must be found, and
 * what is left of the sequence must show it, and only with the lie.
 */
static void test_shrinking(void)
{
	struct report *report = &shared->reports[0];
	bool seen = false;
	int count = 0, left;

	for (unsigned long number = 0; number < 64 && !seen; number++) {
		count = make_sequence(7, number);
		seen = run_sequence(calls, count, 1, false, report);
	}
	ksft_print_msg("the lie: %s\n", report->text);
	ksft_test_result(seen, "an oracle that is lied to finds it\n");
	left = seen ? shrink(calls, count, 1, report) : 0;
	ksft_print_msg("%d calls shrunk to %d\n", count, left);
	if (seen)
		run_sequence(calls, left, 1, true, report);
	/* Commit and decommit. */
	ksft_test_result(seen && left >= 2 && left <= 4, "the sequence is shrunk to a few calls\n");
	ksft_test_result(seen && run_sequence(calls, left, 1, false, report),
			 "which show it again\n");
	ksft_test_result(seen && !run_sequence(calls, left, 0, false, report),
			 "and nothing without the lie\n");
}

/* Calls that once ended in a finding that was none. */
static const struct {
	const char *op, *call, *end, *what;
} mistaken[] = {
	{ "shmat", "120a0101013ce8e8c011c9444ffabf12", "0000000000000000adbc8360cd6c8567",
	  "a segment that SHM_RND takes down to below the region is no attack" },
	/* Before 6.12 */
	{ "resize", "10030a00fd8776964fd2f43a2d6f062c", "00000000000000001e3eead0082f7ea7",
	  "what mremap cuts off behind the region, up to the stack, is left alone" },
	{ "resize", "10010004002d7e837e575055942646dc", "0000000000000000c068dcbd313f4515",
	  "what mremap leaves as many pages as it was has not changed" },
	{ "munmap", "0c0a0101013ce8e8c011c9444ffabf12", "000000000000000085b6c97449729634",
	  "a region ends below the end of the address space" },
};

static void test_mistaken(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(mistaken); i++) {
		bool read = call_from_text(mistaken[i].call, &calls[0]) &&
			    call_from_text(mistaken[i].end, &calls[1]);

		ksft_test_result(read && !strcmp(ops[calls[0].op].name, mistaken[i].op) &&
				 !run_sequence(calls, 1, 0, false, &shared->reports[0]),
				 "%s\n", mistaken[i].what);
	}
}

static void test_itself(void)
{
	static struct call again[CALLS_MAX + 1];
	int count = make_sequence(42, 3);

	ksft_set_plan(7 + ARRAY_SIZE(mistaken));
	memcpy(again, calls, sizeof(again));
	ksft_test_result(make_sequence(42, 4) != count ||
			 memcmp(again, calls, count * sizeof(*calls)),
			 "another number, another sequence\n");
	ksft_test_result(make_sequence(42, 3) == count &&
			 !memcmp(again, calls, (count + 1) * sizeof(*calls)),
			 "the same seed, the same sequence\n");
	ksft_test_result(texts_are_whole(count), "a call is the same when read back\n");
	test_shrinking();
	test_mistaken();
}

int main(int argc, char **argv)
{
	uint64_t seed;

	if (argc == 5 && !strcmp(argv[1], "--after-exec"))
		return after_exec(atoi(argv[2]), strtoul(argv[3], NULL, 0),
				  strtoul(argv[4], NULL, 0));
	page_size = sysconf(_SC_PAGESIZE);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	write_file("/proc/sys/vm/nr_hugepages", "8");
	ksft_print_header();
	if (argc > 1 && !strcmp(argv[1], "--self")) {
		test_itself();
	} else if (argc > 2 && !strcmp(argv[1], "--replay")) {
		replay(argc - 2, argv + 2);
	} else if (argc > 3 && !strcmp(argv[1], "--sequence")) {
		run_one(strtoul(argv[2], NULL, 0), strtoul(argv[3], NULL, 0));
	} else {
		if (argc > 2)
			seed = strtoul(argv[2], NULL, 0);
		else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
			ksft_exit_fail_msg("no seed\n");
		run_all(argc > 2 ? seed : seed >> 32, argc > 1 ? strtoul(argv[1], NULL, 0) : CALLS);
	}
	ksft_finished();
}
