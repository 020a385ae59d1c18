// CHECK: nothing
