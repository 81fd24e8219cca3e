// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/anon_inodes.h>
#include <linux/fcntl.h>
#include <linux/module.h>

#include "region.h"
#include "vmfile.h"

static int vmfile_release(struct inode *inode, struct file *vmfile)
{
	/* Every VMA held this file, and so did the file of the device */
	gccolor_region_free(gccolor_region_of(vmfile));
#ifdef GCCOLOR_PLANT_USE_AFTER_FREE
	gccolor_region_of(vmfile)->claimed = false;
#endif

	return 0;
}

static const struct file_operations vmfile_fops = {
	.owner = THIS_MODULE,
	.release = vmfile_release,
	.get_unmapped_area = gccolor_carve_area,
	.mmap = gccolor_carve_mmap,
};

struct file *gccolor_vmfile_new(struct gccolor_region *region)
{
	/*
	 * An inode of its own, but on the kernel's file system: __fput() uses
	 * dentry and mount after it has put the module.
	 */
	return anon_inode_create_getfile("[gccolor]", &vmfile_fops, region,
					 O_RDWR, NULL);
}
