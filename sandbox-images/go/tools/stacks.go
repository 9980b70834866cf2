package main

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

type thread struct {
	Name     string  `json:"name"`
	State    string  `json:"state"`
	WaitsFor string  `json:"waitsFor,omitempty"`
	Stack    []frame `json:"stack"`
}

type stacksAnswer struct {
	Threads []thread `json:"threads"`
	Cycles  []string `json:"cycles"`
	common
}

// waiter is a goroutine that is stopped, with what it waits for where that can be told.
type waiter struct {
	id     int64
	name   string
	frames []dlvFrame
	state  string
	// Of a lock: its address, and what the waiting code calls it.
	lock     uint64
	lockName string
	reads    bool
	words    string
	owner    string
}

func stacks(words []string) (any, error) {
	args, err := readArguments(words, "after", "seconds")
	if err != nil {
		return nil, err
	}
	after, err := args.duration("after", 5)
	if err != nil {
		return nil, err
	}
	opened, err := openDebugger(args.argv)
	if err != nil {
		return nil, err
	}
	defer opened.close()
	answer := stacksAnswer{Threads: []thread{}, Cycles: []string{}, common: common{Notes: []string{}}}
	call := opened.resume()
	select {
	case done := <-call.Done:
		state, err := stateOf(done)
		if err == nil && !state.Exited {
			// The runtime's own stop: all goroutines are asleep, or a panic that nobody recovers.
			answer.Notes = append(answer.Notes, "The program stopped by itself: "+stopReason(state)+".")
			break
		}
		answer.Exit.Code = &state.ExitStatus
		answer.Notes = append(answer.Notes, fmt.Sprintf("The program ended before %s were over: there is nothing to look at.", after))
		answer.Output = opened.output()
		return answer, nil
	case <-time.After(after):
		if err := opened.halt(); err != nil {
			return nil, err
		}
		<-call.Done
	}
	waiters, err := opened.goroutines()
	if err != nil {
		return nil, err
	}
	opened.nameOwners(waiters)
	for _, one := range waiters {
		if len(answer.Threads) < 200 {
			answer.Threads = append(answer.Threads, thread{one.name, one.state, cut(one.words, 600), stackOf(one.frames)})
		}
	}
	answer.Cycles = cyclesIn(waiters)
	answer.Output = opened.output()
	answer.Notes = append(answer.Notes, "Who holds a lock is read from the source: a function that locked it and has not yet unlocked it.")
	return answer, nil
}

func stopReason(state dlvState) string {
	if state.CurrentGoroutine == nil {
		return "no goroutine can go on, which Go calls a deadlock"
	}
	return "in " + state.CurrentGoroutine.CurrentLoc.function()
}

func (opened *debugger) goroutines() ([]*waiter, error) {
	var out struct{ Goroutines []dlvGoroutine }
	if err := opened.call("ListGoroutines", map[string]any{"Start": 0, "Count": 2_000}, &out); err != nil {
		return nil, err
	}
	var all []*waiter
	for _, one := range out.Goroutines {
		frames, err := opened.stack(one.ID, false)
		if err != nil || isRuntimes(frames) {
			continue
		}
		found := &waiter{id: one.ID, name: threadName(one.ID), frames: frames}
		if one.ID != 1 {
			found.name += " (" + startedAs(frames) + ")"
		}
		opened.explain(found)
		all = append(all, found)
	}
	sort.Slice(all, func(a, b int) bool { return all[a].id < all[b].id })
	return all, nil
}

// isRuntimes is for the collector and its like; the main goroutine has code of its own.
func isRuntimes(frames []dlvFrame) bool {
	for _, one := range frames {
		name := one.function()
		if name != "?" && !strings.HasPrefix(name, "runtime.") {
			return false
		}
	}
	return true
}

func startedAs(frames []dlvFrame) string {
	for at := len(frames) - 1; at >= 0; at-- {
		if name := frames[at].function(); name != "?" && name != "runtime.goexit" {
			return name
		}
	}
	return "?"
}

// What a goroutine does by the function that it is in; the first that is met, from the inside out.
var waits = []struct{ function, state, words string }{
	{"sync.(*Mutex).Lock", "waiting", "lock"},
	{"sync.(*RWMutex).Lock", "waiting", "lock"},
	{"sync.(*RWMutex).RLock", "waiting", "lock"},
	{"sync.(*WaitGroup).Wait", "waiting", "the wait group"},
	{"sync.(*Cond).Wait", "waiting", "a signal of the condition"},
	{"runtime.chansend1", "waiting", "somebody who receives from the channel"},
	{"runtime.chanrecv1", "waiting", "somebody who sends to the channel"},
	{"runtime.chanrecv2", "waiting", "somebody who sends to the channel"},
	{"runtime.selectgo", "waiting", "a channel of its select"},
	{"runtime.block", "waiting", "nothing: select {} waits for ever"},
	{"time.Sleep", "sleeping", ""},
	{"internal/poll.runtime_pollWait", "waiting", "the network or a file"},
}

