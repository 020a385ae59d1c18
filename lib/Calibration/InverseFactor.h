//===- InverseFactor.h - A Cholesky factor of the inverse -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CALIBRATION_INVERSEFACTOR_H
#define COMPRESS_LIB_CALIBRATION_INVERSEFACTOR_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mlir::compress {

/// The upper triangular U with H⁻¹ = Uᵀ U and a positive diagonal, row-major
/// [size, size], or nothing where the symmetric H is not positive definite in
/// f64. `hessian` is [size, size]; `damping` is added to its diagonal.
///
/// H is not inverted: with the rows and columns of H in reverse order, H = L
/// Lᵀ, and U is L⁻¹ in reverse order. That takes a third of the operations of
/// inverting first. The result does not depend on `threads`.
std::optional<std::vector<float>>
computeInverseFactor(llvm::ArrayRef<double> hessian, int64_t size,
                     double damping, unsigned threads);

} // namespace mlir::compress

#endif // COMPRESS_LIB_CALIBRATION_INVERSEFACTOR_H
