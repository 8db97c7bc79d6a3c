#pragma once

#include <ATen/ATen.h>

#include <barrier>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "golf/adapt/processes.h"
#include "golf/artifact/text/tokenized_text.h"

namespace golf::test {

/// Documents of 5 to 60 tokens of 32; the first token of each is 1. 274 tokens of 2 bytes each.
inline TokenizedText documents_text() {
  TokenizedText text;
  text.document_start = 1;
  for (const int64_t length : {37, 5, 60, 22, 41, 9, 30, 18, 52}) {
    text.tokens.push_back(1);
    for (int64_t i = 1; i < length; ++i) {
      text.tokens.push_back(static_cast<uint16_t>(2 + (i * i + 3 * length) % 30));
    }
  }
  text.bytes.assign(text.tokens.size(), 2);
  return text;
}

/// Threads that stand for processes: each runs `body` with its own place among them.
inline void run_as_processes(int64_t count, const std::function<void(const AdaptProcesses&)>& body) {
  std::vector<at::Tensor> given(static_cast<size_t>(count));
  std::vector<std::string> texts(static_cast<size_t>(count));
  std::barrier meet(count);
  std::vector<std::thread> threads;
  for (int64_t index = 0; index < count; ++index) {
    threads.emplace_back([&, index] {
      const auto sum = [&, index](const at::Tensor& values) {
        given[static_cast<size_t>(index)] = values.clone();
        meet.arrive_and_wait();
        at::Tensor total = at::zeros_like(values);
        for (const at::Tensor& one : given) total += one;
        meet.arrive_and_wait();
        const at::Tensor to = values;
        to.copy_(total);
      };
      const auto gather = [&, index](const std::string& text) {
        texts[static_cast<size_t>(index)] = text;
        meet.arrive_and_wait();
        std::vector<std::string> all = texts;
        meet.arrive_and_wait();
        return all;
      };
      body({.index = index, .count = count, .sum = sum, .gather = gather});
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace golf::test