func (opened *debugger) explain(found *waiter) {
	found.state = "running"
	for at, one := range found.frames {
		for _, known := range waits {
			if one.function() != known.function {
				continue
			}
			found.state, found.words = known.state, known.words
			caller := nextOutside(found.frames, at)
			if caller < 0 || found.words == "" {
				return
			}
			line := found.frames[caller].Line
			name := subjectAt(found.frames[caller].File, line, known.function)
			if name == "" {
				return
			}
			if known.words != "lock" {
				found.words += " " + name
				return
			}
			found.lockName = name
			found.reads = strings.HasSuffix(known.function, ").RLock")
			found.words = fmt.Sprintf("lock %q", name)
			found.lock = opened.addressOf(dlvScope{GoroutineID: found.id, Frame: caller}, name)
			return
		}
	}
}

// nextOutside is the first frame that is neither the runtime's nor of package sync.
func nextOutside(frames []dlvFrame, from int) int {
	for at := from; at < len(frames); at++ {
		name := frames[at].function()
		if !strings.HasPrefix(name, "runtime.") && !strings.HasPrefix(name, "sync.") {
			return at
		}
	}
	return -1
}

func (opened *debugger) addressOf(scope dlvScope, expression string) uint64 {
	value, err := opened.eval(scope, expression)
	if err != nil || value == nil {
		return 0
	}
	if value.Kind == kindPointer && len(value.Children) > 0 {
		return value.Children[0].Addr
	}
	return value.Addr
}

// nameOwners finds, for each lock that somebody waits for, who has locked it on the way to where they are.
func (opened *debugger) nameOwners(all []*waiter) {
	wanted := map[uint64]bool{}
	for _, one := range all {
		if one.lock != 0 {
			wanted[one.lock] = true
		}
	}
	if len(wanted) == 0 {
		return
	}
	type holding struct {
		by    *waiter
		at    string
		reads bool
	}
	holders := map[uint64][]holding{}
	for _, one := range all {
		for depth, at := range one.frames {
			if depth > 30 || !isOwnCode(at.File) {
				continue
			}
			for _, taken := range locksTaken(at.File, at.Line) {
				address := opened.addressOf(dlvScope{GoroutineID: one.id, Frame: depth}, taken.name)
				if address != 0 && wanted[address] && !(address == one.lock && taken.line == at.Line) {
					holders[address] = append(holders[address], holding{one, fmt.Sprintf("%s:%d", place(at.File), taken.line), taken.reads})
				}
			}
		}
	}
	for _, one := range all {
		if one.lock == 0 {
			continue
		}
		// Two locks may have one name, such as a field of two values.
		called := fmt.Sprintf("lock %q (%#x)", one.lockName, one.lock)
		one.words = called
		for _, holder := range holders[one.lock] {
			// Readers do not wait for readers.
			if one.reads && holder.reads {
				continue
			}
			one.owner = holder.by.name
			one.words = fmt.Sprintf("%s, held by %s since %s", called, holder.by.name, holder.at)
			if holder.by == one {
				one.words = fmt.Sprintf("%s, which it holds itself since %s", called, holder.at)
			}
			break
		}
		if !one.reads || one.owner != "" {
			continue
		}
		// A writer that waits keeps new readers out.
		for _, writer := range all {
			if writer != one && writer.lock == one.lock && !writer.reads {
				one.owner = writer.name
				one.words = fmt.Sprintf("%s, held by %s, which waits to write", called, writer.name)
				break
			}
		}
	}
}

// cyclesIn tells each circle once, from its first name in the alphabet.
func cyclesIn(all []*waiter) []string {
	byName := map[string]*waiter{}
	for _, one := range all {
		byName[one.name] = one
	}
	told := map[string]bool{}
	cycles := []string{}
	for _, start := range all {
		var path []string
		at := start
		for at != nil && at.owner != "" && !contains(path, at.name) {
			path = append(path, at.name)
			at = byName[at.owner]
		}
		if at == nil || !contains(path, at.name) {
			continue
		}
		for path[0] != at.name {
			path = path[1:]
		}
		first := 0
		for index := range path {
			if path[index] < path[first] {
				first = index
			}
		}
		var sentence []string
		for index := range path {
			name := path[(first+index)%len(path)]
			sentence = append(sentence, name+" waits for "+byName[name].words)
		}
		text := cut(strings.Join(sentence, "; "), 2_000)
		if !told[text] && len(cycles) < 20 {
			told[text] = true
			cycles = append(cycles, text)
		}
	}
	return cycles
}
