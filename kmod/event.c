// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "audit.h"
#include "event.h"
#include "netlink.h"
#include "region.h"
#include "registry.h"
#include "trace.h"

#define KEPT		64U
#define DENIALS_PER_SECOND 64U

/**
 * struct gccolor_reader - the queue of who reads a region's file
 * @lock: leaf; protects the rest
 * @wait: who waits for events
 * @first: index of the oldest
 * @count: how many there are
 * @lost: how many did not fit since the last one that did
 * @suppressed: denials that those would have told of beside their own
 * @ring: the events
 */
struct gccolor_reader {
	spinlock_t lock;	/* see above */
	wait_queue_head_t wait;
	unsigned int first;
	unsigned int count;
	u32 lost;
	u32 suppressed;
	struct gccolor_ioc_event ring[KEPT];
};

/**
 * struct budget - how much a process was reported lately
 * @lock: leaf; protects the rest
 * @tgid: of which process; another one of the same hash takes it over
 * @window: jiffies when this second began
 * @reported: denials in this second
 */
struct budget {
	spinlock_t lock;	/* see above */
	pid_t tgid;
	unsigned long window;
	u32 reported;
};

#define BUDGET_BITS	6

static struct budget budgets[1 << BUDGET_BITS] = {
	[0 ... (1 << BUDGET_BITS) - 1].lock = __SPIN_LOCK_UNLOCKED(budgets.lock),
};

static atomic64_t denied_sum;
static atomic64_t killed_sum;
static atomic64_t unseen_sum;

u64 gccolor_event_denied_sum(void)
{
	return atomic64_read(&denied_sum);
}

u64 gccolor_event_killed_sum(void)
{
	return atomic64_read(&killed_sum);
}

u64 gccolor_event_unseen_sum(void)
{
	return atomic64_read(&unseen_sum);
}

void gccolor_event_unseen(void)
{
	atomic64_inc(&unseen_sum);
}

static void keep(struct gccolor_reader *reader, const struct gccolor_ioc_event *event)
{
	unsigned long flags;

	spin_lock_irqsave(&reader->lock, flags);
	if (reader->count == KEPT) {
		reader->lost++;
		reader->suppressed += event->suppressed;
	} else {
		struct gccolor_ioc_event *slot;

		slot = &reader->ring[(reader->first + reader->count++) % KEPT];
		*slot = *event;
		slot->lost = reader->lost;
		slot->suppressed += reader->suppressed;
		reader->lost = 0;
		reader->suppressed = 0;
	}
	spin_unlock_irqrestore(&reader->lock, flags);
	wake_up_interruptible_poll(&reader->wait, EPOLLIN | EPOLLRDNORM);
}

/* Who did it: numbers as seen in @ns. A worker is nobody. */
static void name_current(struct gccolor_ioc_event *told, struct pid_namespace *ns)
{
	if (current->flags & PF_KTHREAD)
		return;
	told->pid = task_tgid_nr_ns(current, ns);
	told->tid = task_pid_nr_ns(current, ns);
	get_task_comm(told->comm, current);
}

static void post(struct gccolor_region *region, struct gccolor_event *event)
{
	struct gccolor_ioc_event *told = &event->told;
	struct gccolor_reader *reader;

	told->time = ktime_get_ns();
	/* Pairs with the cmpxchg_release() in reader_of() */
	reader = smp_load_acquire(&region->reader);
	if (reader && told->kind != GCCOLOR_IOC_EVENT_UP &&
	    told->kind != GCCOLOR_IOC_EVENT_DOWN) {
		name_current(told, region->pid_ns);
		keep(reader, told);
	}

	name_current(told, &init_pid_ns);
	if (told->kind == GCCOLOR_IOC_EVENT_DOWN) {
		/* The last one to let go may be anybody */
		told->pid = pid_nr(region->pid);
		told->tid = told->pid;
		memcpy(told->comm, region->comm, sizeof(told->comm));
	}
	event->region = region->id;
	event->base = region->base;
	event->length = region->length;
	gccolor_netlink_post(event);
}

void gccolor_event_up(struct gccolor_region *region)
{
	struct gccolor_event event = { .told.kind = GCCOLOR_IOC_EVENT_UP };

	event.level = gccolor_guard_level(region, &event.reason);
	post(region, &event);
}

void gccolor_event_down(struct gccolor_region *region)
{
	struct gccolor_event event = { .told.kind = GCCOLOR_IOC_EVENT_DOWN };

	post(region, &event);
}

/* One more of this process in this second? */
static bool may_report(void)
{
	pid_t tgid = task_tgid_nr(current);
	struct budget *budget = &budgets[hash_32(tgid, BUDGET_BITS)];
	unsigned long flags;
	bool may;

	spin_lock_irqsave(&budget->lock, flags);
	if (budget->tgid != tgid || time_after_eq(jiffies, budget->window + HZ)) {
		budget->tgid = tgid;
		budget->window = jiffies;
		budget->reported = 0;
	}
	may = budget->reported < DENIALS_PER_SECOND;
	budget->reported += may;
	spin_unlock_irqrestore(&budget->lock, flags);

	return may;
}

