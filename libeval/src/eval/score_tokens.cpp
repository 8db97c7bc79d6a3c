#include "golf/eval/score_tokens.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "eval/passes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/model/loss.h"

// Shapes: B windows of a part, T positions of a window, S scored positions, D model width, V vocabulary.

namespace golf {
namespace {

/// Logits held at a time by one thread, whatever the shape of a window: 64 MiB in float32.
constexpr int64_t kLogitElements = int64_t{1} << 24;
/// Tokens in one forward pass on a processor: what a core's caches hold, and enough parts for all cores.
constexpr int64_t kPartTokens = 1024;

/// The windows of a plan that are to be scored, in their order.
struct WindowList {
  const WindowPlan& plan;
  std::span<const int64_t> chosen;  ///< empty: all of the plan

  int64_t size() const { return chosen.empty() ? plan.size() : std::ssize(chosen); }
  Window operator[](int64_t index) const {
    return plan[chosen.empty() ? index : chosen[static_cast<size_t>(index)]];
  }
};

/// Windows of equal shape that make one forward pass.
struct Part {
  int64_t first = 0;
  int64_t count = 0;
};

/// How many windows from `first` on share its shape, at most `limit`.
int64_t equal_windows(const WindowList& windows, int64_t first, int64_t limit) {
  const Window shape = windows[first];
  int64_t count = 1;
  while (count < limit && first + count < windows.size()) {
    const Window window = windows[first + count];
    if (window.length != shape.length || window.score_from != shape.score_from) break;
    ++count;
  }
  return count;
}

/// Cuts the windows [first, end) into parts, in the same way whatever the thread count.
std::vector<Part> cut(const WindowList& windows, int64_t first, int64_t end, int64_t part_windows) {
  std::vector<Part> parts;
  while (first < end) {
    const int64_t count = equal_windows(windows, first, std::min(part_windows, end - first));
    parts.push_back({first, count});
    first += count;
  }
  return parts;
}

struct PartTokens {
  at::Tensor ids_BT;
  at::Tensor targets_BS;
  std::vector<ScoreSegment> segments;
  std::vector<int64_t> bounds = {};  ///< of documents in the rows, one after the other; empty: none are kept
};

PartTokens read_part(std::span<const uint16_t> stream, const WindowList& windows, const Part& part,
                     const std::optional<DocumentAttention>& documents) {
  const Window shape = windows[part.first];
  PartTokens tokens{at::empty({part.count, shape.length}, at::kLong),
                    at::empty({part.count, shape.scored()}, at::kLong),
                    {}};
  auto* ids = tokens.ids_BT.data_ptr<int64_t>();
  auto* targets = tokens.targets_BS.data_ptr<int64_t>();
  for (int64_t row = 0; row < part.count; ++row) {
    const Window window = windows[part.first + row];
    const uint16_t* source = stream.data() + window.start;
    ids = std::copy_n(source, window.length, ids);
    targets = std::copy_n(source + window.score_from + 1, window.scored(), targets);
    tokens.segments.push_back({window.first_target(), window.scored()});
    if (!documents) continue;
    const auto inputs = stream.subspan(static_cast<size_t>(window.start), static_cast<size_t>(window.length));
    for (const int64_t bound : document_bounds(inputs, *documents)) {
      if (bound == 0 && row > 0) continue;  // the end of the row before
      tokens.bounds.push_back(row * shape.length + bound);
    }
  }
  return tokens;
}

void append_floats(std::vector<float>& to, const at::Tensor& values) {
  const at::Tensor flat = values.to(at::kCPU, at::kFloat).contiguous();
  const auto* data = flat.data_ptr<float>();
  to.insert(to.end(), data, data + flat.numel());
}

/// Hidden states of rows of a part at neighboring positions, and the rows' tokens up to the last of these:
/// what logits are made of.
struct Tile {
  at::Tensor h_BSD;
  at::Tensor ids_BT;
};

/// Positions of a row whose logits are held at a time.
int64_t tile_positions(Decoder& model) {
  return std::max<int64_t>(kLogitElements / model->config().vocab_size, 1);
}

/// The scored positions [first, end) of the rows. A position's logits need no token after it.
Tile tile_of(const at::Tensor& h_BSD, const at::Tensor& ids_BT, int64_t first, int64_t end) {
  const int64_t unscored = ids_BT.size(1) - h_BSD.size(1);
  return {h_BSD.slice(1, first, end), ids_BT.slice(1, 0, unscored + end)};
}

/// Losses of all scored positions of the rows. At most kLogitElements logits are held at a time, or a
/// position's.
PositionScores score_rows(Decoder& model, const at::Tensor& h_BSD, const at::Tensor& ids_BT,
                          const at::Tensor& targets_BS, bool with_entropy) {
  const int64_t rows = h_BSD.size(0), scored = h_BSD.size(1);
  const int64_t width = std::min(tile_positions(model), scored);
  const int64_t step = std::max<int64_t>(tile_positions(model) / scored, 1);
  std::vector<at::Tensor> nll, entropies;  // of each tile, in the order of the positions
  for (int64_t row = 0; row < rows; row += step) {
    const int64_t end_row = std::min(row + step, rows);
    for (int64_t first = 0; first < scored; first += width) {
      const int64_t end = std::min(first + width, scored);
      const Tile tile = tile_of(h_BSD.slice(0, row, end_row), ids_BT.slice(0, row, end_row), first, end);
      const PositionScores found =
          score_positions(model, tile.h_BSD, tile.ids_BT,
                          targets_BS.slice(0, row, end_row).slice(1, first, end), with_entropy);
      nll.push_back(found.nll_BT.flatten());
      if (with_entropy) entropies.push_back(found.entropy_BT.flatten());
    }
  }
  return {at::cat(nll), with_entropy ? at::cat(entropies) : at::Tensor()};
}

/// The distributions at the sampled targets of a part. Logits are held as score_rows() holds them.
std::vector<SampledDistribution> sample_part(Decoder& model, const at::Tensor& h_BSD,
                                             const at::Tensor& ids_BT,
                                             const std::vector<ScoreSegment>& segments,
                                             const std::vector<int64_t>& targets) {
  std::vector<SampledDistribution> samples;
  const int64_t width = tile_positions(model);
  int64_t used = 0;
  for (size_t row = 0; row < segments.size(); ++row) {
    const ScoreSegment& segment = segments[row];
    const auto r = static_cast<int64_t>(row);
    for (int64_t from = 0; from < segment.count; from += width) {
      const int64_t to = std::min(from + width, segment.count);
      const auto first = std::lower_bound(targets.begin(), targets.end(), segment.first_target + from);
      const auto end = std::lower_bound(first, targets.end(), segment.first_target + to);
      if (first == end) continue;
      const Tile tile = tile_of(h_BSD.slice(0, r, r + 1), ids_BT.slice(0, r, r + 1), from, to);
      const at::Tensor logits_SV = model->logits(tile.h_BSD, tile.ids_BT)[0];
      for (auto target = first; target != end; ++target) {
        const int64_t position = *target - segment.first_target;
        const at::Tensor p_V = logits_SV[position - from].to(at::kCPU, at::kDouble).softmax(-1).contiguous();
        const auto* p = p_V.data_ptr<double>();
        samples.push_back({used + position, {p, p + p_V.numel()}});
      }
    }
    used += segment.count;
  }
  return samples;
}

/// Losses of given tokens at given scored positions of a part, [N]. Only these positions pass the head again.
at::Tensor score_named(Decoder& model, const at::Tensor& h_BSD, const at::Tensor& ids_BT,
                       const std::vector<int64_t>& positions, const std::vector<int64_t>& tokens) {
  const auto count = std::ssize(positions);
  const int64_t scored = h_BSD.size(1), width = tile_positions(model);
  const at::Tensor at_N = at::tensor(positions), tokens_N = at::tensor(tokens).to(h_BSD.device());
  std::vector<at::Tensor> nll;
  for (int64_t first = 0, end = 0; first < count; first = end) {
    if (model->logits_are_softcapped()) {  // then a position's logits need no other position
      end = std::min(first + width, count);
      const at::Tensor h_1ND =
          h_BSD.flatten(0, 1).index_select(0, at_N.slice(0, first, end).to(h_BSD.device())).unsqueeze(0);
      const at::Tensor tokens_1N = tokens_N.slice(0, first, end).unsqueeze(0);
      nll.push_back(score_positions(model, h_1ND, {}, tokens_1N, /*with_entropy=*/false).nll_BT[0]);
      continue;
    }
    // Those in one tile of a row.
    const int64_t row = positions[static_cast<size_t>(first)] / scored;
    const int64_t from = positions[static_cast<size_t>(first)] % scored / width * width;
    const int64_t to = std::min(from + width, scored);
    end = std::lower_bound(positions.begin() + first, positions.end(), row * scored + to) - positions.begin();
    const Tile tile = tile_of(h_BSD.slice(0, row, row + 1), ids_BT.slice(0, row, row + 1), from, to);
    const at::Tensor in_tile_N = (at_N.slice(0, first, end) - (row * scored + from)).to(h_BSD.device());
    const at::Tensor logits_NV = model->logits(tile.h_BSD, tile.ids_BT)[0].index_select(0, in_tile_N);
    nll.push_back(token_nll(logits_NV.unsqueeze(0), tokens_N.slice(0, first, end).unsqueeze(0))[0]);
  }
  return at::cat(nll);
}

/// ln p of the tokens that are named for targets of a part.
std::vector<float> name_part(Decoder& model, const at::Tensor& h_BSD, const at::Tensor& ids_BT,
                             const std::vector<ScoreSegment>& segments,
                             std::span<const int32_t> named_tokens) {
  std::vector<int64_t> positions;  // in the part's scores
  std::vector<int64_t> tokens;
  int64_t scores = 0;
  for (const ScoreSegment& segment : segments) {
    for (int64_t i = 0; i < segment.count; ++i, ++scores) {
      const int32_t token = named_tokens[static_cast<size_t>(segment.first_target + i)];
      if (token == kNoToken) continue;
      positions.push_back(scores);
      tokens.push_back(token);
    }
  }
  std::vector<float> log_p(static_cast<size_t>(scores));
  if (positions.empty()) return log_p;
  const at::Tensor found =
      score_named(model, h_BSD, ids_BT, positions, tokens).to(at::kCPU, at::kFloat).contiguous();
  for (size_t i = 0; i < positions.size(); ++i) {
    log_p[static_cast<size_t>(positions[i])] = -found.data_ptr<float>()[i];
  }
  return log_p;
}

TokenScores score_part(Decoder& model, PartTokens tokens, const Window& shape, at::Device device,
                       const ScoreOptions& options) {
  const c10::InferenceMode inference;
  const at::Tensor ids_BT = tokens.ids_BT.to(device);
  const at::Tensor targets_BS = tokens.targets_BS.to(device);
  const ForwardRange range{.first_position = tokens.bounds.empty() ? shape.score_from : 0,
                           .attention_window = options.attention_window};
  at::Tensor h_BSD = model->hidden(ids_BT, tokens.bounds, /*adapter=*/nullptr, range);
  if (!tokens.bounds.empty()) h_BSD = h_BSD.slice(1, shape.score_from);
  TokenScores scores{.segments = std::move(tokens.segments)};
  const PositionScores found = score_rows(model, h_BSD, ids_BT, targets_BS, options.entropy);
  append_floats(scores.nll_nats, found.nll_BT);
  if (options.entropy) append_floats(scores.entropy_nats, found.entropy_BT);
  if (!options.named_tokens.empty()) {
    scores.named_log_p = name_part(model, h_BSD, ids_BT, scores.segments, options.named_tokens);
  }
  scores.samples = sample_part(model, h_BSD, ids_BT, scores.segments, options.sampled_targets);
  return scores;
}

void check_stream(std::span<const uint16_t> stream, const WindowPlan& plan, int64_t vocab_size) {
  const auto tokens = static_cast<int64_t>(stream.size());
  if (tokens != plan.targets() + 1) {
    fail(ErrorCode::kMismatch, fmt::format("{} tokens for a plan over {} targets: expected {} tokens", tokens,
                                           plan.targets(), plan.targets() + 1));
  }
  require_tokens_below(stream, vocab_size);
}

}  // namespace

std::vector<int64_t> document_bounds(std::span<const uint16_t> tokens, const DocumentAttention& documents) {
  const auto end = static_cast<int64_t>(tokens.size());
  std::vector<int64_t> bounds = {0};
  for (int64_t i = 1; i <= end; ++i) {
    const bool starts = i == end || tokens[static_cast<size_t>(i)] == documents.first_token;
    if (starts || (documents.max_length > 0 && i - bounds.back() == documents.max_length))
      bounds.push_back(i);
  }
  return bounds;
}

void score_tokens(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                  const ScoreOptions& options, const ScoreSink& sink) {
  if (options.batch_seqs < 1) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("batch of {} sequences: must be at least 1", options.batch_seqs));
  }
  for (const int64_t window : options.chosen_windows) {
    if (window >= 0 && window < plan.size()) continue;
    fail(ErrorCode::kInvalidArgument, fmt::format("window {} of a plan that has {}", window, plan.size()));
  }
  const WindowList windows{plan, options.chosen_windows};
  const int64_t first_window = options.first_window;
  const int64_t end_window = options.end_window < 0 ? windows.size() : options.end_window;
  if (first_window < 0 || first_window > end_window || end_window > windows.size()) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("windows {} to {} of {}", first_window, end_window, windows.size()));
  }
  check_stream(stream, plan, model->config().vocab_size);
  if (!options.named_tokens.empty() && static_cast<int64_t>(options.named_tokens.size()) != plan.targets()) {
    fail(ErrorCode::kMismatch, fmt::format("{} named tokens for a plan over {} targets",
                                           options.named_tokens.size(), plan.targets()));
  }
  const EvalModeGuard eval_mode(model);
  const at::Device device = model->parameters().front().device();
  // A CUDA device takes the batch whole; the guard does not matter to it.
  const int64_t part_windows =
      device.is_cpu() ? std::max<int64_t>(kPartTokens / plan.seq_len(), 1) : options.batch_seqs;
  const OneThreadPerOperation guard;
  const int threads = device.is_cpu() ? guard.threads() : 1;
  Progress progress;
  progress.stage = "evaluate";
  progress.total = static_cast<uint64_t>(plan.coverage().scored * (end_window - first_window) / plan.size());
  progress.unit = "tokens";
  for (int64_t first = first_window; first < end_window; first += options.batch_seqs) {
    const int64_t end = std::min(first + options.batch_seqs, end_window);
    const std::vector<Part> parts = cut(windows, first, end, part_windows);
    std::vector<TokenScores> scores(parts.size());
    parallel_for(parts.size(), threads, [&](size_t i) {
      scores[i] = score_part(model, read_part(stream, windows, parts[i], options.documents),
                             windows[parts[i].first], device, options);
    });
    TokenScores batch;
    for (const TokenScores& part : scores) batch.append(part);
    progress.done += static_cast<uint64_t>(batch.size());
    sink(batch);
    if (options.progress) options.progress(progress);
  }
}

TokenScores score_tokens(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                         const ScoreOptions& options) {
  TokenScores all;
  score_tokens(model, stream, plan, options, [&](const TokenScores& batch) { all.append(batch); });
  return all;
}

}  // namespace golf
