#include "golf/score/dtype_choice.h"

#include <utility>

namespace golf {

Json to_json(const DtypeChoice& choice) {
  Json trials = Json::array();
  for (const DtypeChoice::Trial& trial : choice.trials) {
    trials.push_back(Json::object({{"dtype", trial.dtype},
                                   {"tokens_per_second", trial.tokens_per_second},
                                   {"bpb_difference", trial.bpb_difference},
                                   {"allowed", trial.allowed}}));
  }
  return Json::object({{"tokens", choice.tokens},
                       {"tolerance", choice.tolerance},
                       {"chosen", choice.chosen},
                       {"trials", std::move(trials)}});
}

Json to_json(const Int8Matrices& matrices) {
  return Json::object({{"exact", matrices.exact}, {"rounded", matrices.rounded}});
}

}  // namespace golf
