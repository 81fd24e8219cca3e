// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Runs every attack of the tables against reserve, committed and read-only
 * committed memory, in part, exactly and more than that, each in a fresh
 * process, and judges what is left.
 *
 * attack_test			TAP
 * attack_test --table		the results as Markdown, for docs/attacks.md
 * attack_test --only NAME	attacks whose name contains NAME
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "kselftest.h"
#include "attack.h"

static const struct attack *const tables[] = {
	map_attacks, remap_attacks, advice_attacks, uffd_attacks, process_attacks, kernel_attacks,
};

static const char *const kind_names[] = { "reserve", "committed", "read-only" };
static const char *const shape_names[] = { "partial", "exact", "larger" };

/* Written by the attacked process, read by its parent. */
static struct report {
	bool judged;
	int returned;
	unsigned int events;	/* denials that the region's reader was told */
	unsigned char verdict;	/* 0: broken */
	char reason[200];
} *report;

static bool guarded;	/* the level here is guarded, not enforced */

static struct counts {
	unsigned int runs, denied, told, harmless, unpromised, killed, untested, broken;
} counts;

static void write_read_only(unsigned long addr, unsigned long length)
{
	static unsigned long words[16 * PAGE_MAX / sizeof(long)] __attribute__((aligned(PAGE_MAX)));

	for (size_t i = 0; i < length / sizeof(long); i++)
		words[i] = (addr + i * sizeof(long)) ^ 0x9e3779b97f4a7c15UL;
	if (!put_pages(addr, words, length))
		_exit(2);
}

static int set_stage(void)
{
	struct gccolor_ioc_info now;
	int fd = open_region(1 << 3);

	if (fd < 0 || info(fd, &now) || now.level != expected_level() ||
	    commit(fd, AT_COMMITTED, PIECE) ||
	    commit_flags(fd, AT_READ_ONLY, PIECE, PROT_R, 0))
		return -1;
	fill(AT_COMMITTED, PIECE);
	write_read_only(AT_READ_ONLY, PIECE);
	return fd;
}

static struct target target_of(const struct attack *attack, enum kind kind,
			       enum shape shape, int fd)
{
	const unsigned long at[] = { AT_RESERVE, AT_COMMITTED, AT_READ_ONLY };
	struct target t = { kind, shape, at[kind], PIECE, fd, attack->arg };

	if (shape == PARTIAL) {
		t.addr += 4 * PAGE;
		t.length = 4 * PAGE;
	} else if (shape == LARGER) {
		t.addr -= 8 * PAGE;
		t.length += 16 * PAGE;
	}
	return t;
}

/* As intact(), of memory that may trap. */
static bool still_intact(unsigned long addr, unsigned long length)
{
	for (unsigned long at = addr; at < addr + length; at += PAGE) {
		if (!readable(at) || !intact(at, PAGE))
			return false;
	}
	return true;
}

/* From now on the region's reader is told of denials. */
static bool listen_to(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0 && poll(&p, 1, 0) == 0;
}

/* How many denials was it told of? Those that are not reported are counted too. */
static unsigned int denials_told(int fd)
{
	struct gccolor_ioc_event e;
	unsigned int told = 0;

	while (read(fd, &e, sizeof(e)) == sizeof(e))
		told += e.kind == GCCOLOR_IOC_EVENT_DENIED ? 1 + e.suppressed + e.lost : 0;
	return told;
}

/* The owner goes on: commits next to it, gives the stage back, uses it anew. */
static const char *owner_fault(int fd)
{
	if (commit(fd, AT_RESERVE, PAGE) || commit(fd, INSIDE(4), PAGE))
		return "the owner cannot commit";
	if (!zeroed(AT_RESERVE, PAGE))
		return "fresh memory is not zero";
	if (decommit(fd, AT_RESERVE, PAGE) || decommit(fd, INSIDE(4), PAGE))
		return "the owner cannot decommit";
	if (decommit(fd, AT_COMMITTED, PIECE) || decommit(fd, AT_READ_ONLY + PAGE, PIECE / 2))
		return "the owner cannot give the attacked memory back";
	if (readable(AT_COMMITTED) || readable(AT_READ_ONLY + PAGE))
		return "decommitted memory can be read";
	if (commit(fd, STAGE + PAGE, 4 * PAGE) || !zeroed(STAGE + PAGE, 4 * PAGE))
		return "the owner cannot use the place again";
	return NULL;
}

