#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/train/config/train_config.h"
#include "golf/train/parallel/launch_environment.h"

namespace golf {

/// One leaf of a configuration and where its value came from.
struct ConfigEntry {
  std::string key;  ///< "optimizer.muon.momentum"
  Json value;
  std::string origin;  ///< "default", "preset NAME", a file's path, or the origin given to set()
};

/// Puts a TrainConfig together from layers, each winning over the ones before: the defaults, presets and
/// files, then single values. The layers are JSON, so that a misspelt key is noticed by the same reader.
class ConfigBuilder {
 public:
  /// A preset's name or the path of a JSON file ("-" is standard input).
  /// @throws Error kInvalidArgument: no such preset (with a suggestion) or file; kCorruptData: not JSON
  explicit ConfigBuilder(const std::string& name_or_path);

  /// Lays another preset or file over what is there: its values win, sections are merged member by member,
  /// and null removes a part that is optional. @throws as the constructor does
  void add(const std::string& name_or_path);

  /// Sets one value. `text` is read as JSON, or as a string where it is none.
  /// @throws Error kInvalidArgument when `key` leads through something that is not a section
  void set(std::string_view key, std::string_view text, const std::string& origin);
  void set_value(std::string_view key, Json value, const std::string& origin);
  /// "section.key=value". @throws Error kInvalidArgument
  void set_assignment(std::string_view assignment, const std::string& origin);

  /// The configuration, validated. @throws Error kInvalidArgument naming the key and, when one is near, the
  /// key that was meant
  TrainConfig build() const;
  /// The same before its values are validated against each other, for layers that depend on others.
  TrainConfig unchecked() const { return from_json<TrainConfig>(document_, where_); }
  /// Every value of build(), in the order of the document.
  std::vector<ConfigEntry> entries() const;

 private:
  std::string where_;
  Json document_ = Json::object();
  std::map<std::string, std::string> origins_;  // by key
};

/// Sets the options that the submissions' programs read from environment variables: NUM_LAYERS=8 is
/// model.num_layers. An empty variable counts as not set. The origin of a value becomes "environment NAME".
///
/// Some names stand for more than one value, or depend on others: MLP_MULT and MODEL_DIM also set
/// model.mlp_hidden, TRAIN_SEQ_LEN also the evaluation's length unless EVAL_SEQ_LEN does; switches such as
/// SMEAR_GATE, QAT, EMA_ENABLED turn parts on and off.
/// Source: docs/SUBMISSIONS.md, Training of each submission.
/// @return one line for each reason, naming the variables of that kind that are set but read by nothing and
/// do not concern the training: for warnings
/// @throws Error kInvalidArgument naming the variable: no number; a setting of a part that this configuration
/// lacks; a part of a submission that golf-train does not train
std::vector<std::string> apply_submission_variables(ConfigBuilder& builder, const VariableLookup& variable);

/// Refuses variables that programs of the submissions read and golf-train does not, so that no run trains
/// something else than its environment asks for. @throws Error kInvalidArgument naming all that are set
void refuse_unread_variables(const VariableLookup& variable);
/// Those that are not refused because the training is the same without them: see apply_submission_variables.
/// @param read  names that are read after all
std::vector<std::string> unread_variable_notes(const VariableLookup& variable,
                                               const std::set<std::string>& read = {});

}  // namespace golf
