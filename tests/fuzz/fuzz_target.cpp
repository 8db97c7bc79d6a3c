// A libFuzzer program for the harness named GOLF_FUZZ_HARNESS.
#include <algorithm>
#include <cstring>

#include "fuzz/harness.h"

// libFuzzer's own mutation, and the entry points that it looks for.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed);

namespace {

using golf::Bytes;
using golf::ByteView;

const golf::fuzz::Harness& harness() {
  static const golf::fuzz::Harness& found = golf::fuzz::find_harness(GOLF_FUZZ_HARNESS);
  return found;
}

ByteView view(const uint8_t* data, size_t size) { return std::as_bytes(std::span(data, size)); }

void change_bytes(Bytes& bytes, size_t room) {
  const size_t size = bytes.size();
  bytes.resize(size + room);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), size, bytes.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  harness().run(view(data, size));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  if (harness().mutate == nullptr) return LLVMFuzzerMutate(data, size, max_size);
  const size_t room = std::min<size_t>(max_size - size, 64);
  const Bytes changed = golf::fuzz::mutated(
      harness(), view(data, size), [&](Bytes& bytes) { change_bytes(bytes, room); }, seed);
  if (changed.empty() || changed.size() > max_size) return size;
  std::memcpy(data, changed.data(), changed.size());
  return changed.size();
}
