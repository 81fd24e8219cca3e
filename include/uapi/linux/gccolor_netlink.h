/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The generic netlink family of gccolor, for watching only: which processes have
 * regions, and who tried to break one. docs/netlink/gccolor.yaml describes it for
 * generators; this header is the same by hand.
 *
 * It lives in the initial network namespace. Every command and the group ask for
 * CAP_NET_ADMIN in the initial user namespace; without it they are EPERM. Process
 * numbers are those of the initial pid namespace.
 */
#ifndef _UAPI_LINUX_GCCOLOR_NETLINK_H
#define _UAPI_LINUX_GCCOLOR_NETLINK_H

#define GCCOLOR_NL_FAMILY	"gccolor"
#define GCCOLOR_NL_VERSION	1
#define GCCOLOR_NL_GROUP	"events"

/**
 * enum gccolor_nl_command - what is asked, or told
 * @GCCOLOR_NL_CMD_GET_REGION: with %GCCOLOR_NL_REGION_ID: that region, or ENOENT; as a
 *	dump: all of them. What a dump says of one region is true at one moment,
 *	regions that come and go meanwhile may be in it or not. Reads counters
 *	only: no process waits for it.
 * @GCCOLOR_NL_CMD_GET_TOTALS: sums since the module was loaded
 * @GCCOLOR_NL_CMD_EVENT: what members of the group get
 */
enum gccolor_nl_command {
	/* private: */
	GCCOLOR_NL_CMD_UNSPEC,
	/* public: */
	GCCOLOR_NL_CMD_GET_REGION,
	GCCOLOR_NL_CMD_GET_TOTALS,
	GCCOLOR_NL_CMD_EVENT,
	/* private: */
	__GCCOLOR_NL_CMD_MAX,
	GCCOLOR_NL_CMD_MAX = __GCCOLOR_NL_CMD_MAX - 1,
};

/**
 * enum gccolor_nl_region - a region
 * @GCCOLOR_NL_REGION_PAD: alignment of 64-bit values
 * @GCCOLOR_NL_REGION_ID: u32, its number since the module was loaded; reused late
 * @GCCOLOR_NL_REGION_PID: u32, the process that reserved it; absent once that has ended
 * @GCCOLOR_NL_REGION_COMM: string, its name at that time
 * @GCCOLOR_NL_REGION_UID: u32, its user at that time
 * @GCCOLOR_NL_REGION_BASE: u64, first byte
 * @GCCOLOR_NL_REGION_LENGTH: u64, bytes
 * @GCCOLOR_NL_REGION_COLOR_SHIFT: u32, log2 of the bytes of a color
 * @GCCOLOR_NL_REGION_EXEC_COLORS: u64, bit n: color n may hold executable memory
 * @GCCOLOR_NL_REGION_LEVEL: u32, enum gccolor_ioc_level
 * @GCCOLOR_NL_REGION_REASON: u32, enum gccolor_ioc_reason
 * @GCCOLOR_NL_REGION_PROCESSES: u32, address spaces that have it; fork children are more
 * @GCCOLOR_NL_REGION_COMMITTED: u64, bytes that the process that reserved it has committed
 * @GCCOLOR_NL_REGION_RUNS: u32, in so many runs
 * @GCCOLOR_NL_REGION_COMMITS: u64, COMMIT calls of all processes that succeeded
 * @GCCOLOR_NL_REGION_DECOMMITS: u64, DECOMMIT calls of all processes that succeeded
 * @GCCOLOR_NL_REGION_FAILURES: u64, COMMIT and DECOMMIT calls that failed
 * @GCCOLOR_NL_REGION_DENIED: u64, attempts to reshape it that were seen to be denied
 * @GCCOLOR_NL_REGION_OBSERVED: flag: all attempts are seen now. Where the core itself
 *	denies (6.12 and later), that is only so while somebody listens.
 */
enum gccolor_nl_region {
	/* private: */
	GCCOLOR_NL_REGION_UNSPEC,
	/* public: */
	GCCOLOR_NL_REGION_PAD,
	GCCOLOR_NL_REGION_ID,
	GCCOLOR_NL_REGION_PID,
	GCCOLOR_NL_REGION_COMM,
	GCCOLOR_NL_REGION_UID,
	GCCOLOR_NL_REGION_BASE,
	GCCOLOR_NL_REGION_LENGTH,
	GCCOLOR_NL_REGION_COLOR_SHIFT,
	GCCOLOR_NL_REGION_EXEC_COLORS,
	GCCOLOR_NL_REGION_LEVEL,
	GCCOLOR_NL_REGION_REASON,
	GCCOLOR_NL_REGION_PROCESSES,
	GCCOLOR_NL_REGION_COMMITTED,
	GCCOLOR_NL_REGION_RUNS,
	GCCOLOR_NL_REGION_COMMITS,
	GCCOLOR_NL_REGION_DECOMMITS,
	GCCOLOR_NL_REGION_FAILURES,
	GCCOLOR_NL_REGION_DENIED,
	GCCOLOR_NL_REGION_OBSERVED,
	/* private: */
	__GCCOLOR_NL_REGION_MAX,
	GCCOLOR_NL_REGION_MAX = __GCCOLOR_NL_REGION_MAX - 1,
};

