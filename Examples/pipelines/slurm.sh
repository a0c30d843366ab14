#!/bin/bash
#SBATCH --job-name=basin
#SBATCH --cpus-per-task=8
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=TERM@120
# A training and three analyses as a job: sbatch slurm.sh DATA FOLDER.
#
# 120 seconds before the end of its time each program gets SIGTERM, keeps what is finished and ends with 130. The
# job is queued again then, and goes on to the same bits. Exit code 3 means that a condition holds: the job has failed,
# and its results are there.
set -u
data="${1:-digits}"
folder="${2:-run}"
threads="${SLURM_CPUS_PER_TASK:-$(nproc)}"
logs=(--tensorboard "$folder/tensorboard")
worst=0

step() {
  # srun passes the signal on to the program; where Slurm is not, the program runs by itself.
  if [ -n "${SLURM_JOB_ID:-}" ]; then srun --cpus-per-task="$threads" "$@"; else "$@"; fi
  local code=$?
  if [ "$code" -eq 130 ] && [ -n "${SLURM_JOB_ID:-}" ]; then
    scontrol requeue "$SLURM_JOB_ID"
    exit 0
  fi
  # All analyses are wanted, also where one does not pass.
  [ "$code" -eq 0 ] || worst="$code"
  return "$code"
}

# A training that is finished is not done again.
step trainer train --data "$data" --threads "$threads" --output "$folder" "${logs[@]}" ${TRAIN:-} || exit
model="$folder/model.ckpt"
step trainer evaluate "$model" --threads "$threads" --metrics "$folder/evaluation.json" "${logs[@]}" \
  --fail-if "${FAIL_EVALUATION:-test/accuracy < 85 %}"
step hessian spectrum "$model" --threads "$threads" --output "$folder/spectrum" "${logs[@]}" ${SPECTRUM:-} \
  --metrics "$folder/spectrum.json" --fail-if "${FAIL_SPECTRUM:-lambda1 > 200}"
step landscape plot "$model" --threads "$threads" --output "$folder/surface" "${logs[@]}" ${SURFACE:-} \
  --metrics "$folder/surface.json" --fail-if "${FAIL_SURFACE:-non-finite-points > 0}"
step gradratio histogram "$model" --threads "$threads" --output "$folder/ratios" "${logs[@]}" ${RATIOS:-} \
  --metrics "$folder/ratios.json" --fail-if "${FAIL_RATIOS:-difference-norm > 100}"
exit "$worst"
