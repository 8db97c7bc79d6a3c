// Uses the installed headers and library: how many parameters the baseline has, before any training.
#include <cstdio>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/spec/tensor_inventory.h"

int main() {
  const golf::ModelSpec baseline = golf::load_model_spec("baseline");
  const long long count = golf::parameter_count(baseline.model);
  std::printf("baseline: %lld parameters\n", count);
  return count == 17'059'912 ? 0 : 1;
}
