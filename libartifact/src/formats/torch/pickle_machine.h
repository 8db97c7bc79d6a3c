#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/torch/pickle_heap.h"

namespace golf::pickle {

/// The size in bytes of the storage with that key, or nothing when there is none.
using StorageSize = std::function<std::optional<uint64_t>(std::string_view key)>;

/// Runs a pickle on a heap of plain values. The only "calls" are the few rebuild functions of the closed list
/// (pickle_globals.h), which only note what a tensor is.
class Machine {
 public:
  Machine(ByteView pickle, const std::string& what, StorageSize storage_size)
      : reader_(pickle, what), what_(what), storage_size_(std::move(storage_size)) {}

  /// The value at STOP, which must be the last byte. @throws Error kCorruptData, kUnsupported
  Value run();
  const Heap& heap() const { return heap_; }

 private:
  bool step(uint8_t opcode);

  void push(Value value);
  void push_container(Kind kind, std::vector<Value> values);
  Value pop();
  Value pop(Kind kind);
  std::vector<Value> pop_to_mark();
  void push_tuple(size_t count);
  void push_text(Kind kind, uint64_t length);
  Value& container(std::initializer_list<Kind> kinds, std::string_view action);

  void remember(uint64_t index, Value value);
  Value recall(uint64_t index) const;
  void append(std::vector<Value> values);
  void set_items(std::vector<Value> values);
  void build();
  void push_global(std::string_view module, std::string_view name);
  std::string_view read_line();

  // pickle_rebuild.cpp: what stands behind REDUCE and BINPERSID.
  void reduce();
  void push_storage();
  void rebuild_tensor(const std::vector<Value>& arguments, bool dtype_given);
  void rebuild_parameter(const std::vector<Value>& arguments);
  DType view_dtype(size_t storage, const Value& dtype);
  std::vector<int64_t> integers(Value tuple);
  bool is_empty_dict(Value value) const;

  [[noreturn]] void fail_here(std::string_view problem) const { reader_.fail_here(problem); }

  ByteReader reader_;
  std::string what_;
  StorageSize storage_size_;
  Heap heap_;
  std::vector<Value> stack_;
  std::vector<size_t> marks_;
  std::vector<Value> memo_;
  std::map<std::string, size_t, std::less<>> storage_index_;
};

}  // namespace golf::pickle
