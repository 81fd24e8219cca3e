/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * A region: the geometry that belongs to an open file of /dev/gccolor, and the
 * VMAs that realise it in each mm that reserved or inherited it. The VMAs hold a
 * file of their own (vmfile.h); below, "vmfile" is always that one, and "file"
 * the one of the device. Both have the region as private_data.
 *
 * Lock order: mmap_lock of the parent (fork) > mmap_lock > limits' mutex,
 * region->lock. region->lock is a leaf. No lock is held across a copy to or
 * from user space, vm_mmap() or vm_munmap().
 *
 * No mm is stored. The region exists in an mm if and only if the VMA at
 * region->base is a reserve VMA of its vmfile; vm_pgoff of every VMA is its
 * position in the region.
 */
#ifndef GCCOLOR_REGION_H
#define GCCOLOR_REGION_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rbtree_types.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <uapi/linux/gccolor.h>

#include "guard.h"

struct vm_area_desc;
struct gccolor_reader;
struct pid;
struct pid_namespace;

/**
 * struct gccolor_counts - what happened to a region; only for who watches
 * @processes: address spaces that have it
 * @committed: bytes in the address space that reserved it
 * @runs: maximal committed ranges there
 * @commits: COMMIT calls that succeeded, anywhere
 * @decommits: DECOMMIT calls that succeeded, anywhere
 * @failures: COMMIT and DECOMMIT calls that failed, anywhere
 * @denied: attempts that were seen to be denied
 */
struct gccolor_counts {
	atomic_t processes;
	atomic64_t committed;
	atomic_t runs;
	atomic64_t commits;
	atomic64_t decommits;
	atomic64_t failures;
	atomic64_t denied;
};

/**
 * struct gccolor_region - lives as long as its vmfile
 * @vmfile: what the VMAs hold; the file of the device owns one reference
 * @lock: leaf spinlock
 * @tokens: rights to carve that calls in progress hold; protected by @lock
 * @claimed: a RESERVE has begun or succeeded; protected by @lock
 * @has_geometry: a RESERVE succeeded, and the fields below are final; read with
 *	gccolor_region_is_set()
 * @locked_once: LOCK was called in some mm
 * @base: first byte
 * @length: bytes; a power of two, @base is a multiple of it
 * @color_shift: log2 of the bytes of a color
 * @exec_colors: bit n: color n may hold executable memory
 * @hooked: enum gccolor_ioc_reason: why hooks are its only guard, _NONE: they
 *	are not; final like the geometry
 * @owner: whose count of regions this one is in
 * @id: its number, see registry.h; these five are final like the geometry
 * @born: how many regions there had been, with this one
 * @in_registry: there, from claim on
 * @pid: who reserved it
 * @pid_ns: the pid namespace of that process
 * @comm: its name
 * @mm: the address space that reserved it; only to be compared with
 * @counts: see there
 * @suppressed: denials since the last one that was reported
 * @guard_lost: the last look found no guard, and that was told
 * @reader: the queue of who reads the file, or NULL; stays once it is there
 */
struct gccolor_region {
	struct file *vmfile;
	spinlock_t lock;	/* leaf; protects tokens and claimed */
	struct list_head tokens;
	bool claimed;
	bool has_geometry;
	bool locked_once;
	unsigned long base;
	unsigned long length;
	u32 color_shift;
	u64 exec_colors;
	u32 hooked;
	kuid_t owner;
	u32 id;
	u64 born;
	struct rb_node in_registry;
	struct pid *pid;
	struct pid_namespace *pid_ns;
	char comm[TASK_COMM_LEN];
	const struct mm_struct *mm;
	struct gccolor_counts counts;
	atomic_t suppressed;
	bool guard_lost;
	struct gccolor_reader *reader;
};

