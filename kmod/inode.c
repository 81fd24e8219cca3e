// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>

#include "inode.h"

#define GCCOLOR_FS_MAGIC 0x67634c52

static struct vfsmount *gccolor_mnt;

static int gccolor_init_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, GCCOLOR_FS_MAGIC) ? 0 : -ENOMEM;
}

/* No owner: our own mount would pin the module. Open files pin it instead. */
static struct file_system_type gccolor_fs_type = {
	.name = "gccolor",
	.init_fs_context = gccolor_init_fs_context,
	.kill_sb = kill_anon_super,
};

int gccolor_inode_init(void)
{
	gccolor_mnt = kern_mount(&gccolor_fs_type);

	return PTR_ERR_OR_ZERO(gccolor_mnt);
}

void gccolor_inode_exit(void)
{
	kern_unmount(gccolor_mnt);
}

struct inode *gccolor_inode_new(void)
{
	return alloc_anon_inode(gccolor_mnt->mnt_sb);
}
