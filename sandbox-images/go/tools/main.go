// Command warroom-tool: VERB [--name value]... -- argv...: one line of JSON behind a mark, the last line of standard output.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	verbs := map[string]func([]string) (any, error){
		"debug": debug, "stacks": stacks, "cpu": cpu, "heap": heap, "bench": bench, "cover": cover,
	}
	words := append(os.Args[1:], "")
	verb, known := verbs[words[0]]
	if !known {
		fmt.Fprintln(os.Stderr, "warroom-tool: one of debug, stacks, cpu, heap, bench, cover")
		os.Exit(2)
	}
	answer, err := verb(os.Args[2:])
	var line []byte
	if err == nil {
		line, err = json.Marshal(answer)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "warroom-tool %s: %v\n", words[0], err)
		os.Exit(1)
	}
	fmt.Printf("\n@@warroom-result %s\n", line)
}
