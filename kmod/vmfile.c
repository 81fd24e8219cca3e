// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>

#include "region.h"
#include "vmfile.h"

#define GCCOLOR_FS_MAGIC 0x67634c52

static struct vfsmount *gccolor_mnt;

/* What /proc/PID/maps says */
static char *vmfile_dname(struct dentry *dentry, char *buffer, int size)
{
	static const char name[] = "anon_inode:[gccolor]";

	if (size < (int)sizeof(name))
		return ERR_PTR(-ENAMETOOLONG);

	return memcpy(buffer + size - sizeof(name), name, sizeof(name));
}

static const struct dentry_operations vmfile_dentry_ops = {
	.d_dname = vmfile_dname,
};

static int vmfile_init_fs_context(struct fs_context *fc)
{
	struct pseudo_fs_context *context = init_pseudo(fc, GCCOLOR_FS_MAGIC);

	if (!context)
		return -ENOMEM;
	context->dops = &vmfile_dentry_ops;

	return 0;
}

/* No owner: our own mount would pin the module. Open files pin it instead. */
static struct file_system_type vmfile_fs_type = {
	.name = "gccolor",
	.init_fs_context = vmfile_init_fs_context,
	.kill_sb = kill_anon_super,
};

static int vmfile_release(struct inode *inode, struct file *file)
{
	/* Every VMA held this file, and so did the file of the device */
	gccolor_region_free(gccolor_region_of(file));

	return 0;
}

static const struct file_operations vmfile_fops = {
	.owner = THIS_MODULE,
	.release = vmfile_release,
	.get_unmapped_area = gccolor_carve_area,
	.mmap = gccolor_carve_mmap,
};

int gccolor_vmfile_init(void)
{
	gccolor_mnt = kern_mount(&vmfile_fs_type);

	return PTR_ERR_OR_ZERO(gccolor_mnt);
}

void gccolor_vmfile_exit(void)
{
	kern_unmount(gccolor_mnt);
}

struct file *gccolor_vmfile_new(struct gccolor_region *region)
{
	struct inode *inode;
	struct file *file;

	inode = alloc_anon_inode(gccolor_mnt->mnt_sb);
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	file = alloc_file_pseudo(inode, gccolor_mnt, "", O_RDWR, &vmfile_fops);
	if (IS_ERR(file)) {
		iput(inode);
		return file;
	}
	/* Put by __fput(); called from open(), which holds a reference itself */
	__module_get(THIS_MODULE);
	file->private_data = region;

	return file;
}
