// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "check.h"

#include <errno.h>

#include "caps.h"
#include "error.h"
#include "struct_size.h"

int check_range(const struct gccolor *gc, const char *doing, const void *addr,
		size_t length)
{
	uintptr_t start = (uintptr_t)addr;
	size_t page;

	if (!gc)
		return error_set(-EINVAL, "cannot %s: no handle", doing);
	page = gc->shape.page_size;
	if (!addr || !length || start % page || length % page)
		return error_range(-EINVAL, doing, addr, length,
				   "no address, no length, or not page-aligned");
	if (start + length < start)
		return error_range(-EOVERFLOW, doing, addr, length,
				   "address + length wraps around");
	if (gc->ops->holds &&
	    (start < gc->shape.base || start - gc->shape.base >= gc->shape.length ||
	     start - gc->shape.base + length > gc->shape.length))
		return error_range(-ERANGE, doing, addr, length,
				   "outside the region");
	return 0;
}

int check_cap(const struct gccolor *gc, uint64_t cap)
{
	if (gc->caps & cap)
		return 0;
	return error_set(-EOPNOTSUPP, "backend %s does not do \"%s\" here",
			 gccolor_backend_name(gc->ops->id), gccolor_cap_name(cap));
}

int check_holds(const struct gccolor *gc, const char *doing)
{
	if (gc->ops->holds)
		return 0;
	return error_set(-EOPNOTSUPP, "cannot %s: backend %s holds no addresses",
			 doing, gccolor_backend_name(gc->ops->id));
}

uint32_t check_color_of(const struct gccolor *gc, uintptr_t addr)
{
	return (uint32_t)((addr - gc->shape.base) >> gc->shape.color_shift);
}

int check_color(const struct gccolor *gc, const char *doing, uintptr_t start,
		size_t length)
{
	if (check_color_of(gc, start) == check_color_of(gc, start + length - 1))
		return 0;
	return error_range(-EXDEV, doing, (void *)start, length,
			   "the range crosses a color");
}

static int check_flags(const struct gccolor *gc, uint32_t flags)
{
	const uint32_t not_hugetlb = GCCOLOR_NORESERVE | GCCOLOR_HUGEPAGE |
				     GCCOLOR_STACK | GCCOLOR_WIPE;
	const uint32_t huge_stack = GCCOLOR_HUGEPAGE | GCCOLOR_STACK;
	uint32_t missing;

	if (!flags)
		return 0;
	if (caps_missing(~0ULL, flags))
		return error_set(-EINVAL, "flags 0x%x: unknown bits", flags);
	if (((flags & GCCOLOR_HUGETLB) && (flags & not_hugetlb)) ||
	    (flags & huge_stack) == huge_stack)
		return error_set(-EINVAL, "flags 0x%x exclude each other", flags);
	missing = caps_missing(gc->caps, flags);
	if (missing)
		return error_set(-EOPNOTSUPP, "backend %s has no memory with flag 0x%x here",
				 gccolor_backend_name(gc->ops->id), missing);
	return 0;
}

int check_prot(const struct gccolor *gc, uint32_t prot, uint32_t flags)
{
	int error = check_flags(gc, flags);

	if (error)
		return error;
	if ((prot & ~BACKED_PROT) || !(prot & GCCOLOR_READ))
		return error_set(-EINVAL, "prot 0x%x: unknown bits, or not readable", prot);
	if ((prot & GCCOLOR_EXEC) && (prot & GCCOLOR_WRITE))
		return error_set(-EACCES, "memory is never writable and executable at once");
	if ((prot & GCCOLOR_EXEC) && !gc->ops->can_exec)
		return error_set(-EOPNOTSUPP, "backend %s has no executable memory",
				 gccolor_backend_name(gc->ops->id));
	if (prot != READ_WRITE && !gc->ops->can_protect)
		return error_set(-EOPNOTSUPP, "backend %s has writable memory only",
				 gccolor_backend_name(gc->ops->id));
	return 0;
}

