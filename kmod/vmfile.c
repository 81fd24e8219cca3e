// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * A pseudo file system of our own, rather than the kernel's for anonymous
 * inodes: that one denies executable mappings from 6.17 on, and making a file on
 * it with an inode of its own is not exported on 6.1.
 *
 * Lifetime: __fput() goes on with dentry, mount and superblock, which need what
 * this file holds, after it has put the module of f_op. So it is the superblock
 * that holds the module: a vmfile holds its mount, the mount holds the superblock,
 * and the superblock holds the module from sget_fc() until put_filesystem(), which
 * is the last that the kernel does with our file_system_type. The mount is not kept
 * for the module's life, which would make that infinite, but pinned by the
 * vmfiles that there are. f_op holds the module too, but only to be counted:
 * lsmod(8) shows how many regions there are.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pseudo_fs.h>

#include "compat.h"
#include "region.h"
#include "vmfile.h"

#define VMFS_MAGIC	0x6763636f	/* "gcco" */

static struct vfsmount *vmfs;	/* valid for who has it pinned */
static int vmfs_pins;

/* What /proc/PID/maps shows. */
static char *vmfile_dname(struct dentry *dentry, char *buffer, int size)
{
	static const char name[] = "anon_inode:[gccolor]";

	if (size < (int)sizeof(name))
		return ERR_PTR(-ENAMETOOLONG);

	return memcpy(buffer + size - sizeof(name), name, sizeof(name));
}

static const struct dentry_operations vmfile_dops = {
	.d_dname = vmfile_dname,
};

static int vmfs_init_context(struct fs_context *fc)
{
	struct pseudo_fs_context *ctx = init_pseudo(fc, VMFS_MAGIC);

	if (!ctx)
		return -ENOMEM;
	ctx->dops = &vmfile_dops;
	/* Colors can be executable; what is refused is decided at COMMIT */
	fc->s_iflags &= ~SB_I_NOEXEC;

	return 0;
}

static struct file_system_type vmfs_type = {
	.owner = THIS_MODULE,
	.name = "gccolor",
	.init_fs_context = vmfs_init_context,
	.kill_sb = kill_anon_super,
};

static int vmfile_release(struct inode *inode, struct file *vmfile)
{
	/* Every VMA held this file, and so did the file of the device */
	gccolor_region_free(gccolor_region_of(vmfile));
	/* vmfile holds the mount still */
	simple_release_fs(&vmfs, &vmfs_pins);
#ifdef GCCOLOR_PLANT_USE_AFTER_FREE
	gccolor_region_of(vmfile)->claimed = false;
#endif

	return 0;
}

GCCOLOR_DEFINE_MMAP(gccolor_carve_mmap);

static const struct file_operations vmfile_fops = {
	.owner = THIS_MODULE,
	.release = vmfile_release,
	.get_unmapped_area = gccolor_carve_area,
	GCCOLOR_MMAP_OP(gccolor_carve_mmap),
};

bool gccolor_is_vmfile(const struct file *file)
{
	return file && file->f_op == &vmfile_fops;
}

static struct inode *vmfile_inode(struct super_block *sb)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	/* As /dev/zero has it; nobody can open it, i_fop says so */
	inode->i_mode = S_IFCHR | 0600;
	/* For security modules the memory is anonymous, not a file's */
	inode->i_flags |= S_PRIVATE;

	return inode;
}

static struct file *vmfile_on(struct vfsmount *mnt)
{
	struct inode *inode = vmfile_inode(mnt->mnt_sb);
	struct file *vmfile;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	vmfile = alloc_file_pseudo(inode, mnt, "[gccolor]", O_RDWR, &vmfile_fops);
	if (IS_ERR(vmfile))
		iput(inode);

	return vmfile;
}

struct file *gccolor_vmfile_new(struct gccolor_region *region)
{
	struct file *vmfile;
	int ret;

	ret = simple_pin_fs(&vmfs_type, &vmfs, &vmfs_pins);
	if (ret)
		return ERR_PTR(ret);
	vmfile = vmfile_on(vmfs);
	if (IS_ERR(vmfile)) {
		simple_release_fs(&vmfs, &vmfs_pins);
		return vmfile;
	}
	/* __fput() puts it */
	__module_get(THIS_MODULE);
	vmfile->private_data = region;

	return vmfile;
}
