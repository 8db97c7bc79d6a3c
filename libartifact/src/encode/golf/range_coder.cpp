#include "encode/golf/range_coder.h"

#include "encode/codecs.h"

namespace golf {

RangeDecoder::RangeDecoder(ByteView bytes, std::string what) : bytes_(bytes), what_(std::move(what)) {
  for (uint64_t i = 0; i < kTailBytes; ++i) code_ = code_ << 8 | next_byte();
}

void RangeDecoder::expect_end() const {
  if (next_ != bytes_.size()) fail_trailing(what_, "golf", bytes_.size() - next_);
  if (code_ != low_) fail_damaged(what_, "golf", "its last bytes do not fit");
}

void RangeDecoder::fail_truncated_here() const { fail_truncated(what_, "golf"); }

}  // namespace golf
