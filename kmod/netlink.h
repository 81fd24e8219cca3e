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
 * Number the event and queue a copy for who listens; a worker sends them in the order
 * of their numbers. What does not fit is lost: a number is missing. Context: any but NMI.
 */
void gccolor_netlink_post(struct gccolor_event *event);

#endif /* GCCOLOR_NETLINK_H */
