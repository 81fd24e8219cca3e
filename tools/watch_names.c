// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gccolor.h>
#include <linux/gccolor.h>

#include "tool.h"
#include "watch.h"

const char *watch_level_name(uint32_t level)
{
	const char *name = gccolor_level_name(level);

	return name ? name : "?";
}

const char *watch_reason_text(uint32_t reason)
{
	static const char *const texts[] = {
		[GCCOLOR_IOC_REASON_NONE] = "",
		[GCCOLOR_IOC_REASON_UNPROVEN] = "its own harmless attack was not denied",
		[GCCOLOR_IOC_REASON_KERNEL] = "this kernel cannot deny everything",
		[GCCOLOR_IOC_REASON_BUSY] = "a live patch or tracer has what the guard needs",
		[GCCOLOR_IOC_REASON_MISSED] = "the guard was not run when it should have been",
		[GCCOLOR_IOC_REASON_PARAMETER] = "the module was loaded with guard=hooks",
		[GCCOLOR_IOC_REASON_DRAINING] = "the module takes no new regions (drain)",
	};

	return reason < ARRAY_SIZE(texts) ? texts[reason] : "?";
}

const char *watch_kind_name(uint32_t kind)
{
	static const char *const names[] = {
		[GCCOLOR_IOC_EVENT_UP] = "up",
		[GCCOLOR_IOC_EVENT_DOWN] = "down",
		[GCCOLOR_IOC_EVENT_DENIED] = "denied",
		[GCCOLOR_IOC_EVENT_KILLED] = "killed",
		[GCCOLOR_IOC_EVENT_GUARD_LOST] = "guard-lost",
	};

	return kind && kind < ARRAY_SIZE(names) ? names[kind] : "?";
}

const char *watch_call_name(uint32_t call)
{
	static const char *const names[] = {
		[GCCOLOR_IOC_CALL_NONE] = "none",
		[GCCOLOR_IOC_CALL_UNMAP] = "unmap",
		[GCCOLOR_IOC_CALL_MAP] = "map",
		[GCCOLOR_IOC_CALL_PROTECT] = "protect",
		[GCCOLOR_IOC_CALL_REMAP] = "remap",
		[GCCOLOR_IOC_CALL_SPLIT] = "split",
	};

	return call < ARRAY_SIZE(names) ? names[call] : "?";
}

void watch_complain(const char *cmd, int error)
{
	const char *cause;

	switch (-error) {
	case ENOENT:
		cause = "the module gccolor is not loaded, or this is not the initial network "
			"namespace: modprobe gccolor";
		break;
	case EPERM:
		cause = "watching takes CAP_NET_ADMIN in the initial user namespace: be root";
		break;
	default:
		cause = strerror(-error);
	}
	fprintf(stderr, "gccolor %s: %s\n", cmd, cause);
}
