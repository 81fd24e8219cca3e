// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <uapi/linux/gccolor_netlink.h>

#include "audit.h"
#include "compat.h"
#include "event.h"
#include "guard.h"
#include "netlink.h"
#include "region.h"
#include "registry.h"

#define QUEUED_MAX	1024

static struct genl_family family;
static DEFINE_SPINLOCK(queue_lock);	/* leaf; protects the three below */
static LIST_HEAD(queue);
static unsigned int queued;
static u64 sequence;			/* of the last event */

/* What is told of a region, taken at one moment. */
struct snapshot {
	u32 id, pid, uid, color_shift, level, reason, processes, runs;
	u64 base, length, exec_colors, committed, commits, decommits, failures, denied;
	char comm[TASK_COMM_LEN];
	bool alive, observed;
};

static void take_snapshot(struct gccolor_region *region, void *arg)
{
	struct snapshot *s = arg;

	s->id = region->id;
	rcu_read_lock();
	s->alive = pid_task(region->pid, PIDTYPE_TGID);
	rcu_read_unlock();
	s->pid = pid_nr(region->pid);
	memcpy(s->comm, region->comm, sizeof(s->comm));
	s->uid = from_kuid_munged(&init_user_ns, region->owner);
	s->base = region->base;
	s->length = region->length;
	s->color_shift = region->color_shift;
	s->exec_colors = region->exec_colors;
	s->level = gccolor_guard_level(region, &s->reason);
	/* Only the process itself can prove its guard, by INFO: what that said the last time */
	if (READ_ONCE(region->guard_lost) && s->level != GCCOLOR_IOC_LEVEL_RESERVED) {
		s->level = GCCOLOR_IOC_LEVEL_RESERVED;
		s->reason = GCCOLOR_IOC_REASON_UNPROVEN;
	}
	s->processes = atomic_read(&region->counts.processes);
	s->committed = atomic64_read(&region->counts.committed);
	s->runs = atomic_read(&region->counts.runs);
	s->commits = atomic64_read(&region->counts.commits);
	s->decommits = atomic64_read(&region->counts.decommits);
	s->failures = atomic64_read(&region->counts.failures);
	s->denied = atomic64_read(&region->counts.denied);
	s->observed = gccolor_audit_observes(region);
}

static int put_u64(struct sk_buff *skb, int type, u64 value, int pad)
{
	return nla_put_u64_64bit(skb, type, value, pad);
}

static int put_region_u64(struct sk_buff *skb, int type, u64 value)
{
	return put_u64(skb, type, value, GCCOLOR_NL_REGION_PAD);
}

static int put_region(struct sk_buff *skb, u32 portid, u32 seq, int flags,
		      const struct snapshot *s)
{
	void *header = genlmsg_put(skb, portid, seq, &family, flags,
				   GCCOLOR_NL_CMD_GET_REGION);

	if (!header)
		return -EMSGSIZE;
	if (nla_put_u32(skb, GCCOLOR_NL_REGION_ID, s->id) ||
	    (s->alive && nla_put_u32(skb, GCCOLOR_NL_REGION_PID, s->pid)) ||
	    nla_put_string(skb, GCCOLOR_NL_REGION_COMM, s->comm) ||
	    nla_put_u32(skb, GCCOLOR_NL_REGION_UID, s->uid) ||
	    put_region_u64(skb, GCCOLOR_NL_REGION_BASE, s->base) ||
	    put_region_u64(skb, GCCOLOR_NL_REGION_LENGTH, s->length) ||
	    nla_put_u32(skb, GCCOLOR_NL_REGION_COLOR_SHIFT, s->color_shift) ||
	    put_region_u64(skb, GCCOLOR_NL_REGION_EXEC_COLORS, s->exec_colors) ||
	    nla_put_u32(skb, GCCOLOR_NL_REGION_LEVEL, s->level) ||
	    nla_put_u32(skb, GCCOLOR_NL_REGION_REASON, s->reason) ||
	    nla_put_u32(skb, GCCOLOR_NL_REGION_PROCESSES, s->processes) ||
	    put_region_u64(skb, GCCOLOR_NL_REGION_COMMITTED, s->committed) ||
	    nla_put_u32(skb, GCCOLOR_NL_REGION_RUNS, s->runs) ||
	    put_region_u64(skb, GCCOLOR_NL_REGION_COMMITS, s->commits) ||
	    put_region_u64(skb, GCCOLOR_NL_REGION_DECOMMITS, s->decommits) ||
	    put_region_u64(skb, GCCOLOR_NL_REGION_FAILURES, s->failures) ||
	    put_region_u64(skb, GCCOLOR_NL_REGION_DENIED, s->denied) ||
	    (s->observed && nla_put_flag(skb, GCCOLOR_NL_REGION_OBSERVED))) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);

	return 0;
}

