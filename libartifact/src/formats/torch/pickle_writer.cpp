#include "formats/torch/pickle_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "formats/torch/pickle_globals.h"
#include "formats/torch/pickle_opcodes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"

namespace golf::pickle {
namespace {

constexpr size_t kBatch = 1000;  // items in one APPENDS or SETITEMS

class Writer {
 public:
  Pickle write(const TorchValue& root) {
    op(kProto);
    out_.write(uint8_t{2});
    value(root);
    op(kStop);
    return {.bytes = out_.take(), .storages = std::move(storages_)};
  }

 private:
  void op(Opcode opcode) { out_.write(static_cast<uint8_t>(opcode)); }

  uint32_t memoize() {
    const uint32_t index = memo_size_++;
    if (index < 256) {
      op(kBinPut);
      out_.write(static_cast<uint8_t>(index));
    } else {
      op(kLongBinPut);
      out_.write(index);
    }
    return index;
  }

  void get(uint32_t index) {
    if (index < 256) {
      op(kBinGet);
      out_.write(static_cast<uint8_t>(index));
    } else {
      op(kLongBinGet);
      out_.write(index);
    }
  }

  uint32_t fresh_string(std::string_view text) {
    if (text.size() > limits::kPickleStringBytes || !is_utf8(text)) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("torch file: string \"{}\" is too long or not valid UTF-8", printable(text)));
    }
    op(kBinUnicode);
    out_.write(static_cast<uint32_t>(text.size()));
    out_.write_text(text);
    return memoize();
  }

  void shared_string(const std::string& text) {
    if (const auto known = strings_.find(text); known != strings_.end()) {
      get(known->second);
    } else {
      strings_.emplace(text, fresh_string(text));
    }
  }

  void global(const std::string& module_and_name) {
    if (const auto known = globals_.find(module_and_name); known != globals_.end()) {
      get(known->second);
      return;
    }
    op(kGlobal);
    out_.write_text(module_and_name);
    globals_.emplace(module_and_name, memoize());
  }

  void integer(int64_t number) {
    if (number >= 0 && number <= 0xff) {
      op(kBinInt1);
      out_.write(static_cast<uint8_t>(number));
    } else if (number >= 0 && number <= 0xffff) {
      op(kBinInt2);
      out_.write(static_cast<uint16_t>(number));
    } else if (number >= std::numeric_limits<int32_t>::min() &&
               number <= std::numeric_limits<int32_t>::max()) {
      op(kBinInt);
      out_.write(static_cast<int32_t>(number));
    } else {
      uint8_t length = 8;  // the shortest two's complement
      while (length > 1 && number >> (8 * length - 9) == (number < 0 ? -1 : 0)) --length;
      op(kLong1);
      out_.write(length);
      for (int i = 0; i < length; ++i) out_.write(static_cast<uint8_t>(number >> (8 * i)));
    }
  }

  void real(double number) {
    op(kBinFloat);
    const auto bits = std::bit_cast<uint64_t>(number);
    for (int shift = 56; shift >= 0; shift -= 8) out_.write(static_cast<uint8_t>(bits >> shift));
  }

  /// Writes `count` elements with `each` between the marks of a tuple; empty ones are not memoised.
  template <class Each>
  void tuple(size_t count, Each&& each) {
    if (count == 0) {
      op(kEmptyTuple);
      return;
    }
    if (count > 3) op(kMark);
    for (size_t i = 0; i < count; ++i) each(i);
    op(count > 3 ? kTuple : static_cast<Opcode>(kTuple1 + count - 1));
    memoize();
  }

  void integers(const std::vector<int64_t>& numbers) {
    tuple(numbers.size(), [&](size_t i) { integer(numbers[i]); });
  }

  void empty_ordered_dict() {
    global("collections\nOrderedDict\n");
    op(kEmptyTuple);
    op(kReduce);
    memoize();
  }

  /// `count` items in batches, each between a mark and `many`; a single one takes `one` instead.
  template <class Each>
  void batches(size_t count, Opcode one, Opcode many, Each&& each) {
    if (count == 1) {
      each(0);
      op(one);
      return;
    }
    for (size_t start = 0; start < count; start += kBatch) {
      op(kMark);
      for (size_t i = start; i < std::min(count, start + kBatch); ++i) each(i);
      op(many);
    }
  }

