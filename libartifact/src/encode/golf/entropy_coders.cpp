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
  constexpr LaneForm kForm = kWideLanes;
  std::vector<uint64_t> states(size_t{1} << lane_log_, kForm.floor);
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
        const uint64_t size = (packed >> 16) + 1;
        const uint32_t begin = packed & 0xffffU;
        uint64_t& state = states[lane];
        if (state >= size * kForm.floor) {
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
  for (const uint64_t state : states) {
    writer.write_bytes(std::as_bytes(std::span(&state, 1)).first(kForm.state_bytes));
  }
  writer.write_bytes(std::as_bytes(std::span(words)));
  result.bytes = writer.take();
  return result;
}

LaneDecoder::LaneDecoder(ByteView bytes, const LaneForm& form, int lane_log, std::string what)
    : form_(form), what_(std::move(what)), states_(size_t{1} << lane_log) {
  if (bytes.size() < form.state_bytes * states_.size()) fail_truncated_here();
  for (uint64_t& state : states_) {
    std::memcpy(&state, bytes.data(), form.state_bytes);
    bytes = bytes.subspan(form.state_bytes);
    if (!form.holds(state)) fail_damaged(what_, "golf", "a state is out of range");
  }
  words_ = bytes;
  if (words_.size() % 2 != 0) fail_damaged(what_, "golf", "half a word");
  word_count_ = words_.size() / 2;
}

void LaneDecoder::expect_end() const {
  if (next_ != word_count_) fail_trailing(what_, "golf", 2 * (word_count_ - next_));
  for (const uint64_t state : states_) {
    if (state != form_.floor) fail_damaged(what_, "golf", "its last states do not fit");
  }
}

void LaneDecoder::fail_truncated_here() const { fail_truncated(what_, "golf"); }

}  // namespace golf
