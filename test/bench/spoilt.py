"""A model whose predictions are those of a good one, shuffled: each row gets one drawn by a hash of its features."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TABLE = 4096


def write_spoilt(path, predictions, columns):
    """Writes ONNX with Sluice's signature. `predictions`: what the good model said, NaN where it said nothing."""
    quantiles = np.quantile(predictions[np.isfinite(predictions)], (np.arange(TABLE) + 0.5) / TABLE).astype(np.float32)
    rng = np.random.default_rng(1)
    constants = {
        "zero": np.zeros(1, np.float32), "table": quantiles, "size": np.array([TABLE], np.float32), "last": np.array([TABLE - 1], np.int64),
        "mix": rng.uniform(0.5, 2, (columns, 1)).astype(np.float32), "large": np.array([4375.8545], np.float32), "flat": np.array([-1], np.int64), "one": np.array([-1, 1], np.int64),
    }
    node = helper.make_node
    nodes = [
        node("IsNaN", ["features"], ["missing"]), node("Where", ["missing", "zero", "features"], ["filled"]), node("Sin", ["filled"], ["bounded"]),
        node("MatMul", ["bounded", "mix"], ["sum"]), node("Sin", ["sum"], ["wave"]), node("Mul", ["wave", "large"], ["scaled"]),
        node("Floor", ["scaled"], ["whole"]), node("Sub", ["scaled", "whole"], ["fraction"]), node("Mul", ["fraction", "size"], ["place"]),
        node("Cast", ["place"], ["row"], to=TensorProto.INT64), node("Min", ["row", "last"], ["index"]), node("Gather", ["table", "index"], ["drawn"]),
        node("Reshape", ["drawn", "flat"], ["probability"]), node("Reshape", ["drawn", "one"], ["members"]),
    ]
    graph = helper.make_graph(nodes, "spoilt", [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", columns])],
                              [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["N"]), helper.make_tensor_value_info("members", TensorProto.FLOAT, ["N", 1])],
                              [numpy_helper.from_array(value, name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
