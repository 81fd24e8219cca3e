/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What happens to regions: counted, kept for who reads the region's own file, sent
 * to who listens on netlink. Posting never sleeps and never waits for a listener.
 *
 * Context of everything that posts: any but NMI; mmap_lock may be held, and the locks
 * here are leaves.
 */
#ifndef GCCOLOR_EVENT_H
#define GCCOLOR_EVENT_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/types.h>
#include <uapi/linux/gccolor.h>

struct gccolor_region;
struct gccolor_reader;

/**
 * struct gccolor_event - on its way to the listeners of netlink
 * @node: queued
 * @told: as the region's own reader gets it, but for the numbers of processes, which
 *	are those of the initial pid namespace here
 * @sequence: one more than the last event of the module; gccolor_netlink_post() gives it
 * @region: number of the region
 * @base: of the region
 * @length: of the region
 * @level: UP and GUARD_LOST: enum gccolor_ioc_level
 * @reason: UP and GUARD_LOST: enum gccolor_ioc_reason
 */
struct gccolor_event {
	struct list_head node;
	struct gccolor_ioc_event told;
	u64 sequence;
	u32 region;
	u64 base;
	u64 length;
	u32 level;
	u32 reason;
};

/* Of all regions: denials; kills; calls that nobody could look at. */
u64 gccolor_event_denied_sum(void);
u64 gccolor_event_killed_sum(void);
u64 gccolor_event_unseen_sum(void);

void gccolor_event_up(struct gccolor_region *region);
void gccolor_event_down(struct gccolor_region *region);
void gccolor_event_denied(struct gccolor_region *region, u32 call, unsigned long addr,
			  unsigned long length);
/* The audit could not look at a call; whether it was denied is not known. */
void gccolor_event_unseen(void);
void gccolor_event_killed(struct gccolor_region *region);

/* Once until INFO finds the guard again, however often it is found missing. */
void gccolor_event_guard_lost(struct gccolor_region *region, u32 level, u32 reason);

/* For every region whose level has fallen, soon: a worker does it. Context: any but NMI. */
void gccolor_event_guards_lost(void);

/* Context: module exit, nobody calls the above any more. */
void gccolor_event_exit(void);

/* f_op->read and f_op->poll of the device; errors as in <uapi/linux/gccolor.h>. */
ssize_t gccolor_event_read(struct file *file, char __user *buffer, size_t size, loff_t *pos);
__poll_t gccolor_event_poll(struct file *file, struct poll_table_struct *wait);

/* The file of the device was closed: nobody reads any more. */
void gccolor_event_unread(struct gccolor_region *region);

/* With the region: nobody posts any more. */
void gccolor_event_free(struct gccolor_region *region);

#endif /* GCCOLOR_EVENT_H */
