//===- CheckpointAssembler.h - Tensors of quantized checkpoints -*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_HUGGINGFACE_CHECKPOINTASSEMBLER_H
#define COMPRESS_LIB_IMPORT_HUGGINGFACE_CHECKPOINTASSEMBLER_H

#include "QuantizationConfig.h"

#include "compress/Import/ModelFiles.h"
#include "compress/Support/Safetensors.h"

namespace mlir::compress {

/// The tensors of a checkpoint's files, in their order. The arrays of a
/// quantized module, which may lie in several files, become one tensor
/// `<module>.weight` in the place of its codes. Without a configuration all
/// arrays are tensors. Errors name the file and the tensor.
llvm::Expected<std::vector<StoredTensor>>
assembleTensors(llvm::ArrayRef<SafetensorsFile> files,
                const std::optional<QuantizationConfig> &config);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_HUGGINGFACE_CHECKPOINTASSEMBLER_H
