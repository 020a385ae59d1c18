//===- Passes.td - Passes over several dialects ------------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TRANSFORMS_PASSES_TD
#define COMPRESS_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyEncodings : Pass<"compress-verify-encodings", "::mlir::ModuleOp"> {
  let summary = "Fails where an op would drop or reinterpret an encoding";
  let description = [{
    Upstream ops accept tensors with encodings and many of them ignore, drop or
    invent one without a word: a cast from one encoding to another verifies, and
    so does an elementwise op on codes that it can't read. This pass fails at
    each op that takes or gives an encoded tensor and is not known to keep its
    meaning. It stands before and after every upstream pass in the project's
    pipelines.

    An upstream pass may also leave nothing to look at: bufferization with
    function boundaries turns an encoded argument into a buffer of its logical
    shape. With `snapshot=record` the pass notes the encodings of globals and
    public functions in the module's attribute `compress.encodings`; later runs
    compare, until one with `snapshot=remove`.

    Allowed are: the conversions of the compress dialect, groups, inputs of
    contractions (`linalg` structured ops with a reduction), `lm.gather_rows`,
    `tensor.empty`, loads of parameters, calls, returns, and structured control
    flow that hands a tensor through with its type.

    Example: this is refused, since the cast drops the encoding.

    ```mlir
    func.func @f(%x: tensor<4x32xf32, #quantized.float<f16>>) -> tensor<4x32xf32> {
      // expected-error @below {{would lose the encoding}}
      %0 = tensor.cast %x : tensor<4x32xf32, #quantized.float<f16>> to tensor<4x32xf32>
      return %0 : tensor<4x32xf32>
    }
    ```
  }];
  let statistics = [Statistic<"numUses", "encoded-uses", "Uses of encoded tensors looked at">];
  let options = [Option<
    "snapshot", "snapshot", "::mlir::compress::EncodingSnapshot",
    "::mlir::compress::EncodingSnapshot::Compare",
    "What to do with the module's record of its encodings",
    "::llvm::cl::values("
    "clEnumValN(::mlir::compress::EncodingSnapshot::Compare, \"compare\", \"fail where the module differs from it, if there is one\"),"
    "clEnumValN(::mlir::compress::EncodingSnapshot::Record, \"record\", \"write it\"),"
    "clEnumValN(::mlir::compress::EncodingSnapshot::Remove, \"remove\", \"remove it\"))">];
}

def ApplyScheme : Pass<"compress-apply-scheme", "::mlir::ModuleOp"> {
  let summary = "Gives weights and activations the encodings that are asked for";
  let description = [{
    Changes the encodings of weights: parameters of two or more dimensions that
    contractions multiply or `lm.gather_rows` reads. Their values do not change
    here; the parameter remembers in `stored` what the archive holds, and is
    converted when a bundle is written. What is multiplied with integer codes is
    encoded once, where it is made, for all its readers. Norms, biases and other
    vectors stay as they are. Encodings are written as for a matrix [n, k] and
    fitted to weights whose dimensions stand otherwise.

    Before: contractions and gathers on parameters loaded by
    `ml_program.global_load_const`. After: the same, with other encodings in the
    types, legal under `compress-verify-encodings`.

    Example: with `weights=#quantized.affine<i8,block=[1,32],scale=f16>`,

    ```mlir
    ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<32x64xf32, #quantized.float<f16>>
    ```

    read by a matmul gets that encoding and
    `stored = #quantized.float<f16>`.
  }];
  let options = [
    Option<"weights", "weights", "std::string", "",
           "Encoding of weights; empty leaves them as they are">,
    Option<"embeddings", "embeddings", "std::string", "",
           "Encoding of embeddings and of weights whose product is a result; "
           "empty: that of weights">,
    Option<"activations", "activations", "std::string", "",
           "Encoding of what is multiplied with integer codes; empty: f32">,
    Option<"fitActivations", "fit-activations", "bool", "true",
           "Give activations the largest blocks that divide their own and the weight's">,
    ListOption<"overrides", "overrides", "std::string",
           "GLOB=#encoding or GLOB=keep; the last one that matches counts">];
  let statistics = [
    Statistic<"numEncoded", "encoded", "Parameters whose encoding changed">,
    Statistic<"numActivations", "activations", "Weights multiplied with encoded activations">];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::quantized::QuantizedDialect",
                           "::mlir::sparse::SparseDialect"];
}