int check_hugetlb(const struct gccolor *gc, const char *doing, uintptr_t start,
		  uintptr_t end, uint32_t flags)
{
	struct run *first;
	struct run *last;
	size_t huge;

	if (!(gc->caps & GCCOLOR_CAP_HUGETLB))
		return 0;
	huge = os_hugetlb_size();
	if (!((start | end) & (huge - 1)))
		return 0;
	first = runs_from(&gc->backed, start);
	last = runs_before(&gc->backed, end);
	if (first && first->start < start && start & (huge - 1))
		flags |= kind_flags(first->attr);
	if (last && run_end(last) > end && end & (huge - 1))
		flags |= kind_flags(last->attr);
	if (!(flags & GCCOLOR_HUGETLB))
		return 0;
	return error_range(-EINVAL, doing, (void *)start, end - start,
			   "it begins or ends within a huge page");
}

int check_exec(const struct gccolor *gc, uint32_t prot, uint32_t color)
{
	if (!(prot & GCCOLOR_EXEC) || gc->at.exec_colors >> color & 1)
		return 0;
	return error_set(-EACCES, "color %u is not executable (exec_colors: 0x%llx)",
			 color, (unsigned long long)gc->at.exec_colors);
}

/* Read a request of gccolor_claim() or gccolor_alloc(). */
int check_request(const struct gccolor *gc, struct gccolor_request *r,
		  const struct gccolor_request *theirs, void **out)
{
	size_t color_length;
	int error;

	if (!gc || !theirs || !out)
		return error_set(-EINVAL, "no handle, no request, or no place for the result");
	error = struct_copy(r, sizeof(*r), offsetof(struct gccolor_request, avoid_count) +
			    sizeof(r->avoid_count), theirs, theirs->size, "gccolor_request");
	if (error)
		return error;
	color_length = (size_t)1 << gc->shape.color_shift;
	if (r->reserved || (!r->avoid && r->avoid_count))
		return error_set(-EINVAL, "reserved is not 0, or avoid_count without avoid");
	if (!r->length || r->length % gc->shape.page_size || r->length > color_length)
		return error_set(-EINVAL, "length %zu: 0, not page-aligned or above a color (%s)",
				 r->length, error_size(color_length).text);
	if (r->guard % gc->shape.page_size || r->guard > color_length ||
	    r->length + 2 * r->guard > color_length)
		return error_set(-EINVAL, "guard %zu: not page-aligned, or no room in a color (%s)",
				 r->guard, error_size(color_length).text);
	if (r->guard && !(gc->caps & GCCOLOR_CAP_GUARD))
		return error_set(-EOPNOTSUPP, "backend %s has no guard pages here",
				 gccolor_backend_name(gc->ops->id));
	if (r->align & (r->align - 1) || r->align > color_length)
		return error_set(-EINVAL, "align %zu: not a power of two up to a color (%s)",
				 r->align, error_size(color_length).text);
	if (r->align < gc->shape.page_size)
		r->align = gc->shape.page_size;
	if (r->color >= gc->shape.colors && r->color != GCCOLOR_ANY_COLOR)
		return error_set(-EINVAL, "color %u: the region has %u",
				 r->color, gc->shape.colors);
	if (r->at && r->after)
		return error_set(-EINVAL, "at and after exclude each other");
	if (!r->at || !gc->ops->holds)
		return 0;
	error = check_range(gc, "claim", r->at, r->length);
	if (!error && r->guard)
		error = check_range(gc, "claim with guards", (char *)r->at - r->guard,
				    r->length + 2 * r->guard);
	if (error)
		return error;
	if ((uintptr_t)r->at % r->align)
		return error_range(-EINVAL, "claim", r->at, r->length,
				   "the place is not aligned as asked for");
	r->color = check_color_of(gc, (uintptr_t)r->at);
	return check_color(gc, "claim", (uintptr_t)r->at - r->guard,
			   r->length + 2 * r->guard);
}