static int get_region(struct sk_buff *request, struct genl_info *info)
{
	struct snapshot s;
	unsigned long id;
	struct sk_buff *skb;
	u32 wanted;
	int ret;

	if (!info->attrs[GCCOLOR_NL_REGION_ID])
		return -EINVAL;
	wanted = nla_get_u32(info->attrs[GCCOLOR_NL_REGION_ID]);
	id = wanted;
	if (!gccolor_registry_next(&id, U64_MAX, take_snapshot, &s) || id != wanted)
		return -ENOENT;
	skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	ret = put_region(skb, info->snd_portid, info->snd_seq, 0, &s);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}

	return genlmsg_reply(skb, info);
}

static int dump_regions(struct sk_buff *skb, struct netlink_callback *cb)
{
	unsigned long id = cb->args[0];
	struct snapshot s;

	if (!cb->args[1])
		cb->args[1] = gccolor_registry_ever();
	while (gccolor_registry_next(&id, cb->args[1], take_snapshot, &s)) {
		if (put_region(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			       NLM_F_MULTI, &s))
			break;
		id++;
	}
	cb->args[0] = id;

	return skb->len;
}

static u64 last_sequence(void)
{
	u64 last;

	spin_lock_irq(&queue_lock);
	last = sequence;
	spin_unlock_irq(&queue_lock);

	return last;
}

static int put_totals(struct sk_buff *skb)
{
	u32 reason, level = gccolor_guard_level(NULL, &reason);

	if (nla_put_u32(skb, GCCOLOR_NL_TOTALS_REGIONS, gccolor_registry_count()) ||
	    put_u64(skb, GCCOLOR_NL_TOTALS_RESERVES, gccolor_registry_ever(),
		    GCCOLOR_NL_TOTALS_PAD) ||
	    put_u64(skb, GCCOLOR_NL_TOTALS_DENIED, gccolor_event_denied_sum(),
		    GCCOLOR_NL_TOTALS_PAD) ||
	    put_u64(skb, GCCOLOR_NL_TOTALS_KILLED, gccolor_event_killed_sum(),
		    GCCOLOR_NL_TOTALS_PAD) ||
	    put_u64(skb, GCCOLOR_NL_TOTALS_UNSEEN, gccolor_event_unseen_sum(),
		    GCCOLOR_NL_TOTALS_PAD) ||
	    put_u64(skb, GCCOLOR_NL_TOTALS_EVENTS, last_sequence(),
		    GCCOLOR_NL_TOTALS_PAD) ||
	    (gccolor_audit_observes(NULL) && nla_put_flag(skb, GCCOLOR_NL_TOTALS_OBSERVED)) ||
	    nla_put_u32(skb, GCCOLOR_NL_TOTALS_LEVEL, level) ||
	    nla_put_u32(skb, GCCOLOR_NL_TOTALS_REASON, reason))
		return -EMSGSIZE;

	return 0;
}

static int get_totals(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *header;

	if (!skb)
		return -ENOMEM;
	header = genlmsg_put_reply(skb, info, &family, 0, GCCOLOR_NL_CMD_GET_TOTALS);
	if (!header || put_totals(skb)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);

	return genlmsg_reply(skb, info);
}

static const struct nla_policy region_policy[] = {
	[GCCOLOR_NL_REGION_ID] = { .type = NLA_U32 },
};

