package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

type variant struct {
	Name    string    `json:"name"`
	Seconds []float64 `json:"seconds"`
	Failed  int       `json:"failed"`
	folder  string
}

// bench runs the same command in several folders, in turn; every other round backwards, so that none is always the second.
func bench(words []string) (any, error) {
	args, err := readArguments(words, "runs", "warmup", "variant", "seconds")
	if err != nil {
		return nil, err
	}
	said := args.options["variant"]
	if len(said) == 0 {
		said = []string{"here=."}
	}
	variants := []*variant{}
	for _, text := range said {
		name, folder, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--variant wants NAME=FOLDER")
		}
		if len(variants) < 4 {
			variants = append(variants, &variant{Name: name, Seconds: []float64{}, folder: folder})
		}
	}
	runs, err := args.number("runs", 20, 1_000)
	if err != nil {
		return nil, err
	}
	warmUp, err := args.number("warmup", 1, 20)
	if err != nil {
		return nil, err
	}
	limit, err := args.duration("seconds", 60)
	if err != nil {
		return nil, err
	}
	until := time.Now().Add(limit)
	notes, output := []string{}, ""
	for round := -int(math.Round(warmUp)); round < int(math.Round(runs)); round++ {
		// A round is whole or it is not begun: variants keep the same number of runs.
		if time.Now().After(until) {
			notes = append(notes, fmt.Sprintf("Time was over after %d of %d rounds.", int(math.Max(0, float64(round))), int(runs)))
			break
		}
		hopeless := true
		for at := range variants {
			one := variants[at]
			if round%2 != 0 {
				one = variants[len(variants)-1-at]
			}
			command := exec.Command(args.argv[0], args.argv[1:]...)
			command.Dir = one.folder
			began := time.Now()
			printed, err := command.CombinedOutput()
			if err != nil {
				one.Failed++
				output = tailOf(append(printed, err.Error()...))
			} else if round >= 0 {
				one.Seconds = append(one.Seconds, time.Since(began).Seconds())
			}
			hopeless = hopeless && one.Failed > 2 && len(one.Seconds) == 0
		}
		if hopeless {
			notes = append(notes, "The command fails.")
			break
		}
	}
	return map[string]any{"variants": variants, "output": output, "notes": notes}, nil
}

type coverReport struct {
	Format string `json:"format"`
	Text   string `json:"text"`
}

type coverAnswer struct {
	Reports []coverReport `json:"reports"`
	common
}

// cover runs go test and keeps of its profile the files that were asked for.
func cover(words []string) (any, error) {
	args, err := readArguments(words, "file", "seconds")
	if err != nil {
		return nil, err
	}
	limit, err := args.duration("seconds", 60)
	if err != nil {
		return nil, err
	}
	if len(args.argv) < 2 || args.argv[0] != "go" || args.argv[1] != "test" {
		return nil, fmt.Errorf("coverage is of go test alone")
	}
	folder, err := os.MkdirTemp("", "warroom-cover-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "profile")
	command := append([]string{"go", "test", "-coverpkg=./...", "-coverprofile=" + path}, args.argv[2:]...)
	started, err := start(command, folder, "")
	if err != nil {
		return nil, err
	}
	ended := started.wait(limit, func() bool { return false })
	answer := coverAnswer{Reports: []coverReport{}, common: common{ended, tail(filepath.Join(folder, "output")), []string{}}}
	text, err := os.ReadFile(path)
	if err != nil {
		answer.Notes = append(answer.Notes, "Go wrote no profile: the tests were not built, or did not end.")
		return answer, nil
	}
	kept := []string{}
	for at, line := range strings.Split(string(text), "\n") {
		name, _, _ := strings.Cut(line, ":")
		wanted := at == 0
		for _, file := range args.options["file"] {
			wanted = wanted || strings.HasSuffix(name, "/"+filepath.Clean(file))
		}
		if wanted {
			kept = append(kept, line)
		}
	}
	answer.Reports = append(answer.Reports, coverReport{"go", cut(strings.Join(kept, "\n")+"\n", 390_000)})
	return answer, nil
}
