/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * gccolor: address ranges that belong to a garbage collector and to nothing
 * else.
 *
 * This is the whole kernel ABI of /dev/gccolor. User programs normally use
 * libgccolor (<gccolor.h>) instead.
 */
#ifndef _UAPI_LINUX_GCCOLOR_H
#define _UAPI_LINUX_GCCOLOR_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * DOC: General ABI
 *
 * One open file of /dev/gccolor is one region: a contiguous, aligned range of
 * the address space of the process that reserved it. The geometry (base,
 * length, colors) belongs to the file and is set once; the mappings belong to
 * the mm, so a fork child has its own copy of the region, reachable through
 * the same file.
 *
 * Every ioctl takes a struct whose first field, @size, is sizeof() of that
 * struct as the caller knows it. A kernel that knows a longer one takes the
 * missing tail as zero; a kernel that knows a shorter one accepts the struct
 * if the tail is zero, and writes back only what the caller has room for.
 * All addresses and lengths are in bytes.
 *
 * An address in a struct is taken as it is, as mmap(2) takes its own: nothing is
 * masked off, so one with a tag (arm64's top byte, x86's LAM) lies outside of every
 * region and is ERANGE. The pointer to the struct may have a tag where the process
 * has asked the kernel to take tagged pointers; otherwise that is EFAULT.
 *
 * These errors mean the same for every command:
 *
 *  - ENOTTY: unknown command.
 *  - EINVAL: @size smaller than the first version of the struct, an unknown
 *    flag, a reserved field that is not zero, an address or length that is not
 *    page-aligned, or a value that makes no sense.
 *  - E2BIG: @size above the page size, or bytes that this kernel does not know
 *    are not zero.
 *  - EFAULT: the struct cannot be read, or its answer cannot be written (what
 *    the command did is then undone).
 *  - EOPNOTSUPP: known, but not here: a 32-bit caller, or a wish that this
 *    kernel or this mount of /dev cannot fulfil.
 *  - EOVERFLOW: @addr + @length wraps around.
 *  - ENXIO: the calling process has no region of this file: not reserved yet,
 *    released, another process, or after exec.
 *  - EBADF: the file was not opened for writing; QUERY and INFO do not need it.
 *  - EBUSY: calls of other threads changed what this one looked at again and
 *    again; nothing was done. Try again.
 *  - EINTR: a fatal signal came first.
 *
 * A command that fails leaves the region as it was, whole and protected.
 * The exceptions are stated in Documentation/userspace-api/gccolor.rst,
 * "Fail-stop": an allocation failure deep inside the kernel, or a resource
 * limit lowered inside the call, may force the module to repair the region, and
 * if a foreign mapping got in meanwhile, every process that shares the mm is
 * killed rather than left with a broken promise.
 */

#define GCCOLOR_IOC_TYPE		0xc5

/* gccolor_ioc_query.abi: raised with each compatible addition. */
#define GCCOLOR_IOC_ABI			1

/*
 * The lowest and the highest bytes of a region stay reserve for ever: this many,
 * but at least four pages; see gccolor_ioc_query.slot_size.
 */
#define GCCOLOR_IOC_SLOT_SIZE		0x10000ULL

/*
 * What plain mmap(2) of a fresh file places, where the address space is large
 * enough (47 bits and more); see the mmap section below.
 */
#define GCCOLOR_IOC_DEFAULT_BASE		0x600000000000ULL
#define GCCOLOR_IOC_DEFAULT_LENGTH		0x10000000000ULL
#define GCCOLOR_IOC_DEFAULT_COLOR_SHIFT	36

/**
 * enum gccolor_ioc_level - what is promised, weakest first
 * @GCCOLOR_IOC_LEVEL_NONE: nothing; never reported for a region
 * @GCCOLOR_IOC_LEVEL_HINT: an address was asked for (user space only)
 * @GCCOLOR_IOC_LEVEL_PLACED: address verified, nothing replaced (user space only)
 * @GCCOLOR_IOC_LEVEL_RESERVED: the whole region is held; from INFO: the guard was
 *	lost, and nothing protects committed memory any more
 * @GCCOLOR_IOC_LEVEL_GUARDED: denied where a hook exists, SIGKILL where none does
 * @GCCOLOR_IOC_LEVEL_SEALED: mseal(2) alone (user space only)
 * @GCCOLOR_IOC_LEVEL_ENFORCED: every attempt is denied
 */
