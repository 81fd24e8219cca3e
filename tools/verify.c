// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <gccolor.h>

#include "tool.h"

#define SEALS_SINCE	(6 * 1000 + 12)	/* before, the module guards in other ways */

bool verify_sealed(uint32_t level)
{
	unsigned int major = 0, minor = 0;
	struct utsname kernel;

	return level == GCCOLOR_ENFORCED && !uname(&kernel) &&
	       sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
	       major * 1000 + minor >= SEALS_SINCE;
}

__attribute__((format(printf, 2, 3)))
static void fault(struct verdict *v, const char *fmt, ...)
{
	va_list ap;

	if (v->faults < ARRAY_SIZE(v->text)) {
		va_start(ap, fmt);
		vsnprintf(v->text[v->faults], sizeof(v->text[0]), fmt, ap);
		va_end(ap);
	}
	v->faults++;
}

static bool may_execute(const struct mapping *m)
{
	return m->perms[2] == 'x' || mapping_flag(m, "me");
}

static bool color_executes(const struct watch_region *r, uint64_t addr)
{
	uint64_t color = (addr - r->base) >> r->color_shift;

	return color < 64 && (r->exec_colors >> color & 1);
}

static void look_at_memory(struct verdict *v, const struct mapping *m)
{
	const struct watch_region *r = &v->found.word;

	if (m->perms[3] != 'p')
		fault(v, "committed memory is shared at 0x%" PRIx64, m->start);
	if (m->perms[1] == 'w' && m->perms[2] == 'x')
		fault(v, "memory is writable and executable at 0x%" PRIx64, m->start);
	if (may_execute(m) && !color_executes(r, m->start))
		fault(v, "memory can become executable at 0x%" PRIx64
		      ", in a color that was not reserved so", m->start);
	if (m->start == r->base || m->end == r->base + r->length)
		fault(v, "an end of the region is committed at 0x%" PRIx64, m->start);
}

static void look_at_reserve(struct verdict *v, const struct mapping *m)
{
	if (strncmp(m->perms, "---", 3) || mapping_flag(m, "mr") || mapping_flag(m, "mw") ||
	    mapping_flag(m, "me"))
		fault(v, "reserve is not without access (%s,%s) at 0x%" PRIx64, m->perms, m->flags,
		      m->start);
}

/* One mapping that overlaps the region; @pos is where the one before ended. */
static void look_at(struct verdict *v, const struct mapping *m, uint64_t pos, bool sealed)
{
	const struct watch_region *r = &v->found.word;

	if (m->start > pos)
		fault(v, "a hole at 0x%" PRIx64 " to 0x%" PRIx64, pos, m->start);
	if (!mapping_of_module(m) || !mapping_same_region(&v->found.first, m)) {
		fault(v, "a foreign mapping at 0x%" PRIx64 " to 0x%" PRIx64 ": %s", m->start,
		      m->end, mapping_name(m));
		return;
	}
	if (m->start < pos || m->end > r->base + r->length)
		fault(v, "a mapping lies across its bounds at 0x%" PRIx64 " to 0x%" PRIx64,
		      m->start, m->end);
	if (sealed && !mapping_flag(m, "sl"))
		fault(v, "a mapping is not sealed at 0x%" PRIx64, m->start);
	if (m->perms[0] == 'r')
		look_at_memory(v, m);
	else
		look_at_reserve(v, m);
}

static void walk(struct verdict *v, const struct space *space)
{
	const struct watch_region *r = &v->found.word;
	uint64_t pos = r->base, end = r->base + r->length;
	bool sealed = verify_sealed(r->level), running = false;
	size_t i;

	for (i = space_find(space, r->base); i < space->count && space->v[i].start < end; i++) {
		const struct mapping *m = &space->v[i];

		look_at(v, m, pos, sealed);
		if (m->perms[0] == 'r') {
			v->committed += m->end - m->start;
			v->runs += !running || m->start != pos;
		}
		running = m->perms[0] == 'r';
		pos = m->end;
	}
	if (pos < end)
		fault(v, "a hole at 0x%" PRIx64 " to 0x%" PRIx64, pos, end);
}

void verify_region(const struct found_region *found, const struct space *space, uint32_t require,
		   struct verdict *out)
{
	const struct watch_region *r = &found->word;

	*out = (struct verdict){ .found = *found };
	if (found->claim == CLAIM_UNTOLD) {
		fault(out, "the module does not know this region");
		return;
	}
	if (!found->mapped) {
		fault(out, "the process reserved it and has nothing of it any more; fork children "
		      "that have it: %" PRIu32, r->processes);
		return;
	}
	walk(out, space);
	/* Of a fork child the module keeps no account. */
	out->differs = found->claim == CLAIM_OWN &&
		       (out->committed != r->committed || out->runs != r->runs);
	if (r->level < require)
		fault(out, "level %s, not %s: %s", watch_level_name(r->level),
		      watch_level_name(require), watch_reason_text(r->reason));
}
