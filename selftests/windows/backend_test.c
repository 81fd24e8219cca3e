// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What only the Windows backend has, seen from inside the library.
 */
#include "../lib_test.h"

#include "memory_windows.h"
#include "os.h"

#define MEM_PRESERVE		0x2
#define MEM_REPLACE		0x4000

struct failures {
	int calls;
	int error;
};

static void release_failed(void *arg, void *addr, size_t length, int error)
{
	struct failures *f = arg;

	f->calls++;
	f->error = error;
}

static DWORD protection(const void *p)
{
	MEMORY_BASIC_INFORMATION info;

	return VirtualQuery(p, &info, sizeof(info)) && info.State == MEM_COMMIT ?
		info.Protect : 0;
}

FIXTURE(backend)
{
	struct gccolor_options opt;
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct failures failures;
};

FIXTURE_SETUP(backend)
{
	self->opt = small_region();
	self->opt.backend = GCCOLOR_WINDOWS;
	self->opt.exec_colors = 1 << 3;
	self->opt.release_failed = release_failed;
	self->opt.release_failed_arg = &self->failures;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	self->g = gccolor_geometry(self->gc);
}

FIXTURE_TEARDOWN(backend)
{
	if (self->gc)
		gccolor_close(self->gc, 0);
}

/* Says which of the two ways this system took. */
TEST_F(backend, one_reservation)
{
	MEMORY_BASIC_INFORMATION info;

	ASSERT_NE(0, VirtualQuery((void *)self->g.base, &info, sizeof(info)));
	EXPECT_EQ((void *)self->g.base, info.AllocationBase);
	EXPECT_EQ(self->g.length, info.RegionSize);
	EXPECT_EQ(MEM_RESERVE, info.State);
	EXPECT_EQ(GCCOLOR_RESERVED, gccolor_level(self->gc));
	printf("# reserved by %s\n", windows_has_placeholders() ?
	       "VirtualAlloc2, as a placeholder" : "VirtualAlloc");
}

/* Only where there are placeholders: asked for by name under wine 10. */
TEST_F(backend, born_of_a_placeholder)
{
	EXPECT_TRUE(windows_has_placeholders());
}

TEST_F(backend, without_virtual_alloc2)
{
	struct gccolor_request r = request(4 * PAGE, 1);
	struct gccolor *gc;
	char *p;

	windows_only_plain(true);
	EXPECT_FALSE(windows_has_placeholders());
	ASSERT_EQ(0, gccolor_open(&gc, &self->opt));
	EXPECT_EQ(GCCOLOR_RESERVED, gccolor_level(gc));
	ASSERT_EQ(0, gccolor_alloc(gc, &r, (void **)&p));
	EXPECT_TRUE(zeroes(p, 4 * PAGE));
	memset(p, 1, 4 * PAGE);
	EXPECT_EQ(0, gccolor_free(gc, p, 4 * PAGE));
	r.length = 2 * MIB;
	r.align = 2 * MIB;
	r.flags = GCCOLOR_HUGEPAGE;
	EXPECT_EQ(-EOPNOTSUPP, gccolor_alloc(gc, &r, (void **)&p));
	self->opt.base_policy = GCCOLOR_BASE_EXACT;
	self->opt.base = gccolor_geometry(gc).base;
	EXPECT_EQ(-EEXIST, gccolor_open(&(struct gccolor *){ NULL }, &self->opt));
	EXPECT_EQ(0, gccolor_close(gc, 0));
	windows_only_plain(false);
}

/* A page is committed inside a unit of 64 KiB of which nothing else is. */
TEST_F(backend, pages_within_the_granularity)
{
	char *p;

	EXPECT_EQ(PAGE, os_page_size());
	EXPECT_EQ(0x10000, windows_granularity());
	ASSERT_EQ(0, claim(self->gc, 16 * PAGE, 2, &p));
	EXPECT_EQ(0, (uintptr_t)p % 0x10000);
	ASSERT_EQ(0, gccolor_commit(self->gc, p + 5 * PAGE, PAGE, 0, 0));
	EXPECT_TRUE(traps(p + 5 * PAGE - 1, false));
	EXPECT_FALSE(traps(p + 5 * PAGE, true));
	EXPECT_TRUE(traps(p + 6 * PAGE, false));
	EXPECT_EQ(PAGE, usable(self->g));
}

