package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

type frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

type location struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

type hit struct {
	Location location          `json:"location"`
	Thread   string            `json:"thread"`
	Stack    []frame           `json:"stack"`
	Locals   map[string]string `json:"locals"`
	Values   map[string]string `json:"values"`
}

type debugAnswer struct {
	Hits []hit `json:"hits"`
	common
}

func debug(words []string) (any, error) {
	args, err := readArguments(words, "break", "when", "eval", "hits", "seconds")
	if err != nil {
		return nil, err
	}
	hits, err := args.number("hits", 3, 50)
	if err != nil {
		return nil, err
	}
	limit, err := args.duration("seconds", 30)
	if err != nil {
		return nil, err
	}
	if len(args.options["break"]) == 0 {
		return nil, fmt.Errorf("--break FILE:LINE is missing")
	}
	opened, err := openDebugger(args.argv)
	if err != nil {
		return nil, err
	}
	defer opened.close()
	answer := debugAnswer{Hits: []hit{}, common: common{Notes: []string{}}}
	for _, text := range args.options["break"] {
		if err := opened.breakAt(text, args.last("when"), &answer.Notes); err != nil {
			return nil, err
		}
	}
	deadline := time.After(limit)
	for len(answer.Hits) < int(hits) {
		state, ended, err := opened.next(deadline)
		if err != nil {
			answer.Notes = append(answer.Notes, cut(err.Error(), 600))
			break
		}
		if ended {
			answer.Exit = exit{}
			if state.Exited {
				answer.Exit.Code = &state.ExitStatus
			}
			break
		}
		one, err := opened.look(state, args.options["eval"])
		if err != nil {
			answer.Notes = append(answer.Notes, cut(err.Error(), 600))
			break
		}
		answer.Hits = append(answer.Hits, one)
	}
	answer.Output = opened.output()
	return answer, nil
}

func (opened *debugger) breakAt(text, condition string, notes *[]string) error {
	colon := strings.LastIndex(text, ":")
	line, err := strconv.Atoi(text[colon+1:])
	if colon <= 0 || err != nil {
		return fmt.Errorf("--break wants FILE:LINE, not %s", text)
	}
	path, err := filepath.Abs(text[:colon])
	if err != nil {
		return err
	}
	var out struct{ Breakpoint struct{ Line int } }
	// A line without code of its own: the next one that has some is meant.
	for at := line; at < line+20; at++ {
		in := map[string]any{"Breakpoint": map[string]any{"file": path, "line": at, "Cond": condition}}
		if err = opened.call("CreateBreakpoint", in, &out); err == nil {
			if at != line {
				*notes = append(*notes, fmt.Sprintf("Line %d has no code of its own; the breakpoint is at line %d.", line, at))
			}
			return nil
		}
	}
	return fmt.Errorf("no breakpoint at %s: %w", text, err)
}

// next runs the program to its next stop; ended also when time is over.
func (opened *debugger) next(deadline <-chan time.Time) (dlvState, bool, error) {
	call := opened.resume()
	select {
	case done := <-call.Done:
		state, err := stateOf(done)
		if err != nil && strings.Contains(err.Error(), "has exited with status") {
			var status int
			_, _ = fmt.Sscanf(err.Error()[strings.LastIndex(err.Error(), " ")+1:], "%d", &status)
			return dlvState{Exited: true, ExitStatus: status}, true, nil
		}
		return state, state.Exited, err
	case <-deadline:
		return dlvState{}, true, nil
	}
}

func (opened *debugger) look(state dlvState, expressions []string) (hit, error) {
	if state.CurrentGoroutine == nil {
		return hit{}, fmt.Errorf("the program stopped outside of any goroutine")
	}
	id := state.CurrentGoroutine.ID
	frames, err := opened.stack(id, true)
	if err != nil || len(frames) == 0 {
		return hit{}, fmt.Errorf("no stack at a breakpoint: %v", err)
	}
	one := hit{
		Location: location{place(frames[0].File), frames[0].Line},
		Thread:   threadName(id),
		Stack:    stackOf(frames),
		Locals:   map[string]string{},
		Values:   map[string]string{},
	}
	for _, value := range append(frames[0].Arguments, frames[0].Locals...) {
		one.Locals[cut(value.Name, 200)] = cut(value.text(), 2_000)
	}
	for _, expression := range expressions {
		value, err := opened.eval(dlvScope{GoroutineID: id}, expression)
		if err != nil {
			one.Values[expression] = cut("throws: "+err.Error(), 4_000)
		} else {
			one.Values[expression] = cut(value.text(), 4_000)
		}
	}
	return one, nil
}

func threadName(id int64) string {
	if id == 1 {
		return "main"
	}
	return fmt.Sprintf("goroutine %d", id)
}

func stackOf(frames []dlvFrame) []frame {
	stack := []frame{}
	for _, one := range frames {
		stack = append(stack, frame{cut(one.function(), 300), place(one.File), one.Line})
	}
	return stack
}
