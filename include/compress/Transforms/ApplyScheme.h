//===- ApplyScheme.h - Changes the encodings of weights ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TRANSFORMS_APPLYSCHEME_H
#define COMPRESS_TRANSFORMS_APPLYSCHEME_H

#include "compress/Dialect/Compress/IR/Compress.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace mlir::compress {

/// Which encodings the weights and activations of a model shall have.
///
/// Encodings are written as for a matrix [n, k], k being what a contraction
/// sums over. Blocks of two sizes are fitted to each weight: they are turned
/// where its dimensions stand in another order, and have size 1 along further
/// dimensions. `#quantized.float<f32>` means no encoding at all.
struct SchemeRequest {
  /// Encoding of weights; null leaves them as they are.
  EncodingAttrInterface weights;
  /// Encoding of embeddings (tables whose rows are gathered) and heads (weights
  /// whose product is a result of the program); null: that of `weights`.
  EncodingAttrInterface embeddings;
  /// Encoding of what is multiplied with weights of integer codes; null leaves
  /// it in f32.
  EncodingAttrInterface activations;
  /// Whether blocks of activations take the largest size along k that divides
  /// their own and the weight's, so that no integer sum crosses a block of
  /// either.
  bool fitActivations = true;

  /// A glob over symbols and the encoding of the weights that it matches; null
  /// leaves weight and activation alone. The last one that matches counts.
  struct Override {
    std::string pattern;
    EncodingAttrInterface encoding;
  };
  std::vector<Override> overrides;
};

/// Why a parameter has the encoding that it has.
enum class SchemeReason {
  /// The scheme's encoding for weights.
  Weight,
  /// The scheme's encoding for embeddings, heads, and tables that are both.
  Embedding,
  Head,
  EmbeddingAndHead,
  /// An override gave it one, or left it alone.
  Override,
  Keep,
  /// The scheme leaves weights as they are stored.
  AsStored,
  /// Left alone: fewer than two dimensions (norms, biases), or neither
  /// multiplied nor gathered.
  Vector,
  NotMultiplied
};

/// The word of reports: `weight`, `embedding`, `not-multiplied`, ...
StringRef str(SchemeReason reason);

/// What became of one parameter.
struct SchemeDecision {
  std::string symbol;
  /// Encodings; null for plain tensors.
  EncodingAttrInterface before, after;
  SchemeReason reason = SchemeReason::Weight;
  /// The override's pattern, if one decided.
  std::string pattern;
  /// Encoding of the activation that it is multiplied with; null for f32.
  EncodingAttrInterface activation;
  /// Whether contractions multiply it, and whether rows of it are gathered.
  bool isMultiplied = false, isGathered = false;
  /// The dimension of it that all its products sum over, or -1.
  int64_t reductionDim = -1;
};

/// `encoding`, whose blocks are written for matrices [n, k], for a tensor of
/// `rank` dimensions with n and k at these places. Blocks of another length
/// than two are left as they are.
EncodingAttrInterface fitEncoding(EncodingAttrInterface encoding, int64_t rank,
                                  int64_t n, int64_t k);

/// Changes the types of the module's parameters and of their loads as `request`
/// says, and encodes activations. A parameter remembers in `stored` what its
/// archive holds. Each activation is encoded once per encoding, where it is
/// made, for all that multiply it.
///
/// Returns a decision per global, in the module's order. Errors: an override
/// that matches no weight; a weight that can't take the encoding; integer
/// weights whose blocks can't be multiplied with encoded activations; encoded
/// activations where no weight has integer codes. They name the parameter and
/// the override that helps. The module is then partly changed.
llvm::Expected<std::vector<SchemeDecision>>
applyScheme(ModuleOp module, const SchemeRequest &request);

} // namespace mlir::compress

#endif // COMPRESS_TRANSFORMS_APPLYSCHEME_H
