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
#include "golf/train/run/train.h"
#include "parallel/backend.h"
#include "parallel/heartbeat.h"

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

struct Communicator::Backends {
  StorePtr store;
  c10::intrusive_ptr<c10d::Backend> backend;
  /// For numbers that the processor waits for: on a GPU they would have to queue behind its work.
  c10::intrusive_ptr<c10d::Backend> control;
  std::unique_ptr<HeartbeatMonitor> monitor;

  /// Runs an operation of a backend. When it fails because a rank is lost, the monitor knows which one.
  template <class Operation>
  auto guarded(const Operation& operation) const {
    try {
      return operation();
    } catch (const std::exception& error) {
      monitor->wait_for_verdict();
      fail(ErrorCode::kRunFailed,
           fmt::format("the connection between the ranks is lost: {}", first_line(error)));
    }
  }

  template <class Operation>
  Work start(const Operation& operation) const {
    return {[this, work = guarded(operation)] { guarded([&] { return work->wait(); }); }};
  }

  Work control_reduce(torch::Tensor values, c10d::ReduceOp::RedOpType operation) const {
    return start([&] {
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

std::string available_backends() {
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
  backends_ = std::make_unique<Backends>();
  try {
    const bool serve = first() && !environment.launcher_serves_store;
    const StorePtr shared = connect(environment, serve, options.rendezvous_timeout);
    // A run that torchrun started again must not read what the attempt before left in the launcher's store.
    const std::string prefix = fmt::format("golf/{}", environment.attempt);
    backends_->store = c10::make_intrusive<c10d::PrefixStore>(prefix, shared);
    const auto monitored = c10::make_intrusive<c10d::PrefixStore>(
        prefix, connect(environment, /*serve=*/false, options.rendezvous_timeout));
    backends_->monitor =
        std::make_unique<HeartbeatMonitor>(monitored, ranks_, options.rank_timeout, options.on_lost);
    // An operation may wait for a slow rank for as long as that rank has a heartbeat.
    constexpr std::chrono::minutes kOperation{30};
    const auto store_of = [&](const char* name) {
      return c10::make_intrusive<c10d::PrefixStore>(name, backends_->store);
    };
    backends_->control = make_gloo_backend(store_of("control"), ranks_,
                                           own_address_towards(environment.master_address), kOperation);
    backends_->backend = options.device.is_cuda() ? make_nccl_backend(store_of("nccl"), ranks_, kOperation)
                                                  : backends_->control;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    fail(ErrorCode::kRunFailed,
         fmt::format("rank {} of {}: no rendezvous with the other ranks at {}:{} within {} s: {}; check that "
                     "all ranks "
                     "were started and that the port is free",
                     ranks_.rank, ranks_.world, environment.master_address, environment.master_port,
                     std::chrono::duration_cast<std::chrono::seconds>(options.rendezvous_timeout).count(),
                     first_line(error)));
  }
}

Work Communicator::all_reduce(torch::Tensor values) const {
  if (alone()) return {[] {}};
  return backends_->start([&] {
    std::vector<at::Tensor> list = {values};
    return backends_->backend->allreduce(list);
  });
}

Work Communicator::reduce_scatter(torch::Tensor own, torch::Tensor all) const {
  if (alone()) {
    own.copy_(all);
    return {[] {}};
  }
  return backends_->start([&] { return backends_->backend->_reduce_scatter_base(own, all); });
}

Work Communicator::all_gather(torch::Tensor all, torch::Tensor own) const {
  if (alone()) {
    all.copy_(own);
    return {[] {}};
  }
  return backends_->start([&] { return backends_->backend->_allgather_base(all, own); });
}

void Communicator::broadcast(torch::Tensor values) const {
  if (alone()) return;
  backends_
      ->start([&] {
        std::vector<at::Tensor> list = {values};
        return backends_->backend->broadcast(list);
      })
      .wait();
}

double Communicator::all_reduce_max(double value) const {
  return alone() ? value : backends_->reduce(value, c10d::ReduceOp::MAX);
}

Work Communicator::all_reduce_max(torch::Tensor values) const {
  if (alone()) return {[] {}};
  return backends_->control_reduce(std::move(values), c10d::ReduceOp::MAX);
}

void Communicator::require_same(const std::string& what, const std::string& text) const {
  if (alone()) return;
  const auto key = [&](int64_t rank) { return fmt::format("same/{}/{}", what, rank); };
  std::vector<std::string> keys, texts;
  for (int64_t rank = 0; rank < ranks_.world; ++rank) keys.push_back(key(rank));
  backends_->guarded([&] {
    backends_->store->set(key(ranks_.rank), std::vector<uint8_t>(text.begin(), text.end()));
    backends_->store->wait(keys);
    for (const std::string& one : keys) {
      const std::vector<uint8_t> bytes = backends_->store->get(one);
      texts.emplace_back(bytes.begin(), bytes.end());
    }
  });
  for (size_t rank = 1; rank < texts.size(); ++rank) {
    if (texts[rank] == texts[0]) continue;
    agree_to_fail("same/" + what);
    fail(ErrorCode::kMismatch, fmt::format("ranks 0 and {} differ in {}: {} and {}; start all ranks alike",
                                           rank, what, texts[0], texts[rank]));
  }
}

void Communicator::agree_to_fail(const std::string& why) const {
  std::vector<std::string> keys;
  for (int64_t rank = 0; rank < ranks_.world; ++rank) keys.push_back(fmt::format("{}/seen/{}", why, rank));
  backends_->monitor->all_fail();
  try {
    backends_->store->set(keys[static_cast<size_t>(ranks_.rank)], std::vector<uint8_t>{1});
    backends_->store->wait(keys, std::chrono::seconds(10));
  } catch (const std::exception&) {
    // A rank that has seen it already may have taken the store along.
  }
}

void Communicator::report_failure(const std::string& why) const noexcept {
  if (alone()) return;
  try {
    backends_->monitor->report_failure(why);
  } catch (const std::exception&) {
    // The store is gone, and the others know that without us.
  }
}

void Communicator::finish() const {
  if (alone()) return;
  backends_->guarded([&] {
    backends_->monitor->finish();
    // NCCL warns about a backend that was not shut down; Gloo has nothing to do here.
    if (backends_->backend != backends_->control) backends_->backend->shutdown();
  });
}

}  // namespace golf
