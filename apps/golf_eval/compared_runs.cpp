#include "golf_eval/compared_runs.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <numbers>

#include "common/option_values.h"
#include "common/run_main.h"
#include "golf/artifact/text/known_data.h"

namespace golf {
namespace {

/// A number of bytes, or the name of a published tokenizer.
double parse_bytes_per_token(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value > 0 && std::isfinite(value)) {
    return value;
  }
  std::string names;
  for (const KnownText& known : KnownData::load().texts) {
    if (known.tokenizer == text) return known.bytes_per_token;
    names += (names.empty() ? "" : ", ") + known.tokenizer;
  }
  throw UsageError(fmt::format("--bytes-per-token: expected a number over 0 or one of: {}", names));
}

}  // namespace

ComparedSide read_side(const std::vector<std::string>& arguments, bool in_nats, const std::string& mode) {
  ComparedSide side;
  std::optional<ScoreSample> summary;
  for (const std::string& argument : arguments) {
    ScoreSource source = read_score_source(argument, in_nats, mode);
    if (source.summary) summary = source.summary;
    side.scores.insert(side.scores.end(), source.scores.begin(), source.scores.end());
  }
  if (summary && (arguments.size() > 1)) {
    throw UsageError("MEAN:DEVIATION:COUNT: stands for all runs of a side: give it alone");
  }
  if (summary) {
    side.sample = *summary;
    return side;
  }
  std::vector<double> values;
  for (const FoundScore& score : side.scores) {
    const std::optional<double>& value = in_nats ? score.loss : score.bpb;
    if (!value) {
      throw UsageError(fmt::format("{}: has no {}: use --unit {}", score.source,
                                   in_nats ? "loss in nats" : "bits per byte", in_nats ? "bpb" : "nats"));
    }
    values.push_back(*value);
  }
  side.sample = parse_option("", [&] { return summarize_scores(values); });
  return side;
}

std::optional<double> bytes_per_token(const std::string& option, const ComparedSide& a,
                                      const ComparedSide& b) {
  if (!option.empty()) return parse_bytes_per_token(option);
  std::optional<double> found;
  for (const ComparedSide* side : {&a, &b}) {
    for (const FoundScore& score : side->scores) {
      if (!score.loss || !score.bpb || !(*score.bpb > 0)) continue;
      const double ratio = *score.loss / (std::numbers::ln2 * *score.bpb);
      // Loss and bits a byte are often written to four digits.
      if (found && std::abs(ratio / *found - 1) > 0.002) return std::nullopt;
      if (!found) found = ratio;
    }
  }
  return found;
}

double margin_in_unit(const std::string& text, const std::string& unit_of_test,
                      const std::optional<double>& bytes) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit(end, text.data() + text.size());
  if (error != std::errc{} || !std::isfinite(value) || (unit != "nats" && unit != "bpb")) {
    throw UsageError(
        fmt::format("--margin: expected a number and its unit, 0.005nats or 0.002bpb, found {}", text));
  }
  if (unit == unit_of_test || value == 0) return value;
  if (!bytes) {
    throw UsageError(
        fmt::format("--margin: {} in {} needs the bytes a token, which these scores do not give: add "
                    "--bytes-per-token NUMBER or sp1024, sp4096, sp8192, or name the margin in {}",
                    text, unit_of_test, unit_of_test));
  }
  const double bpb_per_nat = 1 / (std::numbers::ln2 * *bytes);
  return unit == "nats" ? value * bpb_per_nat : value / bpb_per_nat;
}

Json sample_json(const ComparedSide& side) {
  Json scores = Json::array();
  for (const FoundScore& score : side.scores) {
    scores.push_back(Json::object({{"source", score.source},
                                   {"val_loss", score.loss ? Json(*score.loss) : Json()},
                                   {"val_bpb", score.bpb ? Json(*score.bpb) : Json()},
                                   {"seed", score.seed ? Json(*score.seed) : Json()}}));
  }
  return Json::object({{"runs", side.sample.count},
                       {"mean", side.sample.mean},
                       {"deviation", side.sample.count > 1 ? Json(side.sample.deviation) : Json()},
                       {"scores", std::move(scores)}});
}

std::string side_text(const std::string& name, const ComparedSide& side, const std::string& unit) {
  std::string text = fmt::format("{}: {} run{}, mean {:.6f} {}", name, side.sample.count,
                                 side.sample.count == 1 ? "" : "s", side.sample.mean, unit);
  if (side.sample.count > 1) text += fmt::format(", deviation {:.6f}", side.sample.deviation);
  text += "\n";
  for (const FoundScore& score : side.scores) {
    const double value = unit == "nats" ? *score.loss : *score.bpb;
    text += fmt::format("  {:.6f}  {}{}\n", value, score.source,
                        score.seed ? fmt::format(", seed {}", *score.seed) : "");
  }
  return text;
}

double pooled_deviation(const ScoreSample& a, const ScoreSample& b) {
  const auto degrees = [](const ScoreSample& each) { return static_cast<double>(each.count - 1); };
  const double squares = degrees(a) * a.deviation * a.deviation + degrees(b) * b.deviation * b.deviation;
  return std::sqrt(squares / (degrees(a) + degrees(b)));
}

}  // namespace golf
