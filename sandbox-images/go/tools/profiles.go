package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

type functionShare struct {
	Function     string  `json:"function"`
	File         string  `json:"file"`
	Line         int     `json:"line"`
	SelfPercent  float64 `json:"selfPercent"`
	TotalPercent float64 `json:"totalPercent"`
}

type lineShare struct {
	File        string  `json:"file"`
	Line        int     `json:"line"`
	SelfPercent float64 `json:"selfPercent"`
	Text        string  `json:"text"`
}

type cpuAnswer struct {
	Seconds   float64         `json:"seconds"`
	Functions []functionShare `json:"functions"`
	Lines     []lineShare     `json:"lines"`
	common
}

type growth struct {
	Kind        string `json:"kind"`
	Name        string `json:"name"`
	File        string `json:"file"`
	Line        int    `json:"line"`
	CountBefore int64  `json:"countBefore"`
	CountAfter  int64  `json:"countAfter"`
	BytesBefore int64  `json:"bytesBefore"`
	BytesAfter  int64  `json:"bytesAfter"`
}

type heapAnswer struct {
	Grew      []growth `json:"grew"`
	RSSBefore int64    `json:"rssBefore"`
	RSSAfter  int64    `json:"rssAfter"`
	common
}

const needsSource = "profiles need the source: the command is go run PACKAGE or go test PACKAGE"
const most = 50

func cpu(words []string) (any, error) {
	args, err := readArguments(words, "seconds")
	if err != nil {
		return nil, err
	}
	seconds, err := args.duration("seconds", 10)
	if err != nil {
		return nil, err
	}
	run, err := runProbed(args.argv, probeCPU, "cpu", seconds, seconds, nil)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(run.folder)
	answer := cpuAnswer{Functions: []functionShare{}, Lines: []lineShare{}, common: run.common}
	read, err := readProfile(filepath.Join(run.folder, "cpu"))
	if err != nil || len(read.samples) == 0 {
		answer.Notes = append(answer.Notes, "There are no samples: the program used too little CPU time, or ended by os.Exit.")
		return answer, nil
	}
	answer.Seconds = float64(read.duration) / 1e9
	addShares(&answer, read)
	return answer, nil
}

func addShares(answer *cpuAnswer, read *profile) {
	own, total := map[string]int64{}, map[string]int64{}
	where := map[string]codeLine{}
	lines := map[codeLine]int64{}
	var whole int64
	for _, one := range read.samples {
		spent := one.values[len(one.values)-1]
		whole += spent
		stack := read.stack(one)
		// A loop that the scheduler interrupts is still in its loop.
		if len(stack) > 1 && stack[0].function == "runtime.asyncPreempt" {
			stack = stack[1:]
		}
		seen := map[string]bool{}
		for depth, at := range stack {
			if depth == 0 {
				own[at.function] += spent
			}
			if !seen[at.function] {
				seen[at.function] = true
				total[at.function] += spent
			}
			known, ok := where[at.function]
			if !ok || at.line < known.line {
				where[at.function] = at
			}
		}
		if len(stack) > 0 {
			at := ownLine(stack)
			lines[codeLine{file: at.file, line: at.line}] += spent
		}
	}
	percent := func(value int64) float64 {
		return math.Round(math.Min(100, 100*float64(value)/float64(whole))*100) / 100
	}
	for name, at := range where {
		line := at.startLine
		if line == 0 {
			line = at.line // before Go 1.20 profiles do not say where a function begins
		}
		answer.Functions = append(answer.Functions, functionShare{cut(name, 300), place(at.file), line, percent(own[name]), percent(total[name])})
	}
	sort.Slice(answer.Functions, func(a, b int) bool {
		left, right := answer.Functions[a], answer.Functions[b]
		if left.SelfPercent != right.SelfPercent {
			return left.SelfPercent > right.SelfPercent
		}
		return left.TotalPercent > right.TotalPercent
	})
	if len(answer.Functions) > most {
		answer.Functions = answer.Functions[:most]
	}
	for at, spent := range lines {
		answer.Lines = append(answer.Lines, lineShare{at.file, at.line, percent(spent), ""})
	}
	sort.Slice(answer.Lines, func(a, b int) bool { return answer.Lines[a].SelfPercent > answer.Lines[b].SelfPercent })
	if len(answer.Lines) > most {
		answer.Lines = answer.Lines[:most]
	}
	for at := range answer.Lines {
		line := &answer.Lines[at]
		line.Text = cut(strings.TrimSpace(sourceLine(line.File, line.Line)), 400)
		line.File = place(line.File)
	}
	answer.Notes = append(answer.Notes, "Work of the runtime (allocation, maps) counts for the line that asked for it.")
}

// ownLine is the innermost that is not the runtime's own.
func ownLine(stack []codeLine) codeLine {
	for _, at := range stack {
		if !strings.HasPrefix(at.function, "runtime.") && !strings.HasPrefix(at.function, "runtime/") {
			return at
		}
	}
	return stack[0]
}

