// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What keeps a region from being made, or from being used to the full. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gccolor.h>

#include "doctor.h"
#include "tool.h"

#ifndef PR_GET_MDWE
#define PR_GET_MDWE	66
#endif

#define MAP_COUNT	65530	/* the kernel's own vm.max_map_count */

/* A note is why, where the level is below enforced. */
static void weigh(const struct facts *facts, struct finding *f)
{
	if (facts->level < GCCOLOR_ENFORCED)
		f->state = FINDING_CAUSE;
}

static void check_quota(const struct facts *facts, struct finding *out)
{
	char text[256];

	if (facts->reserve_error != EDQUOT)
		return;
	because(out, "user %u has as many regions as one may have (%s)", getuid(),
		file_line("/sys/module/gccolor/parameters/max_regions_per_user", text));
	cure(out, "raise /sys/module/gccolor/parameters/max_regions_per_user, or end some");
}

static void check_address(const struct facts *facts, struct finding *out)
{
	if (facts->reserve_error != EEXIST)
		return;
	note(out, "at the default base 0x%llx there is %s already",
	     (unsigned long long)facts->query.default_base,
	     *facts->occupant ? facts->occupant : "something");
	weigh(facts, out);
	cure(out, "take another base, as the library does by itself; or keep that mapping away");
}

static bool limit_of(int which, uint64_t *out)
{
	struct rlimit limit;

	if (getrlimit(which, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return false;
	*out = limit.rlim_cur;
	return true;
}

static void check_address_space(const struct facts *facts, struct finding *out)
{
	char size[24];
	uint64_t limit;

	if (!limit_of(RLIMIT_AS, &limit))
		return;
	note(out, "RLIMIT_AS is %s, and counts a whole region, 1 TiB by default; "
	     "what fits is 1 GiB or more, or nothing", format_size(size, limit));
	weigh(facts, out);
	cure(out, "ulimit -v unlimited");
}

static void check_data(const struct facts *facts, struct finding *out)
{
	char size[24];
	uint64_t limit;

	(void)facts;
	if (!limit_of(RLIMIT_DATA, &limit))
		return;
	note(out, "RLIMIT_DATA is %s: what is committed counts, and fails above it",
	     format_size(size, limit));
	cure(out, "ulimit -d unlimited");
}

static void check_map_count(const struct facts *facts, struct finding *out)
{
	char text[256];

	(void)facts;
	file_line("/proc/sys/vm/max_map_count", text);
	if (!*text || atol(text) >= MAP_COUNT)
		return;
	note(out, "vm.max_map_count is %s: each run of committed memory takes two", text);
	cure(out, "sysctl vm.max_map_count=%d", MAP_COUNT);
}

static void check_overcommit(const struct facts *facts, struct finding *out)
{
	char text[256];

	(void)facts;
	if (file_line("/proc/sys/vm/overcommit_memory", text)[0] != '2')
		return;
	note(out, "vm.overcommit_memory is 2: what is committed counts against the "
	     "machine's commit limit, and backend mseal gets no region");
	cure(out, "sysctl vm.overcommit_memory=0, or raise vm.overcommit_ratio");
}

static void check_noexec(const struct facts *facts, struct finding *out)
{
	if (facts->stage <= STAGE_QUERY || facts->open_error || facts->query_error ||
	    facts->query.features & GCCOLOR_IOC_FEATURE_EXEC)
		return;
	note(out, "/dev is mounted noexec: no executable colors");
	cure(out, "mount -o remount,exec /dev");
}

static void check_mdwe(const struct facts *facts, struct finding *out)
{
	(void)facts;
	if (prctl(PR_GET_MDWE, 0, 0, 0, 0) <= 0)
		return;
	note(out, "PR_SET_MDWE is on: no executable memory can be committed");
	cure(out, "start without it (systemd: MemoryDenyWriteExecute=no)");
}

const struct check limit_checks[] = {
	{ "quota", "RESERVE: EDQUOT", check_quota },
	{ "address", "RESERVE of the default region, /proc/self/maps", check_address },
	{ "RLIMIT_AS", "getrlimit(2)", check_address_space },
	{ "RLIMIT_DATA", "getrlimit(2)", check_data },
	{ "max_map_count", "vm.max_map_count", check_map_count },
	{ "overcommit", "vm.overcommit_memory", check_overcommit },
	{ "noexec", "QUERY: features", check_noexec },
	{ "mdwe", "prctl(PR_GET_MDWE)", check_mdwe },
	{ NULL, NULL, NULL },
};
