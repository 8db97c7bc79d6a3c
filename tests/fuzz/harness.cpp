#include "fuzz/harness.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace golf::fuzz {

std::span<const Harness* const> harnesses() {
  static constexpr std::array<const Harness*, 14> kAll = {&kPgrp,
                                                          &kGolfCodec,
                                                          &kGolfFile,
                                                          &kJsonConfig,
                                                          &kNpy,
                                                          &kPaidPrefix,
                                                          &kPtz,
                                                          &kReceipt,
                                                          &kSafetensors,
                                                          &kSentencePiece,
                                                          &kSubmissionLog,
                                                          &kSubmissionRecord,
                                                          &kSubmissionScript,
                                                          &kTokenShard};
  return kAll;
}

const Harness& find_harness(std::string_view name) {
  const auto all = harnesses();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Harness* harness) { return harness->name == name; });
  expect(found != all.end(), "there is a harness " + std::string(name));
  return **found;
}

Bytes mutated(const Harness& harness, ByteView input, const ByteMutator& bytes, uint32_t seed) {
  if (harness.mutate != nullptr) return harness.mutate(input, bytes, seed);
  Bytes changed(input.begin(), input.end());
  bytes(changed);
  return changed;
}

void expect(bool holds, const std::string& claim) {
  if (!holds) throw std::logic_error("not so: " + claim);
}

void expect_blames_input(const Error& error) {
  const std::string_view message = error.what();
  expect(error.code() != ErrorCode::kIo && error.code() != ErrorCode::kRunFailed,
         "the input is to blame: " + std::string(message));
  expect(!message.empty() && message.size() <= 4096, "a message of at most 4 kB: " + std::string(message));
  expect(std::none_of(message.begin(), message.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
         "a message without control characters: " + std::string(message));
}

}  // namespace golf::fuzz
