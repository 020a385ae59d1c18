//===- ExportTensors.h - What exporters share -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_EXPORT_EXPORTTENSORS_H
#define COMPRESS_LIB_EXPORT_EXPORTTENSORS_H

#include "compress/Export/Export.h"
#include "compress/Import/ModelFiles.h"

namespace mlir::compress {

/// A tensor of the source and what was decided about it.
struct ExportTensor {
  const StoredTensor *source = nullptr;
  /// The parameter that is this tensor, with canonical components; nothing
  /// where the tensor is copied.
  std::optional<ParameterPlan> plan;
  /// Whether products read it, and whether it is no table or head.
  bool isMatrix = false;

  /// `<file>: tensor "<name>": can't be stored losslessly: <why>`, and what
  /// helps.
  llvm::Error refuse(llvm::Error why) const;
};

/// The tensors of `files`, in their order. Those whose parameters' encodings
/// were left alone, vectors, and, unless `withTables`, embeddings and heads
/// have no plan, but for weights in several arrays. The error names a
/// parameter of a changed encoding that is only a part or a view of a tensor.
llvm::Expected<std::vector<ExportTensor>>
matchTensors(const PreparedModel &model, const ModelFiles &files,
             bool withTables);

/// A tensor's components in the encoding `target`, which is the program's or,
/// where values had to be rounded, another one; the error that this makes.
struct ExportedComponents {
  llvm::SmallVector<ComponentData> components;
  std::optional<double> lossyError;
};
llvm::Expected<ExportedComponents> loadComponents(const ExportTensor &tensor,
                                                  const EncodingSpec &target,
                                                  Rounding rounding);

} // namespace mlir::compress

#endif // COMPRESS_LIB_EXPORT_EXPORTTENSORS_H