enum gccolor_use {
	GCCOLOR_USE_RESERVE,	/* place the reserve of a new region */
	GCCOLOR_USE_COMMIT,	/* reserve -> committed */
	GCCOLOR_USE_DECOMMIT,	/* committed -> reserve, with reserve neighbours */
	GCCOLOR_USE_COALESCE,	/* reserve VMAs -> one reserve VMA */
	GCCOLOR_USE_FILL,	/* hole -> reserve (repair) */
	GCCOLOR_USE_LOAN,	/* outside of the region, see loan.h */
	GCCOLOR_USE_PROVE,	/* an attack on the lowest slot, see prove.h */
	GCCOLOR_USE_UNMAP,	/* the whole region, or a loan */
};

/* One VMA will be split in three, at a map count that nobody has seen to be allowed */
#define GCCOLOR_LACKS_ROOM	1U
/* No split will shut the guard again, should the core refuse the charge; see loan.h */
#define GCCOLOR_LACKS_LOAN	2U

/**
 * struct gccolor_token - the right of one task to carve one range once
 * @list: in region->tokens
 * @task: who may use it; on whose stack it lies
 * @use: what for
 * @want_start: first byte that the caller asked for
 * @want_end: first byte behind
 * @start: first byte that is replaced; DECOMMIT and COALESCE widen the range by
 *	reserve neighbours, so that reserve does not crumble into many VMAs
 * @end: first byte behind
 * @prot: GCCOLOR_IOC_PROT_*, COMMIT only
 * @flags: GCCOLOR_IOC_COMMIT_*, COMMIT only
 * @lacks: what it has to come again with, GCCOLOR_LACKS_*; nothing was changed
 * @loan: COMMIT: first byte of the loan's VMA, or 0
 * @loan_spent: COMMIT: the charge of the loan went to the new VMA
 * @map_count: PROVE: mm->map_count when it was asked for an address, or -1
 * @opened: guards were opened, so a failure needs repair
 * @cuts_committed: a committed VMA will be split: its halves have no hooks
 * @denied_by: PROVE: who refused
 * @done: the new VMA was described; the core can still fail to make it
 * @runs: COMMIT and DECOMMIT: committed runs more than before, once it is made
 * @busy_start: RESERVE: first byte of what is in the way
 * @busy_end: RESERVE: first byte behind it
 */
struct gccolor_token {
	struct list_head list;
	struct task_struct *task;
	enum gccolor_use use;
	unsigned long want_start;
	unsigned long want_end;
	unsigned long start;
	unsigned long end;
	u32 prot;
	u32 flags;
	u32 lacks;
	unsigned long loan;
	bool loan_spent;
	int map_count;
	bool opened;
	bool cuts_committed;
	enum gccolor_denier denied_by;
	bool done;
	int runs;
	unsigned long busy_start;
	unsigned long busy_end;
};

static inline struct gccolor_region *gccolor_region_of(struct file *file)
{
	return file->private_data;
}

/* Has the file its region? If so, the geometry is final and may be read. */
static inline bool gccolor_region_is_set(const struct gccolor_region *region)
{
	/* Pairs with smp_store_release() in gccolor_region_publish() */
	return smp_load_acquire(&region->has_geometry);
}

static inline unsigned long gccolor_region_end(const struct gccolor_region *r)
{
	return r->base + r->length;
}

/* What vm_private_data of the lowest VMA says, per mm */
#define GCCOLOR_MARK_LOCKED	1UL	/* LOCK was called */
#define GCCOLOR_MARK_RELEASING	2UL	/* RELEASE has begun */
#define GCCOLOR_MARK_COUNTED	4UL	/* is in counts.processes */

/* region.c: life of a region; the commands */

/*
 * Is the VMA at the base ours, and not about to be released?
 * Context: mmap_lock of @mm held.
 */
bool gccolor_region_exists(struct file *vmfile, struct mm_struct *mm);

/* The marks of the region in @mm, 0 if there is none. Context: as above. */
unsigned long gccolor_region_marks(struct file *vmfile, struct mm_struct *mm);

