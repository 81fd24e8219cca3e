/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The file that the VMAs of a region hold: vma->vm_file. It is not the open
 * file of /dev/gccolor but one of its own, on an inode of its own, because
 *  - each region needs an address_space of its own: all of them sharing the
 *    i_mmap of the world-accessible device would be a bottleneck and a timing
 *    channel;
 *  - UFFDIO_COPY and its kin refuse pages beyond i_size of vm_file, which is 0
 *    for a device.
 */
#ifndef GCCOLOR_VMFILE_H
#define GCCOLOR_VMFILE_H

#include <linux/fs.h>

struct gccolor_region;

/**
 * gccolor_vmfile_new() - make the file and hand it its region
 * @region: freed when the last reference to the file is put
 *
 * Return: the file, or ERR_PTR(-ENOMEM), ERR_PTR(-ENFILE), ERR_PTR(-EMFILE): the
 *	region is the caller's still.
 */
struct file *gccolor_vmfile_new(struct gccolor_region *region);

/* Is that the file of a region's VMAs? @file may be NULL. Context: any. */
bool gccolor_is_vmfile(const struct file *file);

#endif /* GCCOLOR_VMFILE_H */
