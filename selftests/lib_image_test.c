// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Heap images: a file's content in a claim, mapped or read in.
 */
#include <gccolor_scan.h>

#include "lib_test.h"

#define FILE_LENGTH (5 * PAGE + 100)

FIXTURE(image)
{
	struct gccolor *gc;
	struct facts f;
	uint64_t caps;
	char name[FILE_NAME_MAX];
	intptr_t file;
};

static unsigned char byte_at(size_t offset)
{
	return (unsigned char)(offset * 31 / 7 + 1);
}

static bool is_file(const char *p, size_t offset, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if ((unsigned char)p[i] != byte_at(offset + i))
			return false;
	}
	return true;
}

FIXTURE_SETUP(image)
{
	struct gccolor_options opt = small_region();
	unsigned char content[FILE_LENGTH];
	size_t i;

	self->file = -1;
	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->caps = status_of(self->gc).caps;
	for (i = 0; i < FILE_LENGTH; i++)
		content[i] = byte_at(i);
	self->file = file_temporary(self->name);
	ASSERT_NE(-1, self->file);
	ASSERT_TRUE(file_put(self->file, 0, content, FILE_LENGTH));
	if (!self->f.holds) {
		struct gccolor_image image = { .size = sizeof(image), .file = self->file,
					       .length = 1 };
		void *p;

		EXPECT_EQ(-EOPNOTSUPP, gccolor_map_image(self->gc, &image, &p));
		SKIP(return, "the backend holds no addresses");
	}
}

FIXTURE_TEARDOWN(image)
{
	file_close(self->file);
	file_remove(self->name);
	gccolor_close(self->gc, 0);
}

static struct gccolor_image image_of(intptr_t file, uint64_t offset, size_t length)
{
	return (struct gccolor_image){ .size = sizeof(struct gccolor_image), .file = file,
				       .offset = offset, .length = length, .color = 2 };
}

TEST_F(image, content_and_zeroes_behind)
{
	static const struct {
		size_t offset, length;
	} pieces[] = {
		{ 0, FILE_LENGTH }, { 0, 2 * PAGE }, { 0, 2 * PAGE + 1 }, { PAGE, PAGE - 1 },
		{ PAGE, 3 * PAGE + 7 }, { 1, PAGE }, { 5 * PAGE, 100 }, { FILE_LENGTH - 1, 1 },
		{ 100, 5 * PAGE },
	};
	size_t i, claimed = 0;
	uint32_t flags;
	char *p;

	for (flags = 0; flags <= GCCOLOR_IMAGE_COPY; flags++) {
		for (i = 0; i < ARRAY_SIZE(pieces); i++) {
			size_t offset = pieces[i].offset, length = pieces[i].length;
			size_t pages = (length + PAGE - 1) / PAGE * PAGE;
			struct gccolor_image image = image_of(self->file, offset, length);
			bool mapped = (self->caps & GCCOLOR_CAP_IMAGES) && !flags &&
				      offset % PAGE == 0 && length >= PAGE;

			image.flags = flags;
			ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p)) {
				TH_LOG("%s", gccolor_strerror(-EIO));
			}
			EXPECT_EQ(mapped ? GCCOLOR_IMAGE_MAPPED : GCCOLOR_IMAGE_COPIED,
				  image.how);
			EXPECT_EQ(2, gccolor_color_of(gccolor_geometry(self->gc), p));
			EXPECT_TRUE(is_file(p, offset, length));
			EXPECT_TRUE(zeroes(p + length, pages - length));
			claimed += pages;
			EXPECT_EQ(claimed, status_of(self->gc).claimed);
			EXPECT_EQ(claimed, status_of(self->gc).committed);
			memset(p, 0, pages);	/* our own copy */
		}
	}
	for (i = 0; i < FILE_LENGTH; i++) {
		unsigned char byte;

		ASSERT_TRUE(file_get(self->file, i, &byte, 1));
		ASSERT_EQ(byte_at(i), byte);
	}
}

TEST_F(image, freed_like_other_claims)
{
	struct gccolor_image image = image_of(self->file, 0, FILE_LENGTH);
	struct gccolor_request r = request(6 * PAGE, 2);
	char *p, *q;

	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p));
	ASSERT_EQ(0, gccolor_free(self->gc, p + PAGE, PAGE));
	EXPECT_EQ(5 * PAGE, status_of(self->gc).claimed);
	EXPECT_TRUE(is_file(p, 0, PAGE));
	EXPECT_TRUE(is_file(p + 2 * PAGE, 2 * PAGE, PAGE));
	if (self->f.traps)
		EXPECT_TRUE(traps(p + PAGE, false));
	ASSERT_EQ(0, gccolor_free(self->gc, p, PAGE));
	ASSERT_EQ(0, gccolor_free(self->gc, p + 2 * PAGE, 4 * PAGE));
	EXPECT_EQ(0, status_of(self->gc).claimed);
	r.at = p;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&q));
	EXPECT_TRUE(zeroes(q, 6 * PAGE));
	EXPECT_EQ(0, status_of(self->gc).releases_failed);
}

