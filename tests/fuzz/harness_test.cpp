// The harnesses in a short fixed loop without libFuzzer, so that they keep working and every build of the
// tests tries some thousands of damaged inputs.
#include "fuzz/harness.h"

#include <gtest/gtest.h>

#include <random>

namespace golf::fuzz {
namespace {

constexpr int kMutations = 1500;  // of each harness, spread over its seeds
constexpr int kMostSteps = 4;     // one upon the other

/// One of the changes that fuzzers make.
void change_bytes(Bytes& bytes, std::mt19937& random) {
  const auto value = [&] {
    constexpr std::array<int, 6> kEdges = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
    return static_cast<std::byte>(random() % 2 == 0 ? kEdges[random() % kEdges.size()]
                                                    : static_cast<int>(random() % 256));
  };
  if (bytes.empty()) return bytes.push_back(value());
  const auto position = [&] { return static_cast<ptrdiff_t>(random() % bytes.size()); };
  switch (random() % 6) {
    case 0:
      bytes[static_cast<size_t>(position())] ^= static_cast<std::byte>(1U << (random() % 8));
      break;
    case 1:
      bytes[static_cast<size_t>(position())] = value();
      break;
    case 2:
      bytes.insert(bytes.begin() + position(), value());
      break;
    case 3:
      bytes.erase(bytes.begin() + position());
      break;
    case 4:
      bytes.resize(static_cast<size_t>(position()));
      break;
    default: {  // a piece moved elsewhere
      const ptrdiff_t from = position();
      const ptrdiff_t count = std::min<ptrdiff_t>(8, static_cast<ptrdiff_t>(bytes.size()) - from);
      const Bytes piece(bytes.begin() + from, bytes.begin() + from + count);
      bytes.insert(bytes.begin() + position(), piece.begin(), piece.end());
    }
  }
}

class FuzzHarness : public testing::TestWithParam<const Harness*> {};

TEST_P(FuzzHarness, HoldsUpAgainstAFixedLoopOfMutations) {
  const Harness& harness = *GetParam();
  const std::vector<Bytes> seeds = harness.seeds();
  ASSERT_FALSE(seeds.empty());
  for (const Bytes& seed : seeds) ASSERT_NO_THROW(harness.run(seed));
  harness.run({});

  std::mt19937 random(1);
  for (int i = 0; i < kMutations; ++i) {
    Bytes input = seeds[static_cast<size_t>(i) % seeds.size()];
    for (uint32_t steps = 1 + random() % kMostSteps; steps > 0; --steps) {
      input = mutated(
          harness, input, [&](Bytes& bytes) { change_bytes(bytes, random); },
          static_cast<uint32_t>(random()));
    }
    ASSERT_NO_THROW(harness.run(input)) << "mutation " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(All, FuzzHarness, testing::ValuesIn(harnesses().begin(), harnesses().end()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace golf::fuzz
