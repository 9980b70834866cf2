"""warroom-tool VERB [--name value]... -- argv...: one line of JSON behind a mark, the last line of standard output."""

import json
import sys

from bench import bench
from cover import cover
from program import ArgumentProblem
from verbs import cpu, debug, heap, stacks

VERBS = {'debug': debug, 'stacks': stacks, 'cpu': cpu, 'heap': heap, 'bench': bench, 'cover': cover}


def main() -> int:
    words = sys.argv[1:]
    verb = VERBS.get(words[0]) if words else None
    if verb is None:
        sys.stderr.write(f'warroom-tool: one of {", ".join(VERBS)}\n')
        return 2
    try:
        answer = verb(words[1:])
    except ArgumentProblem as problem:
        sys.stderr.write(f'warroom-tool {words[0]}: {problem}\n')
        return 1
    sys.stdout.write(f'\n@@warroom-result {json.dumps(answer)}\n')
    return 0


sys.exit(main())
