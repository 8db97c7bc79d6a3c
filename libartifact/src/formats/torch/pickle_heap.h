#pragma once

#include <bit>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "formats/torch/pickle_globals.h"
#include "formats/torch/tensor_view.h"
#include "golf/artifact/base/bytes.h"

// What a pickle builds while it runs. Values are small and refer to containers by index, so that the memo can
// share a container that is still being filled, and a hostile pickle costs a few bytes an opcode.
namespace golf::pickle {

enum class Kind : uint8_t {
  kUnset,
  kNone,
  kBool,
  kInt,
  kFloat,
  kString,
  kBytes,
  kTuple,
  kList,
  kDict,
  kOrderedDict,
  kGlobal,
  kStorage,
  kTensor,
};
std::string_view kind_name(Kind kind);

struct Value {
  Kind kind = Kind::kUnset;
  int64_t number = 0;  ///< the integer, boolean or double's bits, else an index into the heap

  static Value integer(int64_t value) { return {Kind::kInt, value}; }
  static Value boolean(bool value) { return {Kind::kBool, value ? 1 : 0}; }
  static Value real(double value) { return {Kind::kFloat, std::bit_cast<int64_t>(value)}; }
  static Value at(Kind kind, size_t index) { return {kind, static_cast<int64_t>(index)}; }

  double as_real() const { return std::bit_cast<double>(number); }
  size_t index() const { return static_cast<size_t>(number); }
};

/// What the pickle says about one storage key.
struct Storage {
  std::string key;
  DType dtype = DType::kU8;
  bool untyped = false;      ///< counted in bytes; the first tensor on it decides the dtype
  bool dtype_fixed = false;  ///< for an untyped one: a tensor has decided
  uint64_t elements = 0;     ///< of `dtype`, or bytes when untyped
  uint64_t size_bytes = 0;
};

struct Heap {
  std::deque<ByteView> texts;            ///< strings and bytes, borrowed from the pickle
  std::deque<std::vector<Value>> items;  ///< of tuples, lists and dicts (key, value, key, value, …)
  std::vector<Global> globals;
  std::vector<Storage> storages;
  std::vector<TensorView> tensors;

  std::vector<Value>& items_of(Value container) { return items[container.index()]; }
  const std::vector<Value>& items_of(Value container) const { return items[container.index()]; }
  std::string_view text_of(Value value) const { return as_text(texts[value.index()]); }

  Value add_items(Kind kind, std::vector<Value> values) {
    items.push_back(std::move(values));
    return Value::at(kind, items.size() - 1);
  }
  Value add_text(Kind kind, ByteView text) {
    texts.push_back(text);
    return Value::at(kind, texts.size() - 1);
  }
};

}  // namespace golf::pickle
