#include "run/checkpoint_writer.h"

#include <utility>

#include "golf/model/torch_tensors.h"

namespace golf {

TrainerState trainer_state(TrainingCheckpoint checkpoint) {
  TrainerState state{.finished_steps = checkpoint.finished_steps,
                     .data = checkpoint.data,
                     .qat_started = checkpoint.qat_started,
                     .tensors = {}};
  for (NamedTensor& one : checkpoint.tensors) {
    state.tensors.push_back({one.name, to_torch(std::exchange(one.tensor, {}))});
  }
  return state;
}

void CheckpointWriter::save(const Trainer& trainer, const LogExtent& log, double train_ms) {
  if (trainer.finished_steps() == saved_step_) return;
  saved_step_ = trainer.finished_steps();
  TrainerState state = trainer.capture();
  if (!folder_) return;
  TrainingCheckpoint checkpoint = run_;
  checkpoint.finished_steps = state.finished_steps;
  checkpoint.train_ms = train_ms;
  checkpoint.data = state.data;
  checkpoint.qat_started = state.qat_started;
  checkpoint.log = log;
  for (LiveTensor& live : state.tensors) {
    checkpoint.tensors.add(live.name, from_torch(std::exchange(live.tensor, {})));
  }
  folder_->write(state.finished_steps, encode_training_checkpoint(std::move(checkpoint)),
                 run_.config.training.keep_checkpoints);
}

}  // namespace golf
