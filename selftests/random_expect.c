// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#define _GNU_SOURCE
#include "random_expect.h"

/* Threads may be in each other's way: any error that the header names will do. */
long judge(struct world *w, const struct expect *e, const char *what, long ret)
{
	if (ret == 0 && (!e->fails || w->threaded))
		return ret;
	if (ret == 0)
		found(w, "%s succeeds, should fail with %s", what, strerrorname_np(-e->errors[0]));
	for (unsigned int i = 0; i < e->count; i++) {
		if (ret == e->errors[i])
			return ret;
	}
	if (w->threaded && (ret == -EBUSY || ret == -EEXIST || ret == -ENOENT || ret == -ENOMEM ||
			    ret == -EPERM || ret == -EAGAIN))
		return ret;
	found(w, "%s fails with %s%s", what, strerrorname_np(-ret),
	      e->fails ? ", which is not what is wrong with it" : "");
}

/* What limits of the process may do to a call. */
static void limits(const struct world *w, struct expect *e)
{
	may(e, w->limited, ENOMEM);
	may(e, w->limited || w->locks_future, EAGAIN);
}

static void bounds(const struct world *w, struct expect *e, uint64_t addr, uint64_t length)
{
	const struct model *m = &w->model;

	must(e, !length || addr % page_size || length % page_size, EINVAL);
	must(e, addr + length < addr, EOVERFLOW);
	must(e, addr < m->base + SLOT || addr + length > model_end(m) - SLOT, ERANGE);
	may(e, addr + length < addr, ERANGE);
}

void expect_commit(const struct world *w, struct expect *e, const struct gccolor_ioc_commit *a)
{
	const struct model *m = &w->model;
	uint64_t end = a->addr + a->length;
	bool inside = a->length && end > a->addr && a->addr >= m->base && end <= model_end(m);
	unsigned int color = (a->addr - m->base) >> m->shift;

	must(e, a->flags & ~7U || a->__reserved || a->prot & ~7U || !(a->prot & PROT_R), EINVAL);
	bounds(w, e, a->addr, a->length);
	if (inside) {
		must(e, (end - 1 - m->base) >> m->shift != color, EXDEV);
		must(e, model_committed(m, a->addr, end), EEXIST);
		must(e, a->prot & PROT_EXEC && !(m->exec_colors >> color & 1), EACCES);
	}
	must(e, a->prot & PROT_EXEC && a->prot & PROT_WRITE, EACCES);
	must(e, a->flags & GCCOLOR_IOC_COMMIT_HUGEPAGE &&
	     !(w->features & GCCOLOR_IOC_FEATURE_HUGEPAGE), EOPNOTSUPP);
	may(e, w->denies_exec && w->implies_exec, EACCES);
	/* The kernel's guess at what is too much for this machine. */
	may(e, a->prot & PROT_WRITE && !(a->flags & GCCOLOR_IOC_COMMIT_NORESERVE) &&
	    a->length > 256 * MIB, ENOMEM);
	limits(w, e);
}

void expect_decommit(const struct world *w, struct expect *e,
		     const struct gccolor_ioc_decommit *a)
{
	const struct model *m = &w->model;
	uint64_t end = a->addr + a->length;

	must(e, a->flags, EINVAL);
	bounds(w, e, a->addr, a->length);
	must(e, end > a->addr && model_committed(m, a->addr, end) != a->length, ENOENT);
	must(e, m->locked, EPERM);
	limits(w, e);
}

void expect_reserve(const struct world *w, struct expect *e,
		    const struct gccolor_ioc_reserve *a)
{
	bool shift_fits = a->color_shift < 64;
	uint64_t colors = shift_fits ? a->length >> a->color_shift : 0;

	must(e, a->flags || !a->length || a->length & (a->length - 1) ||
	     a->base & (a->length - 1) || colors < 1 || colors > 64 ||
	     (shift_fits && 1UL << a->color_shift < 0x40000), EINVAL);
	must(e, colors < 64 && a->exec_colors >> (colors & 63), EINVAL);
	must(e, !a->base || a->base + a->length < a->base ||
	     a->base + a->length > w->address_end, ERANGE);
	may(e, a->length > w->address_end / 4 || a->base < 0x100000, ERANGE);
	must(e, a->level_min > w->level, EOPNOTSUPP);
	must(e, a->exec_colors && !(w->features & GCCOLOR_IOC_FEATURE_EXEC), EOPNOTSUPP);
	must(e, overlaps(&w->model, a->base, a->length), EEXIST);
	may(e, true, EEXIST);
	limits(w, e);
}

/* All of a small gap: what fits exactly is not split from anything. */
static void fit(const struct model *m, struct gccolor_ioc_commit *a)
{
	unsigned long color = 1UL << m->shift, start = m->base + SLOT, end;

	if (a->addr < start || a->addr >= model_end(m) - SLOT || model_run(m, a->addr))
		return;
	for (unsigned int i = 0; i < m->nr_runs && m->runs[i].end <= a->addr; i++)
		start = m->runs[i].end;
	if (start < (a->addr & -color))
		start = a->addr & -color;
	end = model_boundary(m, a->addr);
	if (end > (a->addr & -color) + color)
		end = (a->addr & -color) + color;
	if (end - start > 64 * page_size)
		return;
	a->addr = start;
	a->length = end - start;
}

struct gccolor_ioc_commit commit_args(const struct world *w, const struct call *c,
				      struct range r)
{
	static const uint8_t prots[] = {
		PROT_RW, PROT_RW, PROT_RW, PROT_RW, PROT_RW, PROT_RW, PROT_RW, PROT_R,
		PROT_R, PROT_RX, PROT_RX, PROT_EXEC | PROT_RW, PROT_WRITE, 0, PROT_RW, PROT_RW,
	};
	struct gccolor_ioc_commit a = {
		.size = sizeof(a),
		.flags = c->variant >> 4 & 7,
		.addr = r.addr,
		.length = r.length,
		.prot = prots[c->variant & 15],
	};

	/* Most hit a whole slot or color where they meant what is inside. */
	if (c->noise & 3 && a.addr < w->model.base + SLOT && a.addr >= w->model.base)
		a.addr += SLOT;
	if ((c->noise >> 52 & 3) == 0)
		fit(&w->model, &a);
	if (a.length > POPULATE_MAX)
		a.flags = (a.flags & ~GCCOLOR_IOC_COMMIT_POPULATE) | GCCOLOR_IOC_COMMIT_NORESERVE;
	return a;
}
