// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/build_bug.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/log2.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/stddef.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "dev.h"
#include "event.h"
#include "limits.h"
#include "region.h"

union command_args {
	struct gccolor_ioc_query query;
	struct gccolor_ioc_reserve reserve;
	struct gccolor_ioc_commit commit;
	struct gccolor_ioc_decommit decommit;
	struct gccolor_ioc_release release;
	struct gccolor_ioc_info info;
	struct gccolor_ioc_lock lock;
};

static int do_query(struct file *file, union command_args *args)
{
	return gccolor_region_query(file, &args->query);
}

static int do_reserve(struct file *file, union command_args *args)
{
	return gccolor_region_reserve(file, &args->reserve);
}

static int do_commit(struct file *file, union command_args *args)
{
	return gccolor_region_commit(file, &args->commit);
}

static int do_decommit(struct file *file, union command_args *args)
{
	return gccolor_region_decommit(file, &args->decommit);
}

static int do_release(struct file *file, union command_args *args)
{
	return args->release.flags ? -EINVAL : gccolor_region_release(file);
}

static int do_info(struct file *file, union command_args *args)
{
	return gccolor_region_info(file, &args->info);
}

static int do_lock(struct file *file, union command_args *args)
{
	return args->lock.flags ? -EINVAL : gccolor_region_lock(file);
}

/**
 * struct command - one ioctl
 * @size: sizeof() of the struct here
 * @size_min: sizeof() of its first version
 * @changes: only for a file that was opened for writing
 * @answers: the struct is written back
 * @run: what it does
 * @undo: takes back what @run did, if the answer cannot be written; or NULL
 */
struct command {
	u32 size;
	u32 size_min;
	bool changes;
	bool answers;
	int (*run)(struct file *file, union command_args *args);
	int (*undo)(struct file *file);
};