TEST_F(backend, executable_is_never_writable)
{
	struct gccolor_request r = request(2 * PAGE, 3);
	char *code, *data;

	r.prot = GCCOLOR_READ | GCCOLOR_EXEC;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&code));
	EXPECT_EQ(PAGE_EXECUTE_READ, protection(code));
	EXPECT_TRUE(traps(code, true));
	EXPECT_FALSE(traps(code, false));
	ASSERT_EQ(0, gccolor_decommit(self->gc, code, PAGE, GCCOLOR_EAGER));
	EXPECT_EQ(PAGE_EXECUTE_READ, protection(code));
	r.prot |= GCCOLOR_WRITE;
	EXPECT_EQ(-EACCES, gccolor_alloc(self->gc, &r, (void **)&data));
	r.prot = GCCOLOR_READ | GCCOLOR_EXEC;
	r.color = 4;
	EXPECT_EQ(-EACCES, gccolor_alloc(self->gc, &r, (void **)&data));
	ASSERT_EQ(0, alloc(self->gc, PAGE, 3, &data));
	EXPECT_EQ(PAGE_READWRITE, protection(data));
}

/* Whatever the answer, the region goes on. */
TEST_F(backend, large_pages_or_not)
{
	struct gccolor_request r = request(4 * MIB, 1);
	char *p, *q;
	int error;

	r.align = 2 * MIB;
	r.flags = GCCOLOR_HUGEPAGE;
	error = gccolor_alloc(self->gc, &r, (void **)&p);
	printf("# large pages: %s\n", gccolor_strerror(error));
	ASSERT_TRUE(error == 0 || error == -EOPNOTSUPP || error == -ENOMEM);
	if (!error) {
		EXPECT_TRUE(zeroes(p, 4 * MIB));
		memset(p, 1, 4 * MIB);
		EXPECT_EQ(0, gccolor_decommit(self->gc, p, 2 * MIB, GCCOLOR_EAGER));
		EXPECT_TRUE(zeroes(p, 2 * MIB));
		EXPECT_EQ(0, gccolor_free(self->gc, p, 4 * MIB));
		EXPECT_TRUE(traps(p, false));
	}
	EXPECT_EQ(0, status_of(self->gc).claimed);
	r.flags = 0;
	r.length = 6 * MIB;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&q));
	EXPECT_TRUE(zeroes(q, 6 * MIB));
	memset(q, 1, 6 * MIB);
	EXPECT_EQ(0, gccolor_free(self->gc, q, 6 * MIB));
	EXPECT_EQ(0, status_of(self->gc).releases_failed);
}

/* A part of the reservation becomes a placeholder, that a view, and all of it goes. */
TEST_F(backend, a_view_of_a_file_in_a_claim)
{
	HMODULE dll = GetModuleHandleA("kernelbase.dll");
	__typeof__(&MapViewOfFile3) map = (void *)GetProcAddress(dll, "MapViewOfFile3");
	__typeof__(&UnmapViewOfFile2) unmap = (void *)GetProcAddress(dll, "UnmapViewOfFile2");
	HANDLE file = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
					 0x20000, NULL);
	uintptr_t base = self->g.base;
	char *p, *q;

	ASSERT_TRUE(map && unmap && windows_has_placeholders());
	ASSERT_EQ(0, claim(self->gc, 0x20000, 5, &p));
	ASSERT_TRUE(VirtualFree(p, 0x20000, MEM_RELEASE | MEM_PRESERVE));
	ASSERT_EQ(p, map(file, NULL, p, 0, 0x20000, MEM_REPLACE, PAGE_READWRITE, NULL, 0));
	memset(p, 1, 0x20000);
	/* On both sides of the view the region goes on. */
	ASSERT_EQ(0, alloc(self->gc, MIB, 5, &q));
	memset(q, 1, MIB);
	ASSERT_EQ(0, alloc(self->gc, MIB, 4, &q));
	memset(q, 1, MIB);
	ASSERT_TRUE(unmap(GetCurrentProcess(), p, MEM_PRESERVE));
	EXPECT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;
	EXPECT_NE(NULL, take_addresses(base, 5 * (GIB / 16)));
}