static void judge(int fd, int returned, const struct layout *before)
{
	struct layout after;
	const char *fault;
	bool data;

	report->events = denials_told(fd);
	read_layout(fd, BASE, LENGTH, &after);
	after.mappings = before->mappings;
	fault = region_state(BASE, LENGTH);
	if (!strcmp(fault, "whole"))
		fault = same_layout(before, &after) ? NULL : "the layout changed";
	data = !fault && still_intact(AT_COMMITTED, PIECE) && still_intact(AT_READ_ONLY, PIECE);
	if (!fault)
		fault = owner_fault(fd);
	if (!fault && strcmp(region_state(BASE, LENGTH), "whole"))
		fault = region_state(BASE, LENGTH);
	if (fault)
		snprintf(report->reason, sizeof(report->reason), "%s", fault);
	else if (returned == CANNOT_TEST)
		report->verdict = UNTESTED;
	else if (returned == DID_UNPROMISED)
		report->verdict = UNPROMISED;
	else if (!data)
		report->verdict = DISCARD;
	else
		report->verdict = returned < 0 ? DENIED : HARMLESS;
	report->returned = returned;
	report->judged = true;
}

static void attack_in_child(const struct attack *attack, enum kind kind, enum shape shape)
{
	struct layout before;
	struct target target;
	int fd;

	if (attack->before)
		attack->before();
	fd = set_stage();
	if (fd < 0 || !listen_to(fd)) {
		snprintf(report->reason, sizeof(report->reason), "no region");
		return;
	}
	read_layout(fd, BASE, LENGTH, &before);
	target = target_of(attack, kind, shape, fd);
	judge(fd, attack->run(&target), &before);
}

/*
 * Listens as long as the test runs: to arm the audit probe anew for every region takes
 * its time.
 */
static pid_t start_listener(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (listen_to(open_region(0)))
		pause();
	_exit(1);
}

static void run_one(const struct attack *attack, enum kind kind, enum shape shape)
{
	int status;
	pid_t pid;

	memset(report, 0, sizeof(*report));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		attack_in_child(attack, kind, shape);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (guarded && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
	    !report->judged && !report->reason[0]) {
		report->judged = true;
		report->verdict = KILLED;
	} else if (WIFSIGNALED(status))
		snprintf(report->reason, sizeof(report->reason), "killed by signal %d",
			 WTERMSIG(status));
	else if (!report->judged && !report->reason[0])
		snprintf(report->reason, sizeof(report->reason), "exited with status %d",
			 WEXITSTATUS(status));
	if (!report->judged || report->reason[0])
		report->verdict = 0;
	counts.runs++;
	counts.denied += report->verdict == DENIED;
	counts.told += report->verdict == DENIED && report->events;
	counts.harmless += report->verdict == HARMLESS;
	counts.unpromised += report->verdict == DISCARD || report->verdict == UNPROMISED;
	counts.killed += report->verdict == KILLED;
	counts.untested += report->verdict == UNTESTED;
	counts.broken += report->verdict == 0;
}