enum gccolor_ioc_level {
	GCCOLOR_IOC_LEVEL_NONE = 0,
	GCCOLOR_IOC_LEVEL_HINT = 1,
	GCCOLOR_IOC_LEVEL_PLACED = 2,
	GCCOLOR_IOC_LEVEL_RESERVED = 3,
	GCCOLOR_IOC_LEVEL_GUARDED = 4,
	GCCOLOR_IOC_LEVEL_SEALED = 5,
	GCCOLOR_IOC_LEVEL_ENFORCED = 6,
};

/**
 * enum gccolor_ioc_reason - why the level is not ENFORCED
 * @GCCOLOR_IOC_REASON_NONE: it is
 * @GCCOLOR_IOC_REASON_UNPROVEN: the guard's own harmless attack was not denied
 * @GCCOLOR_IOC_REASON_KERNEL: this kernel has no way to deny everything
 * @GCCOLOR_IOC_REASON_BUSY: a live patch or a tracer has the functions that the
 *	guard needs (kernels before 6.12), or kernel.ftrace_enabled is 0
 * @GCCOLOR_IOC_REASON_MISSED: the guard was not run when it should have been
 * @GCCOLOR_IOC_REASON_PARAMETER: the administrator chose so (guard=hooks)
 * @GCCOLOR_IOC_REASON_DRAINING: QUERY only: the module takes no new regions
 */
enum gccolor_ioc_reason {
	GCCOLOR_IOC_REASON_NONE = 0,
	GCCOLOR_IOC_REASON_UNPROVEN = 1,
	GCCOLOR_IOC_REASON_KERNEL = 2,
	GCCOLOR_IOC_REASON_BUSY = 3,
	GCCOLOR_IOC_REASON_MISSED = 4,
	GCCOLOR_IOC_REASON_PARAMETER = 5,
	GCCOLOR_IOC_REASON_DRAINING = 6,
};

/* gccolor_ioc_query.features */
#define GCCOLOR_IOC_FEATURE_EXEC	0x1ULL	/* executable colors are possible */
#define GCCOLOR_IOC_FEATURE_HUGEPAGE 0x2ULL	/* GCCOLOR_IOC_COMMIT_HUGEPAGE works */
#define GCCOLOR_IOC_FEATURE_EVENTS	0x4ULL	/* read(2) and poll(2) on the file */

/**
 * struct gccolor_ioc_query - what this kernel can do; needs no region
 * @size: sizeof(struct gccolor_ioc_query)
 * @flags: must be 0
 * @abi: out: GCCOLOR_IOC_ABI of the module
 * @level: out: the level that a new region gets here, enum gccolor_ioc_level
 * @reason: out: why not better, enum gccolor_ioc_reason
 * @page_size: out: granularity of COMMIT and DECOMMIT
 * @features: out: GCCOLOR_IOC_FEATURE_* bits
 * @slot_size: out: what stays reserve at each end of a region
 * @color_length_min: out: smallest color
 * @region_length_max: out: longest region that fits this address space; it may
 *	have one possible place only, where something else is
 * @colors_max: out: most colors that a region can have
 * @__reserved: out: 0
 * @default_base: out: where plain mmap(2) places a region: GCCOLOR_IOC_DEFAULT_BASE
 *	where that fits, otherwise three eighths of the address space; never above
 *	what mmap(2) uses without being asked; 0: nowhere (no kernel of this ABI)
 * @default_length: out: the length of the default layout:
 *	GCCOLOR_IOC_DEFAULT_LENGTH or an eighth of the address space
 * @address_end: out: first address above what a region may use. With 5-level
 *	page tables (x86) and 52 bits (arm64) that is beyond what mmap(2) uses by
 *	itself: RESERVE goes there if @base says so
 *
 * No errors beyond the general ones.
 */
struct gccolor_ioc_query {
	__u32 size;
	__u32 flags;
	__u32 abi;
	__u32 level;
	__u32 reason;
	__u32 page_size;
	__u64 features;
	__u64 slot_size;
	__u64 color_length_min;
	__u64 region_length_max;
	__u32 colors_max;
	__u32 __reserved;
	__u64 default_base;
	__u64 default_length;
	__u64 address_end;
};