/* The file's content does not come back by itself. */
TEST_F(image, decommitted)
{
	struct gccolor_image image = image_of(self->file, 0, FILE_LENGTH);
	char *p;
	int how;

	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p));
	memset(p, 0x77, PAGE);
	for (how = GCCOLOR_LAZY; how <= GCCOLOR_EAGER; how++) {
		int error = gccolor_decommit(self->gc, p, PAGE, how);

		if (image.how == GCCOLOR_IMAGE_MAPPED) {
			EXPECT_EQ(-EOPNOTSUPP, error);
			EXPECT_EQ(0x77, p[0]);
			continue;
		}
		EXPECT_EQ(0, error);
		EXPECT_TRUE(p[0] == 0x77 || p[0] == 0);
	}
	if (image.how == GCCOLOR_IMAGE_MAPPED)
		printf("# %s\n", gccolor_strerror(-EOPNOTSUPP));
	if (!self->f.traps)
		return;
	ASSERT_EQ(0, gccolor_decommit(self->gc, p, 2 * PAGE, GCCOLOR_TRAP));
	EXPECT_TRUE(traps(p, false));
	EXPECT_TRUE(is_file(p + 2 * PAGE, 2 * PAGE, PAGE));
	ASSERT_EQ(0, gccolor_commit(self->gc, p, 2 * PAGE, 0, 0));
	EXPECT_TRUE(zeroes(p, 2 * PAGE));
}

TEST_F(image, read_only)
{
	struct gccolor_image image;
	uint32_t flags;
	char *p;
	int error;

	for (flags = 0; flags <= GCCOLOR_IMAGE_COPY; flags++) {
		image = image_of(self->file, 0, 3 * PAGE + 50);
		image.prot = GCCOLOR_READ;
		image.flags = flags;
		error = gccolor_map_image(self->gc, &image, (void **)&p);
		if (!self->f.protects) {
			EXPECT_EQ(-EOPNOTSUPP, error);
			continue;
		}
		ASSERT_EQ(0, error) {
			TH_LOG("%s", gccolor_strerror(error));
		}
		EXPECT_TRUE(is_file(p, 0, 3 * PAGE + 50));
		EXPECT_TRUE(zeroes(p + 3 * PAGE + 50, PAGE - 50));
		EXPECT_TRUE(traps(p, true));
		EXPECT_TRUE(traps(p + 3 * PAGE, true));
		ASSERT_EQ(0, gccolor_free(self->gc, p, 4 * PAGE));
	}
	EXPECT_EQ(0, status_of(self->gc).claimed);
}

TEST_F(image, executable)
{
#if defined(__x86_64__) || defined(__i386)
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
#elif defined(__riscv)
	static const unsigned int code[] = { 0x02a00513, 0x00008067 };
#elif defined(__arm__)
	static const unsigned int code[] = { 0xe3a0002a, 0xe12fff1e };
#else
	static const unsigned int code[] = { 0x52800540, 0xd65f03c0 };
#endif
	struct gccolor_options opt = small_region();
	struct gccolor_image image = image_of(self->file, 0, 2 * PAGE);
	struct gccolor *gc;
	uint32_t flags;
	char *p;
	int error;

	image.prot = GCCOLOR_READ | GCCOLOR_EXEC;
	error = gccolor_map_image(self->gc, &image, (void **)&p);
	EXPECT_EQ(self->caps & GCCOLOR_CAP_EXEC ? -EACCES : -EOPNOTSUPP, error);
	if (!(self->caps & GCCOLOR_CAP_EXEC))
		return;
	ASSERT_TRUE(file_put(self->file, PAGE, code, sizeof(code)));
	opt.exec_colors = 1 << 5;
	ASSERT_EQ(0, gccolor_open(&gc, &opt));
	for (flags = 0; flags <= GCCOLOR_IMAGE_COPY; flags++) {
		image = image_of(self->file, 0, PAGE + 16);
		image.color = GCCOLOR_ANY_COLOR;
		image.prot = GCCOLOR_READ | GCCOLOR_EXEC;
		image.flags = flags;
		ASSERT_EQ(0, gccolor_map_image(gc, &image, (void **)&p)) {
			TH_LOG("%s", gccolor_strerror(-EOPNOTSUPP));
		}
		EXPECT_EQ(5, gccolor_color_of(gccolor_geometry(gc), p));
		EXPECT_EQ(42, ((int (*)(void))(p + PAGE))());
		EXPECT_TRUE(traps(p, true));
	}
	EXPECT_EQ(0, gccolor_close(gc, 0));
}

