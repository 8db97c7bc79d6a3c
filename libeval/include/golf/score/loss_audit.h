#pragma once

#include <cstdint>
#include <string>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/json.h"
#include "golf/score/eval_data.h"

namespace golf {

/// What a dump of losses comes to.
struct LossAudit {
  Fingerprint losses = {};
  int64_t negative = 0;            ///< losses below 0: more than certainty
  int64_t zero = 0;                ///< exactly: a token that cost nothing
  const EvalData* data = nullptr;  ///< borrowed
  ByteCountCheck byte_count = {};
  EvalResult result = {};
  std::string impossible = {};  ///< why these are no losses; empty: they may be
};
/// Schema "golf.audit/1".
Json to_json(const LossAudit& report);

/// Recomputes the score that per-token losses of any program come to. Runs no model.
/// @param path  the dump's name @param file  its bytes, as parse_loss_dump() reads them
/// @throws Error naming the dump: a number of losses that is not the windows', a sum that is not finite
LossAudit audit_losses(const std::string& path, ByteView file, const EvalSettings& settings,
                       const EvalData& data);

}  // namespace golf