#define GCCOLOR_IOC_QUERY	_IO(GCCOLOR_IOC_TYPE, 0)

/**
 * struct gccolor_ioc_reserve - give this file its region
 * @size: sizeof(struct gccolor_ioc_reserve)
 * @flags: must be 0
 * @base: first byte; a multiple of @length
 * @length: a power of two
 * @color_shift: log2 of the length of a color; (@length >> @color_shift) is
 *	the number of colors, 1 to gccolor_ioc_query.colors_max
 * @level_min: refuse if the region's level would be lower, 0: any
 * @exec_colors: bit n: color n may hold executable memory; all other colors
 *	can never become executable
 * @busy_start: out: after EEXIST: first byte of the lowest mapping in the way
 * @busy_end: out: after EEXIST: first byte behind that mapping
 * @level: out: enum gccolor_ioc_level of the new region
 * @reason: out: enum gccolor_ioc_reason
 *
 * Errors:
 *  - EBUSY: this file has its region already (open another file).
 *  - ESHUTDOWN: the administrator has the module drained; the file is as it was.
 *    Regions that exist go on: no other command gives this error.
 *  - EEXIST: something is mapped there; see @busy_start.
 *  - EINVAL: @base or @length or @color_shift do not fit together.
 *  - ERANGE: the region does not fit into the address space, or begins below
 *    vm.mmap_min_addr.
 *  - EOPNOTSUPP: @level_min is above what this kernel gives; or @exec_colors is
 *    not 0 and /dev is mounted noexec.
 *  - EDQUOT: the user has as many regions as the administrator allows.
 *  - ENOMEM: RLIMIT_AS (it counts the whole region), vm.max_map_count, memory.
 *  - EAGAIN: mlockall(MCL_FUTURE) and RLIMIT_MEMLOCK below @length.
 */
struct gccolor_ioc_reserve {
	__u32 size;
	__u32 flags;
	__u64 base;
	__u64 length;
	__u32 color_shift;
	__u32 level_min;
	__u64 exec_colors;
	__u64 busy_start;
	__u64 busy_end;
	__u32 level;
	__u32 reason;
};

#define GCCOLOR_IOC_RESERVE	_IO(GCCOLOR_IOC_TYPE, 1)

/* gccolor_ioc_commit.flags */
#define GCCOLOR_IOC_COMMIT_NORESERVE 0x1U	/* do not charge; as MAP_NORESERVE */
#define GCCOLOR_IOC_COMMIT_POPULATE	0x2U	/* fault in; best effort */
#define GCCOLOR_IOC_COMMIT_HUGEPAGE	0x4U	/* as MADV_HUGEPAGE */

/* gccolor_ioc_commit.prot, the values of PROT_* in <sys/mman.h> */
#define GCCOLOR_IOC_PROT_READ	0x1
#define GCCOLOR_IOC_PROT_WRITE	0x2
#define GCCOLOR_IOC_PROT_EXEC	0x4

/**
 * struct gccolor_ioc_commit - turn reserve into memory
 * @size: sizeof(struct gccolor_ioc_commit)
 * @flags: GCCOLOR_IOC_COMMIT_* bits
 * @addr: first byte; page-aligned
 * @length: bytes, not 0; page-aligned; the range lies in one color
 * @prot: READ, READ | WRITE, or READ | EXEC; final until DECOMMIT
 * @__reserved: must be 0
 *
 * The range becomes ordinary private anonymous memory, zero-filled.
 *
 * Errors:
 *  - ERANGE: outside the region, or in its lowest or highest slot.
 *  - EXDEV: the range crosses a color.
 *  - EEXIST: a part of it is committed already.
 *  - EACCES: EXEC in a color that was not reserved as executable, or together
 *    with WRITE; or refused by memory-deny-write-execute.
 *  - EOPNOTSUPP: HUGEPAGE without transparent huge pages, or in a region whose
 *    level is GUARDED; EXEC on a noexec /dev.
 *  - EPERM: a security module refused.
 *  - ENOMEM: RLIMIT_AS, RLIMIT_DATA, vm.max_map_count, commit limit, memory.
 *  - EAGAIN: mlockall(MCL_FUTURE) and RLIMIT_MEMLOCK.
 */
struct gccolor_ioc_commit {
	__u32 size;
	__u32 flags;
	__u64 addr;
	__u64 length;
	__u32 prot;
	__u32 __reserved;
};