/**
 * gccolor_region_claim() - begin a RESERVE: give a fresh file its geometry
 * @region: of a file
 * @base: a multiple of @length
 * @length: a power of two
 * @color_shift: log2 of the bytes of a color
 * @exec_colors: bit per color
 *
 * Nobody else uses the geometry before gccolor_region_publish().
 *
 * Context: may be called with mmap_lock held.
 * Return: 0; -EBUSY if the file has one; -ESHUTDOWN; -EDQUOT; -ENOMEM.
 */
int gccolor_region_claim(struct gccolor_region *region, unsigned long base,
			 unsigned long length, u32 color_shift, u64 exec_colors);

/*
 * Module parameter: regions that exist go on, new ones are refused. Whoever opened
 * the device before holds the module, so a RESERVE that passes in the moment
 * when this is set is one that lives.
 */
extern bool gccolor_drain;

/* The region is mapped. */
void gccolor_region_publish(struct gccolor_region *region);

/* Its lowest VMA came, by RESERVE or fork, or went. Context: any; mmap_lock held. */
void gccolor_region_came(struct gccolor_region *region);
void gccolor_region_went(struct gccolor_region *region);

/* Does this mount of /dev allow executable mappings? The vmfile's does. */
bool gccolor_exec_possible(struct file *file);

/* The longest region: its base is a multiple of its length, and not 0. */
static inline unsigned long gccolor_length_max(void)
{
	return rounddown_pow_of_two(TASK_SIZE / 2);
}

/*
 * The default layout. Where the usual one does not fit into the address space,
 * an eighth of it, which ends in the middle: Linux places nothing there by itself.
 */
static inline unsigned long gccolor_default_length(void)
{
	if (GCCOLOR_IOC_DEFAULT_BASE + GCCOLOR_IOC_DEFAULT_LENGTH <= TASK_SIZE)
		return GCCOLOR_IOC_DEFAULT_LENGTH;

	return roundup_pow_of_two(TASK_SIZE) / 8;
}

static inline unsigned long gccolor_default_base(void)
{
	if (GCCOLOR_IOC_DEFAULT_BASE + GCCOLOR_IOC_DEFAULT_LENGTH <= TASK_SIZE)
		return GCCOLOR_IOC_DEFAULT_BASE;

	return 3 * gccolor_default_length();
}

/* The commands (QUERY and INFO: info.c); errors as in <uapi/linux/gccolor.h>. No lock held. */
int gccolor_region_query(struct file *file, struct gccolor_ioc_query *arg);
int gccolor_region_reserve(struct file *file, struct gccolor_ioc_reserve *arg);
int gccolor_region_commit(struct file *file, struct gccolor_ioc_commit *arg);
int gccolor_region_decommit(struct file *file, struct gccolor_ioc_decommit *arg);
int gccolor_region_release(struct file *file);
int gccolor_region_info(struct file *file, struct gccolor_ioc_info *arg);
int gccolor_region_lock(struct file *file);

/* Return: a region with its vmfile, or ERR_PTR(-ENOMEM), ERR_PTR(-ENFILE). */
struct gccolor_region *gccolor_region_new(void);
void gccolor_region_free(struct gccolor_region *region);

/* carve.c: replacing a part of a region through vm_mmap() */

/**
 * gccolor_carve() - use a token
 * @vmfile: of the region
 * @token: @use, @want_start, @want_end, @prot, @flags filled in by the caller
 *
 * Context: no lock held; takes mmap_lock for writing, more than once.
 * Return: 0: the whole range is now what was asked for. Otherwise the region
 *	is as before: -ENXIO no region in this mm; -EEXIST COMMIT over
 *	committed, RESERVE over anything; -ENOENT DECOMMIT of reserve; -EACCES,
 *	-EOPNOTSUPP, -EPERM protection; -ENOMEM, -EAGAIN limits; -EINTR;
 *	-EBUSY other threads changed the neighbourhood again and again.
 */
int gccolor_carve(struct file *vmfile, struct gccolor_token *token);

/*
 * gccolor_carve_map() - vm_mmap() of the vmfile with a token, once
 * Context: no lock held. Return: as vm_mmap(); see @token->done.
 */
unsigned long gccolor_carve_map(struct file *vmfile, struct gccolor_token *token);

