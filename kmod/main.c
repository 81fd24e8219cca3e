// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "audit.h"
#include "dev.h"
#include "event.h"
#include "guard.h"
#include "limits.h"
#include "netlink.h"
#include "region.h"

static ushort mode = 0666;
module_param(mode, ushort, 0444);
MODULE_PARM_DESC(mode, "permissions of /dev/gccolor (default: 0666)");

module_param_named(max_regions_per_user, gccolor_max_regions_per_user, uint, 0644);
MODULE_PARM_DESC(max_regions_per_user,
		 "most regions that one user may have, 0: no limit (default: 4096)");

module_param_named(guard, gccolor_guard_parameter, charp, 0444);
MODULE_PARM_DESC(guard,
		 "\"auto\": the strongest that this kernel has (default); \"hooks\": level guarded");
module_param_named(drain, gccolor_drain, bool, 0644);
MODULE_PARM_DESC(drain,
		 "refuse new regions (ESHUTDOWN), so that the module can be replaced once those that live have ended (default: N)");

static int __init gccolor_init(void)
{
	int ret;

	if (mode & ~0777)
		return -EINVAL;
	ret = gccolor_guard_init();
	if (ret)
		return ret;
	ret = gccolor_netlink_init();
	if (ret)
		return ret;
	ret = gccolor_dev_register(mode);
	if (ret)
		gccolor_netlink_exit();

	return ret;
}

static void __exit gccolor_exit(void)
{
	gccolor_dev_unregister();
	gccolor_netlink_exit();
	gccolor_audit_exit();
	gccolor_guard_exit();
	gccolor_event_exit();
	gccolor_limits_exit();
}

module_init(gccolor_init);
module_exit(gccolor_exit);

MODULE_DESCRIPTION("Address ranges that belong to a garbage collector");
MODULE_AUTHOR("gccolor maintainers");
MODULE_LICENSE("GPL");