#define GCCOLOR_IOC_COMMIT	_IO(GCCOLOR_IOC_TYPE, 2)

/**
 * struct gccolor_ioc_decommit - turn memory back into reserve
 * @size: sizeof(struct gccolor_ioc_decommit)
 * @flags: must be 0
 * @addr: first byte; page-aligned
 * @length: bytes, not 0; page-aligned; may span colors and several commits
 *
 * The contents are gone and the charge is given back.
 *
 * Errors (the memory stays committed, with its contents):
 *  - ERANGE: outside the region, or in its lowest or highest slot.
 *  - ENOENT: a part of the range is not committed.
 *  - EPERM: the region is locked.
 *  - ENOMEM: vm.max_map_count, RLIMIT_AS lowered below what is mapped, memory.
 *  - EAGAIN: mlockall(MCL_FUTURE) and RLIMIT_MEMLOCK.
 */
struct gccolor_ioc_decommit {
	__u32 size;
	__u32 flags;
	__u64 addr;
	__u64 length;
};

#define GCCOLOR_IOC_DECOMMIT _IO(GCCOLOR_IOC_TYPE, 3)

/**
 * struct gccolor_ioc_release - give the whole region back to the system
 * @size: sizeof(struct gccolor_ioc_release)
 * @flags: must be 0
 *
 * Unmaps the region, committed or not, from the calling process only. The
 * file keeps its geometry and cannot reserve again.
 *
 * Errors:
 *  - EPERM: the region is locked.
 *  - ENOMEM: memory.
 */
struct gccolor_ioc_release {
	__u32 size;
	__u32 flags;
};

#define GCCOLOR_IOC_RELEASE	_IO(GCCOLOR_IOC_TYPE, 4)

/* gccolor_ioc_info.state */
#define GCCOLOR_IOC_STATE_LOCKED	0x1U	/* LOCK was called */

/**
 * struct gccolor_ioc_info - the region of the calling process
 * @size: sizeof(struct gccolor_ioc_info)
 * @flags: must be 0
 * @base: out: first byte
 * @length: out: bytes
 * @color_shift: out: log2 of the length of a color
 * @level: out: enum gccolor_ioc_level, proven anew by this call
 * @reason: out: enum gccolor_ioc_reason
 * @state: out: GCCOLOR_IOC_STATE_* bits
 * @exec_colors: out: as reserved
 * @committed: out: bytes committed
 * @mappings: out: kernel mappings (VMAs) that the region consists of now
 *
 * No errors beyond the general ones.
 */
struct gccolor_ioc_info {
	__u32 size;
	__u32 flags;
	__u64 base;
	__u64 length;
	__u32 color_shift;
	__u32 level;
	__u32 reason;
	__u32 state;
	__u64 exec_colors;
	__u64 committed;
	__u64 mappings;
};

#define GCCOLOR_IOC_INFO	_IO(GCCOLOR_IOC_TYPE, 5)

/**
 * struct gccolor_ioc_lock - give up DECOMMIT and RELEASE for good
 * @size: sizeof(struct gccolor_ioc_lock)
 * @flags: must be 0
 *
 * Holds for the calling process and for children that it forks later.
 * COMMIT still works. Locking again is no error.
 */
struct gccolor_ioc_lock {
	__u32 size;
	__u32 flags;
};

#define GCCOLOR_IOC_LOCK	_IO(GCCOLOR_IOC_TYPE, 6)

/**
 * DOC: mmap(2)
 *
 * mmap(addr, length, PROT_NONE, MAP_PRIVATE, fd, 0) of a fresh file reserves a
 * region at gccolor_ioc_query.default_base, whatever @addr says, and returns that
 * address. @length is the region's length: a power of two, at most
 * gccolor_ioc_query.default_length, at least 16 times
 * gccolor_ioc_query.color_length_min.
 * The region has 16 equal colors, none of them executable.
 *
 *  - EBUSY: the file has its region already. Memory is committed by ioctl only:
 *    mmap(2) of such a file is always refused.
 *  - EEXIST: something is mapped there.
 *  - EINVAL: another protection, type, offset or length; MAP_FIXED elsewhere.
 *    (With PROT_WRITE the kernel may refuse with ENOMEM before it asks us.)
 *  - ESHUTDOWN, EDQUOT, ENOMEM, EAGAIN, EOPNOTSUPP: as RESERVE. After an ENOMEM
 *    the file may be spent (EBUSY): 7.x can fail after it has asked us.
 */

