//===- ModelImport.h - Model files to model IR ------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_MODELIMPORT_H
#define COMPRESS_IMPORT_MODELIMPORT_H

#include "compress/Import/Architecture.h"
#include "compress/Import/CacheFormat.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::compress {

struct ImportOptions {
  /// A user's architecture file; empty for the built-in ones.
  std::string architecturePath;
  /// How the key-value cache stores keys and values.
  CacheFormat cache;
  /// Whether to make `@score` beside `@step`. Encoders have neither.
  bool score = true;
};

/// Where the value of a parameter comes from.
struct ImportedParameter {
  /// The global's symbol.
  std::string symbol;
  /// The tensor in the model's files; lives as long as the ImportedModel.
  const StoredTensor *tensor = nullptr;

  /// The encoding in which the tensor is stored; nothing for plain f32.
  std::optional<EncodingSpec> getStoredEncoding() const;
  /// The canonical components of the stored encoding; for plain f32 its bytes.
  /// Makes one copy.
  llvm::Expected<llvm::SmallVector<ComponentData>> load() const {
    return tensor->unpack();
  }
  /// The values, row-major.
  llvm::Expected<std::vector<float>> decode() const { return tensor->decode(); }
};

struct ImportedModel {
  /// The files stay mapped.
  std::unique_ptr<ModelFiles> files;
  OwningOpRef<ModuleOp> module;

  std::string name;
  std::string architecture;
  /// All hyper-parameters of the architecture file.
  std::map<std::string, ScalarValue> hyperparameters;
  ArchitectureKind kind = ArchitectureKind::Decoder;
  bool isEncoder() const { return kind == ArchitectureKind::Encoder; }
  int64_t vocabulary = 0;
  int64_t contextLength = 0;
  int64_t layers = 0;
  struct CacheShape {
    int64_t layers = 0, heads = 0, headDim = 0;
  };
  /// Of decoders.
  std::optional<CacheShape> cache;
  /// Of encoders: columns of what a token gets, and how a text's tokens become
  /// one vector.
  int64_t width = 0;
  std::optional<PoolingInfo> pooling;

  /// Nothing where the model comes without one.
  std::optional<TokenizerModel> tokenizer;

  /// One per global of the module, in its order.
  std::vector<ImportedParameter> parameters;
  /// The source of a global, or null.
  const ImportedParameter *findParameter(llvm::StringRef symbol) const;
};

/// Imports a GGUF file or a Hugging Face folder as flat model IR.
///
/// The module has one `ml_program.global` per weight, whose value is a
/// `#compress.parameter` and whose type's encoding is how the file stores it.
/// Vectors (norms, biases) have plain f32 types; where a file stores them
/// otherwise, the parameter's `stored` says how. Functions, with V the
/// vocabulary:
///
///   @step(tokens: ?xi32, sequence: ?xi32, position: ?xi32, wanted: ?xi32,
///         cache: !lm.cache<...>) -> logits: ?xVxf32
///   @score(tokens: BxTxi32) -> logits: BxTxVxf32
///
/// or, of an encoder, with W its width:
///
///   @encode(tokens: BxTxi32) -> hidden_states: BxTxWxf32
///
/// `position` counts within a sequence, `wanted` are rows of the batch. Loads
/// the dialects of registerImportDialects() into the context. Errors name the
/// file and what is missing, unknown or of a wrong shape in it.
llvm::Expected<ImportedModel> importModel(llvm::StringRef path,
                                          const ImportOptions &options,
                                          MLIRContext *context);

/// Registers what the imported modules are made of.
void registerImportDialects(DialectRegistry &registry);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_MODELIMPORT_H