def SimulateEncodings : Pass<"compress-simulate-encodings", "::mlir::ModuleOp"> {
  let summary = "Computes in f32 with the values that encodings hold";
  let description = [{
    Makes of a program on encoded tensors the one that says what it loses: the
    same values, multiplied and summed in f32 without any kernel for codes.
    Encoded parameters become plain f32; the attribute `compress.simulated`
    keeps the encoding through which their values are to be rounded when the
    parameter is loaded. An encoded activation is decoded again where it is made.
    Run it before layouts are assigned.

    Example: the weight is rounded when it is loaded, the activation in place.

    ```mlir
    #w = #quantized.affine<i4, block = [1, 32], scale = f16>
    #x = #quantized.affine<i8, block = [1, 32], scale = f32>
    ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<32x64xf32, #w>
    func.func @f(%x: tensor<?x64xf32>, %init: tensor<?x32xf32>) -> tensor<?x32xf32> {
      %w = ml_program.global_load_const @w : tensor<32x64xf32, #w>
      %e = compress.encode %x : tensor<?x64xf32> to tensor<?x64xf32, #x>
      %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                                          affine_map<(m, n, k) -> (n, k)>,
                                          affine_map<(m, n, k) -> (m, n)>]
        ins(%e, %w : tensor<?x64xf32, #x>, tensor<32x64xf32, #w>)
        outs(%init : tensor<?x32xf32>) -> tensor<?x32xf32>
      return %0 : tensor<?x32xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::quantized::QuantizedDialect"];
}

def InsertObservers : Pass<"quantized-insert-observers", "::mlir::ModuleOp"> {
  let summary = "Marks what weights are multiplied with, for calibration";
  let description = [{
    What a product multiplies with a parameter becomes a `quantized.observe`,
    one per value, which names all parameters that read it. Of an encoded
    activation, that is what was encoded.

    Example: two weights read the same rows.

    ```mlir
    #mk = affine_map<(m, n, k) -> (m, k)>
    #nk = affine_map<(m, n, k) -> (n, k)>
    #mn = affine_map<(m, n, k) -> (m, n)>
    ml_program.global private @q(#compress.parameter<"m.gguf", "q">) : tensor<32x64xf32>
    ml_program.global private @k(#compress.parameter<"m.gguf", "k">) : tensor<32x64xf32>
    func.func @f(%x: tensor<?x64xf32>, %y: tensor<?x32xf32>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
      // Here comes: %o = quantized.observe %x for ["q", "k"] : tensor<?x64xf32>
      %q = ml_program.global_load_const @q : tensor<32x64xf32>
      %k = ml_program.global_load_const @k : tensor<32x64xf32>
      %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
        ins(%x, %q : tensor<?x64xf32>, tensor<32x64xf32>) outs(%y : tensor<?x32xf32>) -> tensor<?x32xf32>
      %1 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
        ins(%x, %k : tensor<?x64xf32>, tensor<32x64xf32>) outs(%y : tensor<?x32xf32>) -> tensor<?x32xf32>
      return %0, %1 : tensor<?x32xf32>, tensor<?x32xf32>
    }
    ```
  }];
  let options = [Option<"parameters", "parameters", "std::string", "\"*\"",
                        "Glob of the parameters to observe for">,
                 Option<"function", "function", "std::string", "",
                        "Function to observe in; empty: all">];
  let statistics = [Statistic<"numObservers", "observers", "Values observed">];
  let dependentDialects = ["::mlir::quantized::QuantizedDialect"];
}

def ReturnObserved : Pass<"quantized-return-observed", "::mlir::ModuleOp"> {
  let summary = "Makes results of what is observed";
  let description = [{
    The instrumented program: each value that a public function observes becomes
    one more result of it, whose attribute `compress.observed` names the
    parameters. Who runs the program over calibration data adds the results up;
    the program is compiled as any other, and runs at its speed.

    Example:

    ```mlir
    func.func @f(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
      %0 = quantized.observe %x for ["w"] : tensor<?x64xf32>
      return %0 : tensor<?x64xf32>
    }
    ```

    becomes

    ```mlir
    func.func @f(%x: tensor<?x64xf32>)
        -> (tensor<?x64xf32>, tensor<?x64xf32> {compress.name = "observed w", compress.observed = ["w"]}) {
      return %x, %x : tensor<?x64xf32>, tensor<?x64xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def FindScaleMoves : Pass<"quantized-find-scale-moves", "::mlir::ModuleOp"> {
  let summary = "Tells where scales of channels can move to";
  let description = [{
    A remark for each `quantized.observe`: the parameters that can be divided so
    that the observed value is divided channel by channel, while its weights are
    multiplied (AWQ, SmoothQuant), or why there are none. They are found from the
    graph, not from names: products, norms, elementwise ops that are linear in an
    operand, attention in its values. Nothing is changed.

    Example:

    ```mlir
    #mk = affine_map<(m, n, k) -> (m, k)>
    #nk = affine_map<(m, n, k) -> (n, k)>
    #mn = affine_map<(m, n, k) -> (m, n)>
    ml_program.global private @norm(#compress.parameter<"m.gguf", "norm">) : tensor<64xf32>
    ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<32x64xf32>
    func.func @f(%x: tensor<?x64xf32>, %y: tensor<?x32xf32>) -> tensor<?x32xf32> {
      %norm = ml_program.global_load_const @norm : tensor<64xf32>
      %w = ml_program.global_load_const @w : tensor<32x64xf32>
      %0 = lm.rms_norm %x, %norm {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
      // expected-remark @+1 {{scales can move to 'norm'}}
      %1 = quantized.observe %0 for ["w"] : tensor<?x64xf32>
      %2 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
        ins(%1, %w : tensor<?x64xf32>, tensor<32x64xf32>) outs(%y : tensor<?x32xf32>) -> tensor<?x32xf32>
      return %2 : tensor<?x32xf32>
    }
    ```
  }];
  let statistics = [Statistic<"numMoves", "moves", "Values whose scales can move">];
}

def SplitStages : Pass<"compress-split-stages", "::mlir::ModuleOp"> {
  let summary = "Makes of a function a chain of functions, one per block of layers";
  let description = [{
    Error compensation works block by block: each one is calibrated on what the
    blocks before it compute once their weights have been rounded. The function
    `f` becomes `f.0`, `f.1`, ..., cut wherever a single activation (a value that
    depends on arguments and on parameters) is read behind the cut, if there is a
    product with a parameter since the last cut and one to come. In a
    transformer, that is after each addition to the residual stream. Each
    function takes the arguments of `f` and the activation at its beginning,
    and gives the one at its end; the last gives what `f` gives. What is no
    activation (sizes, positions, rotary tables) is computed in each function
    that needs it.

    Run it on a function without effects or control flow; `f` is gone after it,
    and unless `keep-others` is given so are the module's other public functions.

    Example: two layers, two functions.

    ```mlir
    #mk = affine_map<(m, n, k) -> (m, k)>
    #nk = affine_map<(m, n, k) -> (n, k)>
    #mn = affine_map<(m, n, k) -> (m, n)>
    ml_program.global private @a(#compress.parameter<"m.gguf", "a">) : tensor<64x64xf32>
    ml_program.global private @b(#compress.parameter<"m.gguf", "b">) : tensor<64x64xf32>
    // Becomes @score.0(%x, %y) -> %0 {compress.name = "boundary"} and @score.1(%x, %y, %0) -> %1.
    func.func @score(%x: tensor<?x64xf32>, %y: tensor<?x64xf32>) -> tensor<?x64xf32> {
      %a = ml_program.global_load_const @a : tensor<64x64xf32>
      %b = ml_program.global_load_const @b : tensor<64x64xf32>
      %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
        ins(%x, %a : tensor<?x64xf32>, tensor<64x64xf32>) outs(%y : tensor<?x64xf32>) -> tensor<?x64xf32>
      %1 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
        ins(%0, %b : tensor<?x64xf32>, tensor<64x64xf32>) outs(%y : tensor<?x64xf32>) -> tensor<?x64xf32>
      return %1 : tensor<?x64xf32>
    }
    ```
  }];
  let options = [Option<"function", "function", "std::string", "\"score\"",
                        "Function to split">,
                 Option<"keepOthers", "keep-others", "bool", "false",
                        "Leave the module's other public functions">];
  let statistics = [Statistic<"numStages", "stages", "Functions that were made">];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def AssignLayouts : Pass<"compress-assign-layouts", "::mlir::ModuleOp"> {
  let summary = "Lays parameters out for the contractions that read them";
  let description = [{
    Gives each parameter that a contraction reads the panel layout in which the
    CPU kernels read weights. A parameter has one layout, whatever else reads it
    (a tied embedding is gathered by row from the same copy). The parameter
    remembers in `stored` how the archive holds it. Encodings that have no panel
    form (block structures) stay canonical.

    Before: contractions on encoded tensors, parameters loaded by
    `ml_program.global_load_const`. After: the same, with layouts in the types.

    Example: with

    ```mlir
    ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<32x64xf32, #quantized.float<f16>>
    ```

    read by a matmul, the type becomes
    `tensor<32x64xf32, #compress.panel<#quantized.float<f16>, rows = 16, row_dim = 0, reduction_dim = 1>>`.
  }];
  let options = [Option<"panelRows", "panel-rows", "int64_t", "16",
                        "Rows of a panel">];
  let statistics = [
    Statistic<"numPanels", "panels", "Parameters laid out in panels">,
    Statistic<"numCanonical", "canonical", "Parameters of contractions that have no panel form">];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::quantized::QuantizedDialect"];
}

def FormGroups : Pass<"compress-form-groups", "::mlir::ModuleOp"> {
  let summary = "Puts ops that become one kernel into compress.group";
  let description = [{
    Every op that computes ends in a group:
    * ops that work row by row (norms, rotation, encoding, gathering, cache
      append, elementwise ops on two dimensions) join the group of their only
      reader, where that works row by row as well;
    * an elementwise op that reads a contraction's only use becomes its epilogue;
    * attention and all other structured ops are alone.
    What groups are formed follows from the ops' properties, not from a list of
    patterns of models. Groups are in the order of their last op.

    Example: the norm and the encoding below become one group, and the product
    with the residual addition another.

    ```mlir
    #a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
    #mk = affine_map<(m, n, k) -> (m, k)>
    #nk = affine_map<(m, n, k) -> (n, k)>
    #mn = affine_map<(m, n, k) -> (m, n)>
    func.func @f(%x: tensor<4x64xf32>, %g: tensor<64xf32>, %w: tensor<64x64xf32>) -> tensor<4x64xf32> {
      %n = lm.rms_norm %x, %g {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
      %e = compress.encode %n : tensor<4x64xf32> to tensor<4x64xf32, #a8>
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<4x64xf32>
      %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
      %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
        ins(%e, %w : tensor<4x64xf32, #a8>, tensor<64x64xf32>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
      %r = linalg.add ins(%y, %x : tensor<4x64xf32>, tensor<4x64xf32>) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
      return %r : tensor<4x64xf32>
    }
    ```
  }];
  let statistics = [Statistic<"numGroups", "groups", "Groups formed">];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

def ResultsToDestinations : Pass<"compress-results-to-destinations", "::mlir::ModuleOp"> {
  let summary = "Gives public functions a destination argument per result";
  let description = [{
    A program's results are written where the caller says: each public function
    gets one more argument per result, which the group that makes the result
    takes as its destination. Results that no group makes are copied by one.
    The function still returns them, until `compress-drop-returned-arguments`.

    Example: a group copies what the function was given.

    ```mlir
    func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
      return %x : tensor<?xf32>
    }
    ```

    becomes

    ```mlir
    module {
      func.func @f(%arg0: tensor<?xf32>, %arg1: tensor<?xf32>) -> tensor<?xf32> {
        %0 = compress.group ins(%arg0 : tensor<?xf32>) outs(%arg1 : tensor<?xf32>) {
        ^bb0(%arg2: tensor<?xf32>):
          %c0 = arith.constant 0 : index
          %dim = tensor.dim %arg2, %c0 : tensor<?xf32>
          %1 = tensor.empty(%dim) : tensor<?xf32>
          %2 = linalg.copy ins(%arg2 : tensor<?xf32>) outs(%1 : tensor<?xf32>) -> tensor<?xf32>
          compress.yield %2 : tensor<?xf32>
        } -> tensor<?xf32>
        return %0 : tensor<?xf32>
      }
    }
    ```
  }];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SplitComponents : Pass<"compress-split-components", "::mlir::ModuleOp"> {
  let summary = "Replaces encoded tensors by their stored parts";
  let description = [{
    Across functions, calls, loops, parameters and groups, every value of encoded
    type becomes one value per component. Inside a group the tensor is assembled
    first thing and taken apart last thing, so that its region still says what
    is computed. Ops that keep a whole encoded tensor get it through
    `compress.assemble`.

    Example: the codes and the scales of a parameter become parameters.

    ```mlir
    #q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
    ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<64x64xf32, #q4>
    func.func private @f() -> tensor<64x64xf32, #q4> {
      %w = ml_program.global_load_const @w : tensor<64x64xf32, #q4>
      return %w : tensor<64x64xf32, #q4>
    }
    ```

    becomes

    ```mlir
    module {
      ml_program.global private @w.codes(#compress.parameter<"m.gguf", "w", component = "codes">) : tensor<64x32xi8>
      ml_program.global private @w.scale(#compress.parameter<"m.gguf", "w", component = "scale">) : tensor<64x2xf16>
      func.func private @f() -> (tensor<64x32xi8>, tensor<64x2xf16>) {
        %w.codes = ml_program.global_load_const @w.codes : tensor<64x32xi8>
        %w.scale = ml_program.global_load_const @w.scale : tensor<64x2xf16>
        return %w.codes, %w.scale : tensor<64x32xi8>, tensor<64x2xf16>
      }
    }
    ```
  }];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::tensor::TensorDialect"];
}

def BindParameters : Pass<"compress-bind-parameters", "::mlir::ModuleOp"> {
  let summary = "Turns loads of parameters into views of the runtime's table";
  let description = [{
    Parameters become numbered entries of a table that the runtime fills with
    addresses; the module's attribute `compress.parameters` lists them in order.

    Example:

    ```mlir
    ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<8xf32>
    func.func @f() -> tensor<8xf32> {
      %w = ml_program.global_load_const @w : tensor<8xf32>
      return %w : tensor<8xf32>
    }
    ```

    becomes

    ```mlir
    module attributes {compress.parameters = [#compress.parameter<"m.gguf", "w">]} {
      func.func @f() -> tensor<8xf32> {
        %0 = compress.parameter 0 : memref<8xf32>
        %1 = bufferization.to_tensor %0 restrict : memref<8xf32> to tensor<8xf32>
        return %1 : tensor<8xf32>
      }
    }
    ```
  }];
  let statistics = [Statistic<"numParameters", "parameters", "Entries of the table">];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::bufferization::BufferizationDialect"];
}

def Bufferize : Pass<"compress-bufferize", "::mlir::ModuleOp"> {
  let summary = "Turns tensors into buffers, groups taken whole";
  let description = [{
    One-shot bufferization, across functions and with identity layouts at their
    boundaries. The operands of a group become memrefs; its region stays on
    tensors. An encoded tensor outside of groups is an error, since it would
    become a plain buffer.

    Example:

    ```mlir
    func.func @f(%x: tensor<4xf32>, %d: tensor<4xf32>) -> tensor<4xf32> {
      %0 = compress.group ins(%x : tensor<4xf32>) outs(%d : tensor<4xf32>) {
      ^bb0(%a: tensor<4xf32>):
        compress.yield %a : tensor<4xf32>
      } -> tensor<4xf32>
      return %0 : tensor<4xf32>
    }
    ```

    becomes

    ```mlir
    module {
      func.func @f(%arg0: memref<4xf32>, %arg1: memref<4xf32>) -> memref<4xf32> {
        compress.group ins(%arg0 : memref<4xf32>) outs(%arg1 : memref<4xf32>) {
        ^bb0(%arg2: tensor<4xf32>):
          compress.yield %arg2 : tensor<4xf32>
        }
        return %arg1 : memref<4xf32>
      }
    }
    ```
  }];
  let statistics = [Statistic<"numCopies", "copies", "Copies that bufferization needed">];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
}

def DropReturnedArguments : Pass<"compress-drop-returned-arguments", "::mlir::ModuleOp"> {
  let summary = "After bufferization, no function returns a buffer it was given";
  let description = [{
    Like upstream's `drop-equivalent-buffer-results`, for public functions too,
    and for arguments that were reshaped and reshaped back.

    A public function that returns anything else is an error. Example:

    ```mlir
    func.func @f(%d: memref<4xf32>) -> memref<4xf32> {
      return %d : memref<4xf32>
    }
    ```

    becomes

    ```mlir
    module {
      func.func @f(%arg0: memref<4xf32>) {
        return
      }
    }
    ```
  }];
}

def OutlineGroups : Pass<"compress-outline-groups", "::mlir::ModuleOp"> {
  let summary = "Makes each group on memrefs a kernel function; equal ones share";
  let description = [{
    A group becomes a private function of its operands, of the thread's number,
    the number of threads and the thread's scratch memory. Groups that print
    equally become one kernel, so that code grows with distinct kernels and not
    with layers. Each call is followed by a barrier.

    Example: two equal groups become two calls of one kernel.

    ```mlir
    func.func @f(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>) {
      compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>) {
      ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
        %0 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
        compress.yield %0 : tensor<4x64xf32>
      }
      compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>) {
      ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
        %0 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
        compress.yield %0 : tensor<4x64xf32>
      }
      return
    }
    ```

    becomes

    ```mlir
    module {
      func.func @f(%arg0: memref<4x64xf32>, %arg1: memref<64xf32>, %arg2: memref<4x64xf32>) {
        %thread, %threads = compress.thread
        %0 = compress.scratch : memref<?xi8>
        call @kernel_rms_norm(%arg0, %arg1, %arg2, %thread, %threads, %0) : (memref<4x64xf32>, memref<64xf32>, memref<4x64xf32>, index, index, memref<?xi8>) -> ()
        compress.barrier
        %thread_0, %threads_1 = compress.thread
        %1 = compress.scratch : memref<?xi8>
        call @kernel_rms_norm(%arg0, %arg1, %arg2, %thread_0, %threads_1, %1) : (memref<4x64xf32>, memref<64xf32>, memref<4x64xf32>, index, index, memref<?xi8>) -> ()
        compress.barrier
        return
      }
      func.func private @kernel_rms_norm(%arg0: memref<4x64xf32>, %arg1: memref<64xf32>, %arg2: memref<4x64xf32>, %arg3: index, %arg4: index, %arg5: memref<?xi8>) attributes {compress.kernel} {
        compress.group ins(%arg0, %arg1 : memref<4x64xf32>, memref<64xf32>) outs(%arg2 : memref<4x64xf32>) {
        ^bb0(%arg6: tensor<4x64xf32>, %arg7: tensor<64xf32>):
          %0 = lm.rms_norm %arg6, %arg7 {epsilon = 9.99999974E-6 : f32} : tensor<4x64xf32>, tensor<64xf32>
          compress.yield %0 : tensor<4x64xf32>
        }
        return
      }
    }
    ```
  }];
  let statistics = [
    Statistic<"numKernels", "kernels", "Kernels made">,
    Statistic<"numShared", "shared", "Groups that reuse a kernel">];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::func::FuncDialect"];
}

def PlanWorkspace : Pass<"compress-plan-workspace", "::mlir::ModuleOp"> {
  let summary = "Places a function's buffers in one workspace";
  let description = [{
    Replaces every `memref.alloc` of a public function by a part of the workspace
    that the runtime lends. Buffers of the same dynamic sizes share memory when
    they are not live at the same time. A function `@f_workspace` of the same
    arguments and the number of threads returns how many bytes `@f` needs; it
    reads the arguments' sizes and not their data.

    Example: the two buffers below get one offset, since the first is dead before
    the second is written.

    ```mlir
    func.func @f(%x: memref<?x64xf32>) {
      %c0 = arith.constant 0 : index
      %n = memref.dim %x, %c0 : memref<?x64xf32>
      %0 = memref.alloc(%n) : memref<?x64xf32>
      %1 = memref.alloc(%n) : memref<?x64xf32>
      memref.copy %x, %0 : memref<?x64xf32> to memref<?x64xf32>
      memref.copy %x, %1 : memref<?x64xf32> to memref<?x64xf32>
      return
    }
    ```
  }];
  let statistics = [Statistic<"numBuffers", "buffers", "Buffers placed">];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def LowerReshapes : Pass<"compress-lower-reshapes"> {
  let summary = "Shapes of dense buffers as sizes and strides";
  let description = [{
    `memref.expand_shape` and `memref.collapse_shape` of dense row-major buffers
    become `memref.reinterpret_cast`, whatever number of sizes is dynamic;
    `expand-strided-metadata` of MLIR 22 takes one per group. Reshapes of other
    buffers are left to it.

    Example: tokens of a batch of sequences.

    ```mlir
    func.func @f(%x: memref<?x64xf32>, %b: index, %t: index) -> memref<?x?x64xf32> {
      %0 = memref.expand_shape %x [[0, 1], [2]] output_shape [%b, %t, 64]
        : memref<?x64xf32> into memref<?x?x64xf32>
      return %0 : memref<?x?x64xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def LowerEntryPoints : Pass<"compress-lower-entry-points", "::mlir::ModuleOp"> {
  let summary = "Gives public functions the ABI of compress/Runtime/ABI.h";
  let description = [{
    A public function `@f` on memrefs and caches becomes `@compress_f(context,
    arguments, thread, threads)`, and `@compress_f_workspace(arguments, threads)`
    says how much memory it wants. Parameters, workspace, scratch memory, thread
    numbers and barriers are taken from the context.

    Example: the barrier becomes an indirect call of the context's barrier.

    ```mlir
    func.func @f(%x: memref<?x64xf32>) {
      %w = compress.parameter 0 : memref<64xf32>
      compress.barrier
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::func::FuncDialect",
                           "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

#endif // COMPRESS_TRANSFORMS_PASSES_TD
