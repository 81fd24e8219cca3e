// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The entry point that puts a file's content into a region. The range is on the
 * books before the file is looked into, which is done without the lock: a file
 * may take for ever. Nobody else knows the address yet.
 */
#include <errno.h>

#include "alloc.h"
#include "check.h"
#include "error.h"
#include "os_file.h"
#include "scan_map.h"
#include "struct_size.h"

struct load {
	struct gccolor_image	image;	/* checked, complete */
	size_t			length;	/* of the claim */
	size_t			whole;	/* bytes at its start that are mapped */
	uint32_t		first;	/* protection of the rest while it is filled */
	uintptr_t		start;
};

static int refuse(const struct gccolor_image *image, int error, const char *why)
{
	return error_set(error, "no image of %zu bytes at %llu of file %lld: %s",
			 image->length, (unsigned long long)image->offset,
			 (long long)image->file, why);
}

static int check_file(const struct gccolor_image *image)
{
	uint64_t size;
	int error;

	if (image->offset + image->length < image->offset)
		return refuse(image, -EOVERFLOW, "offset + length wraps around");
	error = os_file_size(image->file, &size);
	if (error)
		return refuse(image, error, error == -EBADF ? "it is not open for reading"
							    : "it is no regular file");
	if (image->offset + image->length > size)
		return refuse(image, -ENODATA, "the file ends before");
	return 0;
}

static int check_image(const struct gccolor *gc, struct load *load,
		       const struct gccolor_image *theirs, void **out)
{
	struct gccolor_image *image = &load->image;
	struct gccolor_request wish = { .size = sizeof(wish) };
	struct gccolor_request r;
	size_t page;
	int error;

	if (!gc || !theirs || !out)
		return error_set(-EINVAL, "no handle, no image, or no place for the result");
	error = struct_copy(image, sizeof(*image), offsetof(struct gccolor_image, at) +
			    sizeof(image->at), theirs, theirs->size, "gccolor_image");
	if (error)
		return error;
	page = gc->shape.page_size;
	if (image->flags & ~GCCOLOR_IMAGE_COPY || !image->length ||
	    image->length > PTRDIFF_MAX)
		return refuse(image, -EINVAL, "no length, too long, or unknown flags");
	if (!image->prot)
		image->prot = READ_WRITE;
	wish.length = (image->length + page - 1) & ~(page - 1);
	wish.color = image->color;
	wish.align = image->align;
	wish.at = image->at;
	error = check_holds(gc, "map an image");
	if (!error)
		error = check_request(gc, &r, &wish, out);
	if (!error)
		error = check_prot(gc, image->prot, 0);
	if (!error && r.color != GCCOLOR_ANY_COLOR)
		error = check_exec(gc, image->prot, r.color);
	if (!error && r.color == GCCOLOR_ANY_COLOR && !gc->at.exec_colors)
		error = check_exec(gc, image->prot, 0);
	if (error)
		return error;
	image->color = r.color;
	image->align = r.align;
	load->length = r.length;
	return check_file(image);
}

/* What is mapped, and how the rest is filled. */
static void plan(const struct gccolor *gc, struct load *load)
{
	const struct gccolor_image *image = &load->image;
	size_t page = gc->shape.page_size;

	if ((gc->caps & GCCOLOR_CAP_IMAGES) && !(image->flags & GCCOLOR_IMAGE_COPY) &&
	    image->offset % page == 0)
		load->whole = image->length & ~(page - 1);
	load->first = image->prot;
	if (gc->ops->protect)
		load->first = READ_WRITE;
}

/* Claim and back the range. Needs the region's lock. */
static int take(struct gccolor *gc, struct load *load)
{
	const struct gccolor_image *image = &load->image;
	struct gccolor_request r = {
		.length = load->length,
		.color = image->color,
		.prot = image->prot,
		.align = image->align,
		.at = image->at,
	};
	struct avoid none = { 0 };
	struct run *around;
	uintptr_t start;
	uintptr_t rest;
	uintptr_t end;
	int error;

	error = alloc_find(gc, &r, &none, &around, &start);
	if (error)
		return error;
	rest = start + load->whole;
	end = start + load->length;
	error = load->whole ? region_unback(gc, start, rest) : 0;
	if (!error && rest < end)
		error = region_fill(gc, rest, end, kind_of(load->first, 0), rest, end);
	if (error)
		return error_range(error, "commit", (void *)start, load->length, NULL);
	runs_cut(&gc->free, around, start, end);
	if (load->whole) {
		runs_add(&gc->backed, start, rest, image->prot | BACKED_IMAGE);
		committed_add(gc, start, rest, image->prot);
	}
	load->start = start;
	return 0;
}

static int fill(struct gccolor *gc, const struct load *load)
{
	const struct gccolor_image *image = &load->image;
	uintptr_t rest = load->start + load->whole;
	uint64_t offset = image->offset + load->whole;
	size_t length = image->length - load->whole;
	int error = 0;

	if (load->whole)
		error = gc->ops->map_file(&gc->at, load->start, load->whole, image->prot,
					  image->file, image->offset);
	if (!error && load->whole)
		os_fresh(load->start, load->whole);
	if (error || !length)
		return error;
	if (load->first & GCCOLOR_WRITE)
		error = os_file_read(image->file, offset, (void *)rest, length);
	else
		error = os_file_read_into(image->file, offset, rest, length);
	if (!error && (image->prot & GCCOLOR_EXEC))
		os_code_written(rest, length);
	return error;
}

/* Give what was read in its protection. Needs the region's lock. */
static int protect(struct gccolor *gc, const struct load *load)
{
	uintptr_t start = load->start + load->whole;
	uintptr_t end = load->start + load->length;
	uint32_t prot = load->image.prot;
	int error;

	if (start == end || load->first == prot)
		return 0;
	error = region_reserve_nodes(gc, start, end);
	if (!error)
		error = gc->ops->protect(&gc->at, start, end - start, prot);
	if (error)
		return error;
	runs_remove(&gc->backed, start, end);
	committed_remove(gc, start, end);
	runs_add(&gc->backed, start, end, kind_of(prot, 0));
	committed_add(gc, start, end, prot);
	return 0;
}

static const char *why_not_filled(int error)
{
	switch (error) {
	case -ENODATA:
		return "the file became shorter";
	case -EOPNOTSUPP:
		return "this kernel lets nobody fill memory that is not writable";
	case -ENODEV:
		return "it cannot be mapped; use GCCOLOR_IMAGE_COPY";
	case -EPERM:
		return "the file lies where nothing may be executed; GCCOLOR_IMAGE_COPY may help";
	default:
		return error_advice(error);
	}
}

int gccolor_map_image(struct gccolor *gc, struct gccolor_image *theirs, void **out)
{
	struct load load = { 0 };
	int error;

	error = check_image(gc, &load, theirs, out);
	if (error)
		return error;
	plan(gc, &load);
	error = region_enter(gc);
	if (error)
		return error;
	error = take(gc, &load);
	region_leave(gc);
	if (error)
		return error;

	error = fill(gc, &load);
	if (region_enter(gc))
		return -ENXIO;
	if (!error)
		error = protect(gc, &load);
	if (error)
		region_free(gc, load.start, load.start + load.length);
	region_leave(gc);
	if (error)
		return refuse(&load.image, error, why_not_filled(error));
	theirs->how = load.whole ? GCCOLOR_IMAGE_MAPPED : GCCOLOR_IMAGE_COPIED;
	*out = (void *)load.start;
	return 0;
}