static const struct genl_ops ops[] = {
	{
		.cmd = GCCOLOR_NL_CMD_GET_REGION,
		.flags = GENL_ADMIN_PERM,
		.policy = region_policy,
		.maxattr = ARRAY_SIZE(region_policy) - 1,
		.doit = get_region,
		.dumpit = dump_regions,
	},
	{
		.cmd = GCCOLOR_NL_CMD_GET_TOTALS,
		.flags = GENL_ADMIN_PERM,
		.doit = get_totals,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = GCCOLOR_NL_GROUP, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

static int __maybe_unused joined(int group)
{
	gccolor_audit_get();

	return 0;
}

static void __maybe_unused left(int group)
{
	gccolor_audit_put();
}

static struct genl_family family = {
	.name = GCCOLOR_NL_FAMILY,
	.version = GCCOLOR_NL_VERSION,
	.netnsok = false,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = __GCCOLOR_NL_CMD_MAX,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	GCCOLOR_GENL_BIND(joined, left)
};

static int put_event_u64(struct sk_buff *skb, int type, u64 value)
{
	return put_u64(skb, type, value, GCCOLOR_NL_EVENT_PAD);
}

static int put_event(struct sk_buff *skb, const struct gccolor_event *event)
{
	const struct gccolor_ioc_event *told = &event->told;

	if (nla_put_u32(skb, GCCOLOR_NL_EVENT_KIND, told->kind) ||
	    put_event_u64(skb, GCCOLOR_NL_EVENT_SEQUENCE, event->sequence) ||
	    put_event_u64(skb, GCCOLOR_NL_EVENT_TIME, told->time) ||
	    nla_put_u32(skb, GCCOLOR_NL_EVENT_REGION, event->region) ||
	    put_event_u64(skb, GCCOLOR_NL_EVENT_BASE, event->base) ||
	    put_event_u64(skb, GCCOLOR_NL_EVENT_LENGTH, event->length) ||
	    nla_put_u32(skb, GCCOLOR_NL_EVENT_PID, told->pid) ||
	    nla_put_u32(skb, GCCOLOR_NL_EVENT_TID, told->tid) ||
	    nla_put_string(skb, GCCOLOR_NL_EVENT_COMM, told->comm))
		return -EMSGSIZE;
	if (told->kind == GCCOLOR_IOC_EVENT_DENIED &&
	    (nla_put_u32(skb, GCCOLOR_NL_EVENT_CALL, told->call) ||
	     put_event_u64(skb, GCCOLOR_NL_EVENT_ADDR, told->addr) ||
	     put_event_u64(skb, GCCOLOR_NL_EVENT_EXTENT, told->length) ||
	     nla_put_u32(skb, GCCOLOR_NL_EVENT_SUPPRESSED, told->suppressed)))
		return -EMSGSIZE;
	if ((told->kind == GCCOLOR_IOC_EVENT_UP ||
	     told->kind == GCCOLOR_IOC_EVENT_GUARD_LOST) &&
	    (nla_put_u32(skb, GCCOLOR_NL_EVENT_LEVEL, event->level) ||
	     nla_put_u32(skb, GCCOLOR_NL_EVENT_REASON, event->reason)))
		return -EMSGSIZE;

	return 0;
}

static void send_event(const struct gccolor_event *event)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *header;

	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &family, 0, GCCOLOR_NL_CMD_EVENT);
	if (!header || put_event(skb, event)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	/* Who has no room for it sees the gap in the sequence */
	genlmsg_multicast(&family, skb, 0, 0, GFP_KERNEL);
}

/* What is queued now, for the caller to free. */
static void take_queued(struct list_head *events)
{
	spin_lock_irq(&queue_lock);
	list_splice_init(&queue, events);
	queued = 0;
	spin_unlock_irq(&queue_lock);
}

static void send_queued(struct work_struct *work)
{
	struct gccolor_event *event, *next;
	LIST_HEAD(events);

	take_queued(&events);
	list_for_each_entry_safe(event, next, &events, node) {
		send_event(event);
		kfree(event);
	}
}

static DECLARE_WORK(send_work, send_queued);

void gccolor_netlink_post(struct gccolor_event *event)
{
	struct gccolor_event *copy = NULL;
	unsigned long flags;
	bool fits;

	if (genl_has_listeners(&family, &init_net, 0))
		copy = kmemdup(event, sizeof(*event), GFP_NOWAIT | __GFP_NOWARN);
	spin_lock_irqsave(&queue_lock, flags);
	event->sequence = ++sequence;
	fits = copy && queued < QUEUED_MAX;
	if (fits) {
		copy->sequence = event->sequence;
		list_add_tail(&copy->node, &queue);
		queued++;
	}
	spin_unlock_irqrestore(&queue_lock, flags);
	if (fits)
		schedule_work(&send_work);
	else
		kfree(copy);
}

int gccolor_netlink_init(void)
{
	return genl_register_family(&family);
}

void gccolor_netlink_exit(void)
{
	struct gccolor_event *event, *next;
	LIST_HEAD(events);

	cancel_work_sync(&send_work);
	genl_unregister_family(&family);
	take_queued(&events);
	list_for_each_entry_safe(event, next, &events, node)
		kfree(event);
}
