//===- Progress.cpp - Tells how far a long task has come ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/Progress.h"

#include "llvm/Support/Format.h"

using namespace llvm;
using namespace mlir::compress;
using namespace std::chrono_literals;

Progress::Progress(StringRef task, uint64_t total, raw_fd_ostream &stream)
    : task(task.str()), total(total), stream(stream),
      terminal(stream.is_displayed()), start(Clock::now()),
      next(start + (terminal ? Clock::duration(200ms) : Clock::duration(10s))) {
}

Progress::~Progress() {
  if (open)
    stream << "\r\033[K";
}

std::string Progress::format(StringRef task, uint64_t done, uint64_t total,
                             double seconds, StringRef item) {
  std::string text;
  raw_string_ostream os(text);
  os << task << ": ";
  if (total)
    os << llvm::format("%3.0f%%", 100.0 * done / total);
  else
    os << done;
  if (done && done < total) {
    auto left = static_cast<uint64_t>(seconds * (total - done) / done + 0.5);
    os << llvm::format(", %llu:%02llu left",
                       static_cast<unsigned long long>(left / 60),
                       static_cast<unsigned long long>(left % 60));
  }
  if (!item.empty())
    os << ", " << item;
  return text;
}

void Progress::advance(uint64_t units, StringRef item) {
  done += units;
  Clock::time_point now = Clock::now();
  if (now < next)
    return;
  std::chrono::duration<double> seconds = now - start;
  std::string text = format(task, done, total, seconds.count(), item);
  if (terminal) {
    // Longer lines would wrap, and then no longer be overwritten.
    stream << "\r\033[K" << StringRef(text).take_front(79);
    stream.flush();
    open = true;
  } else {
    stream << text << '\n';
  }
  next = now + (terminal ? Clock::duration(200ms) : Clock::duration(10s));
}
