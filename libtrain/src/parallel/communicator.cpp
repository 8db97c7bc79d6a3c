#include "golf/train/parallel/communicator.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/train/parallel/rank_engines.h"
#include "parallel/backend.h"
#include "parallel/rank_watch.h"

namespace golf {
namespace {

using StorePtr = c10::intrusive_ptr<c10d::Store>;

/// The address of this machine on the way to `host`: how the other ranks, who reach that host, reach us. No
/// packet is sent. Falls back to the loopback address.
std::string own_address_towards(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), "9", &hints, &list) != 0) return "127.0.0.1";
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  for (const addrinfo* to = list; to != nullptr; to = to->ai_next) {
    const int descriptor = ::socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC, to->ai_protocol);
    if (descriptor < 0) continue;
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    char text[NI_MAXHOST] = {};
    const bool found = ::connect(descriptor, to->ai_addr, to->ai_addrlen) == 0 &&
                       ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
                       ::getnameinfo(reinterpret_cast<sockaddr*>(&own), size, text, sizeof text, nullptr, 0,
                                     NI_NUMERICHOST) == 0;
    ::close(descriptor);
    if (found) return text;
  }
  return "127.0.0.1";
}

StorePtr connect(const LaunchEnvironment& at, bool serve, std::chrono::milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = at.master_port;
  options.isServer = serve;
  options.waitWorkers = false;
  options.timeout = timeout;
  return c10::make_intrusive<c10d::TCPStore>(at.master_address, options);
}

/// The first line of torch's message, without its stack.
std::string first_line(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  const std::string text = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  return text.substr(0, text.find('\n'));
}

}  // namespace

struct Communicator::Engine {
  StorePtr store;
  c10::intrusive_ptr<c10d::Backend> backend;
  /// For numbers that the processor waits for: on a GPU they would have to queue behind its work.
  c10::intrusive_ptr<c10d::Backend> control;
  std::unique_ptr<RankWatch> watch;

  /// Runs an operation of the engine. When it fails because a rank is gone, the watch knows which one.
  template <class Operation>
  auto guarded(const Operation& operation) const {
    try {
      return operation();
    } catch (const std::exception& error) {
      watch->wait_for_verdict();
      fail(ErrorCode::kRunFailed, fmt::format("the ranks lost touch: {}", first_line(error)));
    }
  }

  template <class Start>
  Pending pending(const Start& start) const {
    return {[this, work = guarded(start)] { guarded([&] { return work->wait(); }); }};
  }

  Pending control_reduce(torch::Tensor values, c10d::ReduceOp::RedOpType operation) const {
    return pending([&] {
      std::vector<at::Tensor> list = {values};
      c10d::AllreduceOptions options;
      options.reduceOp = operation;
      return control->allreduce(list, options);
    });
  }

  double reduce(double value, c10d::ReduceOp::RedOpType operation) const {
    const torch::Tensor values = at::full({1}, value, torch::kDouble);
    control_reduce(values, operation).wait();
    return values.item<double>();
  }
};

std::string rank_engines() {
  if (has_nccl()) return has_gloo() ? "gloo, nccl" : "nccl";
  return has_gloo() ? "gloo" : "none";
}

Communicator::Communicator() = default;

const Communicator& Communicator::solo() {
  static const Communicator communicator;
  return communicator;
}

Communicator::Communicator(Communicator&&) noexcept = default;
Communicator::~Communicator() = default;

