// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Is there a module, does it load, and does it hold what it promises? */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "tool.h"
#include "watch.h"

#define SIGNED		"~Module signature appended~\n"
#define RELOAD		"then modprobe -r gccolor; modprobe gccolor"
#define KERNEL(major, minor) ((major) * 1000 + (minor))

static unsigned int kernel_version(const char *release)
{
	unsigned int major, minor;

	return sscanf(release, "%u.%u", &major, &minor) == 2 ? KERNEL(major, minor) : 0;
}

static void check_kernel(const struct facts *facts, struct finding *out)
{
	unsigned int version = kernel_version(facts->release);

	if (facts->loaded)
		return;
	if (sizeof(void *) < 8)
		because(out, "this is a 32-bit program, and the module serves 64-bit ones");
	else if (version < KERNEL(6, 1))
		because(out, "Linux %s is too old for the module", facts->release);
	else if (version != KERNEL(7, 3) && version > KERNEL(6, 12))
		because(out, "the module is not made for Linux %s", facts->release);
	cure(out, sizeof(void *) < 8 ? "build the program for 64 bits" :
	     "boot Linux 6.1 to 6.12, or 7.3");
}

/* The module's file, as modprobe would find it; false: there is none. */
static bool module_file(const struct facts *facts, char path[512])
{
	char line[1024], dep[128];
	const char *name;
	bool found = false;
	FILE *f;

	snprintf(dep, sizeof(dep), "/lib/modules/%s/modules.dep", facts->release);
	f = fopen(dep, "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, ":\n")] = '\0';
		name = strrchr(line, '/') ? strrchr(line, '/') + 1 : line;
		/* gccolor.ko.xz it may be too */
		found = !strncmp(name, "gccolor.ko", 10);
	}
	if (f)
		fclose(f);
	if (found)
		snprintf(path, 512, "/lib/modules/%.64s/%.400s", facts->release, line);
	return found;
}

static void check_module(const struct facts *facts, struct finding *out)
{
	char path[512], line[256];

	if (facts->loaded)
		return;
	if (!module_file(facts, path)) {
		because(out, "the module is not loaded, and there is none for Linux "
			"%s in /lib/modules/%s/modules.dep", facts->release, facts->release);
		cure(out, "make modules && make modules_install, as root; then modprobe gccolor");
	} else if (file_line("/proc/sys/kernel/modules_disabled", line)[0] == '1') {
		because(out, "the module is not loaded, and kernel.modules_disabled is 1 until the "
			"next boot");
		cure(out, "reboot, and modprobe gccolor before that is set");
	} else {
		because(out, "the module is not loaded");
		cure(out, "modprobe gccolor");
	}
}

static bool is_signed(const char *path)
{
	char end[sizeof(SIGNED)] = "";
	FILE *f = fopen(path, "re");

	if (f && !fseek(f, 1 - (long)sizeof(SIGNED), SEEK_END))
		end[fread(end, 1, sizeof(SIGNED) - 1, f)] = '\0';
	if (f)
		fclose(f);
	return !strcmp(end, SIGNED);
}

/* The variable is four bytes of attributes and one of value. */
static bool secure_boot(void)
{
	unsigned char value[5] = { 0 };
	FILE *f = fopen("/sys/firmware/efi/efivars/"
			"SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", "re");
	bool on = f && fread(value, 1, sizeof(value), f) == sizeof(value) && value[4] == 1;

	if (f)
		fclose(f);
	return on;
}

static void check_signature(const struct facts *facts, struct finding *out)
{
	char path[512] = "", lockdown[256], enforce[256];
	bool locked;

	if (facts->loaded)
		return;
	file_line("/sys/kernel/security/lockdown", lockdown);
	locked = *lockdown && !strstr(lockdown, "[none]");
	if (!locked && file_line("/sys/module/module/parameters/sig_enforce", enforce)[0] != 'Y')
		return;
	if (module_file(facts, path) && is_signed(path))
		note(out, "only modules with a known signature load; %s has one", path);
	else
		because(out, "only signed modules load (%s%s)%s%s",
			locked ? "lockdown: " : "module.sig_enforce=1", locked ? lockdown : "",
			*path ? ", and not signed is " : "", path);
	cure(out, "sign it with a key that this machine knows (sign-file, mokutil --import)%s",
	     secure_boot() ? ", or switch Secure Boot off" : "");
}

static void check_guard(const struct facts *facts, struct finding *out)
{
	static const char *const cures[] = {
		[GCCOLOR_IOC_REASON_UNPROVEN] = "report it, with the kernel's release and dmesg",
		[GCCOLOR_IOC_REASON_KERNEL] =
			"boot Linux 6.12, or one with CONFIG_DYNAMIC_FTRACE_WITH_REGS",
		[GCCOLOR_IOC_REASON_BUSY] =
			"unload the live patch or tracer, sysctl kernel.ftrace_enabled=1; " RELOAD,
		[GCCOLOR_IOC_REASON_MISSED] =
			"end what disarms ftrace; " RELOAD,
		[GCCOLOR_IOC_REASON_PARAMETER] =
			"remove guard=hooks from /etc/modprobe.d; " RELOAD,
		[GCCOLOR_IOC_REASON_DRAINING] = "echo N > /sys/module/gccolor/parameters/drain",
	};
	uint32_t reason = facts->query.reason;

	if (facts->stage <= STAGE_QUERY || facts->query_error || !reason)
		return;
	if (reason == GCCOLOR_IOC_REASON_DRAINING)
		because(out, "%s", watch_reason_text(reason));
	else
		because(out, "%s: a region would get level %s", watch_reason_text(reason),
			watch_level_name(facts->query.level));
	cure(out, "%s", reason < ARRAY_SIZE(cures) ? cures[reason] :
	     "use a gccolor command as new as the module");
}

const struct check module_checks[] = {
	{ "kernel", "uname(2)", check_kernel },
	{ "module", "/proc/modules, modules.dep, kernel.modules_disabled", check_module },
	{ "signature", "lockdown, module.sig_enforce, Secure Boot, the module's file",
	  check_signature },
	{ "guard", "QUERY: level and reason", check_guard },
	{ NULL, NULL, NULL },
};
