//===- LedgerTest.cpp - What became of every parameter --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Ledger.h"

#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

Ledger makeLedger() {
  Ledger ledger;
  LedgerEntry weight;
  weight.symbol = "blk.0.up";
  weight.shape = {64, 32};
  weight.before = "float<f16>";
  weight.after = "affine<i8, block = [1, 32], scale = f16>";
  weight.values = 2048;
  weight.bytesBefore = 4096;
  weight.bytesAfter = 2048 + 128;
  weight.algorithm = "rtn";
  weight.error = 0.00525;
  weight.reason = "override";
  weight.pattern = "blk.*";
  weight.activations = "f32";
  LedgerEntry norm;
  norm.symbol = "norm";
  norm.shape = {32};
  norm.before = norm.after = "f32";
  norm.values = 32;
  norm.bytesBefore = norm.bytesAfter = 128;
  norm.algorithm = "copy";
  norm.reason = "vector";
  ledger.entries = {weight, norm};
  return ledger;
}

TEST(LedgerTest, Totals) {
  Ledger ledger = makeLedger();
  EXPECT_EQ(ledger.getBytesBefore(), 4224);
  EXPECT_EQ(ledger.getBytesAfter(), 2304);
  EXPECT_DOUBLE_EQ(ledger.entries[0].getBitsPerWeight(), 8.5);
  EXPECT_DOUBLE_EQ(ledger.getBitsPerWeight(), 8.0 * 2304 / 2080);
  EXPECT_EQ(Ledger().getBitsPerWeight(), 0);
}

TEST(LedgerTest, JSONHasEveryField) {
  json::Value value = makeLedger().toJSON();
  const json::Array &array = *value.getAsArray();
  ASSERT_EQ(array.size(), 2u);
  std::string text = formatv("{0}", array[0]);
  EXPECT_EQ(text,
            R"({"activations":"f32","after":"affine<i8, block = [1, 32], )"
            R"(scale = f16>","algorithm":"rtn","before":"float<f16>",)"
            R"("bits_per_weight":8.5,"bytes_after":2176,"bytes_before":4096,)"
            R"("pattern":"blk.*","reason":"override",)"
            R"("relative_error":0.0052500000000000003,"shape":[64,32],)"
            R"("symbol":"blk.0.up"})");
  const json::Object &norm = *array[1].getAsObject();
  for (StringRef absent : {"activations", "pattern", "relative_error"})
    EXPECT_EQ(norm.get(absent), nullptr) << absent.str();
}

TEST(LedgerTest, Tables) {
  std::string table, summary;
  raw_string_ostream tableStream(table), summaryStream(summary);
  makeLedger().printTable(tableStream);
  makeLedger().printSummary(summaryStream);
  EXPECT_NE(table.find("blk.0.up   64x32  float<f16>  affine<i8, block = [1, "
                       "32], scale = f16>"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("rtn        5.25e-03  override blk.*\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("f32         same "), std::string::npos) << table;
  EXPECT_NE(summary.find("total"), std::string::npos) << summary;
  EXPECT_NE(summary.find("4.1 KiB  2.2 KiB   8.86"), std::string::npos)
      << summary;
}

TEST(LedgerTest, Bytes) {
  EXPECT_EQ(formatBytes(0), "0 B");
  EXPECT_EQ(formatBytes(1023), "1023 B");
  EXPECT_EQ(formatBytes(1536), "1.5 KiB");
  EXPECT_EQ(formatBytes(int64_t(91) << 20), "91.0 MiB");
  EXPECT_EQ(formatBytes(int64_t(3) << 50), "3072.0 TiB");
}

/// What calibration saw has columns where there is something to tell.
TEST(LedgerTest, Calibration) {
  ParameterPlan plan;
  plan.symbol = "w";
  plan.history.emplace().tokens = 432;
  LaidOutParameter result;
  result.relativeError = 0.25;
  WeightReport &report = result.report.emplace();
  report.outputError = 0.125;
  report.deadColumns = 3;
  report.raisedDamping = 0.5;
  report.note = "awq left it alone";
  Ledger ledger;
  ledger.entries.resize(2);
  ledger.entries[0].symbol = "w";
  ledger.entries[0].record(plan, result);
  EXPECT_EQ(ledger.entries[0].tokens, 432);
  EXPECT_EQ(ledger.entries[0].note,
            "awq left it alone; 3 inputs were always zero; damping was raised "
            "to 0.5");
  std::string table;
  raw_string_ostream os(table);
  ledger.printTable(os);
  EXPECT_NE(table.find("output error  note"), std::string::npos) << table;
  EXPECT_NE(table.find("1.25e-01  awq left it alone; 3 inputs"),
            std::string::npos)
      << table;
  std::string json;
  raw_string_ostream(json) << ledger.toJSON();
  for (StringRef field : {"\"relative_output_error\":0.125", "\"tokens\":432",
                          "\"note\":\"awq left it alone"})
    EXPECT_NE(json.find(field.str()), std::string::npos) << json;
}

} // namespace
