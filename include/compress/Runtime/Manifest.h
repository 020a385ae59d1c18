//===- Manifest.h - What a program says of itself ---------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The manifest of a bundle, and of a program in memory. docs/bundle-format.md
// describes every field.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_MANIFEST_H
#define COMPRESS_RUNTIME_MANIFEST_H

#include "compress/Support/ElementType.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace mlir::compress {

/// The "format" of a bundle's manifest.
inline constexpr llvm::StringLiteral kBundleFormat = "compress-bundle";
/// The name of the manifest within a bundle.
inline constexpr llvm::StringLiteral kManifestName = "manifest.json";

/// One size of a tensor: a number, any (-1), or a symbol; a symbol means the
/// same size wherever it stands in a signature.
struct Dimension {
  int64_t size = -1;
  std::string symbol;

  bool isStatic() const { return size >= 0; }
};

/// An argument or a result of a function.
struct ValueSignature {
  std::string name;
  /// A key-value cache; element and shape are not used then.
  bool isCache = false;
  ElementType element = ElementType::F32;
  std::vector<Dimension> shape;
};

struct FunctionSignature {
  std::string name;
  std::vector<ValueSignature> arguments, results;
};

/// How the vectors that an encoder gives to a text's tokens become the text's
/// one vector, its embedding.
struct PoolingInfo {
  enum class Mode {
    /// The mean of all tokens.
    Mean,
    /// Per column, the largest value of all tokens.
    Max,
    /// The first token, which stands for the whole text (BERT's [CLS]).
    FirstToken,
    LastToken
  };
  Mode mode = Mode::Mean;
  /// Whether embeddings are brought to length 1.
  bool normalize = false;
  /// Texts are cut to so many tokens, those that the tokenizer adds included;
  /// 0: the model's context length.
  int64_t maxTokens = 0;
};

/// The word for a mode: `mean`, `max`, `first-token`, `last-token`.
llvm::StringRef str(PoolingInfo::Mode mode);
std::optional<PoolingInfo::Mode> parsePoolingMode(llvm::StringRef word);

struct ModelInfo {
  std::string name, architecture;
  /// 0 where a program is no language model.
  int64_t vocabulary = 0, contextLength = 0, layers = 0;
  /// Of encoders.
  std::optional<PoolingInfo> pooling = std::nullopt;
};

struct CacheInfo {
  int64_t layers = 0, heads = 0, headDim = 0;
  /// How keys and values are stored, for people and reports: `f16`, or an
  /// encoding's text.
  std::string type;
  /// Bytes of one head's block of keys or values, multiples of 64: at 16
  /// positions, keys at those of a group if it is larger.
  int64_t keyBlockBytes = 0, valueBlockBytes = 0;
  /// How many positions of keys are encoded together: 1, or a multiple of 16.
  int64_t keyGroup = 1;
  /// How many positions of a sequence have f16 keys beside the encoded ones: a
  /// multiple of the group, larger than it; 0 for groups of 1. Bytes of one
  /// head's at 16 positions.
  int64_t recentPositions = 0, recentBlockBytes = 0;

  /// Positions of a block of keys.
  int64_t getKeyPositions() const { return std::max<int64_t>(16, keyGroup); }
};

/// Code for one target.
struct TargetInfo {
  std::string triple, cpu;
  /// LLVM's spelling, `+avx2`; all of those with a plus are needed.
  std::vector<std::string> features;
  /// File name within the bundle.
  std::string library;
};

/// Where a stored component lies; the place in the list is its place in
/// CompressContext::parameters.
struct ParameterInfo {
  /// File name within the bundle, and the tensor's name in it.
  std::string file, key;
  /// Only the rows that are looked up are read, not all of it (an embedding
  /// that is not also the head). For the count of bytes read per token.
  bool isGathered = false;
};

/// A file of a bundle other than the manifest.
struct FileInfo {
  std::string name;
  int64_t bytes = 0;
  /// 64 lower-case hexadecimal digits.
  std::string sha256;
};

struct Manifest {
  int64_t abi = 0;
  std::string generator;
  ModelInfo model;
  std::optional<CacheInfo> cache;
  std::vector<TargetInfo> targets;
  std::vector<ParameterInfo> parameters;
  std::vector<FunctionSignature> functions;
  std::vector<FileInfo> files;
  /// File name of the tokenizer, or empty.
  std::string tokenizer;
  /// For people and reports; the runtime does not look into them.
  llvm::json::Value ledger = llvm::json::Array();
  llvm::json::Value options = llvm::json::Object();

  const FunctionSignature *find(llvm::StringRef function) const;

  llvm::json::Value toJSON() const;
  /// Checks format, version, ABI version, every field's type and that names of
  /// files stay within the bundle. The error names the field; `path` names the
  /// manifest in messages.
  static llvm::Expected<Manifest> fromJSON(const llvm::json::Value &value,
                                           llvm::StringRef path);
};

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_MANIFEST_H
