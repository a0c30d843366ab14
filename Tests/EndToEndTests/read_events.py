"""Prints what TensorBoard's own reader finds in a folder: tags with plugin, steps and values, as JSON."""

import json
import sys

from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

reader = EventAccumulator(sys.argv[1])
reader.Reload()
found = {}
for tag in reader.Tags()["tensors"]:
    plugin = reader.SummaryMetadata(tag).plugin_data.plugin_name
    points = []
    for event in reader.Tensors(tag):
        value = tensor_util.make_ndarray(event.tensor_proto)
        # A picture is a list of width, height and PNG files.
        points.append(
            [event.step]
            + ([float(value)] if plugin == "scalars" else [int(value[0]), int(value[1]), len(value[2])])
        )
    found[tag] = {"plugin": plugin, "points": points}
json.dump(found, sys.stdout)