/* A cell of the table: every outcome once. */
static void add_to_cell(char *cell, size_t size)
{
	char text[64];

	switch (report->verdict) {
	case DENIED:
		snprintf(text, sizeof(text), "denied (%s)", strerrorname_np(-report->returned));
		break;
	case HARMLESS:
		snprintf(text, sizeof(text), "harmless");
		break;
	case DISCARD:
		snprintf(text, sizeof(text), "not promised: contents");
		break;
	case UNPROMISED:
		snprintf(text, sizeof(text), "not promised");
		break;
	case KILLED:
		snprintf(text, sizeof(text), "killed");
		break;
	case UNTESTED:
		snprintf(text, sizeof(text), "not testable here");
		break;
	default:
		snprintf(text, sizeof(text), "**BROKEN**");
	}
	if (!strstr(cell, text) && strlen(cell) + strlen(text) + 3 < size)
		sprintf(cell + strlen(cell), "%s%s", *cell ? ", " : "", text);
}

/* Does /proc/self/mem write to what this process cannot write to? */
static bool overrides_protection(void)
{
	static const char page[PAGE_MAX] __attribute__((aligned(PAGE_MAX)));
	char old = page[0];
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	bool written = pwrite(fd, &old, 1, (unsigned long)page) == 1;

	close(fd);
	return written;
}

static unsigned short resolve(unsigned short allowed)
{
	bool since_7 = !kernel_before(KERNEL(7, 0));

	if (allowed & DISCARD_UNTIL_7)
		allowed |= since_7 ? DENIED : DISCARD;
	if (allowed & DISCARD_SINCE_7)
		allowed |= since_7 ? DISCARD : DENIED;
	if (allowed & DISCARD_FORCED)
		allowed |= overrides_protection() ? DISCARD : DENIED;
	return allowed;
}

/* What may come of it on this kernel, and at this level. */
static unsigned short allowed_here(const struct attack *attack, enum kind kind)
{
	unsigned short allowed = resolve(attack->allowed[kind]);

	if (!getenv("GCCOLOR_TEST_REQUIRE"))
		allowed |= UNTESTED;
	if (kernel_before(attack->since))
		allowed = UNTESTED | DENIED;
	if (kernel_before(attack->denied_since) || (guarded && attack->denied_since))
		allowed |= HARMLESS;
	/* Hooks deny more: what would split a mapping, what wants anonymous memory */
	if (guarded)
		allowed |= DENIED | (allowed & DENIED ? KILLED : 0);
	return allowed;
}

/*
 * Is there to be an event? Not of what the core refuses whatever lies there: wrong
 * arguments (EINVAL, EFAULT ...), a place that is taken (EEXIST; brk(2) and mremap(2):
 * ENOMEM), and discards of what may not be written. Where the core does not seal,
 * VM_MAY* and VM_DONTEXPAND make it refuse before it asks the module.
 */
static bool must_tell(const struct attack *attack)
{
	bool asked_last = guarded || kernel_before(KERNEL(6, 12));

	if (report->verdict != DENIED || attack->untold)
		return false;
	return report->returned == -EPERM ||
	       (!asked_last && (report->returned == -EACCES || report->returned == -ENOMEM));
}

/* One attack on one kind in all shapes. Returns whether it went as allowed. */
static bool run_kind(const struct attack *attack, enum kind kind, char *cell, size_t size)
{
	unsigned short allowed = allowed_here(attack, kind);
	bool good = true;

	for (enum shape shape = 0; shape < (attack->one_shape ? 1 : SHAPES); shape++) {
		run_one(attack, kind, shape);
		add_to_cell(cell, size);
		if (must_tell(attack) && !report->events)
			snprintf(report->reason, sizeof(report->reason), "and there was no event");
		else if (report->verdict & allowed)
			continue;
		good = false;
		ksft_print_msg("%s, %s, %s: returned %d, verdict %d, allowed %#x, %s\n",
			       attack->name, kind_names[kind], shape_names[shape],
			       report->returned, report->verdict, allowed, report->reason);
	}
	return good;
}

