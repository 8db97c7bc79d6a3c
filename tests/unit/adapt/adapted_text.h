#pragma once

#include "golf/artifact/text/tokenized_text.h"

namespace golf::test {

/// Documents of 5 to 60 tokens of 32; the first token of each is 1. 274 tokens of 2 bytes each.
inline TokenizedText documents_text() {
  TokenizedText text;
  text.document_start = 1;
  for (const int64_t length : {37, 5, 60, 22, 41, 9, 30, 18, 52}) {
    text.tokens.push_back(1);
    for (int64_t i = 1; i < length; ++i) {
      text.tokens.push_back(static_cast<uint16_t>(2 + (i * i + 3 * length) % 30));
    }
  }
  text.bytes.assign(text.tokens.size(), 2);
  return text;
}

}  // namespace golf::test