#define COMMAND(_nr, _name, _last, _changes, _answers, _undo)		\
	[_IOC_NR(_nr)] = {						\
		.size = sizeof(struct gccolor_ioc_##_name),		\
		.size_min = offsetofend(struct gccolor_ioc_##_name, _last), \
		.changes = _changes,					\
		.answers = _answers,					\
		.run = do_##_name,					\
		.undo = _undo,						\
	}

static const struct command commands[] = {
	COMMAND(GCCOLOR_IOC_QUERY, query, address_end, false, true, NULL),
	COMMAND(GCCOLOR_IOC_RESERVE, reserve, reason, true, true,
		gccolor_region_release),
	COMMAND(GCCOLOR_IOC_COMMIT, commit, __reserved, true, false, NULL),
	COMMAND(GCCOLOR_IOC_DECOMMIT, decommit, length, true, false, NULL),
	COMMAND(GCCOLOR_IOC_RELEASE, release, flags, true, false, NULL),
	COMMAND(GCCOLOR_IOC_INFO, info, mappings, false, true, NULL),
	COMMAND(GCCOLOR_IOC_LOCK, lock, flags, true, false, NULL),
};

static const struct command *find_command(unsigned int nr)
{
	if (_IOC_NR(nr) >= ARRAY_SIZE(commands) ||
	    nr != _IO(GCCOLOR_IOC_TYPE, _IOC_NR(nr)))
		return NULL;

	return &commands[array_index_nospec(_IOC_NR(nr), ARRAY_SIZE(commands))];
}

static long gccolor_ioctl(struct file *file, unsigned int nr, unsigned long arg)
{
	const struct command *command = find_command(nr);
	void __user *user = (void __user *)arg;
	union command_args args;
	size_t answer;
	u32 size;
	int ret;

	BUILD_BUG_ON(sizeof(struct gccolor_ioc_query) != 88);
	BUILD_BUG_ON(sizeof(struct gccolor_ioc_reserve) != 64);
	BUILD_BUG_ON(sizeof(struct gccolor_ioc_commit) != 32);
	BUILD_BUG_ON(sizeof(struct gccolor_ioc_decommit) != 24);
	BUILD_BUG_ON(sizeof(struct gccolor_ioc_release) != 8);
	BUILD_BUG_ON(sizeof(struct gccolor_ioc_info) != 64);
	BUILD_BUG_ON(sizeof(struct gccolor_ioc_lock) != 8);

	if (!command)
		return -ENOTTY;
	if (command->changes && !(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < command->size_min)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	memset(&args, 0, sizeof(args));
	ret = copy_struct_from_user(&args, command->size, user, size);
	if (ret)
		return ret;

	/* Before anything is done: can the answer be written at all? */
	answer = command->answers ? min(size, command->size) : 0;
	if (copy_to_user(user, &args, answer))
		return -EFAULT;

	ret = command->run(file, &args);
	if (copy_to_user(user, &args, answer)) {
		if (!ret && command->undo)
			command->undo(file);
		return -EFAULT;
	}

	return ret;
}

#ifdef CONFIG_COMPAT
static long gccolor_compat_ioctl(struct file *file, unsigned int nr,
				 unsigned long arg)
{
	return -EOPNOTSUPP;
}
#endif

static int gccolor_open(struct inode *inode, struct file *file)
{
	struct gccolor_region *region = gccolor_region_new();

	if (IS_ERR(region))
		return PTR_ERR(region);
	file->private_data = region;

	return 0;
}

static int gccolor_release(struct inode *inode, struct file *file)
{
	gccolor_event_unread(gccolor_region_of(file));
	fput(gccolor_region_of(file)->vmfile);

	return 0;
}

/* mmap(2) of the device is the default layout at the default base, or nothing. */
static unsigned long gccolor_area(struct file *file, unsigned long addr,
				  unsigned long len, unsigned long pgoff,
				  unsigned long flags)
{
	unsigned long base;

	if (in_compat_syscall())
		return -EOPNOTSUPP;
	if (!(file->f_mode & FMODE_WRITE))
		return -EACCES;
	if (gccolor_region_is_set(gccolor_region_of(file)))
		return -EBUSY;
	if ((flags & MAP_TYPE) != MAP_PRIVATE || pgoff || !is_power_of_2(len) ||
	    len > gccolor_default_length() ||
	    len < GCCOLOR_DEFAULT_COLORS * GCCOLOR_COLOR_LENGTH_MIN)
		return -EINVAL;
	base = gccolor_default_base();
	if (flags & MAP_FIXED && addr != base)
		return -EINVAL;
	if (find_vma_intersection(current->mm, base, base + len))
		return -EEXIST;

	return base;
}

static int gccolor_mmap_region(struct vm_area_desc *desc)
{
	struct gccolor_region *region = gccolor_region_of(desc->file);
	unsigned long length = desc->end - desc->start;
	int ret;

	if (vma_desc_test_any(desc, VMA_READ_BIT, VMA_WRITE_BIT, VMA_EXEC_BIT))
		return -EINVAL;
	ret = gccolor_region_claim(region, desc->start, length,
				   ilog2(length / GCCOLOR_DEFAULT_COLORS), 0);
	if (ret)
		return ret;
	desc->vm_file = get_file(region->vmfile);
	gccolor_vma_make_reserve(desc);
	desc->private_data = (void *)GCCOLOR_MARK_COUNTED;
	gccolor_region_came(region);
	/* If the core fails from here on, the file is spent */
	gccolor_region_publish(region);

	return 0;
}

GCCOLOR_DEFINE_MMAP(gccolor_mmap_region);

static const struct file_operations gccolor_fops = {
	.owner = THIS_MODULE,
	.open = gccolor_open,
	.release = gccolor_release,
	.read = gccolor_event_read,
	.poll = gccolor_event_poll,
	.unlocked_ioctl = gccolor_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = gccolor_compat_ioctl,
#endif
	.get_unmapped_area = gccolor_area,
	GCCOLOR_MMAP_OP(gccolor_mmap_region),
	.llseek = noop_llseek,
};

static struct miscdevice gccolor_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gccolor",
	.fops = &gccolor_fops,
};

int gccolor_dev_register(umode_t mode)
{
	gccolor_misc.mode = mode;

	return misc_register(&gccolor_misc);
}

void gccolor_dev_unregister(void)
{
	misc_deregister(&gccolor_misc);
}