/**
 * DOC: read(2) and poll(2)
 *
 * A file that was opened for reading tells what happens to its region. read(2)
 * returns as many whole struct gccolor_ioc_event as there are and fit, oldest first;
 * it waits for one, or is EAGAIN with O_NONBLOCK. poll(2) says EPOLLIN when there is
 * one. What happens before the first read or poll of a file is not kept. It keeps 64
 * events; when it is full, new ones are counted in @lost of the next one that is kept.
 * There is one queue for all who share the file: a fork child that reads takes events
 * from its parent. A module without GCCOLOR_IOC_FEATURE_EVENTS does not have this: its
 * read(2) is EINVAL, and its poll(2) says at once that the file is readable.
 *
 *  - EINVAL: the buffer is smaller than a struct gccolor_ioc_event.
 *  - ENOMEM: no memory for the queue, at the first read; poll(2) says EPOLLERR.
 */

/**
 * enum gccolor_ioc_event_kind - what happened
 * @GCCOLOR_IOC_EVENT_UP: a region was reserved (netlink only)
 * @GCCOLOR_IOC_EVENT_DOWN: the last address space that had it is gone (netlink only)
 * @GCCOLOR_IOC_EVENT_DENIED: somebody tried to reshape it, and was refused
 * @GCCOLOR_IOC_EVENT_KILLED: the module killed a process to keep the promise
 * @GCCOLOR_IOC_EVENT_GUARD_LOST: the level has fallen; INFO says why
 */
enum gccolor_ioc_event_kind {
	GCCOLOR_IOC_EVENT_UP = 1,
	GCCOLOR_IOC_EVENT_DOWN = 2,
	GCCOLOR_IOC_EVENT_DENIED = 3,
	GCCOLOR_IOC_EVENT_KILLED = 4,
	GCCOLOR_IOC_EVENT_GUARD_LOST = 5,
};

/**
 * enum gccolor_ioc_event_call - what was denied
 * @GCCOLOR_IOC_CALL_NONE: the event is no denial
 * @GCCOLOR_IOC_CALL_UNMAP: munmap(2), and what else unmaps: mremap(2) onto, brk(2), shmdt(2)
 * @GCCOLOR_IOC_CALL_MAP: mmap(2) over it, shmat(2) with SHM_REMAP
 * @GCCOLOR_IOC_CALL_PROTECT: mprotect(2), pkey_mprotect(2)
 * @GCCOLOR_IOC_CALL_REMAP: mremap(2) of it
 * @GCCOLOR_IOC_CALL_SPLIT: a call that would have split a mapping: mlock(2), madvise(2),
 *	mbind(2); before 6.12 and at level guarded also the calls above
 */
enum gccolor_ioc_event_call {
	GCCOLOR_IOC_CALL_NONE = 0,
	GCCOLOR_IOC_CALL_UNMAP = 1,
	GCCOLOR_IOC_CALL_MAP = 2,
	GCCOLOR_IOC_CALL_PROTECT = 3,
	GCCOLOR_IOC_CALL_REMAP = 4,
	GCCOLOR_IOC_CALL_SPLIT = 5,
};

/**
 * struct gccolor_ioc_event - what read(2) returns
 * @kind: enum gccolor_ioc_event_kind
 * @call: enum gccolor_ioc_event_call
 * @time: nanoseconds of CLOCK_MONOTONIC
 * @addr: first byte that was attacked; 0 if the event is no denial
 * @length: bytes that were attacked
 * @pid: the process, in the pid namespace of who reserved the region; 0: not visible there
 * @tid: its thread
 * @suppressed: denials since the last one kept that were counted, but not reported:
 *	a process is reported at most 64 times a second
 * @lost: events that did not fit into the queue before this one
 * @comm: name of the thread, ending in a NUL
 */
struct gccolor_ioc_event {
	__u32 kind;
	__u32 call;
	__u64 time;
	__u64 addr;
	__u64 length;
	__s32 pid;
	__s32 tid;
	__u32 suppressed;
	__u32 lost;
	char comm[16];
};

#endif /* _UAPI_LINUX_GCCOLOR_H */