TEST_F(image, the_position_of_the_file_stays)
{
	struct gccolor_image image = image_of(self->file, 0, 2 * PAGE + 1);
	char *p;

	ASSERT_TRUE(file_seek(self->file, 77));
	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p));
	EXPECT_EQ(77, file_tell(self->file));
	image.flags = GCCOLOR_IMAGE_COPY;
	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p));
	EXPECT_EQ(77, file_tell(self->file));
}

TEST_F(image, exactly_there_or_not_at_all)
{
	struct gccolor_image image = image_of(self->file, 0, 2 * PAGE);
	char *p, *q;

	image.align = MIB;
	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p));
	EXPECT_EQ(0, (uintptr_t)p % MIB);
	image.at = p + PAGE;
	image.align = 0;
	EXPECT_EQ(-EEXIST, gccolor_map_image(self->gc, &image, (void **)&q));
	image.at = p + 2 * PAGE;
	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&q));
	EXPECT_EQ(p + 2 * PAGE, q);
	EXPECT_TRUE(is_file(p, 0, 2 * PAGE));
	EXPECT_TRUE(is_file(q, 0, 2 * PAGE));
}

TEST_F(image, refused_before_anything_changes)
{
	struct gccolor_image good = image_of(self->file, 0, PAGE);
	struct gccolor_image image;
	size_t before = mappings();
	intptr_t directory = file_directory();
	intptr_t writable = file_write_only(self->name);
	char *p = NULL;

#define REFUSED(error, change)							\
	do {									\
		image = good;							\
		image.change;							\
		EXPECT_EQ(error, gccolor_map_image(self->gc, &image, (void **)&p)) {	\
			TH_LOG("%s", #change);					\
		}								\
		EXPECT_EQ(0, image.how);					\
	} while (0)

	REFUSED(-ENODATA, length = FILE_LENGTH + 1);
	REFUSED(-ENODATA, offset = FILE_LENGTH);
	REFUSED(-ENODATA, offset = 5 * PAGE);
	REFUSED(-ENODATA, offset = UINT64_MAX / 2);
	REFUSED(-EOVERFLOW, offset = UINT64_MAX);
	REFUSED(-EBADF, file = -1);
	REFUSED(-EBADF, file = 987654);
	REFUSED(-EBADF, file = writable);
	REFUSED(-ENODEV, file = directory);
	REFUSED(-EINVAL, length = 0);
	REFUSED(-EINVAL, length = SIZE_MAX);
	REFUSED(-EINVAL, length = TOP_BIT);
	REFUSED(-EINVAL, length = SIZE_MAX / 2);
	REFUSED(-EINVAL, length = GIB);
	REFUSED(-EINVAL, flags = 2);
	REFUSED(-EINVAL, prot = GCCOLOR_WRITE);
	REFUSED(-EINVAL, prot = 8);
	REFUSED(-EACCES, prot = GCCOLOR_READ | GCCOLOR_WRITE | GCCOLOR_EXEC);
	REFUSED(-EINVAL, color = 16);
	REFUSED(-EINVAL, align = 3);
	REFUSED(-EINVAL, at = (void *)1);
	REFUSED(-EINVAL, size = 8);
	REFUSED(-EINVAL, size = offsetof(struct gccolor_image, at));
	EXPECT_EQ(-EINVAL, gccolor_map_image(NULL, &good, (void **)&p));
	EXPECT_EQ(-EINVAL, gccolor_map_image(self->gc, NULL, (void **)&p));
	EXPECT_EQ(-EINVAL, gccolor_map_image(self->gc, &good, NULL));
	EXPECT_EQ(NULL, p);
	EXPECT_EQ(0, status_of(self->gc).claimed);
	EXPECT_EQ(before, mappings());
	file_close(directory);
	file_close(writable);
}

/* What fails half-way is undone: reads that fail, limits. */
TEST_F(image, undone)
{
	struct gccolor_image image = image_of(-1, 0, PAGE);
	char *p = NULL;
	bool limited;
	int error;

	/* A file with less in it than its size says, which cannot be mapped. */
	image.file = file_too_short();
	if (image.file != -1) {
		error = gccolor_map_image(self->gc, &image, (void **)&p);
		EXPECT_EQ(self->caps & GCCOLOR_CAP_IMAGES ? -ENODEV : -ENODATA, error);
		image.flags = GCCOLOR_IMAGE_COPY;
		EXPECT_EQ(-ENODATA, gccolor_map_image(self->gc, &image, (void **)&p));
		printf("# %s\n", gccolor_strerror(-ENODATA));
		EXPECT_EQ(0, status_of(self->gc).claimed);
		EXPECT_EQ(0, status_of(self->gc).extents);
		file_close(image.file);
	}
	image = image_of(self->file, 0, FILE_LENGTH);
	limited = limit_address_space(MIB) && !emulated();	/* qemu-user ignores it */
	error = gccolor_map_image(self->gc, &image, (void **)&p);
	limit_address_space(SIZE_MAX);
	EXPECT_EQ(limited && self->f.traps ? -ENOMEM : 0, error);
	if (error) {
		EXPECT_EQ(0, image.how);
		EXPECT_EQ(NULL, p);
		EXPECT_EQ(0, status_of(self->gc).committed);
		EXPECT_EQ(0, status_of(self->gc).claimed);
	}
	EXPECT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p));
	EXPECT_TRUE(is_file(p, 0, FILE_LENGTH));
}