Communicator::Communicator(const LaunchEnvironment& environment, const CommunicatorOptions& options)
    : ranks_(environment.ranks) {
  if (alone()) return;
  engine_ = std::make_unique<Engine>();
  try {
    const bool serve = first() && !environment.launcher_serves_store;
    const StorePtr shared = connect(environment, serve, options.meeting_timeout);
    // A run that torchrun started again must not read what the attempt before left in the launcher's store.
    const std::string prefix = fmt::format("golf/{}", environment.attempt);
    engine_->store = c10::make_intrusive<c10d::PrefixStore>(prefix, shared);
    const auto watching = c10::make_intrusive<c10d::PrefixStore>(
        prefix, connect(environment, /*serve=*/false, options.meeting_timeout));
    engine_->watch = std::make_unique<RankWatch>(watching, ranks_, options.rank_timeout, options.on_lost);
    // An operation may wait for a slow rank as long as that one gives signs of life.
    constexpr std::chrono::minutes kOperation{30};
    const auto store_of = [&](const char* name) {
      return c10::make_intrusive<c10d::PrefixStore>(name, engine_->store);
    };
    engine_->control = make_gloo_backend(store_of("control"), ranks_,
                                         own_address_towards(environment.master_address), kOperation);
    engine_->backend =
        options.device.is_cuda() ? make_nccl_backend(store_of("nccl"), ranks_, kOperation) : engine_->control;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    fail(
        ErrorCode::kRunFailed,
        fmt::format("rank {} of {} did not meet the others at {}:{} within {} s: {}; see that all ranks were "
                    "started and that the port is free",
                    ranks_.rank, ranks_.world, environment.master_address, environment.master_port,
                    std::chrono::duration_cast<std::chrono::seconds>(options.meeting_timeout).count(),
                    first_line(error)));
  }
}

Pending Communicator::sum(torch::Tensor values) const {
  if (alone()) return {[] {}};
  return engine_->pending([&] {
    std::vector<at::Tensor> list = {values};
    return engine_->backend->allreduce(list);
  });
}

Pending Communicator::sum_scatter(torch::Tensor own, torch::Tensor all) const {
  if (alone()) {
    own.copy_(all);
    return {[] {}};
  }
  return engine_->pending([&] { return engine_->backend->_reduce_scatter_base(own, all); });
}

Pending Communicator::gather(torch::Tensor all, torch::Tensor own) const {
  if (alone()) {
    all.copy_(own);
    return {[] {}};
  }
  return engine_->pending([&] { return engine_->backend->_allgather_base(all, own); });
}

void Communicator::broadcast(torch::Tensor values) const {
  if (alone()) return;
  engine_
      ->pending([&] {
        std::vector<at::Tensor> list = {values};
        return engine_->backend->broadcast(list);
      })
      .wait();
}

double Communicator::max(double value) const {
  return alone() ? value : engine_->reduce(value, c10d::ReduceOp::MAX);
}

Pending Communicator::max(torch::Tensor values) const {
  if (alone()) return {[] {}};
  return engine_->control_reduce(std::move(values), c10d::ReduceOp::MAX);
}

double Communicator::sum(double value) const {
  return alone() ? value : engine_->reduce(value, c10d::ReduceOp::SUM);
}

void Communicator::require_same(const std::string& what, const std::string& text) const {
  if (alone()) return;
  const auto key = [&](int64_t rank) { return fmt::format("same/{}/{}", what, rank); };
  std::vector<std::string> keys, texts;
  for (int64_t rank = 0; rank < ranks_.world; ++rank) keys.push_back(key(rank));
  engine_->guarded([&] {
    engine_->store->set(key(ranks_.rank), std::vector<uint8_t>(text.begin(), text.end()));
    engine_->store->wait(keys);
    for (const std::string& one : keys) {
      const std::vector<uint8_t> bytes = engine_->store->get(one);
      texts.emplace_back(bytes.begin(), bytes.end());
    }
  });
  for (size_t rank = 1; rank < texts.size(); ++rank) {
    if (texts[rank] == texts[0]) continue;
    fail(ErrorCode::kMismatch, fmt::format("ranks 0 and {} differ in {}: {} and {}; start all ranks alike",
                                           rank, what, texts[0], texts[rank]));
  }
}

void Communicator::report_failure(const std::string& why) const noexcept {
  if (alone()) return;
  try {
    engine_->watch->report_failure(why);
  } catch (const std::exception&) {
    // The store is gone, and the others know that without us.
  }
}

void Communicator::finish() const {
  if (alone()) return;
  engine_->guarded([&] {
    engine_->watch->finish();
    // NCCL complains about an engine that was not shut down; Gloo has nothing to do here.
    if (engine_->backend != engine_->control) engine_->backend->shutdown();
  });
}

}  // namespace golf
