"""Runs one product with onnxruntime or numpy and prints its times as JSON. A program of its own, since it needs
packages that are installed beside the peers (peers.py).

Usage: onnx_worker.py KERNEL --codes FILE --input X.npy --output Y.npy --repeat N --threads T

FILE is what kernels.py writes with numpy.savez. Weights are [N, K], inputs [M, K], results [M, N].

  matmul_nbits    com.microsoft.MatMulNBits: 4 bits, blocks of 32 with an f32 scale, accuracy_level 4, which
                  rounds the input to 8 bits in blocks as well and multiplies integers
  u8u8, u8s8      MatMulInteger, exact; the input is given as integers, the result is i32
  f32             MatMul
  numpy           numpy's product of f32, which OpenBLAS computes
"""

import argparse
import json
import os
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kernel", choices=["matmul_nbits", "u8u8", "u8s8", "f32", "numpy"])
    for name in ["--codes", "--input", "--output"]:
        parser.add_argument(name, required=True)
    parser.add_argument("--repeat", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    return parser.parse_args()


def make_node(kernel, file):
    """An ONNX node that multiplies x, its constants, and what x has to be."""
    from onnx import helper

    if kernel == "matmul_nbits":
        codes, scales = file["codes"], file["scales"]
        (rows, columns), block = codes.shape, codes.shape[1] // scales.shape[1]
        # Codes are stored with 8 added, two in a byte, the first one in the low half.
        stored = (codes + 8).astype(numpy.uint8).reshape(rows, columns // block, block // 2, 2)
        constants = {"w": stored[..., 0] | stored[..., 1] << 4, "scales": scales.reshape(-1)}
        node = helper.make_node("MatMulNBits", ["x", *constants], ["y"], domain="com.microsoft", K=columns, N=rows,
                                bits=4, block_size=block, accuracy_level=4)
        return node, constants, lambda x: x
    if kernel == "f32":
        constants = {"w": numpy.ascontiguousarray(file["values"].T)}
        return helper.make_node("MatMul", ["x", "w"], ["y"]), constants, lambda x: x
    codes = numpy.ascontiguousarray(file["codes"].T)
    zero = 128 if kernel == "u8u8" else 0
    element = numpy.uint8 if kernel == "u8u8" else numpy.int8
    constants = {"w": (codes.astype(numpy.int16) + zero).astype(element), "zero_x": numpy.array(128, numpy.uint8),
                 "zero_w": numpy.array(zero, element)}
    node = helper.make_node("MatMulInteger", ["x", *constants], ["y"])
    return node, constants, lambda x: (x + 128).astype(numpy.uint8)


def make_session(node, constants, x, threads):
    import onnxruntime
    from onnx import helper, numpy_helper

    result = helper.np_dtype_to_tensor_dtype(numpy.dtype("int32" if x.dtype == numpy.uint8 else "float32"))
    graph = helper.make_graph(
        [node], "product", [helper.make_tensor_value_info("x", helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)],
        [helper.make_tensor_value_info("y", result, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def make_product(arguments, file, x):
    """(what computes the product into a buffer that stays, and that buffer)."""
    rows = (file["values"] if "values" in file else file["codes"]).shape[0]
    if arguments.kernel == "numpy":
        weights, y = numpy.ascontiguousarray(file["values"].T), numpy.empty((x.shape[0], rows), numpy.float32)
        return lambda: numpy.matmul(x, weights, out=y), y
    node, constants, convert = make_node(arguments.kernel, file)
    x = convert(x)
    session = make_session(node, constants, x, arguments.threads)
    y = numpy.empty((x.shape[0], rows), numpy.int32 if x.dtype == numpy.uint8 else numpy.float32)
    binding = session.io_binding()
    # The binding keeps addresses; make_product's caller keeps y, the lambda keeps x.
    for bind, name, value in [(binding.bind_input, "x", x), (binding.bind_output, "y", y)]:
        bind(name, "cpu", 0, value.dtype.type, value.shape, value.ctypes.data)
    return lambda keep=x: session.run_with_iobinding(binding), y


def main():
    arguments = parse_arguments()
    x = numpy.load(arguments.input)
    with numpy.load(arguments.codes) as file:
        product, y = make_product(arguments, dict(file), x)
    product()
    samples = []
    for _ in range(arguments.repeat):
        start = time.perf_counter()
        product()
        samples.append(time.perf_counter() - start)
    numpy.save(arguments.output, y)
    print(json.dumps({"samples": samples}))


if __name__ == "__main__":
    # OpenBLAS reads this when numpy is loaded.
    threads = parse_arguments().threads
    os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
    import numpy

    main()