/* A mapped file that is truncated means SIGBUS; one that was read in does not. */
TEST_F(image, truncated_afterwards)
{
	struct gccolor_image image = image_of(self->file, 0, 3 * PAGE);
	char *mapped, *copied;
	uint32_t how;

	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&mapped));
	how = image.how;
	image.flags = GCCOLOR_IMAGE_COPY;
	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&copied));
	ASSERT_TRUE(file_cut(self->file, 0));
	EXPECT_TRUE(is_file(copied, 0, 3 * PAGE));
	EXPECT_TRUE(how == GCCOLOR_IMAGE_MAPPED ? child_has_no_page(mapped)
						: is_file(mapped, 0, 3 * PAGE));
}

/* Is this byte committed memory for gccolor_scan()? */
static bool scanned(struct gccolor *gc, const char *p)
{
	uintptr_t word = (uintptr_t)p, hit = 0;
	struct gccolor_scan scan = { .size = sizeof(scan), .words = &word, .count = 1,
				     .hits = &hit, .capacity = 1 };

	return gccolor_scan(gc, &scan) == 0 && scan.found == 1 && hit == word;
}

/* All of its pages, mapped or read in, before gccolor_scan_enable() or after. */
TEST_F(image, hits_of_a_scan)
{
	struct gccolor_image image = image_of(self->file, 0, 2 * PAGE + 1);
	char *p[4];
	int i;

	for (i = 0; i < 4; i++) {
		image.flags = i & 1 ? GCCOLOR_IMAGE_COPY : 0;
		/* Each between claims, so that what is outside is not committed. */
		ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&p[i]));
		ASSERT_EQ(0, claim(self->gc, PAGE, 2, &(char *){ NULL }));
		if (i == 1)
			ASSERT_EQ(0, gccolor_scan_enable(self->gc));
	}
	for (i = 0; i < 4; i++) {
		EXPECT_TRUE(scanned(self->gc, p[i]));
		EXPECT_TRUE(scanned(self->gc, p[i] + 3 * PAGE - 1));
		EXPECT_FALSE(scanned(self->gc, p[i] - 1));
		EXPECT_FALSE(scanned(self->gc, p[i] + 3 * PAGE));
		if (self->f.traps) {
			ASSERT_EQ(0, gccolor_decommit(self->gc, p[i], PAGE, GCCOLOR_TRAP));
			EXPECT_FALSE(scanned(self->gc, p[i]));
			EXPECT_TRUE(scanned(self->gc, p[i] + PAGE));
			ASSERT_EQ(0, gccolor_commit(self->gc, p[i], PAGE, 0, 0));
			EXPECT_TRUE(scanned(self->gc, p[i]));
		}
		ASSERT_EQ(0, gccolor_free(self->gc, p[i] + PAGE, 2 * PAGE));
		EXPECT_TRUE(scanned(self->gc, p[i]));
		EXPECT_FALSE(scanned(self->gc, p[i] + PAGE));
		EXPECT_FALSE(scanned(self->gc, p[i] + 3 * PAGE - 1));
	}
	/* What fails half-way leaves nothing: the file is too short. */
	image.length = FILE_LENGTH + 1;
	p[0] = (char *)gccolor_color_start(gccolor_geometry(self->gc), 3);
	image.at = p[0];
	EXPECT_EQ(-GCCOLOR_ENODATA, gccolor_map_image(self->gc, &image, (void **)&p[1]));
	EXPECT_FALSE(scanned(self->gc, p[0]));
}

TEST_F(image, sizes_of_images)
{
	struct {
		struct gccolor_image image;
		unsigned char tail[16];
	} later = { .image = image_of(self->file, 0, PAGE) };
	char *p;

	later.image.size = sizeof(later);
	later.tail[3] = 1;
	EXPECT_EQ(-E2BIG, gccolor_map_image(self->gc, &later.image, (void **)&p));
	later.tail[3] = 0;
	EXPECT_EQ(0, gccolor_map_image(self->gc, &later.image, (void **)&p));
}

TEST_HARNESS_MAIN
