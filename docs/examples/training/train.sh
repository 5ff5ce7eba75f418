#!/bin/sh
# A training of a team's own, in the place of the node `train` of retrain.yaml.
# The dataset comes in as samples, a model's folder with its metrics goes out.
set -eu
here=$(dirname "$0")
work=models/.own
mkdir -p "$work"
flow dataset export --format samples --out "$work/samples.jsonl"
python3 "$here/train.py" "$work/samples.jsonl" "$work/model"
echo "model=$work/model" >> "$FLOW_OUTPUT"
