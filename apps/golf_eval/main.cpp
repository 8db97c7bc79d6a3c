// golf-eval: bits per byte of a model, or of the losses that some program left behind.
#include "common/run_main.h"
#include "golf_eval/commands.h"

int main(int argc, char** argv) {
  return golf::run_main("golf-eval", [&] {
    golf::CommandLine line(golf::eval_info(golf::libtorch_version()));
    golf::add_eval_options(line);
    golf::add_calibrate_command(line);
    golf::add_tune_command(line);
    golf::add_sweep_command(line);
    golf::add_verify_command(line);
    golf::add_batch_command(line);
    golf::add_audit_command(line);
    golf::add_audit_adaptation_command(line);
    golf::add_data_audit_command(line);
    golf::add_significance_command(line);
    golf::add_caseops_command(line);
    return line.run(argc, argv);
  });
}
