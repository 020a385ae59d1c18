//===- ApplySchemePass.cpp - The pass compress-apply-scheme ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/ApplyScheme.h"

#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Dialect/Sparse/IR/Sparse.h"
#include "compress/Transforms/Passes.h"

#include "mlir/AsmParser/AsmParser.h"

namespace mlir::compress {
#define GEN_PASS_DEF_APPLYSCHEME
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;
using llvm::Expected;

namespace {

struct ApplyScheme : compress::impl::ApplySchemeBase<ApplyScheme> {
  using ApplySchemeBase::ApplySchemeBase;

  /// Null for no text; reports what does not parse.
  FailureOr<EncodingAttrInterface> parse(StringRef option, StringRef text) {
    if (text.empty())
      return EncodingAttrInterface();
    Attribute attribute = parseAttribute(text, &getContext());
    if (auto encoding = dyn_cast_if_present<EncodingAttrInterface>(attribute))
      return encoding;
    return getOperation().emitError()
           << "option '" << option << "': '" << text << "' is no encoding";
  }

  LogicalResult fill(SchemeRequest &request) {
    FailureOr<EncodingAttrInterface> w = parse("weights", weights);
    FailureOr<EncodingAttrInterface> e = parse("embeddings", embeddings);
    FailureOr<EncodingAttrInterface> a = parse("activations", activations);
    if (failed(w) || failed(e) || failed(a))
      return failure();
    request.weights = *w;
    request.embeddings = *e;
    request.activations = *a;
    request.fitActivations = fitActivations;
    for (StringRef text : overrides) {
      auto [pattern, value] = text.split('=');
      FailureOr<EncodingAttrInterface> encoding =
          parse("overrides", value == "keep" ? StringRef() : value);
      if (failed(encoding))
        return failure();
      if (value.empty())
        return getOperation().emitError()
               << "option 'overrides': '" << text
               << "' is not GLOB=#encoding or GLOB=keep";
      request.overrides.push_back({pattern.str(), *encoding});
    }
    return success();
  }

  void runOnOperation() override {
    SchemeRequest request;
    if (failed(fill(request)))
      return signalPassFailure();
    Expected<std::vector<SchemeDecision>> decisions =
        applyScheme(getOperation(), request);
    if (!decisions) {
      getOperation().emitError(llvm::toString(decisions.takeError()));
      return signalPassFailure();
    }
    for (const SchemeDecision &decision : *decisions) {
      numEncoded += decision.after != decision.before;
      numActivations += bool(decision.activation);
    }
  }
};

} // namespace