/*
 * gccolor_unmap() - vm_munmap() with a token
 * Context: no lock held; the guards are open.
 */
int gccolor_unmap(struct file *vmfile, unsigned long start, unsigned long end);

/* token.c: hold and give up a token; its @task is current, its range is filled in. */
void gccolor_token_add(struct file *vmfile, struct gccolor_token *token);
void gccolor_token_del(struct file *vmfile, struct gccolor_token *token);

/* The token that @task holds for [start, end), or NULL. */
struct gccolor_token *gccolor_token_find(struct gccolor_region *region,
					 unsigned long start, unsigned long end);

/* Has current a token with open guards that covers [start, end)? */
bool gccolor_token_covers(struct gccolor_region *region, unsigned long start,
			  unsigned long end);

/* The token of current that has a boundary at @addr, or NULL. */
struct gccolor_token *gccolor_token_at(struct gccolor_region *region,
				       unsigned long addr);

/*
 * check.c: what a carve looks at before it opens a guard.
 * Context for all of them: mmap_lock held for writing.
 */

/* The VMAs that a carve replaces or cuts; NULL: it replaces nothing, or PROVE. */
struct gccolor_span {
	struct vm_area_struct *first;
	struct vm_area_struct *last;
};

/*
 * Is the range what @token->use wants, and would the core do the carve? Errors
 * as gccolor_carve(); -EUCLEAN: the region needs repair, or changed since
 * the range was widened. On success @span is filled in.
 */
int gccolor_carve_check(struct file *vmfile, struct gccolor_token *token,
			struct gccolor_span *span);

/* Is the range reserve, and whole? */
bool gccolor_is_reserve(struct file *vmfile, unsigned long start, unsigned long end);

/* Would the carve split one VMA in three? The core then checks the map count. */
bool gccolor_splits_in_three(const struct gccolor_token *token,
			     const struct gccolor_span *span);

/*
 * Would a writable carve leave no split at its end that shuts the guard again,
 * should the core refuse the charge?
 */
bool gccolor_wants_loan(const struct gccolor_token *token, const struct gccolor_span *span);

/* f_op->get_unmapped_area and f_op->mmap_prepare of a vmfile: refuse without a token. */
unsigned long gccolor_carve_area(struct file *vmfile, unsigned long addr,
				 unsigned long len, unsigned long pgoff,
				 unsigned long flags);
int gccolor_carve_mmap(struct vm_area_desc *desc);

/* vma.c: the two kinds of VMA */

/* Context for all three: mmap_lock of vma->vm_mm held. */
bool gccolor_vma_is_ours(const struct vm_area_struct *vma, struct file *vmfile);
bool gccolor_vma_is_reserve(const struct vm_area_struct *vma, struct file *vmfile);
bool gccolor_vma_is_committed(const struct vm_area_struct *vma, struct file *vmfile);

/* f_op->mmap_prepare: describe one of the two kinds, guarded. */
void gccolor_vma_make_reserve(struct vm_area_desc *desc);
void gccolor_vma_make_committed(struct vm_area_desc *desc, u32 prot, u32 flags);

/* Undo what a child must not inherit, and shut the guard. mmap_lock: write. */
void gccolor_vma_heal(struct vm_area_struct *vma);

/* repair.c: what to do when the kernel failed half-way */

/**
 * gccolor_repair() - make the region of current whole again
 * @vmfile: of the region
 *
 * Shuts every guard, undoes MADV_DONTFORK, fills holes with reserve. Kills
 * every process that shares the mm if a foreign mapping is inside or a hole
 * cannot be filled.
 *
 * Context: no lock held.
 * Return: 0; -ENXIO if this mm has nothing of the region; -EINTR after a kill.
 */
int gccolor_repair(struct file *vmfile);

/* Send SIGKILL to every process that shares @mm. Context: any, may not sleep. */
void gccolor_kill_mm(struct mm_struct *mm, struct gccolor_region *region, const char *why);

#endif /* GCCOLOR_REGION_H */
