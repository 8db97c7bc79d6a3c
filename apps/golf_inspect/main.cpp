// golf-inspect: what is in an artifact, checkpoint, shard or tokenizer, byte for byte; how training runs
// went.
#include "common/run_main.h"
#include "golf_inspect/commands.h"

int main(int argc, char** argv) {
  return golf::run_main("golf-inspect", [&] {
    golf::CommandLine line(golf::inspect_info());
    golf::add_inspect_options(line);
    golf::add_diff_command(line);
    golf::add_codecs_command(line);
    golf::add_extract_command(line);
    golf::add_config_command(line);
    golf::add_runs_command(line);
    golf::add_submission_command(line);
    return line.run(argc, argv);
  });
}
