// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What keeps a process from a module that is there. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "doctor.h"
#include "tool.h"

static void check_environment(const struct facts *facts, struct finding *out)
{
	const char *backend = getenv("GCCOLOR_BACKEND");

	(void)facts;
	if (!backend || !*backend || !strcmp(backend, "auto") || !strcmp(backend, "kmod"))
		return;
	because(out, "GCCOLOR_BACKEND=%.32s keeps the library from the module", backend);
	cure(out, "unset GCCOLOR_BACKEND");
}

static void missing(struct finding *out)
{
	char numbers[256];

	because(out, "the module is loaded, but this process's /dev has no gccolor: "
		"a private /dev (container, PrivateDevices=)");
	cure(out, "give it the device (docker run --device " DOCTOR_DEVICE "), number %s",
	     *file_line("/sys/class/misc/gccolor/dev", numbers) ? numbers : "unknown");
}

static void refused(struct finding *out)
{
	struct statvfs fs;
	struct stat st;

	if (!statvfs(DOCTOR_DEVICE, &fs) && fs.f_flag & ST_NODEV) {
		because(out, DOCTOR_DEVICE " lies on a file system mounted nodev");
		cure(out, "mount -o remount,dev that file system, or give it a /dev of devtmpfs");
	} else if (stat(DOCTOR_DEVICE, &st)) {
		because(out, DOCTOR_DEVICE " cannot be reached by user %u: %s", geteuid(),
			strerror(errno));
		cure(out, "make the directories above it searchable");
	} else if (access(DOCTOR_DEVICE, R_OK | W_OK)) {
		because(out, "user %u may not open " DOCTOR_DEVICE
			" (mode %04o, owner %u, group %u)", geteuid(), st.st_mode & 07777,
			st.st_uid, st.st_gid);
		cure(out, "chmod 666 " DOCTOR_DEVICE
		     ", or load the module without a narrower mode=");
	} else {
		because(out, "a security module refuses to open " DOCTOR_DEVICE);
		cure(out, "allow it in its policy (dmesg or the audit log name the rule)");
	}
}

static void stale(const struct facts *facts, struct finding *out)
{
	char numbers[256];
	struct stat st;

	if (!facts->loaded || stat(DOCTOR_DEVICE, &st))
		return;
	file_line("/sys/class/misc/gccolor/dev", numbers);
	if (S_ISCHR(st.st_mode))
		because(out, DOCTOR_DEVICE " is not the module's device: number %u:%u, not %s",
			major(st.st_rdev), minor(st.st_rdev), *numbers ? numbers : "known");
	else
		because(out, DOCTOR_DEVICE " is not a device");
	if (strchr(numbers, ':'))
		*strchr(numbers, ':') = ' ';
	cure(out, "rm " DOCTOR_DEVICE "; mknod -m 666 " DOCTOR_DEVICE " c %s", numbers);
}

/* A filter sees no paths: where other files open, it is not that. */
static void check_device(const struct facts *facts, struct finding *out)
{
	switch (facts->open_error) {
	case 0:
		if (facts->query_error == ENOTTY)
			stale(facts, out);
		break;
	case ENOENT:
		if (facts->loaded)
			missing(out);
		break;
	case EACCES:
		if (!facts->other_error)
			refused(out);
		break;
	case EPERM:
		if (facts->other_error)
			break;
		because(out, "the device cgroup refuses " DOCTOR_DEVICE);
		cure(out, "allow it: docker run --device " DOCTOR_DEVICE ", DeviceAllow="
		     DOCTOR_DEVICE " rw");
		break;
	default:
		stale(facts, out);
	}
}

static void check_seccomp(const struct facts *facts, struct finding *out)
{
	bool killed = facts->signal == SIGSYS;
	int error = facts->open_error ? facts->open_error : facts->query_error;
	const char *call = facts->stage == STAGE_OPEN || facts->open_error ? "openat" : "ioctl";

	if (facts->open_error && !facts->other_error && !killed)
		return;
	/* What the module itself may answer */
	if (!killed && (!error || error == ENOTTY || error == EOPNOTSUPP || error == E2BIG))
		return;
	if (killed)
		because(out, "a seccomp filter kills whoever calls %s", call);
	else
		because(out, "a seccomp filter or security module refuses %s: %s", call,
			strerror(error));
	cure(out, "let the filter pass openat, and ioctl with requests 0xc500 to 0xc506 "
	     "(docker: --security-opt seccomp=PROFILE)");
}

static void check_version(const struct facts *facts, struct finding *out)
{
	if (facts->query_error != EOPNOTSUPP && facts->query_error != E2BIG)
		return;
	because(out, "the module does not know this program's requests: %s",
		strerror(facts->query_error));
	cure(out, facts->query_error == E2BIG ? "install a module as new as the library" :
	     "build the program for 64 bits");
}

const struct check access_checks[] = {
	{ "environment", "GCCOLOR_BACKEND", check_environment },
	{ "device", "open(2), stat(2) and the mount of " DOCTOR_DEVICE, check_device },
	{ "seccomp", "whether open(2) and ioctl(2) work at all", check_seccomp },
	{ "version", "QUERY: its error", check_version },
	{ NULL, NULL, NULL },
};