  void tensor(const Tensor& tensor) {
    const std::string_view storage_name = storage_class(tensor.dtype);
    const bool typed = !storage_name.empty();
    global(typed ? "torch._utils\n_rebuild_tensor_v2\n" : "torch._utils\n_rebuild_tensor_v3\n");
    op(kMark);

    op(kMark);
    shared_string("storage");
    global(typed ? fmt::format("torch\n{}\n", storage_name) : "torch.storage\nUntypedStorage\n");
    fresh_string(std::to_string(storages_.size()));
    shared_string("cpu");
    integer(typed ? tensor.elements() : static_cast<int64_t>(tensor.bytes.size()));
    op(kTuple);
    memoize();
    op(kBinPersId);
    storages_.push_back(&tensor);

    integer(0);  // offset
    integers(tensor.shape);
    std::vector<int64_t> strides(tensor.shape.size(), 1);
    for (size_t dim = strides.size(); dim-- > 1;) {
      strides[dim - 1] = strides[dim] * std::max<int64_t>(tensor.shape[dim], 1);
    }
    integers(strides);
    op(kNewFalse);         // requires_grad
    empty_ordered_dict();  // hooks
    if (!typed) dtype(torch_name(tensor.dtype));
    op(kTuple);
    memoize();
    op(kReduce);
    memoize();
  }

  void dtype(std::string_view name) { global(fmt::format("torch\n{}\n", name)); }

  void list(const TorchValue& whole, const TorchValue::List& items) {
    if (whole.is_tuple) {
      tuple(items.size(), [&](size_t i) { value(items[i]); });
      return;
    }
    op(kEmptyList);
    memoize();
    batches(items.size(), kAppend, kAppends, [&](size_t i) { value(items[i]); });
  }

  void dict(const TorchValue& whole, const TorchValue::Dict& items) {
    if (whole.is_ordered_dict) {
      empty_ordered_dict();
    } else {
      op(kEmptyDict);
      memoize();
    }
    batches(items.size(), kSetItem, kSetItems, [&](size_t i) {
      value(items[i].first);
      value(items[i].second);
    });
  }

  void value(const TorchValue& whole) {
    if (++depth_ > limits::kPickleNesting) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("torch file: nested deeper than {}", limits::kPickleNesting));
    }
    std::visit([&](const auto& held) { visit(whole, held); }, whole.value);
    --depth_;
  }
  void visit(const TorchValue&, std::monostate) { op(kNone); }
  void visit(const TorchValue&, bool held) { op(held ? kNewTrue : kNewFalse); }
  void visit(const TorchValue&, int64_t held) { integer(held); }
  void visit(const TorchValue&, double held) { real(held); }
  void visit(const TorchValue&, const std::string& held) {
    // The entries compute a weight's dtype name with str(), so to the pickler each is an object of its own.
    // Other words, their schemes' "int8" among them, are literals and shared.
    if (const auto dtype = dtype_from_torch(held); dtype && is_floating(*dtype)) {
      fresh_string(held);
    } else {
      shared_string(held);
    }
  }
  void visit(const TorchValue&, const Bytes&) {
    fail(ErrorCode::kUnsupported, "torch file: bytes cannot be written: use a uint8 tensor");
  }
  void visit(const TorchValue& whole, const TorchValue::List& held) { list(whole, held); }
  void visit(const TorchValue& whole, const TorchValue::Dict& held) { dict(whole, held); }
  void visit(const TorchValue&, const Tensor& held) { tensor(held); }
  void visit(const TorchValue&, const TorchValue::DTypeName& held) { dtype(held.name); }

  ByteWriter out_;
  uint32_t memo_size_ = 0;
  int depth_ = 0;
  std::unordered_map<std::string, uint32_t> strings_;
  std::unordered_map<std::string, uint32_t> globals_;  // "module\nname\n"
  std::vector<const Tensor*> storages_;
};

}  // namespace

Pickle write_pickle(const TorchValue& root) { return Writer().write(root); }

}  // namespace golf::pickle
