// RUN: compress-opt %s --split-input-file --compress-split-stages=function=f --verify-diagnostics

func.func @f(%x: tensor<4xf32>, %cache: !lm.cache<layers = 1, heads = 1, head_dim = 16, values = f16>, %ids: tensor<?xi32>, %k: tensor<?x16xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{has effects; only functions of values can be split into stages}}
  lm.kv_append %cache[%c0], %ids, %ids, %k, %k : !lm.cache<layers = 1, heads = 1, head_dim = 16, values = f16>, tensor<?xi32>, tensor<?xi32>, tensor<?x16xf32>, tensor<?x16xf32>
  return %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{has control flow, and can't be split into stages}}
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<4xf32>
}
