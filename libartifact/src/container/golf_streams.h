#pragma once

#include <vector>

#include "container/golf_tensor_table.h"
#include "encode/plane_order.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// A stream ready for the file.
struct EncodedStream {
  CodecId codec = CodecId::kStore;
  PlaneOrder order = PlaneOrder::kAsIs;
  Bytes bytes = {};
  uint64_t raw_bytes = 0;
  uint64_t raw_crc64 = 0;
};

/// Distributes the tensors' parts over streams: one kind of bytes a stream (integers of one width, scales or
/// passthrough values of one dtype), a new one when the current would pass 4 MiB. docs/adr/0004 has the
/// measurements. Codec golf knows kinds by itself and takes them together, a tensor after another; where it
/// learns from tensor to tensor, in streams of up to 32 MiB.
std::vector<TableEntry> plan_streams(const StoredModel& model, const CodecSpec& codec);
uint64_t stream_count(const std::vector<TableEntry>& table);

/// What the choice of a plane order looks at.
enum class OrderSearch { kSample, kWhole };

/// Joins the parts, chooses the plane order that the codec likes best, encodes. A stream that codec golf
/// would make so small that no reader would expand it is coded by brotli.
EncodedStream encode_stream(const StoredModel& model, const std::vector<StreamPart>& parts,
                            const CodecSpec& codec, OrderSearch search = OrderSearch::kSample);

}  // namespace golf
