#include "container/lrzip.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include "container/ptz_dict.h"
#include "golf/artifact/base/external_program.h"

namespace golf {
namespace {

constexpr std::string_view kLrzipMagic = "LRZI";
const std::vector<std::string> kSettings = {"LRZIP=NOCONFIG"};
/// This process's own priority: lrzip would take the lowest, and wait for everything else that runs.
std::string own_priority() { return fmt::format("-N{}", ::getpriority(PRIO_PROCESS, 0)); }

/// The size that an lrzip stream declares: a u64 after magic and two version bytes, 0 when not known.
uint64_t declared_bytes(ByteView stream, const std::string& what) {
  constexpr size_t kVersionBytes = 2;
  ByteReader reader(stream, what);
  if (as_text(reader.take(kLrzipMagic.size())) != kLrzipMagic) fail_layout(what, "not an lrzip stream");
  reader.take(kVersionBytes);
  return reader.read<uint64_t>();
}

}  // namespace

Bytes lrzip_encode(ByteView raw, const std::string& what) {
  const uint64_t most = raw.size() + raw.size() / 8 + 65'536;
  return run_filter({"lrzip", "-z", "-L", "9", "-q", own_priority()}, raw, most, what, kSettings);
}

Bytes lrzip_decode(ByteView stream, uint64_t expected_bytes, const std::string& what) {
  const auto expect = [&](uint64_t found_bytes) {
    if (found_bytes == expected_bytes) return;
    fail_layout(what, fmt::format("its matrices have {} bytes, {} found", expected_bytes, found_bytes));
  };
  if (const uint64_t declared = declared_bytes(stream, what); declared != 0) expect(declared);
  Bytes raw = run_filter({"lrzip", "-d", "-q", own_priority()}, stream, expected_bytes, what, kSettings);
  expect(raw.size());
  return raw;
}

}  // namespace golf
