#include "formats/torch/pickle_machine.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/torch/pickle_opcodes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"

namespace golf::pickle {
namespace {

constexpr uint64_t kLongestGlobal = 256;  // bytes of a module's or a global's name

double big_endian_double(ByteView bytes) {
  uint64_t bits = 0;
  for (const std::byte byte : bytes) bits = (bits << 8) | std::to_integer<uint64_t>(byte);
  return std::bit_cast<double>(bits);
}

/// Little-endian two's complement of 0 to 8 bytes.
int64_t signed_integer(ByteView bytes) {
  uint64_t bits = 0;
  for (size_t i = bytes.size(); i-- > 0;) bits = (bits << 8) | std::to_integer<uint64_t>(bytes[i]);
  const auto unused = static_cast<int>(64 - 8 * bytes.size());
  if (bytes.empty()) return 0;
  return static_cast<int64_t>(bits << unused) >> unused;
}

}  // namespace

Value Machine::run() {
  if (reader_.read<uint8_t>() != kProto) fail_here("not a pickle of protocol 2 or later");
  if (const int protocol = reader_.read<uint8_t>(); protocol < 2 || protocol > 5) {
    fail_here(fmt::format("pickle protocol {}, 2 to 5 are read", protocol));
  }
  uint64_t opcodes = 0;
  while (step(reader_.read<uint8_t>())) {
    if (++opcodes > limits::kPickleOpcodes) {
      fail_here(fmt::format("more than {} opcodes", limits::kPickleOpcodes));
    }
  }
  const Value root = pop();
  if (!stack_.empty() || !marks_.empty()) fail_here("values left on the stack");
  reader_.expect_end();
  return root;
}

/// @return false at STOP
bool Machine::step(uint8_t opcode) {
  switch (opcode) {
    case kStop:
      return false;
    case kFrame:  // a promise about buffering; the frame's opcodes follow as usual
      if (reader_.read<uint64_t>() > reader_.remaining()) fail_here("frame runs over the end");
      return true;
    case kMark:
      if (marks_.size() == limits::kPickleStack) fail_here("too many marks");
      marks_.push_back(stack_.size());
      return true;
    case kNone:
      push(Value{Kind::kNone});
      return true;
    case kNewTrue:
    case kNewFalse:
      push(Value::boolean(opcode == kNewTrue));
      return true;
    case kBinInt:
      push(Value::integer(reader_.read<int32_t>()));
      return true;
    case kBinInt1:
      push(Value::integer(reader_.read<uint8_t>()));
      return true;
    case kBinInt2:
      push(Value::integer(reader_.read<uint16_t>()));
      return true;
    case kLong1: {
      const auto length = reader_.read<uint8_t>();
      if (length > 8) fail_here("integer over 64 bits");
      push(Value::integer(signed_integer(reader_.take(length))));
      return true;
    }
    case kBinFloat:
      push(Value::real(big_endian_double(reader_.take(8))));
      return true;
    case kShortBinUnicode:
      push_text(Kind::kString, reader_.read<uint8_t>());
      return true;
    case kBinUnicode:
      push_text(Kind::kString, reader_.read<uint32_t>());
      return true;
    case kBinUnicode8:
      push_text(Kind::kString, reader_.read<uint64_t>());
      return true;
    case kShortBinBytes:
      push_text(Kind::kBytes, reader_.read<uint8_t>());
      return true;
    case kBinBytes:
      push_text(Kind::kBytes, reader_.read<uint32_t>());
      return true;
    case kBinBytes8:
      push_text(Kind::kBytes, reader_.read<uint64_t>());
      return true;
    case kEmptyList:
      push_container(Kind::kList, {});
      return true;
    case kEmptyDict:
      push_container(Kind::kDict, {});
      return true;
    case kEmptyTuple:
      push_tuple(0);
      return true;
    case kTuple1:
    case kTuple2:
    case kTuple3:
      push_tuple(opcode - kTuple1 + size_t{1});
      return true;
    case kTuple:
      push_container(Kind::kTuple, pop_to_mark());
      return true;
    case kAppend:
      append({pop()});
      return true;
    case kAppends:
      append(pop_to_mark());
      return true;
    case kSetItem: {
      const Value value = pop();
      set_items({pop(), value});
      return true;
    }
    case kSetItems:
      set_items(pop_to_mark());
      return true;
    case kBinPut:
    case kLongBinPut:
    case kMemoize: {
      const Value top = pop();
      remember(opcode == kBinPut       ? reader_.read<uint8_t>()
               : opcode == kLongBinPut ? reader_.read<uint32_t>()
                                       : memo_.size(),
               top);
      push(top);
      return true;
    }
    case kBinGet:
      push(recall(reader_.read<uint8_t>()));
      return true;
    case kLongBinGet:
      push(recall(reader_.read<uint32_t>()));
      return true;
    case kGlobal: {
      const std::string_view module = read_line();
      push_global(module, read_line());
      return true;
    }
    case kStackGlobal: {
      const Value name = pop(Kind::kString);
      push_global(heap_.text_of(pop(Kind::kString)), heap_.text_of(name));
      return true;
    }
    case kBinPersId:
      push_storage();
      return true;
    case kReduce:
      reduce();
      return true;
    case kBuild:
      build();
      return true;
    default:
      fail(ErrorCode::kUnsupported, fmt::format("{}: pickle opcode {:#04x} is not allowed (at byte {})",
                                                what_, opcode, reader_.position() - 1));
  }
}

// What a pickle may make is bounded here and not only when its root is converted, because a few bytes make a
// value and nothing need ever refer to it.
void Machine::push(Value value) {
  if (stack_.size() == limits::kPickleStack) {
    fail_here(fmt::format("more than {} values on the stack", limits::kPickleStack));
  }
  stack_.push_back(value);
}

void Machine::push_container(Kind kind, std::vector<Value> values) {
  if (heap_.items.size() == limits::kPickleValues) {
    fail_here(fmt::format("more than {} containers", limits::kPickleValues));
  }
  push(heap_.add_items(kind, std::move(values)));
}

Value Machine::pop() {
  if (stack_.size() == (marks_.empty() ? 0 : marks_.back())) fail_here("pickle stack is empty");
  const Value top = stack_.back();
  stack_.pop_back();
  return top;
}

Value Machine::pop(Kind kind) {
  const Value top = pop();
  if (top.kind != kind) fail_here(fmt::format("{} expected, {} found", kind_name(kind), kind_name(top.kind)));
  return top;
}

std::vector<Value> Machine::pop_to_mark() {
  if (marks_.empty()) fail_here("no mark on the pickle stack");
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Value> values(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return values;
}

void Machine::push_tuple(size_t count) {
  std::vector<Value> values(count);
  for (size_t i = count; i-- > 0;) values[i] = pop();
  push_container(Kind::kTuple, std::move(values));
}

void Machine::push_text(Kind kind, uint64_t length) {
  if (length > limits::kPickleStringBytes) {
    fail_here(fmt::format("string of {} bytes, at most {} allowed", length, limits::kPickleStringBytes));
  }
  const ByteView text = reader_.take(length);
  if (heap_.texts.size() == limits::kPickleValues) {
    fail_here(fmt::format("more than {} strings", limits::kPickleValues));
  }
  if (kind == Kind::kString && !is_utf8(as_text(text))) fail_here("string is not valid UTF-8");
  push(heap_.add_text(kind, text));
}

Value& Machine::container(std::initializer_list<Kind> kinds, std::string_view action) {
  const Value top = pop();
  if (std::find(kinds.begin(), kinds.end(), top.kind) == kinds.end()) {
    fail_here(fmt::format("{} on {}", action, kind_name(top.kind)));
  }
  push(top);
  return stack_.back();
}

void Machine::remember(uint64_t index, Value value) {
  // Picklers count up from 0, so an index beyond the limit means as many entries.
  if (index >= limits::kPickleMemoEntries) {
    fail_here(fmt::format("memo entry {}, at most {} allowed", index, limits::kPickleMemoEntries));
  }
  if (index >= memo_.size()) memo_.resize(index + 1);
  memo_[index] = value;
}

Value Machine::recall(uint64_t index) const {
  if (index >= memo_.size() || memo_[index].kind == Kind::kUnset) {
    fail_here(fmt::format("memo entry {} was never made", index));
  }
  return memo_[index];
}

void Machine::append(std::vector<Value> values) {
  std::vector<Value>& items = heap_.items_of(container({Kind::kList}, "append"));
  items.insert(items.end(), values.begin(), values.end());
}

void Machine::set_items(std::vector<Value> values) {
  if (values.size() % 2 != 0) fail_here("a key without a value");
  std::vector<Value>& items = heap_.items_of(container({Kind::kDict, Kind::kOrderedDict}, "item assignment"));
  items.insert(items.end(), values.begin(), values.end());
}

/// A module's state dict carries version numbers as attributes of its OrderedDict; they are dropped.
void Machine::build() {
  pop(Kind::kDict);
  container({Kind::kOrderedDict}, "attribute assignment");
}

void Machine::push_global(std::string_view module, std::string_view name) {
  const auto global = find_global(module, name);
  if (!global) {
    fail(ErrorCode::kUnsupported,
         fmt::format(
             "{}: global \"{}.{}\" is not allowed: only tensors and plain values are read (at byte {})",
             what_, printable(module), printable(name), reader_.position()));
  }
  heap_.globals.push_back(*global);
  push(Value::at(Kind::kGlobal, heap_.globals.size() - 1));
}

std::string_view Machine::read_line() {
  const uint64_t most = std::min(kLongestGlobal, reader_.remaining());
  ByteReader ahead = reader_;
  const std::string_view text = as_text(ahead.take(most));
  const size_t length = text.find('\n');
  if (length == std::string_view::npos) fail_here("global name is truncated or too long");
  reader_.take(length + 1);
  return text.substr(0, length);
}

}  // namespace golf::pickle
