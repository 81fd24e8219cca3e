// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "backend.h"
#include "error.h"
#include "os.h"
#include "struct_size.h"

#define WORD64			(sizeof(size_t) > 4)
#define DEFAULT_LENGTH		os_default_length()
#define DEFAULT_MIN_LENGTH	((size_t)1 << (WORD64 ? 30 : 24))
#define DEFAULT_COLORS		16
#define DEFAULT_EXTENT		((size_t)256 << 10)
#define COLORS_MAX		64
#define COLOR_LENGTH_MIN	(4 * slot_size())

static bool power_of_two(size_t n)
{
	return n && !(n & (n - 1));
}

/* Put defaults where the caller left zeroes. */
static void complete(struct gccolor_options *opt)
{
	if (!opt->min_length)
		opt->min_length = opt->length ? opt->length : DEFAULT_MIN_LENGTH;
	if (!opt->length)
		opt->length = opt->min_length > DEFAULT_LENGTH ? opt->min_length
							       : DEFAULT_LENGTH;
	if (!opt->colors)
		opt->colors = DEFAULT_COLORS;
	if (!opt->extent)
		opt->extent = DEFAULT_EXTENT;
}

static int check_shape(const struct gccolor_options *opt)
{
	if (!power_of_two(opt->length) || !power_of_two(opt->min_length) ||
	    opt->length > PTRDIFF_MAX)
		return error_set(-EINVAL, "length %zu or min_length %zu: not a power of two",
				 opt->length, opt->min_length);
	if (opt->min_length > opt->length)
		return error_set(-EINVAL, "min_length %s is above length %s",
				 error_size(opt->min_length).text,
				 error_size(opt->length).text);
	if (!power_of_two(opt->colors) || opt->colors > COLORS_MAX)
		return error_set(-EINVAL, "%u colors: not a power of two up to %d",
				 opt->colors, COLORS_MAX);
	if (opt->colors < COLORS_MAX && opt->exec_colors >> opt->colors)
		return error_set(-EINVAL, "exec_colors 0x%llx: there are %u colors",
				 (unsigned long long)opt->exec_colors, opt->colors);
	if (opt->min_length / opt->colors < COLOR_LENGTH_MIN)
		return error_set(-EINVAL, "%u colors of %s: a color has at least %s",
				 opt->colors, error_size(opt->min_length).text,
				 error_size(COLOR_LENGTH_MIN).text);
	if (!power_of_two(opt->extent) || opt->extent < os_page_size() ||
	    opt->extent > opt->min_length / opt->colors)
		return error_set(-EINVAL, "extent %zu: not a power of two from page to color",
				 opt->extent);
	return 0;
}

static int check_base(const struct gccolor_options *opt)
{
	bool exact = opt->base_policy == GCCOLOR_BASE_EXACT;
	bool list = opt->base_policy == GCCOLOR_BASE_LIST;
	size_t i;

	if (opt->base_policy > GCCOLOR_BASE_RANDOM)
		return error_set(-EINVAL, "base_policy %u is unknown", opt->base_policy);
	if (!exact && opt->base)
		return error_set(-EINVAL, "base goes with GCCOLOR_BASE_EXACT only");
	if (exact && (!opt->base || opt->base % opt->length))
		return error_set(-EINVAL, "base 0x%zx is not a multiple of length %s",
				 (size_t)opt->base, error_size(opt->length).text);
	if ((!list && opt->bases) || !opt->bases != !opt->bases_count)
		return error_set(-EINVAL, "bases goes with bases_count and GCCOLOR_BASE_LIST");
	for (i = 0; i < opt->bases_count; i++) {
		if (!opt->bases[i] || opt->bases[i] % opt->length)
			return error_set(-EINVAL, "bases[%zu] 0x%zx: not a multiple of length %s",
					 i, (size_t)opt->bases[i],
					 error_size(opt->length).text);
	}
	if ((exact || list) && (opt->range_start || opt->range_end))
		return error_set(-EINVAL, "a range goes with GCCOLOR_BASE_RANGE and _RANDOM");
	if ((opt->range_start || opt->range_end) &&
	    (opt->range_start >= opt->range_end ||
	     opt->range_end - opt->range_start < opt->min_length))
		return error_set(-EINVAL, "no room for %s from 0x%zx to 0x%zx",
				 error_size(opt->min_length).text,
				 (size_t)opt->range_start, (size_t)opt->range_end);
	return 0;
}

static int check_options(const struct gccolor_options *opt)
{
	int error;

	if (opt->flags || opt->reserved)
		return error_set(-EINVAL, "flags and reserved of the options must be 0");
	if (!gccolor_backend_name(opt->backend))
		return error_set(-EINVAL, "backend %u is unknown", opt->backend);
	if (!gccolor_level_name(opt->min_level))
		return error_set(-EINVAL, "min_level %u is unknown", opt->min_level);
	error = check_shape(opt);
	return error ? error : check_base(opt);
}

/* GCCOLOR_BACKEND replaces GCCOLOR_AUTO. */
static int backend_from_environment(struct gccolor_options *opt)
{
	const char *name;
	int id;

	if (opt->backend != GCCOLOR_AUTO || os_secure_execution())
		return 0;
	name = getenv("GCCOLOR_BACKEND");
	if (!name || !*name)
		return 0;
	id = gccolor_backend_from_name(name);
	if (id < 0)
		return error_set(id, "GCCOLOR_BACKEND=%s is no backend", name);
	opt->backend = (uint32_t)id;
	return 0;
}

int options_read(struct gccolor_options *ours, const struct gccolor_options *theirs)
{
	int error;

	*ours = (struct gccolor_options){ .size = sizeof(*ours) };
	if (theirs) {
		error = struct_copy(ours, sizeof(*ours),
				    offsetof(struct gccolor_options, release_failed_arg) +
				    sizeof(ours->release_failed_arg),
				    theirs, theirs->size, "gccolor_options");
		if (error)
			return error;
	}
	complete(ours);
	error = check_options(ours);
	return error ? error : backend_from_environment(ours);
}