func heap(words []string) (any, error) {
	args, err := readArguments(words, "seconds")
	if err != nil {
		return nil, err
	}
	seconds, err := args.duration("seconds", 10)
	if err != nil {
		return nil, err
	}
	first := seconds / 4
	if first > time.Second {
		first = time.Second
	}
	var before, after int64
	run, err := runProbed(args.argv, probeHeap, "heap-last", first, seconds, func(folder string, pid int) {
		resident := residentBytes(pid)
		if resident > 0 {
			after = resident
		}
		if before == 0 && exists(filepath.Join(folder, "heap-first")) {
			before = resident
		}
	})
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(run.folder)
	answer := heapAnswer{Grew: []growth{}, RSSBefore: before, RSSAfter: after, common: run.common}
	last, err := readProfile(filepath.Join(run.folder, "heap-last"))
	if err != nil {
		answer.Notes = append(answer.Notes, "There was no last look: the program ended by os.Exit or a signal.")
		return answer, nil
	}
	sites := map[codeLine]*growth{}
	if early, err := readProfile(filepath.Join(run.folder, "heap-first")); err == nil {
		addSites(sites, early, true)
	} else {
		answer.Notes = append(answer.Notes, "The program ended before a first look: growth is counted from nothing.")
	}
	addSites(sites, last, false)
	for _, one := range sites {
		if one.BytesAfter > one.BytesBefore {
			answer.Grew = append(answer.Grew, *one)
		}
	}
	sort.Slice(answer.Grew, func(a, b int) bool {
		left, right := answer.Grew[a], answer.Grew[b]
		return left.BytesAfter-left.BytesBefore > right.BytesAfter-right.BytesBefore
	})
	if len(answer.Grew) > most {
		answer.Grew = answer.Grew[:most]
	}
	answer.Notes = append(answer.Notes, "Counts and bytes are estimates from samples, of what is in use after a collection.")
	return answer, nil
}

// addSites adds up what is in use: objects and bytes are the last two values of a sample.
func addSites(sites map[codeLine]*growth, read *profile, isBefore bool) {
	for _, one := range read.samples {
		stack := read.stack(one)
		count := len(one.values)
		if len(stack) == 0 || count < 2 {
			continue
		}
		at := ownLine(stack)
		if strings.Contains(at.function, "warroom") || strings.HasPrefix(at.function, "runtime") {
			continue
		}
		key := codeLine{file: at.file, line: at.line}
		if sites[key] == nil {
			sites[key] = &growth{Kind: "site", Name: cut(at.function, 600), File: place(at.file), Line: at.line}
		}
		if isBefore {
			sites[key].CountBefore += one.values[count-2]
			sites[key].BytesBefore += one.values[count-1]
		} else {
			sites[key].CountAfter += one.values[count-2]
			sites[key].BytesAfter += one.values[count-1]
		}
	}
}

type probed struct {
	folder string
	common
}

// runProbed builds the command's program with the probe in it and runs it until it has answered; the caller removes the folder.
func runProbed(argv []string, probe, profileName string, first, seconds time.Duration, look func(folder string, pid int)) (*probed, error) {
	read, err := readTarget(argv)
	if err != nil {
		return nil, err
	}
	if read.binary != "" {
		return nil, fmt.Errorf(needsSource)
	}
	folder, err := os.MkdirTemp("", "warroom-tool-")
	if err != nil {
		return nil, err
	}
	binary, workFolder, err := read.build(folder, probe)
	if err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	args := read.args
	environment := []string{"WARROOM_FOLDER=" + folder, "WARROOM_FIRST=" + first.String()}
	if probe == probeCPU {
		environment = append(environment, "WARROOM_SECONDS="+seconds.String())
	} else {
		environment = append(environment, "WARROOM_SECONDS="+(seconds-first).String())
	}
	if !read.isTest {
		environment = append(environment, "WARROOM_PROFILE=ours")
	} else if probe == probeCPU {
		args = append([]string{"-test.cpuprofile=" + filepath.Join(folder, profileName)}, args...)
	} else {
		args = append([]string{"-test.memprofilerate=512", "-test.memprofile=" + filepath.Join(folder, profileName)}, args...)
	}
	started, err := start(append([]string{binary}, args...), folder, workFolder, environment...)
	if err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	ended := started.wait(seconds+6*time.Second, func() bool {
		if look != nil {
			look(folder, started.command.Process.Pid)
		}
		return exists(filepath.Join(folder, "done"))
	})
	return &probed{folder, common{ended, tail(filepath.Join(folder, "output")), []string{}}}, nil
}

func residentBytes(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

func sourceLine(path string, number int) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for at := 1; lines.Scan(); at++ {
		if at == number {
			return lines.Text()
		}
	}
	return ""
}
