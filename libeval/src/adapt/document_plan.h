#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golf/artifact/spec/low_rank_adapt_config.h"
#include "golf/score/window_plan.h"

// Which predictions adaptation scores together when it goes through a text by documents, and what the model
// reads for each of them. Source: docs/SUBMISSIONS.md, PR 1855, Evaluation.

namespace golf {

/// Tokens [first, first + length) of a stream: from the token that begins a document to the one that begins
/// the next, both included, so that the border is a prediction of the document before it.
struct Document {
  int64_t first = 0;
  int64_t length = 0;

  /// The stream's targets [first, first + predictions()).
  int64_t predictions() const { return length - 1; }
  bool operator==(const Document&) const = default;
};

/// The documents of a stream in order. The last ends with the stream; one without a prediction is left out.
/// What stands before the first `document_start` belongs to none.
std::vector<Document> find_documents(std::span<const uint16_t> tokens, uint16_t document_start);

/// Documents that are adapted side by side.
struct DocumentGroup {
  int64_t sorted_index = 0;             ///< of the group, when groups ascend in length
  int64_t chunk = 0;                    ///< predictions of a chunk
  std::vector<int64_t> documents = {};  ///< ascending in length

  bool operator==(const DocumentGroup&) const = default;
};

/// The groups in the order in which they are adapted: documents ascend in length (equal ones in text order),
/// are cut into groups of batch_documents, and the group with the longest document comes first.
std::vector<DocumentGroup> group_documents(std::span<const Document> documents,
                                           const DocumentPlanConfig& config);

/// Chunks of `chunk` predictions in a document: the last may be shorter.
int64_t chunks_of(const Document& document, int64_t chunk);

/// The window of a document's chunk of that index, in the stream: it ends with the chunk, begins at most
/// `context` tokens before its end and inside the document, and the chunk is what it scores.
Window chunk_window(const Document& document, int64_t index, int64_t chunk, int64_t context);

}  // namespace golf
