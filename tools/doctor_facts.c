// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gccolor.h>

#include "doctor.h"
#include "space.h"

static void tell(struct finding *f, enum finding_state state, const char *fmt, va_list ap)
{
	f->state = state;
	vsnprintf(f->cause, sizeof(f->cause), fmt, ap);
}

void because(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(f, FINDING_CAUSE, fmt, ap);
	va_end(ap);
}

void note(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(f, FINDING_NOTE, fmt, ap);
	va_end(ap);
}

void cure(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->cure, sizeof(f->cure), fmt, ap);
	va_end(ap);
}

const char *file_line(const char *path, char buf[256])
{
	FILE *f = fopen(path, "re");

	if (!f || !fgets(buf, 256, f))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	if (f)
		fclose(f);
	return buf;
}

static bool module_loaded(void)
{
	char line[256];
	bool found = false;
	FILE *f = fopen("/proc/modules", "re");

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "gccolor ", 8);
	if (f)
		fclose(f);
	return found;
}

/* In our own address space, which is like that of any program begun here. */
static void name_occupant(struct facts *facts, uint64_t start)
{
	struct space space;
	size_t i;

	if (space_read((uint32_t)getpid(), "maps", &space))
		return;
	i = space_find(&space, start);
	if (i < space.count)
		snprintf(facts->occupant, sizeof(facts->occupant),
			 "%s (0x%" PRIx64 "-0x%" PRIx64 ")", mapping_name(&space.v[i]),
			 space.v[i].start, space.v[i].end);
	space_free(&space);
}

static void try_module(struct facts *facts)
{
	struct gccolor_ioc_reserve reserve = { .size = sizeof(reserve) };
	struct gccolor_ioc_release release = { .size = sizeof(release) };
	int fd = open("/proc/self/comm", O_RDWR | O_CLOEXEC);

	facts->other_error = fd < 0 ? errno : 0;
	close(fd);
	fd = open(DOCTOR_DEVICE, O_RDWR | O_CLOEXEC);
	facts->open_error = fd < 0 ? errno : 0;
	if (fd < 0)
		return;
	facts->stage = STAGE_QUERY;
	facts->query.size = sizeof(facts->query);
	facts->query_error = ioctl(fd, GCCOLOR_IOC_QUERY, &facts->query) ? errno : 0;
	if (!facts->query_error) {
		facts->stage = STAGE_RESERVE;
		reserve.base = facts->query.default_base;
		reserve.length = facts->query.default_length;
		/* 16 colors */
		reserve.color_shift = (uint32_t)__builtin_ctzll(reserve.length / 16);
		facts->reserve_error = ioctl(fd, GCCOLOR_IOC_RESERVE, &reserve) ? errno : 0;
		if (!facts->reserve_error)
			ioctl(fd, GCCOLOR_IOC_RELEASE, &release);
		else if (facts->reserve_error == EEXIST)
			name_occupant(facts, reserve.busy_start);
	}
	close(fd);
}

static void try_library(struct facts *facts)
{
	struct gccolor_status status = { .size = sizeof(status) };
	struct gccolor *gc;
	int error;

	facts->stage = STAGE_LIBRARY;
	error = gccolor_open(&gc, NULL);
	if (!error)
		error = gccolor_status(gc, &status);
	if (error) {
		snprintf(facts->why, sizeof(facts->why), "%s", gccolor_strerror(error));
		return;
	}
	facts->level = status.level;
	facts->backend = gccolor_backend_name(status.backend);
	snprintf(facts->why, sizeof(facts->why), "%s", status.why_not_better);
}

/* It ends here: a sealed region stays until then. */
static void try_all(struct facts *facts)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	try_module(facts);
	try_library(facts);
	facts->stage = STAGE_DONE;
	_exit(0);
}

int facts_find(struct facts *out)
{
	struct facts *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct utsname kernel;
	int status = 0;
	pid_t pid;

	if (shared == MAP_FAILED)
		return -errno;
	pid = fork();
	if (!pid)
		try_all(shared);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = -1;
	*out = *shared;
	munmap(shared, sizeof(*shared));
	if (status < 0)
		return -ECHILD;
	if (WIFSIGNALED(status))
		out->signal = WTERMSIG(status);
	out->loaded = module_loaded();
	if (!uname(&kernel))
		snprintf(out->release, sizeof(out->release), "%s", kernel.release);
	return 0;
}