/* By a handle that has no position, and into memory whose protection is then changed. */
TEST_F(backend, images_by_an_overlapped_handle)
{
	struct gccolor_image image = { .size = sizeof(image), .color = 3 };
	char name[FILE_NAME_MAX], text[3] = "gcc";
	intptr_t file = file_temporary(name);
	char *p;

	ASSERT_TRUE(file_put(file, 2 * PAGE, text, sizeof(text)));
	image.file = (intptr_t)CreateFileA(name, GENERIC_READ, 7, NULL, OPEN_EXISTING,
					   FILE_FLAG_OVERLAPPED, NULL);
	ASSERT_NE(-1, image.file);
	image.offset = 1;
	image.length = 2 * PAGE + 2;
	image.prot = GCCOLOR_READ;
	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p));
	EXPECT_EQ(0, memcmp(p + 2 * PAGE - 1, text, 3));
	EXPECT_EQ(PAGE_READONLY, protection(p));
	image.prot |= GCCOLOR_EXEC;
	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p));
	EXPECT_EQ(PAGE_EXECUTE_READ, protection(p + 2 * PAGE));
	image.length++;
	EXPECT_EQ(-ENODATA, gccolor_map_image(self->gc, &image, (void **)&p));
	file_close(image.file);
	image.file = (intptr_t)GetStdHandle(STD_ERROR_HANDLE);
	printf("# %s\n", gccolor_strerror(gccolor_map_image(self->gc, &image, (void **)&p)));
	EXPECT_EQ(6 * PAGE, status_of(self->gc).claimed);
	file_close(file);
	file_remove(name);
}

/* In a region that was not born of a placeholder there are no large pages. */
TEST_F(backend, caps_without_placeholders)
{
	struct gccolor *gc;

	windows_only_plain(true);
	ASSERT_EQ(0, gccolor_open(&gc, &self->opt));
	EXPECT_EQ(0, status_of(gc).caps & GCCOLOR_CAP_HUGEPAGE);
	EXPECT_EQ(0, status_of(self->gc).caps & GCCOLOR_CAP_NORESERVE);
	EXPECT_EQ(0, gccolor_close(gc, 0));
	windows_only_plain(false);
}

/* Somebody has released all of it: told, counted, and nothing breaks. */
TEST_F(backend, released_by_somebody_else)
{
	char *p;

	ASSERT_EQ(0, alloc(self->gc, MIB, 1, &p));
	ASSERT_TRUE(VirtualFree((void *)self->g.base, 0, MEM_RELEASE));
	EXPECT_EQ(GCCOLOR_DEFERRED, gccolor_free(self->gc, p, MIB));
	EXPECT_EQ(1, status_of(self->gc).releases_failed);
	EXPECT_EQ(1, self->failures.calls);
	EXPECT_EQ(-ENXIO, self->failures.error);
	EXPECT_EQ(GCCOLOR_NONE, gccolor_level(self->gc));
	EXPECT_EQ(-ENXIO, alloc(self->gc, MIB, 2, &p));
	printf("# %s\n", gccolor_strerror(-ENXIO));
	EXPECT_EQ(-ENXIO, gccolor_close(self->gc, 0));
	self->gc = NULL;
}

/* A hole in the middle: told, and the rest is given back all the same. */
TEST_F(backend, a_hole_is_told)
{
	uintptr_t base = self->g.base;
	char *p;

	ASSERT_TRUE(windows_has_placeholders());
	ASSERT_EQ(0, alloc(self->gc, MIB, 5, &p));
	ASSERT_TRUE(VirtualFree(p, MIB, MEM_RELEASE | MEM_PRESERVE));
	ASSERT_TRUE(VirtualFree(p, 0, MEM_RELEASE));
	EXPECT_EQ(-ENXIO, gccolor_close(self->gc, 0));
	self->gc = NULL;
	EXPECT_NE(NULL, take_addresses(base, GIB));
}

