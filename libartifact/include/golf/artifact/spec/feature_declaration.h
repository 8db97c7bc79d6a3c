#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/spec/feature_set.h"
#include "golf/artifact/spec/layer_plan.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/spec/parameter_kind.h"

namespace golf {

/// What a feature reads of the environment variables that the submissions' programs use, and what it sets.
class FeatureVariables {
 public:
  virtual ~FeatureVariables() = default;
  /// The variable's value; none when it is not set. @throws Error kInvalidArgument naming the variable
  virtual std::optional<std::string> text(const char* variable) const = 0;
  virtual std::optional<double> number(const char* variable) const = 0;
  virtual std::optional<int64_t> integer(const char* variable) const = 0;
  virtual std::optional<bool> flag(const char* variable) const = 0;
  [[noreturn]] virtual void refuse(const char* variable, const std::string& problem) const = 0;

  /// The model as it is configured so far.
  virtual ModelConfig model() const = 0;
  /// Whether the feature is on, or a section of its settings there.
  virtual bool has(std::string_view section = {}) const = 0;
  /// Turns the feature on with its standard settings, or off.
  virtual void turn(bool on, const char* variable) = 0;
  /// Sets the setting `key`, such as "pairs.gate_temp". @throws Error kInvalidArgument when the feature is
  /// off
  virtual void set(std::string_view key, Json value, const char* variable) = 0;

  /// Sets `key` to the variable's value when the variable is set.
  void take_integer(const char* variable, std::string_view key) {
    if (const auto value = integer(variable)) set(key, *value, variable);
  }
  void take_number(const char* variable, std::string_view key) {
    if (const auto value = number(variable)) set(key, *value, variable);
  }
};

/// An optional part of a model, declared once in spec/features/NAME.cpp; the arithmetic is in libeval,
/// model/features/NAME.cpp. Both folders are listed by the build, so that a new feature is one pair of files.
struct FeatureDeclaration {
  std::string_view name;     ///< its section of the model's configuration
  int order;                 ///< of the sections in a document and of features that act at one place
  std::string_view summary;  ///< one line; the formula is with the arithmetic
  std::vector<SettingRow> settings = {};
  std::vector<ParameterKind> parameters = {};
  /// Checks what the rows of settings cannot say. @throws Error kInvalidArgument
  void (*validate)(const ModelConfig&, const FeatureSettings&) = nullptr;
  /// Changes the order in which blocks run. Not called while a model's recurrence is off.
  void (*order_blocks)(const FeatureSettings&, std::vector<int64_t>& blocks) = nullptr;
  /// Changes how calls read and write the residual stream.
  void (*plan)(const FeatureSettings&, LayerPlan& plan) = nullptr;
  void (*read_variables)(FeatureVariables&) = nullptr;
  /// Name of the module that holds the transformer when this feature wraps it.
  std::string_view wrapper = {};
};

/// All features, in their order.
std::span<const FeatureDeclaration> feature_declarations();
/// @throws Error kInvalidArgument for an unknown name, with the name that was meant when one is near
const FeatureDeclaration& find_feature(std::string_view name);
/// Adds a feature of the calling program, before the first model is configured: call it from a static
/// initializer or from main. Not for concurrent use.
void declare_feature(FeatureDeclaration declaration);

/// The parameters that every model has: embedding, blocks, head and skip weights.
std::span<const ParameterKind> transformer_parameters();

}  // namespace golf
