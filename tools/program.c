// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Which programs gccolor run refuses: a preloaded library sees nothing of a
 * static program, of one that makes its system calls itself (Go), or of one
 * for which the dynamic linker ignores LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "program.h"
#include "tool.h"

#define SCRIPTS_MAX	4	/* the kernel's own limit for scripts of scripts */
#define LINE_MAX_BYTES	256

/* Our own machine: what this command was compiled for. */
#if defined(__x86_64__)
#define OUR_MACHINE	EM_X86_64
#elif defined(__aarch64__)
#define OUR_MACHINE	EM_AARCH64
#elif defined(__riscv)
#define OUR_MACHINE	EM_RISCV
#else
#error "gccolor run: which ELF machine is this?"
#endif

struct image {
	const unsigned char *data;
	size_t size;
};

static int refuse(const char *path, const char *why)
{
	fprintf(stderr, "gccolor run: %s: refused: %s\n", path, why);
	return RUN_REFUSED;
}

int program_find(const char *name, char *path, size_t room)
{
	const char *dirs = getenv("PATH"), *end;
	int denied = 0;

	if (strchr(name, '/')) {
		snprintf(path, room, "%s", name);
		if (!access(path, X_OK))
			return 0;
		fprintf(stderr, "gccolor run: %s: %s\n", name, strerror(errno));
		return errno == ENOENT || errno == ENOTDIR ? RUN_NOT_FOUND : RUN_REFUSED;
	}
	for (dirs = dirs ? dirs : "/usr/local/bin:/usr/bin:/bin"; *dirs; dirs = end + !!*end) {
		struct stat st;

		end = strchrnul(dirs, ':');
		if ((size_t)snprintf(path, room, "%.*s%s%s", (int)(end - dirs), dirs,
				     end == dirs ? "" : "/", name) >= room)
			continue;
		if (stat(path, &st) || !S_ISREG(st.st_mode))
			continue;
		if (!access(path, X_OK))
			return 0;
		denied = 1;
	}
	fprintf(stderr, "gccolor run: %s: %s in PATH\n", name,
		denied ? "not executable" : "not found");
	return denied ? RUN_REFUSED : RUN_NOT_FOUND;
}

/* [offset, offset + length) of the file, or NULL if it is not all there. */
static const void *part(const struct image *im, uint64_t offset, uint64_t length)
{
	if (offset > im->size || length > im->size - offset)
		return NULL;
	return im->data + offset;
}

/* A section by this name? A damaged table has none. */
static int has_section(const struct image *im, const Elf64_Ehdr *eh, const char *name)
{
	const Elf64_Shdr *sh = part(im, eh->e_shoff, (uint64_t)eh->e_shnum * sizeof(*sh));
	const char *names;
	size_t room = strlen(name) + 1;
	unsigned int i;

	if (!sh || eh->e_shentsize != sizeof(*sh) || eh->e_shstrndx >= eh->e_shnum)
		return 0;
	names = part(im, sh[eh->e_shstrndx].sh_offset, sh[eh->e_shstrndx].sh_size);
	for (i = 0; names && i < eh->e_shnum; i++)
		if (sh[i].sh_name + room <= sh[eh->e_shstrndx].sh_size &&
		    !memcmp(names + sh[i].sh_name, name, room))
			return 1;
	return 0;
}

static int check_elf(const char *path, const struct image *im)
{
	const Elf64_Ehdr *eh = part(im, 0, sizeof(*eh));
	const Elf64_Phdr *ph;
	const char *loader = NULL;
	unsigned int i;

	if (!eh || eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_machine != OUR_MACHINE)
		return refuse(path, "built for another machine, or 32-bit; the preloaded library "
			      "is not");
	ph = part(im, eh->e_phoff, (uint64_t)eh->e_phnum * sizeof(*ph));
	if (!ph || eh->e_phentsize != sizeof(*ph))
		return refuse(path, "a damaged ELF file");
	for (i = 0; i < eh->e_phnum; i++) {
		const char *note = ph[i].p_type == PT_NOTE ?
			part(im, ph[i].p_offset, sizeof(Elf64_Nhdr) + 4) : NULL;

		if (ph[i].p_type == PT_INTERP && ph[i].p_filesz) {
			loader = part(im, ph[i].p_offset, ph[i].p_filesz);
			if (loader && loader[ph[i].p_filesz - 1])
				loader = NULL;
		}
		if (note && !memcmp(note + sizeof(Elf64_Nhdr), "Go\0", 4))
			return refuse(path, "a Go program makes its system calls itself");
	}
	if (has_section(im, eh, ".go.buildinfo"))
		return refuse(path, "a Go program makes its system calls itself");
	if (!loader)
		return refuse(path, "statically linked; only a dynamically linked program takes "
			      "a preloaded library");
	if (strstr(loader, "ld-musl"))
		return refuse(path, "linked with musl; the preloaded library is linked with "
			      "glibc");
	return 0;
}

/* In secure execution the dynamic linker ignores LD_PRELOAD. */
static int check_rights(const char *path, const struct stat *st)
{
	if ((st->st_mode & S_ISUID && st->st_uid != getuid()) ||
	    (st->st_mode & S_ISGID && st->st_mode & 0010 && st->st_gid != getgid()))
		return refuse(path, "set-user-ID or set-group-ID; nothing is preloaded into it");
	if (getuid() && getxattr(path, "security.capability", NULL, 0) > 0)
		return refuse(path, "has file capabilities; nothing is preloaded into it");
	return 0;
}

/* The interpreter of a script's first line into out; 0 or RUN_REFUSED. */
static int shebang(const char *path, const struct image *im, char *out, size_t room)
{
	const char *p = (const char *)im->data + 2, *end = (const char *)im->data + im->size;
	size_t n = 0;

	if (end - p > LINE_MAX_BYTES)
		end = p + LINE_MAX_BYTES;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (p + n < end && p[n] != ' ' && p[n] != '\t' && p[n] != '\n')
		n++;
	if (!n || n >= room)
		return refuse(path, "a script without an interpreter");
	memcpy(out, p, n);
	out[n] = 0;
	return 0;
}

/* 0: take it; 1: a script, its interpreter is in next; else RUN_REFUSED. */
static int check_file(const char *path, char *next, size_t room)
{
	struct image im = { NULL, 0 };
	struct stat st;
	int ret, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st)) {
		ret = refuse(path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return ret;
	}
	ret = check_rights(path, &st);
	if (!ret && S_ISREG(st.st_mode) && st.st_size > 4) {
		im.size = (size_t)st.st_size;
		im.data = mmap(NULL, im.size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	if (ret)
		return ret;
	if (!im.data || (const void *)im.data == MAP_FAILED)
		return refuse(path, "not a program");
	if (!memcmp(im.data, ELFMAG, SELFMAG))
		ret = check_elf(path, &im);
	else if (im.data[0] == '#' && im.data[1] == '!')
		ret = shebang(path, &im, next, room) ? RUN_REFUSED : 1;
	else
		ret = refuse(path, "neither an ELF program nor a script with a #! line");
	munmap((void *)im.data, im.size);
	return ret;
}

int program_check(const char *path)
{
	char a[LINE_MAX_BYTES + 1], b[LINE_MAX_BYTES + 1];
	const char *now = path;
	int depth, ret;

	for (depth = 0; depth <= SCRIPTS_MAX; depth++) {
		char *next = now == a ? b : a;

		ret = check_file(now, next, sizeof(a));
		if (ret != 1)
			return ret;
		now = next;
	}
	return refuse(path, "scripts of scripts of scripts");
}
