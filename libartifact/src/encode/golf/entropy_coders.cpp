#include "encode/golf/entropy_coders.h"

#include <algorithm>

#include "encode/codec_source.h"

namespace golf {

RangeDecoder::RangeDecoder(ByteView bytes, std::string what) : bytes_(bytes), what_(std::move(what)) {
  for (uint64_t i = 0; i < kTailBytes; ++i) code_ = code_ << 8 | next_byte();
}

void RangeDecoder::expect_end() const {
  if (next_ != bytes_.size()) fail_trailing(what_, "golf", bytes_.size() - next_);
  if (code_ != low_) fail_damaged(what_, "golf", "its last bytes do not fit");
}

void RangeDecoder::fail_truncated_here() const { fail_truncated(what_, "golf"); }

LaneEncoder::Result LaneEncoder::finish() {
  std::vector<uint32_t> states(size_t{1} << lane_log_, kLaneFloor);
  std::vector<uint16_t> words;
  Result result;
  result.tensor_words.resize(tensor_steps_.size());
  size_t symbol = symbols_.size();
  size_t step = steps_.size();
  for (size_t tensor = tensor_steps_.size(); tensor-- > 0;) {
    const size_t first_step = tensor == 0 ? 0 : tensor_steps_[tensor - 1];
    const size_t words_before = words.size();
    while (step > first_step) {
      for (size_t lane = steps_[--step]; lane-- > 0;) {
        const uint32_t packed = symbols_[--symbol];
        const uint32_t size = (packed >> 16) + 1;
        const uint32_t begin = packed & 0xffffU;
        uint32_t& state = states[lane];
        if (state >= uint64_t{size} << 16) {
          words.push_back(static_cast<uint16_t>(state));
          state >>= 16;
        }
        state = (state / size << 16) + state % size + begin;
      }
    }
    result.tensor_words[tensor] = words.size() - words_before;
  }
  std::reverse(words.begin(), words.end());
  ByteWriter writer;
  for (const uint32_t state : states) writer.write(state);
  writer.write_bytes(std::as_bytes(std::span(words)));
  result.bytes = writer.take();
  return result;
}

LaneDecoder::LaneDecoder(ByteView bytes, int lane_log, std::string what) : what_(std::move(what)) {
  const size_t lanes = size_t{1} << lane_log;
  if (bytes.size() < 4 * lanes) fail_truncated_here();
  states_.resize(lanes);
  std::memcpy(states_.data(), bytes.data(), 4 * lanes);
  for (const uint32_t state : states_) {
    if (state < kLaneFloor) fail_damaged(what_, "golf", "a state is out of range");
  }
  words_ = bytes.subspan(4 * lanes);
  if (words_.size() % 2 != 0) fail_damaged(what_, "golf", "half a word");
  word_count_ = words_.size() / 2;
}

void LaneDecoder::expect_end() const {
  if (next_ != word_count_) fail_trailing(what_, "golf", 2 * (word_count_ - next_));
  for (const uint32_t state : states_) {
    if (state != kLaneFloor) fail_damaged(what_, "golf", "its last states do not fit");
  }
}

void LaneDecoder::fail_truncated_here() const { fail_truncated(what_, "golf"); }

}  // namespace golf
