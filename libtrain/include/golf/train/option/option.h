#pragma once

#include <concepts>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "golf/artifact/base/json_fields.h"

namespace golf {

/// The largest count of steps that an option may give.
inline constexpr double kMostSteps = 1 << 30;

/// Whether a run that continues may have another value than the one it began with.
enum class OnResume { kMustAgree, kMayChange };

/// What there is to say about a training option besides its name, type and default.
struct Option {
  const char* meaning = "";
  /// The smallest and the largest value of a number.
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  /// The environment variables by which the submissions' programs read it.
  std::vector<const char*> variables = {};
  OnResume on_resume = OnResume::kMustAgree;
};

enum class OptionType { kFlag, kInteger, kNumber, kText, kList };

/// An option of the whole configuration, found by OptionVisitor::list.
struct OptionRow {
  std::string key;  ///< "optimizer.muon.momentum"
  OptionType type = OptionType::kText;
  Json default_value = {};
  std::string choices = {};  ///< of an enumeration: "off, fake_quant, noise"
  Option option = {};
};

class OptionVisitor;
/// A section that lists its options, one line an option:
///
///     void declare(OptionVisitor& visit, MtpConfig& config) {
///       visit.field("heads", config.heads, {.meaning = "…", .low = 0, .high = 64, .variables =
///       {"MTP_NUM_HEADS"}});
///     }
///
/// JSON (describe), the check of ranges, the submissions' environment variables, what may change when a run
/// continues, and the table of options in docs/TRAINING.md follow from that line.
template <class Section>
concept Declared = requires(OptionVisitor& visit, Section& section) {
  declare(visit, section);
};

/// Goes through the options of a section for one of three purposes.
class OptionVisitor {
 public:
  /// Binds each option to a member of a JSON object.
  explicit OptionVisitor(JsonFields& json) : json_(&json) {}
  /// Adds each option to `rows`.
  explicit OptionVisitor(std::vector<OptionRow>& rows) : rows_(&rows) {}
  /// Checks each value. @throws Error kInvalidArgument naming the key, its value and what is allowed
  OptionVisitor() = default;

  template <class T>
  void field(std::string_view key, T& value, const Option& option) {
    if (json_ != nullptr) return json_->field(key, value);
    if (rows_ != nullptr) return add_row(key, type_of<T>(), json_of(value), {}, option);
    check(key, value, option);
  }

  template <class E, size_t N>
  void enumeration(std::string_view key, E& value, const EnumName<E> (&names)[N], const Option& option) {
    const std::span<const EnumName<E>> all(names);
    if (json_ != nullptr) return json_->enumeration(key, value, all);
    if (rows_ == nullptr) return;
    std::string choices, chosen;
    for (const EnumName<E>& one : all) {
      choices += (choices.empty() ? "" : ", ") + std::string(one.name);
      if (one.value == value) chosen = one.name;
    }
    add_row(key, OptionType::kText, Json(chosen), choices, option);
  }

  /// A nested section. One that does not declare its options (a model's) is bound to JSON alone; as a row it
  /// is one option of the type kText, so that `on_resume` is known of it.
  template <class T>
  void section(std::string_view key, T& value, OnResume on_resume = OnResume::kMustAgree) {
    if (json_ != nullptr) return json_->section(key, value);
    if constexpr (Declared<T>) {
      OptionVisitor nested = inside(key, on_resume);
      declare(nested, value);
    } else if (rows_ != nullptr) {
      add_row(key, OptionType::kText, {}, {}, {.on_resume = on_resume});
    }
  }
  /// A nested section that may be absent. Its options are listed all the same.
  template <Declared T>
  void section(std::string_view key, std::optional<T>& value) {
    if (json_ != nullptr) return json_->section(key, value);
    OptionVisitor nested = inside(key, OnResume::kMustAgree);
    T absent{};
    if (value || rows_ != nullptr) declare(nested, value ? *value : absent);
  }

 private:
  template <class T>
  static constexpr OptionType type_of() {
    if constexpr (requires { typename T::value_type; } && !std::same_as<T, std::string>) {
      return is_optional<T> ? type_of<typename T::value_type>() : OptionType::kList;
    } else if constexpr (std::same_as<T, bool>) {
      return OptionType::kFlag;
    } else if constexpr (std::integral<T>) {
      return OptionType::kInteger;
    } else if constexpr (std::floating_point<T>) {
      return OptionType::kNumber;
    } else {
      return OptionType::kText;
    }
  }
  template <class T>
  static constexpr bool is_optional = requires(const T& value) {
    value.has_value();
  };

  template <class T>
  static Json json_of(T& value) {
    JsonFields one = JsonFields::writer();
    one.field("value", value);
    const Json object = one.take();
    const Json* member = object.find("value");
    return member == nullptr ? Json() : *member;
  }

  OptionVisitor inside(std::string_view key, OnResume on_resume) const;
  void add_row(std::string_view key, OptionType type, Json default_value, std::string choices, Option option);
  void check(std::string_view key, double value, const Option& option) const;
  void check(std::string_view key, int64_t value, const Option& option) const;
  void check(std::string_view key, const std::optional<double>& value, const Option& option) const;
  template <class T>
  void check(std::string_view, const T&, const Option&) const {}  // no other type has a range

  JsonFields* json_ = nullptr;
  std::vector<OptionRow>* rows_ = nullptr;
  std::string prefix_;
  OnResume on_resume_ = OnResume::kMustAgree;
};

template <Declared Section>
void describe(JsonFields& fields, Section& section) {
  OptionVisitor visit(fields);
  declare(visit, section);
}

/// Calls visit(key, value) for every value under `json` that is not an object, with its dotted key.
void for_each_leaf(const Json& json, const std::function<void(const std::string&, const Json&)>& visit);
/// The same values by key.
std::map<std::string, Json> leaves_of(const Json& json);

}  // namespace golf
