//===- Bad.td - Ops that lack what each op has --------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/IR/OpBase.td"
include "mlir/Pass/PassBase.td"

def Bad_Dialect : Dialect {
  let name = "bad";
  let cppNamespace = "::bad";
}

def Bad_BareOp : Op<Bad_Dialect, "bare"> {}

def Bad_NoExampleOp : Op<Bad_Dialect, "no_example"> {
  let summary = "an op";
  let description = [{Says nothing about its use.}];
}

def BadPass : Pass<"bad-pass"> {
  let summary = "a pass that a test runs";
}
