//===- Passes.td - Passes that make kernels ----------------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_PASSES_TD
#define COMPRESS_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

/// The passes of one target take its name in the same form.
defvar targetOption = Option<"target", "target", "std::string", "\"native\"",
    "Processor and features: native, x86-64-v3, x86-64-v4+avx512vnni, ...">;

def SelectStrategies : Pass<"compress-select-strategies", "::mlir::ModuleOp"> {
  let summary = "Chooses how each kernel's group becomes code";
  let description = [{
    Gives every `compress.group` a `#compress.strategy`, which says the form, the
    vector width, the integer dot and the tiles. The choice depends on the group
    and on the target only. A group that has a strategy keeps it.

    Example: on x86-64-v3 a product of 4-bit weights and 8-bit activations gets
    `#compress.strategy<form = integer, dot = maddubs, lanes = 8, tile = 4, panels = 1>`.
  }];
  let options = [targetOption];
  let statistics = [
    Statistic<"numInteger", "integer", "Contractions of integer codes">,
    Statistic<"numFloat", "float", "Contractions in f32 on panels">,
    Statistic<"numScalar", "scalar", "Groups computed one value at a time">];
}

def VerifyStrategies : Pass<"compress-verify-strategies", "::mlir::ModuleOp"> {
  let summary = "Refuses strategies that the target can't carry out exactly";
  let description = [{
    Fails at a group without a strategy, with one whose form does not fit what
    the group computes, with an integer dot that the target lacks or that could
    overflow, or with tiles that do not divide the weights' panels.

    Example: `dot = vnni` is refused for x86-64-v3.
  }];
  let options = [targetOption];
}

def LowerGroups : Pass<"compress-lower-groups", "::mlir::ModuleOp"> {
  let summary = "Emits the code of each kernel";
  let description = [{
    Replaces the group in every kernel (`compress.kernel`) by `scf`, `vector`,
    `arith` and `memref` ops on its operands, as its strategy says. The kernel's
    attribute `compress.scratch` tells the bytes of scratch memory that it uses.

    Example: a group that adds two tensors becomes a loop over this thread's rows
    and a loop over vectors of columns.
  }];
  let options = [targetOption];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::LLVM::LLVMDialect", "::mlir::lm::LMDialect"];
}

def ExpandMath : Pass<"compress-expand-math", "::mlir::ModuleOp"> {
  let summary = "Replaces functions of one variable by arithmetic";
  let description = [{
    Exponentials, logarithms, hyperbolic tangents and the error function become
    polynomials on vectors and scalars, so that programs need no mathematics
    library. Within two units in the last place of f32.

    Example: `math.exp %x : vector<16xf32>` becomes a range reduction, a
    polynomial and a scaling by a power of two.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif // COMPRESS_CODEGEN_PASSES_TD
