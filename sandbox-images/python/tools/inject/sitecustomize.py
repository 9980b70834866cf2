"""Python imports this at its start: the probe begins before any code of the program under test."""

import json
import os
import sys

_said = os.environ.get('WARROOM_PROBE')
if _said is not None:
    _config = json.loads(_said)
    try:
        import importlib

        importlib.import_module(f'warroom_probe.{_config["verb"]}').begin(_config)
    except Exception as problem:  # the program under test runs anyway
        sys.stderr.write(f'warroom-tool: no probe: {problem!r}\n')
