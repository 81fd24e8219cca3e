/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Anonymous inodes, one per open file: each region has an address_space, and so
 * an i_mmap tree and its lock, of its own. All files sharing the one of the
 * world-accessible device would be a bottleneck and a timing channel.
 */
#ifndef GCCOLOR_INODE_H
#define GCCOLOR_INODE_H

#include <linux/fs.h>

int gccolor_inode_init(void);
void gccolor_inode_exit(void);

/* Return: an inode that the caller puts with iput(), or ERR_PTR(-ENOMEM). */
struct inode *gccolor_inode_new(void);

#endif /* GCCOLOR_INODE_H */
