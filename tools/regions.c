// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "regions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_word(const struct watch_region *r, void *arg)
{
	struct words *words = arg;
	struct watch_region *v = realloc(words->v, (words->count + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	words->v = v;
	v[words->count++] = *r;
	return 0;
}

int words_read(struct watch *w, struct words *out)
{
	int error;

	*out = (struct words){ 0 };
	error = watch_regions(w, add_word, out);
	if (error)
		words_free(out);
	return error;
}

void words_free(struct words *words)
{
	free(words->v);
	*words = (struct words){ 0 };
}

static struct found_region *add(struct found_regions *regions)
{
	struct found_region *v = realloc(regions->v, (regions->count + 1) * sizeof(*v));

	if (!v)
		return NULL;
	regions->v = v;
	v += regions->count++;
	*v = (struct found_region){ .claim = CLAIM_UNTOLD };
	return v;
}

/* What somebody else has at the base of a region, where we may look. */
static bool maps_of(const struct watch_region *r, struct mapping *out)
{
	struct space space;
	bool found = false;
	size_t i;

	if (!r->pid || space_read(r->pid, "maps", &space))
		return false;
	i = space_find(&space, r->base);
	if (i < space.count && mapping_of_module(&space.v[i])) {
		*out = space.v[i];
		found = true;
	}
	space_free(&space);
	return found;
}

/* Has the owner of @r one region only at that place? One that executes may have two. */
static bool only_one(const struct words *words, const struct watch_region *r)
{
	size_t i, count = 0;

	for (i = 0; i < words->count; i++)
		count += words->v[i].pid == r->pid && words->v[i].base == r->base;
	return count == 1;
}

/*
 * Which of the module's regions is it? Fork children share the file with whom they
 * have it from. If that one is gone, all with that place may be it whose owner has
 * no other file there.
 */
static void ask(uint32_t pid, const struct words *words, struct found_region *found)
{
	const struct watch_region *weakest = NULL;
	struct mapping theirs;
	size_t i;

	for (i = 0; i < words->count; i++) {
		const struct watch_region *r = &words->v[i];

		if (r->base != found->word.base)
			continue;
		if (r->pid == pid) {
			found->claim = CLAIM_OWN;
			found->word = *r;
			return;
		}
		if (maps_of(r, &theirs)) {
			if (mapping_same_region(&theirs, &found->first)) {
				found->claim = CLAIM_INHERITED;
				found->among = 1;
				found->word = *r;
				return;
			}
			if (only_one(words, r))
				continue;
		}
		found->among++;
		if (!weakest || r->level < weakest->level)
			weakest = r;
	}
	if (weakest) {
		found->claim = found->among > 1 ? CLAIM_AMONG : CLAIM_INHERITED;
		found->word = *weakest;
	}
}

static bool has_own(const struct found_regions *regions, const struct watch_region *r)
{
	size_t i;

	for (i = 0; i < regions->count; i++)
		if (regions->v[i].claim == CLAIM_OWN && regions->v[i].word.id == r->id)
			return true;
	return false;
}

static int find_mapped(uint32_t pid, const struct space *space, const struct words *words,
		       struct found_regions *out)
{
	struct found_region *found = NULL;
	size_t i;

	for (i = 0; i < space->count; i++) {
		const struct mapping *m = &space->v[i];

		if (!mapping_of_module(m))
			continue;
		if (!found || !mapping_same_region(&found->first, m)) {
			if (found)
				ask(pid, words, found);
			found = add(out);
			if (!found)
				return -ENOMEM;
			found->mapped = true;
			found->first = *m;
			found->word.base = m->start - m->offset;
		}
		found->word.length = m->end - found->word.base;
	}
	if (found)
		ask(pid, words, found);
	return 0;
}

int regions_find(uint32_t pid, const struct space *space, const struct words *words,
		 struct found_regions *out)
{
	struct found_region *found;
	int error;
	size_t i;

	*out = (struct found_regions){ 0 };
	error = find_mapped(pid, space, words, out);
	for (i = 0; !error && i < words->count; i++) {
		if (words->v[i].pid != pid || !words->v[i].processes || has_own(out, &words->v[i]))
			continue;
		found = add(out);
		if (!found) {
			error = -ENOMEM;
		} else {
			found->claim = CLAIM_OWN;
			found->word = words->v[i];
		}
	}
	if (error)
		regions_free(out);
	return error;
}

void regions_free(struct found_regions *regions)
{
	free(regions->v);
	*regions = (struct found_regions){ 0 };
}
