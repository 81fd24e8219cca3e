/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* The generic netlink family; see <uapi/linux/gccolor_netlink.h>. */
#ifndef GCCOLOR_NETLINK_H
#define GCCOLOR_NETLINK_H

struct gccolor_event;

/* Return: 0 or -errno. */
int gccolor_netlink_init(void);

/* Context: module exit; no region is left. */
void gccolor_netlink_exit(void);

/*
 * Queue a copy of the event for who listens; a worker sends it. What does not fit is
 * lost: the sequence number tells. Context: any but NMI.
 */
void gccolor_netlink_post(const struct gccolor_event *event);

#endif /* GCCOLOR_NETLINK_H */
