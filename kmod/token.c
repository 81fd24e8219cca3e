// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "region.h"

static bool token_is(const struct gccolor_token *token)
{
	return token->task == current && !token->done;
}

void gccolor_token_add(struct file *vmfile, struct gccolor_token *token)
{
	struct gccolor_region *region = gccolor_region_of(vmfile);

	token->task = current;
	spin_lock(&region->lock);
#ifdef GCCOLOR_PLANT_SLEEP_IN_ATOMIC
	cond_resched();
#endif
	list_add(&token->list, &region->tokens);
	spin_unlock(&region->lock);
}

void gccolor_token_del(struct file *vmfile, struct gccolor_token *token)
{
	struct gccolor_region *region = gccolor_region_of(vmfile);

	spin_lock(&region->lock);
	list_del(&token->list);
	spin_unlock(&region->lock);
}

struct gccolor_token *gccolor_token_find(struct gccolor_region *region,
					 unsigned long start, unsigned long end)
{
	struct gccolor_token *token, *found = NULL;

	spin_lock(&region->lock);
	list_for_each_entry(token, &region->tokens, list)
		if (token_is(token) && token->start == start &&
		    token->end == end) {
			found = token;
			break;
		}
	spin_unlock(&region->lock);

	return found;
}

struct gccolor_token *gccolor_token_at(struct gccolor_region *region,
				       unsigned long addr)
{
	struct gccolor_token *token, *found = NULL;

	spin_lock(&region->lock);
	list_for_each_entry(token, &region->tokens, list)
		if (token_is(token) &&
		    (token->start == addr || token->end == addr)) {
			found = token;
			break;
		}
	spin_unlock(&region->lock);

	return found;
}

bool gccolor_token_covers(struct gccolor_region *region, unsigned long start,
			  unsigned long end)
{
	struct gccolor_token *token;
	bool covers = false;

	spin_lock(&region->lock);
	list_for_each_entry(token, &region->tokens, list)
		if (token_is(token) && token->opened && token->start <= start &&
		    end <= token->end) {
			covers = true;
			break;
		}
	spin_unlock(&region->lock);

	return covers;
}
