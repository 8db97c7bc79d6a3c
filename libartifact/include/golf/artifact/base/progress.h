#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace golf {

/// How far a long piece of work has come. Libraries report; only the apps print.
struct Progress {
  std::string stage;  ///< "compress", "evaluate sliding"
  uint64_t done = 0;
  uint64_t total = 0;  ///< 0 when not known
  std::string unit;    ///< "tensors", "tokens"
  std::string note;    ///< a running figure, such as "bpb 1.2345"
};

/// May be empty. Called from one thread at a time.
using ProgressSink = std::function<void(const Progress&)>;

}  // namespace golf