void gccolor_event_denied(struct gccolor_region *region, u32 call, unsigned long addr,
			  unsigned long length)
{
	struct gccolor_event event = {
		.told.kind = GCCOLOR_IOC_EVENT_DENIED,
		.told.call = call,
		.told.addr = addr,
		.told.length = length,
	};

	atomic64_inc(&denied_sum);
	atomic64_inc(&region->counts.denied);
	trace_gccolor_deny(region->id, call, addr, length);
	if (!may_report()) {
		atomic_inc(&region->suppressed);
		return;
	}
	event.told.suppressed = atomic_xchg(&region->suppressed, 0);
	post(region, &event);
}

void gccolor_event_killed(struct gccolor_region *region)
{
	struct gccolor_event event = { .told.kind = GCCOLOR_IOC_EVENT_KILLED };

	atomic64_inc(&killed_sum);
	post(region, &event);
}

void gccolor_event_guard_lost(struct gccolor_region *region, u32 level, u32 reason)
{
	struct gccolor_event event = {
		.told.kind = GCCOLOR_IOC_EVENT_GUARD_LOST,
		.level = level,
		.reason = reason,
	};

	if (!xchg(&region->guard_lost, true))
		post(region, &event);
}

static void tell_lost(struct gccolor_region *region, void *arg)
{
	u32 reason, level = gccolor_guard_level(region, &reason);

	if (level == GCCOLOR_IOC_LEVEL_RESERVED)
		gccolor_event_guard_lost(region, level, reason);
}

static void tell_all_lost(struct work_struct *work)
{
	u64 born = gccolor_registry_ever();
	unsigned long id = 0;

	while (gccolor_registry_next(&id, born, tell_lost, NULL))
		id++;
}

static DECLARE_WORK(lost_work, tell_all_lost);

void gccolor_event_guards_lost(void)
{
	schedule_work(&lost_work);
}

void gccolor_event_exit(void)
{
	cancel_work_sync(&lost_work);
}

/* The queue of the file, made at the first use. NULL: no memory. */
static struct gccolor_reader *reader_of(struct gccolor_region *region)
{
	struct gccolor_reader *reader, *others;

	/* Pairs with the cmpxchg_release() below */
	reader = smp_load_acquire(&region->reader);
	if (reader)
		return reader;
	reader = kzalloc(sizeof(*reader), GFP_KERNEL_ACCOUNT);
	if (!reader)
		return NULL;
	spin_lock_init(&reader->lock);
	init_waitqueue_head(&reader->wait);
	others = cmpxchg_release(&region->reader, NULL, reader);
	if (others) {
		kfree(reader);
		/* As above */
		return smp_load_acquire(&region->reader);
	}
	gccolor_audit_get();

	return reader;
}

static bool take(struct gccolor_reader *reader, struct gccolor_ioc_event *event)
{
	bool taken = false;

	spin_lock_irq(&reader->lock);
	if (reader->count) {
		*event = reader->ring[reader->first];
		reader->first = (reader->first + 1) % KEPT;
		reader->count--;
		taken = true;
	}
	spin_unlock_irq(&reader->lock);

	return taken;
}

ssize_t gccolor_event_read(struct file *file, char __user *buffer, size_t size, loff_t *pos)
{
	struct gccolor_reader *reader;
	struct gccolor_ioc_event event;
	size_t done = 0;
	int ret;

	if (size < sizeof(event))
		return -EINVAL;
	reader = reader_of(gccolor_region_of(file));
	if (!reader)
		return -ENOMEM;
	if (!(file->f_flags & O_NONBLOCK)) {
		ret = wait_event_interruptible(reader->wait, READ_ONCE(reader->count));
		if (ret)
			return ret;
	}
	while (size - done >= sizeof(event) && take(reader, &event)) {
		if (copy_to_user(buffer + done, &event, sizeof(event)))
			return done ? (ssize_t)done : -EFAULT;
		done += sizeof(event);
	}

	return done ? (ssize_t)done : -EAGAIN;
}

__poll_t gccolor_event_poll(struct file *file, struct poll_table_struct *wait)
{
	struct gccolor_reader *reader = reader_of(gccolor_region_of(file));

	if (!reader)
		return EPOLLERR;
	poll_wait(file, &reader->wait, wait);

	return READ_ONCE(reader->count) ? EPOLLIN | EPOLLRDNORM : 0;
}

void gccolor_event_unread(struct gccolor_region *region)
{
	/* Kept until the region goes: somebody may be posting */
	if (region->reader)
		gccolor_audit_put();
}

void gccolor_event_free(struct gccolor_region *region)
{
	kfree(region->reader);
}
