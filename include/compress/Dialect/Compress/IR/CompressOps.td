//===- CompressOps.td - Ops of the compress dialect --------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_IR_COMPRESSOPS_TD
#define COMPRESS_DIALECT_COMPRESS_IR_COMPRESSOPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "compress/Dialect/Compress/IR/CompressAttrs.td"

/// An op that can say its result's shape in terms of its operands.
def Reifies : DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                        ["reifyResultShapes"]>;

class Compress_Op<string mnemonic, list<Trait> traits = []>
    : Op<Compress_Dialect, mnemonic, traits>;

def Compress_EncodeOp : Compress_Op<"encode", [Pure,
    Reifies]> {
  let summary = "Rounds a tensor to an encoding";
  let description = [{
    The encoded tensor nearest to `source` under the rules of
    compress/Encoding/Codec.h: `encode`. On an activation this is dynamic
    quantization.

    Constraints:
    * C1: the result's type has an encoding, the source's has none.
    * C2: both have the same shape and element type.
    * C3: the encoding stores no data of its own (table or column order) that
      the source does not determine.

    Example:

    ```mlir
    %0 = compress.encode %x : tensor<?x576xf32> to tensor<?x576xf32, #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
}

def Compress_DecodeOp : Compress_Op<"decode", [Pure,
    Reifies]> {
  let summary = "The values that an encoded tensor stands for";
  let description = [{
    Exact, as compress/Encoding/Codec.h: `decode`.

    Constraints:
    * C1: the source's type has an encoding, the result's has none.
    * C2: both have the same shape and element type.

    Example:

    ```mlir
    %0 = compress.decode %w : tensor<64x64xf32, #quantized.affine<i8, block = [1, -1], scale = f32>> to tensor<64x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
}

def Compress_AssembleOp : Compress_Op<"assemble", [Pure]> {
  let summary = "An encoded tensor from its stored parts";
  let description = [{
    Constraints:
    * C1: the result's type has an encoding.
    * C2: the operands are the components of the result's type, in order.

    Example:

    ```mlir
    %0 = compress.assemble %codes, %scale : tensor<64x32xi8>, tensor<64x2xf16> to tensor<64x64xf32, #quantized.affine<i4, block = [1, 32], scale = f16>>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$components);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$components attr-dict `:` type($components) `to` type($result)";
  let hasVerifier = 1;
}

def Compress_ComponentsOp : Compress_Op<"components", [Pure]> {
  let summary = "The stored parts of an encoded tensor";
  let description = [{
    Constraints:
    * C1: the source's type has an encoding.
    * C2: the results are the components of the source's type, in order.

    Example:

    ```mlir
    %codes, %scale = compress.components %w : tensor<64x64xf32, #quantized.affine<i4, block = [1, 32], scale = f16>> to tensor<64x32xi8>, tensor<64x2xf16>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source);
  let results = (outs Variadic<AnyRankedTensor>:$components);
  let assemblyFormat = "$source attr-dict `:` type($source) `to` type($components)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Compress_GroupOp : Compress_Op<"group", [
    AttrSizedOperandSegments, DestinationStyleOpInterface, IsolatedFromAbove,
    SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Ops that become one kernel";
  let description = [{
    A destination-style op that computes what its region says. The region works
    on tensors throughout, also after bufferization, when the operands are
    memrefs: it is the meaning from which code is generated. The region's
    arguments correspond to `inputs`; an argument of tensor type belongs to an
    operand that is that tensor or a memref of its shape.

    All results are written to `inits`, whose contents are not read.

    Constraints:
    * C1: the region has one argument per input, of the same tensor shape and
      element type, or of the same type.
    * C2: what the region yields matches `inits` in number, shape and element
      type.
    * C3: on tensors there is one result per init, of its type; on memrefs there
      is none.

    Example:

    ```mlir
    %0 = compress.group ins(%x, %w : tensor<?x8xf32>, tensor<8xf32>) outs(%e : tensor<?x8xf32>) {
    ^bb0(%a: tensor<?x8xf32>, %b: tensor<8xf32>):
      %n = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<?x8xf32>, tensor<8xf32>
      compress.yield %n : tensor<?x8xf32>
    } -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, Variadic<AnyType>:$inits,
                       OptionalAttr<Compress_StrategyAttr>:$strategy);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`ins` `(` $inputs^ `:` type($inputs) `)`)?
    (`outs` `(` $inits^ `:` type($inits) `)`)?
    attr-dict-with-keyword $body (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitsMutable(); }
    ::mlir::Block &getBlock() { return getBody().front(); }
    /// The values that the region yields, one per init.
    ::mlir::OperandRange getYielded();
  }];
  let hasVerifier = 1;
}

def Compress_YieldOp : Compress_Op<"yield", [
    Pure, Terminator, HasParent<"GroupOp">]> {
  let summary = "What a group computes";
  let description = [{
    Example:

    ```mlir
    %0 = compress.group ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
    ^bb0(%a: tensor<?x8xf32>):
      compress.yield %a : tensor<?x8xf32>
    } -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ValueRange()); }]>];
}

def Compress_ParameterOp : Compress_Op<"parameter", [Pure]> {
  let summary = "A stored parameter as the runtime maps it";
  let description = [{
    The buffer of entry `index` of the runtime's table of parameters; the
    table's order is the module's attribute `compress.parameters`.

    Example:

    ```mlir
    %0 = compress.parameter 3 : memref<331776xi8>
    ```
  }];
  let arguments = (ins I64Attr:$index);
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "$index attr-dict `:` type($result)";
}

def Compress_WorkspaceOp : Compress_Op<"workspace", [Pure]> {
  let summary = "The memory that the runtime lends to a function";
  let description = [{
    Example:

    ```mlir
    %0 = compress.workspace : memref<?xi8>
    ```
  }];
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Compress_ScratchOp : Compress_Op<"scratch", [Pure]> {
  let summary = "Memory of this thread's own";
  let description = [{
    As many bytes as the most demanding kernel needs (its attribute
    `compress.scratch`).

    Example:

    ```mlir
    %0 = compress.scratch : memref<?xi8>
    ```
  }];
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Compress_ThreadOp : Compress_Op<"thread", [Pure]> {
  let summary = "Number of this thread, and of all threads of the team";
  let description = [{
    Example:

    ```mlir
    %thread, %threads = compress.thread
    ```
  }];
  let results = (outs Index:$thread, Index:$threads);
  let assemblyFormat = "attr-dict";
}

def Compress_BarrierOp : Compress_Op<"barrier", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Waits until all threads of the team are here";
  let description = [{
    Example:

    ```mlir
    compress.barrier
    ```
  }];
  let assemblyFormat = "attr-dict";
}

#endif // COMPRESS_DIALECT_COMPRESS_IR_COMPRESSOPS_TD
