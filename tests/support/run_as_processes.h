#pragma once

#include <ATen/ATen.h>

#include <barrier>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "golf/eval/processes.h"

namespace golf::test {

/// Threads that stand for processes: each runs `body` with its own place among them.
inline void run_as_processes(int64_t count, const std::function<void(const EvalProcesses&)>& body) {
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
