// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "scan.h"

/* sparse does not know the compiler's vectors. */
#if defined(__x86_64__) && !defined(__CHECKER__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>

#define AVX2	__attribute__((target("avx2,bmi,bmi2,popcnt")))
#define BLOCK	64	/* words, one bit of a mask each */

/* The region, a vector wide. */
struct place {
	__m256i	base;
	__m256i	keep;
	bool	near;	/* bits 32 to 47 of words tell, see find() */
};

AVX2 static inline __m256i load(const uintptr_t *words)
{
	return _mm256_loadu_si256((const __m256i *)words);
}

/* Four lower (0x88) or upper (0xdd) halves of each of two vectors. */
#define HALVES(a, b, which)						\
	_mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a),		\
					      _mm256_castsi256_ps(b), which))

/* For eight words, 32 bits each: what tells, or the answer. Words 0, 1, 4, 5; 2, 3, 6, 7. */
AVX2 static inline __m256i eight(const uintptr_t *words, struct place p)
{
	__m256i a = load(words), b = load(words + 4);

	if (p.near)
		return HALVES(a, b, 0xdd);
	return HALVES(_mm256_cmpeq_epi64(_mm256_and_si256(a, p.keep), p.base),
		      _mm256_cmpeq_epi64(_mm256_and_si256(b, p.keep), p.base), 0x88);
}

/* The answers for sixteen words, 16 bits each. */
AVX2 static inline __m256i sixteen(const uintptr_t *words, struct place p)
{
	__m256i a = eight(words, p), b = eight(words + 8, p);

	if (p.near)
		return _mm256_cmpeq_epi16(_mm256_and_si256(_mm256_packus_epi32(a, b), p.keep),
					  p.base);
	return _mm256_packs_epi32(a, b);
}

/* The answers for 32 words, a bit each. */
AVX2 static inline uint32_t thirty_two(const uintptr_t *words, struct place p)
{
	const __m128i half = _mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
	const __m256i order = _mm256_broadcastsi128_si256(half);
	__m256i bytes = _mm256_packs_epi16(sixteen(words, p), sixteen(words + 16, p));

	/* Each half of the vector has pairs of words that the other half continues. */
	bytes = _mm256_shuffle_epi8(_mm256_permute4x64_epi64(bytes, 0xd8), order);
	return (uint32_t)_mm256_movemask_epi8(bytes);
}

/* Write the first position of a set bit of @mask, or rubbish if it has none. */
AVX2 static inline uint64_t position(uint64_t mask, size_t first, uint16_t *index)
{
	*index = (uint16_t)(first + _tzcnt_u64(mask));
	return _blsr_u64(mask);
}

/*
 * Whether a word is a hit is not to be foreseen, so nothing here branches on one word:
 * only on whether 64 of them have more than 3, which is rare up to 1 %, than 7 and so on.
 * Only whole blocks from @first on. Returns where the next index goes.
 */
AVX2 static inline __attribute__((always_inline))
uint16_t *blocks(const uintptr_t *words, size_t first, size_t count, struct place p,
		 uint16_t *index)
{
	size_t i;

	for (i = first; i + BLOCK <= count; i += BLOCK) {
		uint64_t mask = thirty_two(words + i, p) |
				(uint64_t)thirty_two(words + i + 32, p) << 32;
		uint16_t *next = index;

		index += _mm_popcnt_u64(mask);
		mask = position(mask, i, next++);
		mask = position(mask, i, next++);
		mask = position(mask, i, next++);
		while (mask) {
			mask = position(mask, i, next++);
			mask = position(mask, i, next++);
			mask = position(mask, i, next++);
			mask = position(mask, i, next++);
		}
	}
	return index;
}

/*
 * Of a region of 4 GiB or more below 2^47 the bits 32 to 47 tell: upper halves of words
 * that are above 0xffff become just that when they are packed, and negative ones 0, and
 * neither lies in such a region.
 */
AVX2 static size_t find(const uintptr_t *words, size_t first, size_t count, uintptr_t base,
			uintptr_t keep, uint16_t *index)
{
	struct place p = { _mm256_set1_epi64x((long long)base),
			   _mm256_set1_epi64x((long long)keep), false };
	uint16_t *end;

	if ((uint32_t)keep || base >> 47) {
		end = blocks(words, first, count, p, index);
	} else {
		p.base = _mm256_set1_epi16((short)(base >> 32));
		p.keep = _mm256_set1_epi16((short)(keep >> 32));
		p.near = true;
		end = blocks(words, first, count, p, index);
	}
	return (size_t)(end - index) +
	       scan_find_portable(words, count - (count - first) % BLOCK, count, base, keep, end);
}

/* Asked for here: not every compiler's runtime has what __builtin_cpu_supports() needs. */
static bool has_avx2(void)
{
	const unsigned int wanted = bit_AVX2 | bit_BMI | bit_BMI2;
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_POPCNT))
		return false;
	/* Does the system keep whole vectors (bits 1 and 2)? */
	__asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return (a & 6) == 6 && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
	       (b & wanted) == wanted;
}

scan_find_fn *scan_find_avx2(void)
{
	return has_avx2() ? find : NULL;
}

#else

scan_find_fn *scan_find_avx2(void)
{
	return NULL;
}

#endif
