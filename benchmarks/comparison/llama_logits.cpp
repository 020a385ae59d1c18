//===- llama_logits.cpp - Text and logits of llama.cpp --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// llama_logits MODEL COUNT: continues each prompt, which are the lines of
// standard input with "\n" for a line's end, by COUNT tokens, the likeliest
// each time. Prints per prompt a JSON object on a line of its own, with
// "prompt_tokens", "first_logits" and "tokens". The cache holds f32.
//
//===----------------------------------------------------------------------===//

#include "llama.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string &message) {
  std::cerr << "error: " << message << "\n";
  std::exit(1);
}

std::string unescape(std::string text) {
  for (size_t at = 0; (at = text.find("\\n", at)) != std::string::npos; ++at)
    text.replace(at, 2, "\n");
  return text;
}

std::vector<llama_token> tokenize(const llama_vocab *vocabulary,
                                  const std::string &text) {
  std::vector<llama_token> tokens(text.size() + 8);
  int count =
      llama_tokenize(vocabulary, text.data(), static_cast<int>(text.size()),
                     tokens.data(), static_cast<int>(tokens.size()),
                     /*add_special=*/true, /*parse_special=*/false);
  if (count < 0)
    fail("can't tokenize '" + text + "'");
  tokens.resize(count);
  return tokens;
}

template <typename T>
void print(const char *name, const std::vector<T> &values, const char *format) {
  std::printf("\"%s\": [", name);
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0)
      std::printf(", ");
    std::printf(format, values[i]);
  }
  std::printf("]");
}

void answer(llama_model *model, const std::string &prompt, int count) {
  const llama_vocab *vocabulary = llama_model_get_vocab(model);
  std::vector<llama_token> tokens = tokenize(vocabulary, prompt);
  llama_context_params parameters = llama_context_default_params();
  parameters.n_ctx = static_cast<uint32_t>(tokens.size()) + count + 8;
  parameters.n_batch = static_cast<uint32_t>(tokens.size());
  parameters.type_k = parameters.type_v = GGML_TYPE_F32;
  parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
  llama_context *context = llama_init_from_model(model, parameters);
  if (!context)
    fail("can't make a context");
  std::printf("{");
  print("prompt_tokens", tokens, "%d");
  std::vector<llama_token> generated;
  std::vector<llama_token> next = tokens;
  for (int i = 0; i < count; ++i) {
    llama_batch batch =
        llama_batch_get_one(next.data(), static_cast<int>(next.size()));
    if (llama_decode(context, batch))
      fail("can't decode");
    const float *logits = llama_get_logits_ith(context, -1);
    int size = llama_vocab_n_tokens(vocabulary);
    if (i == 0) {
      std::printf(", ");
      print("first_logits", std::vector<float>(logits, logits + size), "%.9g");
    }
    next = {static_cast<llama_token>(std::max_element(logits, logits + size) -
                                     logits)};
    generated.push_back(next.front());
  }
  std::printf(", ");
  print("tokens", generated, "%d");
  std::printf("}\n");
  llama_free(context);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 3)
    fail("usage: llama_logits MODEL COUNT < PROMPTS");
  llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
  llama_backend_init();
  llama_model *model =
      llama_model_load_from_file(argv[1], llama_model_default_params());
  if (!model)
    fail(std::string(argv[1]) + ": can't be loaded");
  for (std::string line; std::getline(std::cin, line);)
    answer(model, unescape(line), std::atoi(argv[2]));
  llama_model_free(model);
  return 0;
}
