// RUN: compress-opt %s