static void print_head(void)
{
	struct utsname kernel;

	uname(&kernel);
	/* REUSE-IgnoreStart */
	printf("<!-- SPDX-License-Identifier: GPL-2.0-only -->\n"
	       "<!-- SPDX-FileCopyrightText: 2026 The gccolor authors -->\n");
	/* REUSE-IgnoreEnd */
	printf("# What each call does to a region\n\n"
	       "Written by `attack_test --table` on Linux %s; do not edit. Each cell was run in\n"
	       "fresh processes against a part of the memory, exactly it, and more than it.\n"
	       "\"denied\": the call failed and nothing changed. \"harmless\": it succeeded; place,\n"
	       "protection and contents are as before, and the owner goes on. \"not promised: contents\":\n"
	       "the place is still the collector's, what was in it is not.\n\n"
	       "| call | reserve | committed | read-only committed |\n"
	       "|---|---|---|---|\n", kernel.release);
}

static void print_tail(void)
{
	printf("\nWhere we looked: the callers (grep) of do_munmap(), do_vmi_munmap(),\n"
	       "do_vmi_align_munmap(), vm_munmap(), do_mmap(), vm_mmap(), do_brk_flags(),\n"
	       "insert_vm_struct(), vma_modify_*(), vma_expand(), expand_stack(), move_page_tables(), zap_page_range_single(),\n"
	       "unmap_mapping_range() and vm_flags_*() in mm/, kernel/, fs/, ipc/, io_uring/ and\n"
	       "arch/x86/ of Linux 6.12.\n\n"
	       "Not attacked, because they choose their own address or cannot reach the region: the\n"
	       "page of uprobes, the stack of execve(2), 32-bit system calls (below 4 GiB),\n"
	       "modify_ldt(2), mappings of other devices (they take the way of MAP_FIXED above). Not\n"
	       "promised: other kernel modules, and root in the kernel's memory.\n");
}

static bool selected(const struct attack *attack, const char *only)
{
	return !only || strstr(attack->name, only);
}

int main(int argc, char **argv)
{
	bool table = argc > 1 && !strcmp(argv[1], "--table");
	const char *only = argc > 2 && !strcmp(argv[1], "--only") ? argv[2] : NULL;
	unsigned int plan = 0, failed = 0;
	pid_t listener;

	if (getenv("GCCOLOR_TEST_EXECED"))
		return 0;
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	guarded = expected_level() == GCCOLOR_IOC_LEVEL_GUARDED;
	write_file("/proc/sys/vm/nr_hugepages", "8");
	listener = start_listener();
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct attack *a = tables[i]; a->name; a++)
			for (enum kind kind = 0; kind < KINDS; kind++)
				plan += a->allowed[kind] && selected(a, only);
	if (table) {
		print_head();
	} else {
		ksft_print_header();
		ksft_set_plan(plan);
	}
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		for (const struct attack *a = tables[i]; a->name; a++) {
			char cells[KINDS][256] = { "", "", "" };

			if (!selected(a, only))
				continue;
			for (enum kind kind = 0; kind < KINDS; kind++) {
				bool good;

				if (!a->allowed[kind]) {
					cells[kind][0] = '-';
					continue;
				}
				good = run_kind(a, kind, cells[kind], sizeof(cells[kind]));
				failed += !good;
				if (!table)
					ksft_test_result(good, "%s, %s: %s\n", a->name,
							 kind_names[kind], cells[kind]);
			}
			if (table)
				printf("| %s | %s | %s | %s |\n", a->name, cells[RESERVE],
				       cells[COMMITTED], cells[READ_ONLY]);
		}
	}
	kill(listener, SIGKILL);
	waitpid(listener, NULL, 0);
	write_file("/proc/sys/vm/nr_hugepages", "0");
	printf("%s%u attacks: %u denied (%u with an event), %u killed, %u harmless, "
	       "%u not promised, %u not testable here, %u broken.\n", table ? "\n" : "# ",
	       counts.runs, counts.denied, counts.told, counts.killed, counts.harmless,
	       counts.unpromised, counts.untested, counts.broken);
	if (table) {
		print_tail();
		return failed != 0;
	}
	ksft_finished();
}
