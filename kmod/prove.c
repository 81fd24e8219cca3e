// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "compat.h"
#include "prove.h"
#include "region.h"

/* The largest number of mappings that was seen to be below vm.max_map_count */
static int room = -1;

/* On a page that has a page of the lowest slot on either side. */
static void init_attack(struct file *vmfile, struct gccolor_token *token)
{
	unsigned long base = gccolor_region_of(vmfile)->base;

	*token = (struct gccolor_token){
		.use = GCCOLOR_USE_PROVE,
		.start = base + PAGE_SIZE,
		.end = base + 2 * PAGE_SIZE,
		.map_count = -1,
	};
}

/* What became of an attack that the core, the guard and the hooks were asked for. */
static int judge(struct gccolor_token *token, int ret, enum gccolor_denier *denied_by)
{
	if (GCCOLOR_CORE_SEALS && ret == -EPERM &&
	    token->denied_by == GCCOLOR_DENIED_BY_NOBODY)
		token->denied_by = GCCOLOR_DENIED_BY_GUARD;
	*denied_by = token->denied_by;

	return token->denied_by != GCCOLOR_DENIED_BY_NOBODY ? -EPERM : ret;
}

int gccolor_prove(struct file *vmfile, enum gccolor_denier *denied_by)
{
	struct gccolor_token token;
	unsigned long addr;
	int ret;

	init_attack(vmfile, &token);
	addr = gccolor_carve_map(vmfile, &token);
	ret = IS_ERR_VALUE(addr) ? (int)addr : -ENOMEM;
	if (token.done)
		ret = 0;
	/* A security module may have said EPERM before we were asked */
	if (ret == -EPERM && token.map_count < 0)
		ret = -EACCES;

	return judge(&token, ret, denied_by);
}

int gccolor_prove_new(struct file *vmfile, enum gccolor_denier *denied_by)
{
	struct gccolor_token token;
	int ret;

	init_attack(vmfile, &token);
	gccolor_token_add(vmfile, &token);
	ret = vm_munmap(token.start, token.end - token.start);
	gccolor_token_del(vmfile, &token);

	return judge(&token, ret, denied_by);
}

bool gccolor_room_is_known(int map_count)
{
	return map_count <= READ_ONCE(room);
}

void gccolor_room_forget(void)
{
	WRITE_ONCE(room, -1);
}

int gccolor_room_find(struct file *vmfile)
{
	struct gccolor_token token;
	unsigned long addr;

	init_attack(vmfile, &token);
	addr = gccolor_carve_map(vmfile, &token);
	if (addr != (unsigned long)-EPERM)
		return IS_ERR_VALUE(addr) ? (int)addr : -EUCLEAN;
	if (token.map_count < 0)
		return -EACCES;
	WRITE_ONCE(room, max(READ_ONCE(room), token.map_count));

	return 0;
}
