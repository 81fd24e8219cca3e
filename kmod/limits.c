// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mutex.h>
#include <linux/xarray.h>

#include "limits.h"

unsigned int gccolor_max_regions_per_user = 4096;

/* uid -> number of regions, absent for 0; protected by regions_lock */
static DEFINE_XARRAY(regions_of_user);
static DEFINE_MUTEX(regions_lock);

static unsigned long regions_of(unsigned long uid)
{
	void *entry = xa_load(&regions_of_user, uid);

	return entry ? xa_to_value(entry) : 0;
}

int gccolor_limits_charge(kuid_t uid)
{
	unsigned long max = READ_ONCE(gccolor_max_regions_per_user);
	unsigned long index = __kuid_val(uid);
	unsigned long count;
	int ret = -EDQUOT;

	mutex_lock(&regions_lock);
	count = regions_of(index);
	if (!max || count < max)
		ret = xa_err(xa_store(&regions_of_user, index,
				      xa_mk_value(count + 1),
				      GFP_KERNEL_ACCOUNT));
	mutex_unlock(&regions_lock);

	return ret;
}

void gccolor_limits_uncharge(kuid_t uid)
{
	unsigned long index = __kuid_val(uid);
	unsigned long count;

	mutex_lock(&regions_lock);
	count = regions_of(index);
	if (count > 1)
		xa_store(&regions_of_user, index, xa_mk_value(count - 1),
			 GFP_KERNEL);	/* overwrites: allocates nothing */
	else
		xa_erase(&regions_of_user, index);
	mutex_unlock(&regions_lock);
}

void gccolor_limits_exit(void)
{
	xa_destroy(&regions_of_user);
}
