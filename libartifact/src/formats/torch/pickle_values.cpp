#include "formats/torch/pickle_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"

namespace golf::pickle {
namespace {

class Converter {
 public:
  Converter(const Heap& heap, const std::vector<ByteView>& storages, const std::string& what)
      : heap_(heap), storages_(storages), what_(what) {
    uint64_t stored = 0;
    for (const Storage& storage : heap.storages) stored += storage.size_bytes;
    most_bytes_ = std::min(limits::kTensorBytesTotal,
                           limits::kViewBaseBytes + limits::kViewBytesPerStoredByte * stored);
  }

  TorchValue convert(Value value) {
    switch (value.kind) {
      case Kind::kNone:
        return {};
      case Kind::kBool:
        return plain(value.number != 0);
      case Kind::kInt:
        return plain(value.number);
      case Kind::kFloat:
        return plain(value.as_real());
      case Kind::kString:
        spend(heap_.text_of(value).size());
        return plain(std::string(heap_.text_of(value)));
      case Kind::kBytes: {
        const ByteView bytes = heap_.texts[value.index()];
        spend(bytes.size());
        return plain(Bytes(bytes.begin(), bytes.end()));
      }
      case Kind::kTuple:
      case Kind::kList:
        return convert_list(value);
      case Kind::kDict:
      case Kind::kOrderedDict:
        return convert_dict(value);
      case Kind::kTensor:
        return convert_tensor(heap_.tensors[value.index()]);
      case Kind::kGlobal:
        if (const Global& global = heap_.globals[value.index()]; global.kind == GlobalKind::kDType) {
          return plain(TorchValue::DTypeName{std::string(torch_name(global.dtype))});
        }
        [[fallthrough]];
      default:
        fail(ErrorCode::kUnsupported,
             fmt::format("{}: {} is not a plain value", what_, kind_name(value.kind)));
    }
  }

 private:
  template <class T>
  static TorchValue plain(T&& value) {
    TorchValue result;
    result.value = std::forward<T>(value);
    return result;
  }

  [[noreturn]] void fail_corrupt(const std::string& problem) const {
    fail(ErrorCode::kCorruptData, fmt::format("{}: {}", what_, problem));
  }

  /// Accounts for memory before it is taken.
  void spend(uint64_t bytes) {
    bytes_ += bytes;  // both far below 2^63
    if (bytes_ > most_bytes_) {
      fail_corrupt(fmt::format("views and shared values expand to more than {} bytes", most_bytes_));
    }
  }

  /// Enters a container: it must not lie inside itself, nor too deep. Counts what it holds before memory is
  /// taken for it.
  void enter(Value container) {
    values_ += heap_.items_of(container).size();
    if (values_ > limits::kPickleValues) {
      fail_corrupt(fmt::format("more than {} values, shared ones counted each time", limits::kPickleValues));
    }
    if (std::find(path_.begin(), path_.end(), container.index()) != path_.end()) {
      fail_corrupt("a container holds itself");
    }
    if (path_.size() == static_cast<size_t>(limits::kPickleNesting)) {
      fail_corrupt(fmt::format("nested deeper than {}", limits::kPickleNesting));
    }
    path_.push_back(container.index());
  }

  TorchValue convert_list(Value value) {
    enter(value);
    TorchValue::List list;
    list.reserve(heap_.items_of(value).size());
    for (const Value item : heap_.items_of(value)) list.push_back(convert(item));
    path_.pop_back();
    TorchValue result = plain(std::move(list));
    result.is_tuple = value.kind == Kind::kTuple;
    return result;
  }

  TorchValue convert_dict(Value value) {
    enter(value);
    const std::vector<Value>& items = heap_.items_of(value);
    TorchValue::Dict dict;
    dict.reserve(items.size() / 2);
    std::set<std::string_view> names;
    std::set<int64_t> numbers;
    for (size_t i = 0; i < items.size(); i += 2) {
      const Value key = items[i];
      if (key.kind == Kind::kString) {
        if (!names.insert(heap_.text_of(key)).second) {
          fail_corrupt(fmt::format("key \"{}\" appears twice", printable(heap_.text_of(key))));
        }
      } else if (key.kind == Kind::kInt) {
        if (!numbers.insert(key.number).second) fail_corrupt(fmt::format("key {} appears twice", key.number));
      } else {
        fail(ErrorCode::kUnsupported, fmt::format("{}: {} as a key of a dict: strings and integers are read",
                                                  what_, kind_name(key.kind)));
      }
      TorchValue name = convert(key);
      dict.emplace_back(std::move(name), convert(items[i + 1]));
    }
    path_.pop_back();
    TorchValue result = plain(std::move(dict));
    result.is_ordered_dict = value.kind == Kind::kOrderedDict;
    return result;
  }

  TorchValue convert_tensor(const TensorView& view) {
    if (++tensors_ > limits::kTensors) fail_corrupt(fmt::format("more than {} tensors", limits::kTensors));
    spend(checked_tensor_bytes(view.dtype, view.shape, what_));
    return plain(make_contiguous(view, storages_[view.storage]));
  }

  const Heap& heap_;
  const std::vector<ByteView>& storages_;
  const std::string& what_;
  std::vector<size_t> path_;  // containers that are being converted
  uint64_t values_ = 0;
  uint64_t tensors_ = 0;
  uint64_t bytes_ = 0;
  uint64_t most_bytes_ = 0;
};

}  // namespace

TorchValue to_plain_value(const Heap& heap, const std::vector<ByteView>& storages, Value root,
                          const std::string& what) {
  return Converter(heap, storages, what).convert(root);
}

}  // namespace golf::pickle
