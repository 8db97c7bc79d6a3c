// Expected values: NumPy 1.24's and 2.4's numpy.random.default_rng, and the reference data's of NumPy 2.4.
#include "golf/train/data/numpy_random.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "support/reference_data.h"

namespace golf {
namespace {

template <class Draw>
auto several(int count, const Draw& draw) {
  std::vector<decltype(draw())> values;
  for (int i = 0; i < count; ++i) values.push_back(draw());
  return values;
}

TEST(NumpyGenerator, DrawsNumpysWords) {
  const auto words = [](uint64_t seed) {
    NumpyGenerator generator(seed);
    return several(3, [&] { return generator.next_u64(); });
  };
  EXPECT_EQ(words(0),
            (std::vector<uint64_t>{11749869230777074271U, 4976686463289251617U, 755828109848996024U}));
  EXPECT_EQ(words(3),
            (std::vector<uint64_t>{1579948266424812280U, 4368382809143759861U, 14780904992460893238U}));
  // A seed of two words.
  EXPECT_EQ(words(4294967301U),
            (std::vector<uint64_t>{14281546376153053393U, 8683300866460616067U, 12836726618003871680U}));
}

TEST(NumpyGenerator, AnEvenNumberOfHalfWordsLeavesNothingBehind) {
  NumpyGenerator halves(3), whole(3);
  EXPECT_EQ(several(3, [&] { return halves.next_u32(); }),
            (std::vector<uint32_t>{3485385464, 367860371, 770692085}));
  // The kept half waits while whole words are drawn.
  several(2, [&] { return whole.next_u64(); });
  EXPECT_EQ(halves.next_u64(), whole.next_u64());
  EXPECT_EQ(halves.next_u32(), 4368382809143759861U >> 32);
}

TEST(NumpyGenerator, IntegersAndDoublesShareTheStreamAsInNumpy) {
  NumpyGenerator generator(0);
  EXPECT_EQ(several(5, [&] { return generator.integer_up_to(2047); }),
            (std::vector<uint32_t>{1742, 1304, 1046, 552, 630}));
  EXPECT_EQ(generator.next_double(), 0.016527635528529094);
  EXPECT_EQ(generator.integer_up_to(0), 0U);  // draws nothing
  EXPECT_EQ(generator.integer_up_to(2047), 83U);
}

TEST(NumpyGenerator, IntegersThatComeTooOftenAreDrawnAgain) {
  NumpyGenerator generator(3);  // a third of all draws is over
  EXPECT_EQ(several(6, [&] { return generator.integer_up_to(2'999'999'999); }),
            (std::vector<uint32_t>{2434513622, 256947500, 538322202, 710431519, 544094361, 2403823395}));
  NumpyGenerator words(3), all(3);
  EXPECT_EQ(all.integer_up_to(UINT32_MAX), words.next_u32());
}

TEST(NumpyGenerator, PermutesAsNumpy) {
  NumpyGenerator generator(0);
  EXPECT_EQ(generator.permutation(12), (std::vector<uint32_t>{9, 2, 7, 4, 5, 11, 0, 3, 6, 10, 8, 1}));
  EXPECT_EQ(generator.integer_up_to(999), 277U);
  EXPECT_EQ(generator.permutation(1), std::vector<uint32_t>{0});
  EXPECT_TRUE(generator.permutation(0).empty());
}

TEST(NumpyGenerator, ChoosesAsNumpyAndNeverWhatHasNoShare) {
  NumpyGenerator generator(3);
  const std::vector<double> shares = {3 / 16., 0, 5 / 16., 1 / 16., 7 / 16.};
  EXPECT_EQ(several(12, [&] { return generator.choice(shares); }),
            (std::vector<size_t>{0, 2, 4, 4, 0, 2, 2, 0, 4, 0, 2, 3}));
}

TEST(NumpyGenerator, DrawsTheReferenceValues) {
  GOLF_NEED_REFERENCE_DATA();
  const Json file = read_json_file(test::reference_data() + "/pr1493/loader.json");
  for (const auto& [seed, expected] : file.at("pcg64").as_object()) {
    const auto fresh = [&] { return NumpyGenerator(std::stoull(seed)); };
    NumpyGenerator words = fresh(), halves = fresh(), doubles = fresh(), integers = fresh();
    for (const Json& word : expected.at("uint64").as_array()) {
      EXPECT_EQ(std::to_string(words.next_u64()), word.as_string());
    }
    for (const Json& half : expected.at("uint32").as_array()) EXPECT_EQ(halves.next_u32(), half.as_int());
    for (const Json& value : expected.at("double").as_array())
      EXPECT_EQ(doubles.next_double(), value.as_double());
    for (const Json& value : expected.at("integers_below_256").as_array()) {
      EXPECT_EQ(integers.integer_up_to(255), value.as_int());
    }
    std::vector<uint32_t> order;
    for (const Json& place : expected.at("permutation_of_20").as_array()) {
      order.push_back(static_cast<uint32_t>(place.as_int()));
    }
    EXPECT_EQ(fresh().permutation(20), order) << "seed " << seed;
  }
}

}  // namespace
}  // namespace golf
