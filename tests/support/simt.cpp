#include "support/simt.h"

#include <setjmp.h>
#include <ucontext.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace golf::simt {

Place place{};

namespace {

constexpr unsigned kWarp = 32;
constexpr size_t kStackBytes = 64 * 1024;

enum class State { kRuns, kWaitsForWarp, kWaitsForBlock, kDone };

/// Begins by its context and goes on by its jump buffer, which is quicker: it leaves the signals' mask alone.
struct Thread {
  ucontext_t context{};
  jmp_buf place{};
  bool has_begun = false;
  std::unique_ptr<char[]> stack{new char[kStackBytes]};
  State state = State::kRuns;
  float given = 0;
};

std::vector<Thread> threads;  // kept from launch to launch for their stacks
jmp_buf scheduler;
unsigned running = 0;
const std::function<void()>* kernel = nullptr;

void run_thread() {
  (*kernel)();
  threads[running].state = State::kDone;
  _longjmp(scheduler, 1);
}

/// Runs a thread until it waits or ends.
void resume(Thread& thread) {
  if (_setjmp(scheduler) != 0) return;
  if (thread.has_begun) _longjmp(thread.place, 1);
  thread.has_begun = true;
  setcontext(&thread.context);
}

void wait(State state) {
  Thread& mine = threads[running];
  mine.state = state;
  if (_setjmp(mine.place) == 0) _longjmp(scheduler, 1);
}

/// Lets the threads [first, end) go on when all of them wait in that state. @return whether they do
bool release(unsigned first, unsigned end, State state) {
  for (unsigned i = first; i < end; ++i) {
    if (threads[i].state != state) return false;
  }
  for (unsigned i = first; i < end; ++i) threads[i].state = State::kRuns;
  return true;
}

void run_block() {
  const auto count = static_cast<unsigned>(threads.size());
  for (unsigned i = 0; i < count; ++i) {
    Thread& thread = threads[i];
    thread.state = State::kRuns;
    thread.has_begun = false;
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = kStackBytes;
    makecontext(&thread.context, run_thread, 0);
  }
  for (unsigned done = 0; done < count;) {
    done = 0;
    bool advanced = false;
    for (running = 0; running < count; ++running) {
      if (threads[running].state == State::kRuns) {
        place.thread.x = running;
        resume(threads[running]);
        advanced = true;
      }
      done += threads[running].state == State::kDone ? 1 : 0;
    }
    for (unsigned first = 0; first < count; first += kWarp) {
      advanced |= release(first, first + kWarp, State::kWaitsForWarp);
    }
    advanced |= release(0, count, State::kWaitsForBlock);
    if (!advanced && done < count) {
      throw std::logic_error("block " + std::to_string(place.block.x) + ": " + std::to_string(count - done) +
                             " threads wait for others that have ended or wait elsewhere");
    }
  }
}

}  // namespace

void launch(unsigned blocks, unsigned block_size, const std::function<void()>& body) {
  if (block_size == 0 || block_size % kWarp != 0) throw std::logic_error("a block is whole warps");
  kernel = &body;
  if (threads.size() != block_size) threads = std::vector<Thread>(block_size);
  place.block_size.x = block_size;
  place.grid.x = blocks;
  for (place.block.x = 0; place.block.x < blocks; ++place.block.x) run_block();
}

void sync_block() { wait(State::kWaitsForBlock); }

float exchange(float value, unsigned lane) {
  Thread& mine = threads[running];
  const unsigned warp = running / kWarp * kWarp;
  mine.given = value;
  wait(State::kWaitsForWarp);
  const float found = threads[warp + lane].given;
  wait(State::kWaitsForWarp);  // before any of them gives its next value
  return found;
}

}  // namespace golf::simt
