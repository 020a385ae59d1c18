// RUN: compress-opt %s -bad-pass | FileCheck %s
// CHECK: a message that a test expects word by word: 2