/**
 * enum gccolor_nl_totals - sums over all regions since the module was loaded
 * @GCCOLOR_NL_TOTALS_PAD: alignment of 64-bit values
 * @GCCOLOR_NL_TOTALS_REGIONS: u32, regions now
 * @GCCOLOR_NL_TOTALS_RESERVES: u64, attempts to reserve a region ever that came to one, or
 *	nearly
 * @GCCOLOR_NL_TOTALS_DENIED: u64, attempts that were seen to be denied
 * @GCCOLOR_NL_TOTALS_KILLED: u64, processes that the module killed
 * @GCCOLOR_NL_TOTALS_UNSEEN: u64, mprotect and mremap calls of any process that could not
 *	be looked at, because another thread was changing the address space: some of
 *	them may have been denied
 * @GCCOLOR_NL_TOTALS_EVENTS: u64, events so far: the sequence number of the last
 * @GCCOLOR_NL_TOTALS_OBSERVED: flag, as for a region
 * @GCCOLOR_NL_TOTALS_LEVEL: u32, level of the next region
 * @GCCOLOR_NL_TOTALS_REASON: u32, why it is not better
 */
enum gccolor_nl_totals {
	/* private: */
	GCCOLOR_NL_TOTALS_UNSPEC,
	/* public: */
	GCCOLOR_NL_TOTALS_PAD,
	GCCOLOR_NL_TOTALS_REGIONS,
	GCCOLOR_NL_TOTALS_RESERVES,
	GCCOLOR_NL_TOTALS_DENIED,
	GCCOLOR_NL_TOTALS_KILLED,
	GCCOLOR_NL_TOTALS_UNSEEN,
	GCCOLOR_NL_TOTALS_EVENTS,
	GCCOLOR_NL_TOTALS_OBSERVED,
	GCCOLOR_NL_TOTALS_LEVEL,
	GCCOLOR_NL_TOTALS_REASON,
	/* private: */
	__GCCOLOR_NL_TOTALS_MAX,
	GCCOLOR_NL_TOTALS_MAX = __GCCOLOR_NL_TOTALS_MAX - 1,
};

/**
 * enum gccolor_nl_event - an event
 * @GCCOLOR_NL_EVENT_PAD: alignment of 64-bit values
 * @GCCOLOR_NL_EVENT_KIND: u32, enum gccolor_ioc_event_kind
 * @GCCOLOR_NL_EVENT_SEQUENCE: u64, counts up by one: who sees a gap has lost events
 * @GCCOLOR_NL_EVENT_TIME: u64, nanoseconds of CLOCK_MONOTONIC
 * @GCCOLOR_NL_EVENT_REGION: u32, %GCCOLOR_NL_REGION_ID
 * @GCCOLOR_NL_EVENT_BASE: u64, of the region
 * @GCCOLOR_NL_EVENT_LENGTH: u64, of the region
 * @GCCOLOR_NL_EVENT_PID: u32, the process that did it; UP and DOWN: whose region
 *	it is; 0: a worker of the kernel found it
 * @GCCOLOR_NL_EVENT_TID: u32, its thread
 * @GCCOLOR_NL_EVENT_COMM: string, name of the thread
 * @GCCOLOR_NL_EVENT_CALL: u32, enum gccolor_ioc_event_call; DENIED only
 * @GCCOLOR_NL_EVENT_ADDR: u64, first byte that was attacked; DENIED only
 * @GCCOLOR_NL_EVENT_EXTENT: u64, bytes that were attacked; DENIED only
 * @GCCOLOR_NL_EVENT_SUPPRESSED: u32, attempts on this region since its last DENIED event
 *	that were counted, but not reported
 * @GCCOLOR_NL_EVENT_LEVEL: u32, enum gccolor_ioc_level; UP and GUARD_LOST
 * @GCCOLOR_NL_EVENT_REASON: u32, enum gccolor_ioc_reason; UP and GUARD_LOST
 */
enum gccolor_nl_event {
	/* private: */
	GCCOLOR_NL_EVENT_UNSPEC,
	/* public: */
	GCCOLOR_NL_EVENT_PAD,
	GCCOLOR_NL_EVENT_KIND,
	GCCOLOR_NL_EVENT_SEQUENCE,
	GCCOLOR_NL_EVENT_TIME,
	GCCOLOR_NL_EVENT_REGION,
	GCCOLOR_NL_EVENT_BASE,
	GCCOLOR_NL_EVENT_LENGTH,
	GCCOLOR_NL_EVENT_PID,
	GCCOLOR_NL_EVENT_TID,
	GCCOLOR_NL_EVENT_COMM,
	GCCOLOR_NL_EVENT_CALL,
	GCCOLOR_NL_EVENT_ADDR,
	GCCOLOR_NL_EVENT_EXTENT,
	GCCOLOR_NL_EVENT_SUPPRESSED,
	GCCOLOR_NL_EVENT_LEVEL,
	GCCOLOR_NL_EVENT_REASON,
	/* private: */
	__GCCOLOR_NL_EVENT_MAX,
	GCCOLOR_NL_EVENT_MAX = __GCCOLOR_NL_EVENT_MAX - 1,
};

#endif /* _UAPI_LINUX_GCCOLOR_NETLINK_H */
