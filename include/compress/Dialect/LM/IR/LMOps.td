//===- LMOps.td - Ops of the lm dialect -----------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_LM_IR_LMOPS_TD
#define COMPRESS_DIALECT_LM_IR_LMOPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "compress/Dialect/LM/IR/LMDialect.td"

/// An op that can say its result's shape in terms of its operands.
def Reifies : DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                        ["reifyResultShapes"]>;

class LM_Op<string mnemonic, list<Trait> traits = []>
    : Op<LM_Dialect, mnemonic, traits>;

def LM_Rows : RankedTensorOf<[F32]>;
def LM_Ids : 1DTensorOf<[I32]>;

def LM_GatherRowsOp : LM_Op<"gather_rows", [Pure,
    Reifies]> {
  let summary = "Rows of a table by number";
  let description = [{
    `result[t, :] = table[rows[t], :]`. The table may be encoded: an embedding.

    Constraints:
    * C1: table and result are two-dimensional with the same columns, the result
      is not encoded.
    * C2: the result has as many rows as `rows` has elements.

    Example:

    ```mlir
    %0 = lm.gather_rows %table[%rows] : tensor<512x64xf32>[tensor<?xi32>] -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins LM_Rows:$table, LM_Ids:$rows);
  let results = (outs LM_Rows:$result);
  let assemblyFormat = [{
    $table `[` $rows `]` attr-dict `:` type($table) `[` type($rows) `]` `->` type($result)
  }];
  let hasVerifier = 1;
}

def LM_RMSNormOp : LM_Op<"rms_norm", [Pure, AllTypesMatch<["input", "result"]>,
    Reifies]> {
  let summary = "Root-mean-square normalization of rows";
  let description = [{
    `result[t, d] = input[t, d] / sqrt(mean_d(input[t, d]^2) + epsilon) * weight[d]`
    (Zhang and Sennrich 2019).

    Constraints:
    * C1: the weight has as many elements as the input has columns.

    Example:

    ```mlir
    %0 = lm.rms_norm %x, %w {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$input, 1DTensorOf<[F32]>:$weight,
                       F32Attr:$epsilon);
  let results = (outs 2DTensorOf<[F32]>:$result);
  let assemblyFormat = "$input `,` $weight attr-dict `:` type($input) `,` type($weight)";
  let hasVerifier = 1;
}

def LM_LayerNormOp : LM_Op<"layer_norm", [Pure, AllTypesMatch<["input", "result"]>,
    Reifies]> {
  let summary = "Normalization of rows to mean 0 and variance 1";
  let description = [{
    With `m` the mean and `v` the mean square deviation of row `t`,
    `result[t, d] = (input[t, d] - m) / sqrt(v + epsilon) * weight[d] + bias[d]`
    (Ba et al. 2016). Without a bias nothing is added.

    Constraints:
    * C1: weight and bias have as many elements as the input has columns.

    Example:

    ```mlir
    %0 = lm.layer_norm %x, %w, %b {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$input, 1DTensorOf<[F32]>:$weight,
                       Optional<1DTensorOf<[F32]>>:$bias, F32Attr:$epsilon);
  let results = (outs 2DTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $input `,` $weight (`,` $bias^)? attr-dict `:` type($input) `,` type($weight) (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
}

def LM_RotaryTableOp : LM_Op<"rotary_table", [Pure,
    Reifies]> {
  let summary = "Cosines and sines of rotary embeddings, per token";
  let description = [{
    `result[t, i] = cos(position[t] * frequencies[i])` for `i < F`, and
    `result[t, F + i]` the sine, with `F` the number of frequencies (radians per
    position). All layers share one table.

    Constraints:
    * C1: the result has one row per position and two columns per frequency.

    Example:

    ```mlir
    %0 = lm.rotary_table %position, %frequencies : tensor<?xi32>, tensor<32xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins LM_Ids:$position, 1DTensorOf<[F32]>:$frequencies);
  let results = (outs 2DTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $position `,` $frequencies attr-dict `:` type($position) `,` type($frequencies) `->` type($result)
  }];
  let hasVerifier = 1;
}

def LM_RopeOp : LM_Op<"rope", [Pure, AllTypesMatch<["input", "result"]>,
    Reifies]> {
  let summary = "Rotary position embedding of queries or keys";
  let description = [{
    In each head of `head_dim` columns, the pair number `i` (of F = half the
    table's columns) is rotated by the table's angle (Su et al. 2021):
    `(a, b) -> (a cos - b sin, a sin + b cos)`. Pairs are the columns `i` and
    `i + F` of the head, or with `interleaved` the columns `2i` and `2i + 1`.
    Columns from `2F` on are left as they are.

    Constraints:
    * C1: the input's columns are a multiple of `head_dim`.
    * C2: the table's columns are even in number and at most `head_dim`.
    * C3: input and table have as many rows.

    Example:

    ```mlir
    %0 = lm.rope %q, %table {head_dim = 64 : i64} : tensor<?x576xf32>, tensor<?x64xf32>
    ```
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$input, 2DTensorOf<[F32]>:$table,
                       I64Attr:$head_dim, UnitAttr:$interleaved);
  let results = (outs 2DTensorOf<[F32]>:$result);
  let assemblyFormat = "$input `,` $table attr-dict `:` type($input) `,` type($table)";
  let hasVerifier = 1;
}

def LM_KVAppendOp : LM_Op<"kv_append", [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Writes keys and values into the cache";
  let description = [{
    For each row `t`, stores `keys[t, :]` and `values[t, :]` (one after the
    other per head) of layer `layer` at `position[t]` of sequence `sequence[t]`,
    rounded to the cache's type; keys that are encoded in groups of positions to
    f16.

    Constraints:
    * C1: keys and values have `heads * head_dim` columns.
    * C2: keys, values, sequence and position have as many rows.

    Example:

    ```mlir
    lm.kv_append %cache[%layer], %sequence, %position, %k, %v : !lm.cache<layers = 2, heads = 3, head_dim = 64, values = f16>, tensor<?xi32>, tensor<?xi32>, tensor<?x192xf32>, tensor<?x192xf32>
    ```
  }];
  let arguments = (ins LM_CacheType:$cache, Index:$layer, LM_Ids:$sequence,
                       LM_Ids:$position, 2DTensorOf<[F32]>:$keys,
                       2DTensorOf<[F32]>:$values);
  let assemblyFormat = [{
    $cache `[` $layer `]` `,` $sequence `,` $position `,` $keys `,` $values attr-dict
    `:` type($cache) `,` type($sequence) `,` type($position) `,` type($keys) `,` type($values)
  }];
  let hasVerifier = 1;
}

def LM_KVEncodeOp : LM_Op<"kv_encode", [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Encodes groups of keys that are complete";
  let description = [{
    For each row `t` whose position is the last of a group of G positions, that
    is `position[t] % G = G - 1`, encodes the keys of the group in layer `layer`
    of sequence `sequence[t]`, all heads, from the f16 numbers that were appended.
    All of the group must have been appended before, by one `lm.kv_append` or
    several. A cache keeps f16 keys for a number of positions only
    (`getRecentPositions()` in compress/Encoding/Layout.h): of one sequence, as
    many are appended between two `lm.kv_encode` as fit with those of the first
    one's group.

    An op of its own, since all rows must have been appended before any group is
    read.

    Constraints:
    * C1: sequence and position have as many rows.
    * C2: the cache's keys are encoded in groups of positions.

    Example:

    ```mlir
    #keys = #quantized.affine<ui4, block = [32, 1], scale = f16, min = f16>
    lm.kv_encode %cache[%layer], %sequence, %position : !lm.cache<layers = 2, heads = 3, head_dim = 64, keys = #keys, values = f16>, tensor<?xi32>, tensor<?xi32>
    ```
  }];
  let arguments = (ins LM_CacheType:$cache, Index:$layer, LM_Ids:$sequence,
                       LM_Ids:$position);
  let assemblyFormat = [{
    $cache `[` $layer `]` `,` $sequence `,` $position attr-dict
    `:` type($cache) `,` type($sequence) `,` type($position)
  }];
  let hasVerifier = 1;
}

def LM_CachedAttentionOp : LM_Op<"cached_attention", [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    Reifies]> {
  let summary = "Causal attention over the cache";
  let description = [{
    For each row `t` and each head `h` of the query, with `g` the key-value head
    `h / (heads / cache heads)`, and `p` from 0 to `position[t]`:
    `a_p = softmax_p(cap(scale * <query[t, h], K[sequence[t], g, p]>))`,
    `result[t, h] = sum_p a_p V[sequence[t], g, p]`. The rows' own keys and
    values must have been appended before. Of keys that are encoded in groups of
    G positions, those of the row's own group, `p >= position[t] -
    position[t] % G`, are the appended ones in f16, those before are the encoded
    ones.

    With a `window`, a row sees that many positions at most, itself among them:
    `p` begins at `max(0, position[t] - window + 1)` (Beltagy et al. 2020). What
    lies before is not read. With a `soft_cap` c, scores are bounded by
    `cap(s) = c tanh(s / c)`; without one, `cap(s) = s`.

    Constraints:
    * C1: the query's columns are a multiple of `cache heads * head_dim`.
    * C2: the result has the query's type; query, sequence and position have as
      many rows.
    * C3: window and soft cap are positive.

    Example:

    ```mlir
    %0 = lm.cached_attention %q, %cache[%layer], %sequence, %position {scale = 0.125 : f32, window = 512 : i64} : tensor<?x576xf32>, !lm.cache<layers = 2, heads = 3, head_dim = 64, values = f16>, tensor<?xi32>, tensor<?xi32>
    ```
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$query, LM_CacheType:$cache, Index:$layer,
                       LM_Ids:$sequence, LM_Ids:$position, F32Attr:$scale,
                       OptionalAttr<I64Attr>:$window, OptionalAttr<F32Attr>:$soft_cap);
  let results = (outs 2DTensorOf<[F32]>:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$query, "::mlir::Value":$cache,
      "::mlir::Value":$layer, "::mlir::Value":$sequence, "::mlir::Value":$position,
      "::mlir::FloatAttr":$scale, CArg<"::mlir::IntegerAttr", "{}">:$window,
      CArg<"::mlir::FloatAttr", "{}">:$softCap), [{
    build($_builder, $_state, query.getType(), query, cache, layer, sequence, position, scale,
          window, softCap);
  }]>];
  let assemblyFormat = [{
    $query `,` $cache `[` $layer `]` `,` $sequence `,` $position attr-dict
    `:` type($query) `,` type($cache) `,` type($sequence) `,` type($position)
    custom<SameType>(ref(type($query)), type($result))
  }];
  let hasVerifier = 1;
}

def LM_AttentionOp : LM_Op<"attention", [Pure, AllTypesMatch<["query", "result"]>,
    Reifies]> {
  let summary = "Attention on given keys and values";
  let description = [{
    Query, keys and values are `batch x tokens x (heads * head_dim)`. Token `t`
    attends to the tokens `0..t` of its batch entry, as
    `lm.cached_attention` does to its positions, also with `window` and
    `soft_cap`. If `bidirectional`, it attends to all tokens of its batch entry
    (Devlin et al. 2019).

    Constraints:
    * C1: keys and values have one type, and the query's batch and tokens.
    * C2: all columns are multiples of `head_dim`; the query's heads are a
      multiple of the keys'.
    * C3: window and soft cap are positive.
    * C4: bidirectional attention has no window.

    Example:

    ```mlir
    %0 = lm.attention %q, %k, %v {head_dim = 64 : i64, scale = 0.125 : f32, soft_cap = 50.0 : f32} : tensor<?x?x576xf32>, tensor<?x?x192xf32>
    %1 = lm.attention %q, %k, %v {bidirectional, head_dim = 64 : i64, scale = 0.125 : f32} : tensor<?x?x576xf32>, tensor<?x?x192xf32>
    ```
  }];
  let arguments = (ins 3DTensorOf<[F32]>:$query, 3DTensorOf<[F32]>:$keys,
                       3DTensorOf<[F32]>:$values, I64Attr:$head_dim, F32Attr:$scale,
                       OptionalAttr<I64Attr>:$window, OptionalAttr<F32Attr>:$soft_cap,
                       UnitAttr:$bidirectional);
  let results = (outs 3DTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $query `,` $keys `,` $values attr-dict `:` type($query) `,` type($keys)
    custom<SameType>(ref(type($keys)), type($values))
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Mixtures of experts
//===----------------------------------------------------------------------===//

def LM_RouteOp : LM_Op<"route", [Pure, Reifies]> {
  let summary = "The experts of each token, and how much each counts";
  let description = [{
    `experts[t, j]` is the column of row `t`'s logits with the `j`-th largest
    value, counted from 0; of equal ones the lower column comes first, and NaN is
    below all numbers. With `p` the softmax of the row,
    `weights[t, j] = p[experts[t, j]]` (Shazeer et al. 2017). With `normalize`
    they are divided by their sum over `j`.

    Constraints:
    * C1: weights and experts have one shape, with as many rows as the logits.
    * C2: their columns are from 1 up to those of the logits.

    Example:

    ```mlir
    %weights, %experts = lm.route %logits {normalize} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
    ```
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$logits, UnitAttr:$normalize);
  let results = (outs 2DTensorOf<[F32]>:$weights, 2DTensorOf<[I32]>:$experts);
  let assemblyFormat = [{
    $logits attr-dict `:` type($logits) `->` type($weights) `,` type($experts)
  }];
  let hasVerifier = 1;
}

def LM_DispatchOp : LM_Op<"dispatch", [Pure, Reifies]> {
  let summary = "A row for each expert of each token";
  let description = [{
    `result[t * J + j, :] = input[t, :]` for the `J` columns of `experts`.

    Constraints:
    * C1: the result has the input's columns, and a row for each element of
      `experts`, which has the input's rows.

    Example:

    ```mlir
    %0 = lm.dispatch %x, %experts : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$input, 2DTensorOf<[I32]>:$experts);
  let results = (outs 2DTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $input `,` $experts attr-dict `:` type($input) `,` type($experts) `->` type($result)
  }];
  let hasVerifier = 1;
}

def LM_GatherExpertsOp : LM_Op<"gather_experts", [Pure, Reifies]> {
  let summary = "The matrix of each expert of each token";
  let description = [{
    `result[t * J + j, :, :] = weights[experts[t, j], :, :]` for the `J` columns
    of `experts`. A batched product with the result multiplies each row with its
    own expert's matrix. Generated code reads the matrices where the weights lie,
    and makes no result.

    Constraints:
    * C1: weights and result have three dimensions, and matrices of one size.
    * C2: the result has a matrix for each element of `experts`.
    * C3: the result has the weights' encoding, without a layout.

    Example:

    ```mlir
    %0 = lm.gather_experts %w[%experts] : tensor<8x96x64xf32>[tensor<?x2xi32>] -> tensor<?x96x64xf32>
    ```
  }];
  let arguments = (ins LM_Rows:$weights, 2DTensorOf<[I32]>:$experts);
  let results = (outs LM_Rows:$result);
  let assemblyFormat = [{
    $weights `[` $experts `]` attr-dict `:` type($weights) `[` type($experts) `]` `->` type($result)
  }];
  let hasVerifier = 1;
}

def LM_CombineOp : LM_Op<"combine", [Pure, Reifies]> {
  let summary = "The weighted sum of what experts made of each token";
  let description = [{
    `result[t, :] = sum_j weights[t, j] * input[t * J + j, :]` for the `J` columns
    of `weights`.

    Constraints:
    * C1: the result has the input's columns and the rows of `weights`; the input
      has a row for each of its elements.

    Example:

    ```mlir
    %0 = lm.combine %y, %weights : tensor<?x64xf32>, tensor<?x2xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$input, 2DTensorOf<[F32]>:$weights);
  let results = (outs 2DTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $input `,` $weights attr-dict `:` type($input) `,` type($weights) `->` type($result)
  }];
  let hasVerifier = 1;
}

def LM_CacheBuffersOp : LM_Op<"cache_buffers", [Pure]> {
  let summary = "Where a cache's keys and values lie";
  let description = [{
    The bytes of one layer of a contiguous cache, in the layout of
    compress/Runtime/ABI.h, with those of recent keys, which are none where keys
    have no groups, and the cache's capacity (positions per sequence). Made when
    code is generated for ops on a cache.

    Example:

    ```mlir
    %k, %v, %r, %capacity = lm.cache_buffers %cache[%layer] : !lm.cache<layers = 2, heads = 3, head_dim = 64, values = f16> -> memref<?xi8>
    ```
  }];
  let arguments = (ins LM_CacheType:$cache, Index:$layer);
  let results = (outs MemRefRankOf<[I8], [1]>:$keys,
                      MemRefRankOf<[I8], [1]>:$values,
                      MemRefRankOf<[I8], [1]>:$recent, Index:$capacity);
  let assemblyFormat = [{
    $cache `[` $layer `]` attr-dict `:` type($cache) `->` type($keys)
    custom<SameType>(ref(type($keys)), type($values))
    custom<SameType>(ref(type($keys)), type($recent))
  }];
}

#endif // COMPRESS_DIALECT_LM_IR_LMOPS_TD
