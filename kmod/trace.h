/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* Tracepoints gccolor:reserve, commit, decommit, deny, for perf(1) and bpftrace(8). */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gccolor

#if !defined(GCCOLOR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define GCCOLOR_TRACE_H

#include <linux/tracepoint.h>
#include <uapi/linux/gccolor.h>

/* perf(1) and libtraceevent know the values of enums only so. */
TRACE_DEFINE_ENUM(GCCOLOR_IOC_CALL_UNMAP);
TRACE_DEFINE_ENUM(GCCOLOR_IOC_CALL_MAP);
TRACE_DEFINE_ENUM(GCCOLOR_IOC_CALL_PROTECT);
TRACE_DEFINE_ENUM(GCCOLOR_IOC_CALL_REMAP);
TRACE_DEFINE_ENUM(GCCOLOR_IOC_CALL_SPLIT);

/* RESERVE came to its end: @ret is what the caller gets. */
TRACE_EVENT(gccolor_reserve,
	TP_PROTO(u32 region, u64 base, u64 length, u32 level, int ret),
	TP_ARGS(region, base, length, level, ret),
	TP_STRUCT__entry(
		__field(u32, region)
		__field(u64, base)
		__field(u64, length)
		__field(u32, level)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->region = region;
		__entry->base = base;
		__entry->length = length;
		__entry->level = level;
		__entry->ret = ret;
	),
	TP_printk("region=%u base=0x%llx length=0x%llx level=%u ret=%d", __entry->region,
		  __entry->base, __entry->length, __entry->level, __entry->ret)
);

DECLARE_EVENT_CLASS(gccolor_carve,
	TP_PROTO(u32 region, u64 addr, u64 length, u32 prot, int ret),
	TP_ARGS(region, addr, length, prot, ret),
	TP_STRUCT__entry(
		__field(u32, region)
		__field(u64, addr)
		__field(u64, length)
		__field(u32, prot)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->region = region;
		__entry->addr = addr;
		__entry->length = length;
		__entry->prot = prot;
		__entry->ret = ret;
	),
	TP_printk("region=%u addr=0x%llx length=0x%llx prot=%u ret=%d", __entry->region,
		  __entry->addr, __entry->length, __entry->prot, __entry->ret)
);

DEFINE_EVENT(gccolor_carve, gccolor_commit,
	TP_PROTO(u32 region, u64 addr, u64 length, u32 prot, int ret),
	TP_ARGS(region, addr, length, prot, ret));

DEFINE_EVENT(gccolor_carve, gccolor_decommit,
	TP_PROTO(u32 region, u64 addr, u64 length, u32 prot, int ret),
	TP_ARGS(region, addr, length, prot, ret));

/* Somebody was refused; @call is enum gccolor_ioc_event_call. Never rate-limited. */
TRACE_EVENT(gccolor_deny,
	TP_PROTO(u32 region, u32 call, u64 addr, u64 length),
	TP_ARGS(region, call, addr, length),
	TP_STRUCT__entry(
		__field(u32, region)
		__field(u32, call)
		__field(u64, addr)
		__field(u64, length)
	),
	TP_fast_assign(
		__entry->region = region;
		__entry->call = call;
		__entry->addr = addr;
		__entry->length = length;
	),
	TP_printk("region=%u call=%s addr=0x%llx length=0x%llx", __entry->region,
		  __print_symbolic(__entry->call,
				   { GCCOLOR_IOC_CALL_UNMAP, "unmap" },
				   { GCCOLOR_IOC_CALL_MAP, "map" },
				   { GCCOLOR_IOC_CALL_PROTECT, "protect" },
				   { GCCOLOR_IOC_CALL_REMAP, "remap" },
				   { GCCOLOR_IOC_CALL_SPLIT, "split" }),
		  __entry->addr, __entry->length)
);

#endif /* GCCOLOR_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
