//===- Ledger.cpp - What became of every parameter ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Ledger.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace llvm;
using namespace mlir::compress;

std::string mlir::compress::formatBytes(int64_t bytes) {
  if (bytes < 1024)
    return (Twine(bytes) + " B").str();
  double size = bytes;
  StringRef unit;
  for (StringRef next : {"KiB", "MiB", "GiB", "TiB"}) {
    unit = next;
    size /= 1024;
    if (size < 1024)
      break;
  }
  return formatv("{0:F1} {1}", size, unit);
}

void LedgerEntry::record(const ParameterPlan &plan,
                         const LaidOutParameter &result) {
  error = result.relativeError;
  if (!result.report)
    return;
  const WeightReport &report = *result.report;
  outputError = report.outputError;
  if (report.outputError)
    tokens = plan.history ? plan.history->tokens : plan.tokens;
  note = report.note;
  raw_string_ostream os(note);
  if (report.deadColumns)
    os << (note.empty() ? "" : "; ") << report.deadColumns
       << " inputs were always zero";
  if (report.raisedDamping)
    os << (note.empty() ? "" : "; ") << "damping was raised to "
       << format("%.3g", *report.raisedDamping);
}

int64_t Ledger::getBytesBefore() const {
  int64_t bytes = 0;
  for (const LedgerEntry &entry : entries)
    bytes += entry.bytesBefore;
  return bytes;
}

int64_t Ledger::getBytesAfter() const {
  int64_t bytes = 0;
  for (const LedgerEntry &entry : entries)
    bytes += entry.bytesAfter;
  return bytes;
}

double Ledger::getBitsPerWeight() const {
  int64_t values = 0;
  for (const LedgerEntry &entry : entries)
    values += entry.values;
  return values ? 8.0 * getBytesAfter() / values : 0;
}

json::Value Ledger::toJSON() const {
  json::Array array;
  for (const LedgerEntry &entry : entries) {
    json::Object object{{"symbol", entry.symbol},
                        {"shape", json::Array(entry.shape)},
                        {"before", entry.before},
                        {"after", entry.after},
                        {"bits_per_weight", entry.getBitsPerWeight()},
                        {"bytes_before", entry.bytesBefore},
                        {"bytes_after", entry.bytesAfter},
                        {"algorithm", entry.algorithm},
                        {"reason", entry.reason}};
    if (entry.error)
      object["relative_error"] = *entry.error;
    if (entry.outputError) {
      object["relative_output_error"] = *entry.outputError;
      object["tokens"] = entry.tokens;
    }
    if (!entry.note.empty())
      object["note"] = entry.note;
    if (!entry.pattern.empty())
      object["pattern"] = entry.pattern;
    if (!entry.activations.empty())
      object["activations"] = entry.activations;
    array.push_back(std::move(object));
  }
  return array;
}

static std::string formatShape(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + itostr(size);
  return text.empty() ? "scalar" : text;
}

static std::string formatError(const std::optional<double> &error) {
  if (!error)
    return "-";
  std::string text;
  raw_string_ostream(text) << format("%.2e", *error);
  return text;
}

static std::string formatReason(const LedgerEntry &entry) {
  return entry.pattern.empty() ? entry.reason
                               : entry.reason + " " + entry.pattern;
}

/// Columns as wide as their widest cell; numbers to the right.
static void printRows(raw_ostream &os, ArrayRef<std::vector<std::string>> rows,
                      StringRef alignment) {
  std::vector<size_t> widths(alignment.size());
  for (const std::vector<std::string> &row : rows)
    for (auto [width, cell] : zip_equal(widths, row))
      width = std::max(width, cell.size());
  for (const std::vector<std::string> &row : rows) {
    std::string line;
    for (auto [width, cell, side] : zip_equal(widths, row, alignment)) {
      std::string gap(width - cell.size(), ' ');
      line +=
          (line.empty() ? "" : "  ") + (side == 'r' ? gap + cell : cell + gap);
    }
    os << StringRef(line).rtrim() << "\n";
  }
}

void Ledger::printTable(raw_ostream &os) const {
  std::vector<std::vector<std::string>> rows{
      {"parameter", "shape", "before", "after", "activations", "bits", "bytes",
       "algorithm", "error", "reason"}};
  std::string alignment = "lllllrrlrl";
  for (const LedgerEntry &entry : entries)
    rows.push_back({entry.symbol, formatShape(entry.shape), entry.before,
                    entry.after == entry.before ? "same" : entry.after,
                    entry.activations.empty() ? "-" : entry.activations,
                    formatv("{0:F2}", entry.getBitsPerWeight()),
                    itostr(entry.bytesAfter), entry.algorithm,
                    formatError(entry.error), formatReason(entry)});
  // Columns for what most models have nothing of.
  auto addColumn = [&](StringRef name, char side, auto getText) {
    rows.front().push_back(name.str());
    for (auto [row, entry] : zip_equal(drop_begin(rows), entries))
      row.push_back(getText(entry));
    alignment += side;
  };
  if (any_of(entries, [](const LedgerEntry &e) { return e.outputError; }))
    addColumn("output error", 'r', [](const LedgerEntry &entry) {
      return formatError(entry.outputError);
    });
  if (any_of(entries, [](const LedgerEntry &e) { return !e.note.empty(); }))
    addColumn("note", 'l', [](const LedgerEntry &entry) { return entry.note; });
  printRows(os, rows, alignment);
}

void Ledger::printSummary(raw_ostream &os) const {
  struct Sum {
    int64_t count = 0, values = 0, before = 0, after = 0;
    double worst = 0;
    bool rounded = false;
  };
  MapVector<std::pair<StringRef, StringRef>, Sum> sums;
  for (const LedgerEntry &entry : entries) {
    Sum &sum = sums[{entry.after, entry.reason}];
    ++sum.count;
    sum.values += entry.values;
    sum.before += entry.bytesBefore;
    sum.after += entry.bytesAfter;
    sum.worst = std::max(sum.worst, entry.error.value_or(0));
    sum.rounded |= entry.error.has_value();
  }
  auto bits = [](int64_t bytes, int64_t values) -> std::string {
    return formatv("{0:F2}", values ? 8.0 * bytes / values : 0.0);
  };
  std::vector<std::vector<std::string>> rows{{"encoding", "reason",
                                              "parameters", "before", "after",
                                              "bits", "worst error"}};
  int64_t count = 0, values = 0;
  for (auto &[key, sum] : sums) {
    rows.push_back({key.first.str(), key.second.str(), itostr(sum.count),
                    formatBytes(sum.before), formatBytes(sum.after),
                    bits(sum.after, sum.values),
                    sum.rounded ? formatError(sum.worst) : "-"});
    count += sum.count;
    values += sum.values;
  }
  rows.push_back({"total", "", itostr(count), formatBytes(getBytesBefore()),
                  formatBytes(getBytesAfter()), bits(getBytesAfter(), values),
                  ""});
  printRows(os, rows, "llrrrrr");
}
