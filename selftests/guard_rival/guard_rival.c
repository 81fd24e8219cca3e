// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * For selftests/guard_test.c: takes one kernel function as a live patch does, with
 * an IPMODIFY handler, of which a function can have one. It changes nothing.
 */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/string.h>

static char *function;
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "name of the kernel function");

static void notrace on_entry(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static struct ftrace_ops rival_ops = {
	.func = on_entry,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

static int __init guard_rival_init(void)
{
	int ret;

	if (!function)
		return -EINVAL;
	ret = ftrace_set_filter(&rival_ops, function, strlen(function), 1);
	if (ret)
		return ret;
	ret = register_ftrace_function(&rival_ops);
	if (ret)
		ftrace_free_filter(&rival_ops);

	return ret;
}

static void __exit guard_rival_exit(void)
{
	unregister_ftrace_function(&rival_ops);
	ftrace_free_filter(&rival_ops);
}

module_init(guard_rival_init);
module_exit(guard_rival_exit);

MODULE_DESCRIPTION("Takes a function that gccolor's guard needs");
MODULE_AUTHOR("gccolor maintainers");
MODULE_LICENSE("GPL");
