#include "base/sha256.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace golf {
namespace {

constexpr std::array<uint32_t, 64> kRound = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void add_block(Sha256State& state, const std::byte* block) {
  std::array<uint32_t, 64> w;
  for (size_t i = 0; i < 16; ++i) {
    uint32_t word;
    std::memcpy(&word, block + sizeof(word) * i, sizeof(word));
    w[i] = __builtin_bswap32(word);
  }
  for (size_t i = 16; i < 64; ++i) {
    const uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (size_t i = 0; i < 64; ++i) {
    const uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kRound[i] + w[i];
    const uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const Sha256State step = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; ++i) state[i] += step[i];
}

}  // namespace

void add_blocks(Sha256State& state, const std::byte* data, size_t blocks) {
  for (size_t i = 0; i < blocks; ++i) add_block(state, data + 64 * i);
}

#if defined(__x86_64__)

bool has_sha_instructions() {
  static const bool has = [] {
    // The compiler's own test knows neither "sha" (before version 14) nor its bit: leaf 7, EBX bit 29.
    uint32_t a = 7, b = 0, c = 0, d = 0;
    asm("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return __builtin_cpu_supports("sse4.1") && (b >> 29 & 1U) != 0;
  }();
  return has;
}

__attribute__((target("sha,sse4.1"))) void add_blocks_by_instructions(Sha256State& state,
                                                                      const std::byte* data, size_t blocks) {
  const __m128i swap_bytes = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const auto* round = reinterpret_cast<const __m128i*>(kRound.data());
  // The instructions hold the words a, b, e, f in one register and c, d, g, h in the other, last one first.
  const auto word = [&](int i) { return static_cast<int>(state[static_cast<size_t>(i)]); };
  __m128i abef = _mm_set_epi32(word(0), word(1), word(4), word(5));
  __m128i cdgh = _mm_set_epi32(word(2), word(3), word(6), word(7));
  for (; blocks > 0; --blocks, data += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];  // the schedule's last sixteen words
    for (int i = 0; i < 4; ++i) {
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data) + i), swap_bytes);
    }
    for (int i = 0; i < 16; ++i) {  // four rounds each
      const __m128i sum = _mm_add_epi32(w[i % 4], _mm_loadu_si128(round + i));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
      const __m128i &second = w[(i + 1) % 4], &third = w[(i + 2) % 4], &fourth = w[(i + 3) % 4];
      const __m128i partial =
          _mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], second), _mm_alignr_epi8(fourth, third, 4));
      w[i % 4] = _mm_sha256msg2_epu32(partial, fourth);  // of the last four rounds nobody reads
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const auto out = [&](int i, int value) { state[static_cast<size_t>(i)] = static_cast<uint32_t>(value); };
  out(0, _mm_extract_epi32(abef, 3)), out(1, _mm_extract_epi32(abef, 2));
  out(4, _mm_extract_epi32(abef, 1)), out(5, _mm_extract_epi32(abef, 0));
  out(2, _mm_extract_epi32(cdgh, 3)), out(3, _mm_extract_epi32(cdgh, 2));
  out(6, _mm_extract_epi32(cdgh, 1)), out(7, _mm_extract_epi32(cdgh, 0));
}

#else

bool has_sha_instructions() { return false; }
void add_blocks_by_instructions(Sha256State& state, const std::byte* data, size_t blocks) {
  add_blocks(state, data, blocks);
}

#endif

}  // namespace golf