TEST_F(backend, who_is_there)
{
	uintptr_t base = 0x350000000000;
	struct os_occupant who;
	const char *text;
	char *view;

	self->opt.base_policy = GCCOLOR_BASE_EXACT;
	self->opt.base = base;
	ASSERT_NE(NULL, take_addresses(base + GIB / 2, 5 * PAGE));
	EXPECT_EQ(-EEXIST, gccolor_open(&(struct gccolor *){ NULL }, &self->opt));
	text = gccolor_strerror(-EEXIST);
	printf("# %s\n", text);
	EXPECT_NE(NULL, strstr(text, "private memory (0x350020000000-0x350020005000)"));
	give_addresses((void *)(base + GIB / 2), 0);

	ASSERT_EQ(0, os_occupant((uintptr_t)protection, (uintptr_t)protection + 1, &who));
	printf("# %s\n", who.name);
	EXPECT_NE(NULL, strstr(who.name, "backend_test.exe"));
	EXPECT_EQ((uintptr_t)GetModuleHandleA(NULL), who.start);
	EXPECT_LT((uintptr_t)protection, who.end);
	ASSERT_EQ(0, os_occupant((uintptr_t)VirtualQuery, (uintptr_t)VirtualQuery + 1, &who));
	EXPECT_NE(NULL, strstr(who.name, ".dll"));
	view = take_addresses_with_file(base);
	ASSERT_EQ((char *)base, view);
	ASSERT_EQ(0, os_occupant(base - MIB, base + MIB, &who));
	printf("# %s\n", who.name);
	EXPECT_EQ(base, who.start);
	give_file(view, 0);
	EXPECT_EQ(-ENOENT, os_occupant(base, base + MIB, &who));
}

TEST(errors_of_windows)
{
	static const struct {
		DWORD windows;
		int ours;
	} pairs[] = {
		{ ERROR_NOT_ENOUGH_MEMORY, -12 }, { ERROR_COMMITMENT_LIMIT, -12 },
		{ ERROR_ACCESS_DENIED, -13 }, { ERROR_PRIVILEGE_NOT_HELD, -95 },
		{ ERROR_INVALID_ADDRESS, -6 }, { ERROR_INVALID_PARAMETER, -22 },
		{ ERROR_FILE_NOT_FOUND, -5 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		SetLastError(pairs[i].windows);
		EXPECT_EQ(pairs[i].ours, windows_error());
	}
}

/* Whatever the answer, what is not large pages now is still reserved. */
TEST(large_pages_or_the_reservation)
{
	uintptr_t at = 0x350000000000;
	int error;

	ASSERT_EQ(0, windows_reserve(at, 4 * MIB));
	error = windows_commit_large(at, 2 * MIB, READ_WRITE);
	EXPECT_TRUE(error == 0 || error == -EOPNOTSUPP || error == -ENOMEM);
	EXPECT_EQ(-EOPNOTSUPP, windows_commit_large(at + 2 * MIB, MIB, READ_WRITE));
	EXPECT_EQ(NULL, take_addresses(at, PAGE));
	EXPECT_EQ(0, windows_decommit(at, 2 * MIB));
	EXPECT_EQ(0, windows_commit(at, 4 * MIB, READ_WRITE));
	memset((void *)at, 1, 4 * MIB);
	EXPECT_EQ(0, windows_protect(at, 4 * MIB, GCCOLOR_READ));
	EXPECT_TRUE(traps((char *)at + 3 * MIB, true));
	EXPECT_TRUE(traps((char *)at, true));
	EXPECT_EQ(1, *(char *)(at + 3 * MIB));
	EXPECT_EQ(0, windows_release(at, 4 * MIB));
}

TEST(reserve_refuses)
{
	uintptr_t at = 0x350000000000;

	EXPECT_EQ(-ERANGE, windows_reserve(at, (size_t)PTRDIFF_MAX + 1));
	EXPECT_EQ(-ERANGE, windows_reserve(at, (size_t)-PAGE));
	EXPECT_EQ(-ERANGE, windows_reserve(os_address_end() - MIB, 2 * MIB));
	EXPECT_EQ(-EINVAL, windows_reserve(at + PAGE, MIB));
	ASSERT_EQ(0, windows_reserve(at, MIB));
	EXPECT_EQ(-EEXIST, windows_reserve(at, MIB));
	EXPECT_EQ(-EEXIST, windows_reserve(at - MIB, 2 * MIB));
	EXPECT_EQ(0, windows_release(at, MIB));
	EXPECT_EQ(-ENXIO, windows_release(at, MIB));
	EXPECT_EQ(-ENXIO, windows_commit(at, MIB, READ_WRITE));
	EXPECT_EQ(-ENXIO, windows_decommit(at, MIB));
}

TEST_HARNESS_MAIN
