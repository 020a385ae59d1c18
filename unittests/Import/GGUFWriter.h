//===- GGUFWriter.h - Writes GGUF files for tests ---------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_IMPORT_GGUFWRITER_H
#define COMPRESS_UNITTESTS_IMPORT_GGUFWRITER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace mlir::compress::test {

/// Makes the bytes of a GGUF file. It checks nothing, so that tests can make
/// damaged files with it.
class GGUFWriter {
public:
  uint32_t version = 3;
  uint64_t alignment = 32;
  /// Counts and offsets that differ from the truth where they are set.
  std::optional<uint64_t> tensorCount, keyCount;

  struct Tensor {
    std::string name;
    /// Row-major; written in reverse.
    llvm::SmallVector<int64_t> shape;
    uint32_t type;
    std::vector<uint8_t> data;
    std::optional<uint64_t> offset;
    std::optional<uint32_t> rank;
  };
  std::vector<Tensor> tensors;

  /// Little-endian bytes of a number.
  template <typename T> static std::string bytes(T value) {
    std::string result(sizeof(T), '\0');
    std::memcpy(result.data(), &value, sizeof(T));
    return result;
  }
  static std::string string(llvm::StringRef text) {
    return bytes<uint64_t>(text.size()) + text.str();
  }

  /// An entry with a payload that is given byte by byte.
  void addRaw(llvm::StringRef key, uint32_t type, std::string payload) {
    remove(key);
    entries.push_back({key.str(), string(key) + bytes(type) + payload});
  }
  void add(llvm::StringRef key, uint32_t value) {
    addRaw(key, 4, bytes(value));
  }
  void add(llvm::StringRef key, float value) { addRaw(key, 6, bytes(value)); }
  void add(llvm::StringRef key, bool value) {
    addRaw(key, 7, std::string(1, value ? 1 : 0));
  }
  void add(llvm::StringRef key, llvm::StringRef value) {
    addRaw(key, 8, string(value));
  }
  void add(llvm::StringRef key, const char *value) {
    add(key, llvm::StringRef(value));
  }
  void add(llvm::StringRef key, const std::vector<std::string> &values) {
    std::string payload = bytes<uint32_t>(8) + bytes<uint64_t>(values.size());
    for (const std::string &value : values)
      payload += string(value);
    addRaw(key, 9, payload);
  }
  void add(llvm::StringRef key, const std::vector<float> &values) {
    std::string payload = bytes<uint32_t>(6) + bytes<uint64_t>(values.size());
    for (float value : values)
      payload += bytes(value);
    addRaw(key, 9, payload);
  }
  void add(llvm::StringRef key, const std::vector<int32_t> &values) {
    std::string payload = bytes<uint32_t>(5) + bytes<uint64_t>(values.size());
    for (int32_t value : values)
      payload += bytes(value);
    addRaw(key, 9, payload);
  }
  void remove(llvm::StringRef key) {
    llvm::erase_if(entries, [&](const auto &e) { return e.first == key; });
  }
  /// Repeats an entry.
  void duplicate(llvm::StringRef key) {
    for (size_t i = 0, e = entries.size(); i != e; ++i)
      if (entries[i].first == key)
        entries.push_back(entries[i]);
  }

  /// Adds a tensor of `size` bytes.
  Tensor &addTensor(llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                    uint32_t type, size_t size) {
    std::vector<uint8_t> data(size);
    for (size_t i = 0; i != size; ++i)
      data[i] = static_cast<uint8_t>(31 * tensors.size() + 7 * i);
    tensors.push_back({name.str(),
                       llvm::SmallVector<int64_t>(shape),
                       type,
                       std::move(data),
                       {},
                       {}});
    return tensors.back();
  }
  Tensor &findTensor(llvm::StringRef name) {
    return *llvm::find_if(tensors,
                          [&](const Tensor &t) { return t.name == name; });
  }
  void removeTensor(llvm::StringRef name) {
    llvm::erase_if(tensors, [&](const Tensor &t) { return t.name == name; });
  }

  std::string write() const {
    std::string file = "GGUF" + bytes(version) +
                       bytes(tensorCount.value_or(tensors.size())) +
                       bytes(keyCount.value_or(entries.size()));
    for (const auto &[key, entry] : entries)
      file += entry;
    std::string data;
    for (const Tensor &tensor : tensors) {
      file += string(tensor.name);
      file += bytes(tensor.rank.value_or(tensor.shape.size()));
      for (int64_t size : llvm::reverse(tensor.shape))
        file += bytes<uint64_t>(size);
      file += bytes(tensor.type);
      file += bytes<uint64_t>(tensor.offset.value_or(data.size()));
      data.append(tensor.data.begin(), tensor.data.end());
      data.resize((data.size() + alignment - 1) / alignment * alignment);
    }
    file.resize((file.size() + alignment - 1) / alignment * alignment);
    return file + data;
  }

private:
  /// Key and all bytes of its entry.
  std::vector<std::pair<std::string, std::string>> entries;
};

/// A llama of 2 layers, width 32, 4 heads of 8, 2 key-value heads, 32 columns
/// in the feed-forward part, vocabulary 6, tied embeddings, all weights f32,
/// with a SentencePiece tokenizer.
inline GGUFWriter makeTinyLlama() {
  GGUFWriter writer;
  writer.add("general.architecture", "llama");
  writer.add("general.name", "tiny");
  writer.add("llama.block_count", uint32_t(2));
  writer.add("llama.context_length", uint32_t(64));
  writer.add("llama.embedding_length", uint32_t(32));
  writer.add("llama.feed_forward_length", uint32_t(32));
  writer.add("llama.attention.head_count", uint32_t(4));
  writer.add("llama.attention.head_count_kv", uint32_t(2));
  writer.add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
  writer.add("tokenizer.ggml.model", "llama");
  writer.add("tokenizer.ggml.tokens",
             std::vector<std::string>{"<unk>", "<s>", "</s>", "\u2581", "a",
                                      "\u2581a"});
  writer.add("tokenizer.ggml.scores", std::vector<float>{0, 0, 0, -2, -1, 0});
  writer.add("tokenizer.ggml.token_type",
             std::vector<int32_t>{2, 3, 3, 1, 1, 1});
  auto addF32 = [&](std::string name, std::vector<int64_t> shape) {
    int64_t count = 1;
    for (int64_t size : shape)
      count *= size;
    writer.addTensor(name, shape, 0, 4 * count);
  };
  addF32("token_embd.weight", {6, 32});
  for (std::string layer : {"blk.0.", "blk.1."}) {
    addF32(layer + "attn_norm.weight", {32});
    addF32(layer + "attn_q.weight", {32, 32});
    addF32(layer + "attn_k.weight", {16, 32});
    addF32(layer + "attn_v.weight", {16, 32});
    addF32(layer + "attn_output.weight", {32, 32});
    addF32(layer + "ffn_norm.weight", {32});
    addF32(layer + "ffn_gate.weight", {32, 32});
    addF32(layer + "ffn_up.weight", {32, 32});
    addF32(layer + "ffn_down.weight", {32, 32});
  }
  addF32("output_norm.weight", {32});
  return writer;
}

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_IMPORT_GGUFWRITER_H
