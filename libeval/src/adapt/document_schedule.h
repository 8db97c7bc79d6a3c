#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "adapt/document_plan.h"

namespace golf {

/// The windows of documents at consecutive places of a group that make one pass of the model.
struct DocumentPart {
  int64_t first_place = 0;
  bool has_more = false;             ///< whether every document of it has a chunk after this one, or none
  std::vector<Window> windows = {};  ///< of equal shape

  int64_t size() const { return static_cast<int64_t>(windows.size()); }
};

/// How adaptation goes through a text by documents: the chunks of the evaluation one after the other, each of
/// them the chunks of one index of the documents of a group.
class DocumentSchedule {
 public:
  struct Chunk {
    int64_t group = 0;     ///< in the order in which groups are adapted
    int64_t index = 0;     ///< of the chunk in its documents
    bool is_last = false;  ///< of the group
  };

  /// @throws Error kInvalidArgument, kMismatch when the text has no documents or a chunk does not fit
  DocumentSchedule(std::span<const uint16_t> tokens, std::optional<uint16_t> document_start,
                   const DocumentPlanConfig& config);

  const std::vector<Document>& documents() const { return documents_; }
  const std::vector<DocumentGroup>& groups() const { return groups_; }
  int64_t chunks() const { return static_cast<int64_t>(chunks_.size()); }
  const Chunk& chunk(int64_t index) const { return chunks_[static_cast<size_t>(index)]; }
  int64_t places(int64_t group) const {
    return static_cast<int64_t>(groups_[static_cast<size_t>(group)].documents.size());
  }
  /// What is passed for a chunk, in the order of the places; documents that are finished have no part.
  /// @param part_tokens  in the windows of a part, at most, unless one is longer
  std::vector<DocumentPart> parts(const Chunk& chunk, int64_t part_tokens) const;
  /// The process out of `processes` that a place of a group of `places` belongs to. Places belong together in
  /// at most eight blocks, whatever the number of processes, and a part lies in one of them.
  static int64_t owner(int64_t places, int64_t place, int64_t processes);

  int64_t windows() const;
  /// @param targets  of the text
  Coverage coverage(int64_t targets) const;

 private:
  const Document& document(int64_t group, int64_t place) const;

  DocumentPlanConfig config_;
  std::vector<Document> documents_;
  std::vector<DocumentGroup> groups_;
  std::vector<Chunk> chunks_;
};

}  // namespace golf
