#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"

/// Parsers of untrusted bytes, each with inputs to start from and a way to change them. libFuzzer drives them
/// (fuzz_target.cpp, scripts/fuzz.sh), and so does a short fixed loop in every test run (harness_test.cpp).
namespace golf::fuzz {

/// Changes some bytes, or how many there are.
using ByteMutator = std::function<void(Bytes&)>;

struct Harness {
  std::string_view name;
  /// Reads the input as a file of this kind. What is wrong with it may end in golf::Error alone; anything
  /// else that is thrown, and every report of a sanitizer, is a finding.
  void (*run)(ByteView input);
  /// Small well-formed inputs.
  std::vector<Bytes> (*seeds)();
  /// A changed input whose checksums are right again, so that the change gets past them; null: `bytes` as is.
  Bytes (*mutate)(ByteView input, const ByteMutator& bytes, uint32_t seed) = nullptr;
};

extern const Harness kGolfCodec;
extern const Harness kGolfFile;
extern const Harness kJsonConfig;
extern const Harness kNpy;
extern const Harness kPaidPrefix;
extern const Harness kPgrp;
extern const Harness kPtz;
extern const Harness kReceipt;
extern const Harness kSafetensors;
extern const Harness kSentencePiece;
extern const Harness kSubmissionLog;
extern const Harness kSubmissionRecord;
extern const Harness kSubmissionScript;
extern const Harness kTokenShard;

/// All of the above.
std::span<const Harness* const> harnesses();
/// @throws std::logic_error when there is none of that name
const Harness& find_harness(std::string_view name);

/// The harness's own mutation, or `bytes` where it has none.
Bytes mutated(const Harness& harness, ByteView input, const ByteMutator& bytes, uint32_t seed);

/// Throws std::logic_error unless `holds`: the finding is that `claim` is wrong.
void expect(bool holds, const std::string& claim);
/// An error that blames the input, in one line of at most 4 kB.
void expect_blames_input(const Error& error);

/// Whether the call accepts its input, rather than refusing it.
template <class Call>
bool accepts(Call&& call) {
  try {
    call();
    return true;
  } catch (const Error& error) {
    expect_blames_input(error);
    return false;
  }
}

}  // namespace golf::fuzz
