#include <fmt/format.h>

#include "formats/torch/pickle_machine.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"

// What a pickle's REDUCE and BINPERSID mean: the argument lists are those of torch._utils' rebuild functions
// and of torch.serialization's persistent ids.
namespace golf::pickle {

void Machine::reduce() {
  const Value tuple = pop(Kind::kTuple);
  const Global function = heap_.globals[pop(Kind::kGlobal).index()];
  const std::vector<Value> arguments = heap_.items_of(tuple);
  switch (function.kind) {
    case GlobalKind::kOrderedDict:
      if (!arguments.empty()) fail_here("OrderedDict with arguments");
      push_container(Kind::kOrderedDict, {});
      return;
    case GlobalKind::kSize:
      if (arguments.size() != 1 || arguments[0].kind != Kind::kTuple) fail_here("torch.Size of no tuple");
      push(arguments[0]);
      return;
    case GlobalKind::kRebuildTensorV2:
      rebuild_tensor(arguments, false);
      return;
    case GlobalKind::kRebuildTensorV3:
      rebuild_tensor(arguments, true);
      return;
    case GlobalKind::kRebuildParameter:
      rebuild_parameter(arguments);
      return;
    default:
      fail_here("a storage or dtype is not a function");
  }
}

/// ("storage", storage class, key, location, number of elements). The location is a device and of no concern.
void Machine::push_storage() {
  const std::vector<Value> id = heap_.items_of(pop(Kind::kTuple));
  constexpr Kind kKinds[] = {Kind::kString, Kind::kGlobal, Kind::kString, Kind::kString, Kind::kInt};
  bool right = id.size() == std::size(kKinds);
  for (size_t i = 0; right && i < id.size(); ++i) right = id[i].kind == kKinds[i];
  if (!right || heap_.text_of(id[0]) != "storage" || id[4].number < 0)
    fail_here("not a storage's persistent id");
  const Global type = heap_.globals[id[1].index()];
  if (type.kind != GlobalKind::kStorage && type.kind != GlobalKind::kUntypedStorage) {
    fail_here("persistent id without a storage class");
  }
  Storage storage{.key = std::string(heap_.text_of(id[2])),
                  .dtype = type.dtype,
                  .untyped = type.kind == GlobalKind::kUntypedStorage,
                  .elements = static_cast<uint64_t>(id[4].number),
                  .size_bytes = 0};
  const std::string where = fmt::format("{}: storage \"{}\"", what_, printable(storage.key));
  if (const auto known = storage_index_.find(storage.key); known != storage_index_.end()) {
    const Storage& first = heap_.storages[known->second];
    if (first.untyped != storage.untyped || (!first.untyped && first.dtype != storage.dtype) ||
        first.elements != storage.elements) {
      fail_here(fmt::format("storage \"{}\" is described in two ways", printable(storage.key)));
    }
    push(Value::at(Kind::kStorage, known->second));
    return;
  }
  const auto size_bytes = storage_size_(storage.key);
  if (!size_bytes) fail_here(fmt::format("storage \"{}\" is not in the archive", printable(storage.key)));
  if (mul_or_fail(storage.elements, dtype_size(storage.dtype), where) != *size_bytes) {
    fail_here(fmt::format("storage \"{}\" of {} {} elements has {} bytes", printable(storage.key),
                          storage.elements, torch_name(storage.dtype), *size_bytes));
  }
  storage.size_bytes = *size_bytes;
  storage_index_.emplace(storage.key, heap_.storages.size());
  heap_.storages.push_back(std::move(storage));
  push(Value::at(Kind::kStorage, heap_.storages.size() - 1));
}

/// v2: storage, offset, size, stride, requires_grad, hooks[, metadata]; v3: the same with the dtype before
/// the metadata.
void Machine::rebuild_tensor(const std::vector<Value>& arguments, bool dtype_given) {
  const size_t required = dtype_given ? 7 : 6;
  if (arguments.size() != required && arguments.size() != required + 1) {
    fail_here(fmt::format("tensor with {} arguments", arguments.size()));
  }
  if (arguments[0].kind != Kind::kStorage || arguments[1].kind != Kind::kInt || arguments[1].number < 0 ||
      arguments[4].kind != Kind::kBool || !is_empty_dict(arguments[5])) {
    fail_here("tensor with arguments of the wrong kind, or with hooks");
  }
  // Metadata says that the stored values are to be conjugated or negated.
  if (arguments.size() > required && arguments.back().kind != Kind::kNone &&
      !is_empty_dict(arguments.back())) {
    fail_here("tensor with metadata");
  }
  if (heap_.tensors.size() == limits::kTensors)
    fail_here(fmt::format("more than {} tensors", limits::kTensors));
  const size_t storage = arguments[0].index();
  if (heap_.storages[storage].untyped != dtype_given)
    fail_here("tensor and storage disagree on having a dtype");
  TensorView view{.storage = storage,
                  .dtype = dtype_given ? view_dtype(storage, arguments[6]) : heap_.storages[storage].dtype,
                  .offset = static_cast<uint64_t>(arguments[1].number),
                  .shape = integers(arguments[2]),
                  .strides = integers(arguments[3])};
  const uint64_t elements = heap_.storages[storage].size_bytes / dtype_size(view.dtype);
  checked_view_bytes(view, elements, fmt::format("{}: tensor at byte {}", what_, reader_.position()));
  heap_.tensors.push_back(std::move(view));
  push(Value::at(Kind::kTensor, heap_.tensors.size() - 1));
}

/// data, requires_grad, hooks: the data.
void Machine::rebuild_parameter(const std::vector<Value>& arguments) {
  if (arguments.size() != 3 || arguments[0].kind != Kind::kTensor || arguments[1].kind != Kind::kBool ||
      !is_empty_dict(arguments[2])) {
    fail_here("parameter with arguments of the wrong kind, or with hooks");
  }
  push(arguments[0]);
}

DType Machine::view_dtype(size_t storage, const Value& value) {
  if (value.kind != Kind::kGlobal || heap_.globals[value.index()].kind != GlobalKind::kDType) {
    fail_here("tensor with a dtype that is none");
  }
  const DType dtype = heap_.globals[value.index()].dtype;
  Storage& untyped = heap_.storages[storage];
  if (untyped.dtype_fixed && untyped.dtype != dtype) {
    fail_here(fmt::format("storage \"{}\" is read as {} and as {}", printable(untyped.key),
                          torch_name(untyped.dtype), torch_name(dtype)));
  }
  if (untyped.size_bytes % dtype_size(dtype) != 0) {
    fail_here(fmt::format("storage \"{}\" of {} bytes read as {}", printable(untyped.key), untyped.size_bytes,
                          torch_name(dtype)));
  }
  untyped.dtype = dtype;
  untyped.dtype_fixed = true;
  return dtype;
}

std::vector<int64_t> Machine::integers(Value tuple) {
  if (tuple.kind != Kind::kTuple) fail_here("size or stride is no tuple");
  std::vector<int64_t> values;
  for (const Value value : heap_.items_of(tuple)) {
    if (value.kind != Kind::kInt) fail_here("size or stride is no integer");
    values.push_back(value.number);
    if (values.size() > static_cast<size_t>(limits::kTensorRank)) {
      fail_here(fmt::format("tensor of rank over {}", limits::kTensorRank));
    }
  }
  return values;
}

bool Machine::is_empty_dict(Value value) const {
  return (value.kind == Kind::kDict || value.kind == Kind::kOrderedDict) && heap_.items_of(value).empty();
}

std::string_view kind_name(Kind kind) {
  constexpr std::string_view kNames[] = {"nothing",        "None",     "a boolean", "an integer", "a float",
                                         "a string",       "bytes",    "a tuple",   "a list",     "a dict",
                                         "an OrderedDict", "a global", "a storage", "a tensor"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace golf::pickle
