#!/usr/bin/env bash
# Usage: round-trips.sh FOLDER OWN-FORMAT FORMAT...
# Exports a folder in each format and that in its own again: values must stay, and the file be the same byte for byte.
set -euo pipefail
folder=$1 own=$2
shift 2
hash() { compress-translate --hash-tensors "$1" | cut -d' ' -f1,2 | sort; }
for format in "$@"; do
  compress-translate --export-huggingface "$folder" --format="$format" -o "$folder-$format"
  diff <(hash "$folder") <(hash "$folder-$format")
  compress-translate --export-huggingface "$folder-$format" --format="$own" -o "$folder-$format-$own"
  cmp "$folder/model.safetensors" "$folder-$format-$own/model.safetensors"
done
