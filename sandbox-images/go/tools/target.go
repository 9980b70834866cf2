package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// target is what a command runs, as a program that can be built with something of ours in it.
type target struct {
	isTest bool
	// Of `go build` or `go test -c`.
	buildFlags []string
	// A package, or files of one.
	packages []string
	// Of the program itself.
	args []string
	// A program that was built elsewhere; then there is nothing of the above but args.
	binary string
}

var testFlagsWithValue = strings.Fields("run bench count timeout benchtime cpu parallel skip shuffle blockprofilerate")
var testFlagsAlone = strings.Fields("v short failfast benchmem")
var buildFlagsWithValue = strings.Fields("tags mod ldflags gcflags asmflags modfile")

func readTarget(argv []string) (target, error) {
	if filepath.Base(argv[0]) != "go" || len(argv) < 2 {
		path, err := exec.LookPath(argv[0])
		if err != nil {
			return target{}, err
		}
		return target{binary: path, args: argv[1:]}, nil
	}
	read := target{isTest: argv[1] == "test"}
	if !read.isTest && argv[1] != "run" {
		return target{}, fmt.Errorf("the command is one of: go run PACKAGE, go test PACKAGE, a program; not go %s", argv[1])
	}
	words := argv[2:]
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		name, value, hasValue := strings.Cut(strings.TrimLeft(word, "-"), "=")
		name = strings.TrimPrefix(name, "test.")
		switch {
		case !strings.HasPrefix(word, "-"):
			read.packages = append(read.packages, word)
			if !read.isTest && (len(words) == 0 || !strings.HasSuffix(word, ".go") || !strings.HasSuffix(words[0], ".go")) {
				read.args = words
				words = nil
			}
		case read.isTest && name == "args":
			read.args = append(read.args, words...)
			words = nil
		case read.isTest && contains(testFlagsAlone, name):
			read.args = append(read.args, "-test."+strings.TrimLeft(strings.TrimPrefix(word, "-test."), "-"))
		case contains(testFlagsWithValue, name) || contains(buildFlagsWithValue, name):
			if !hasValue {
				if len(words) == 0 {
					return read, fmt.Errorf("%s wants a value", word)
				}
				value, words = words[0], words[1:]
			}
			if contains(buildFlagsWithValue, name) {
				read.buildFlags = append(read.buildFlags, "-"+name+"="+value)
			} else {
				read.args = append(read.args, "-test."+name+"="+value)
			}
		default:
			read.buildFlags = append(read.buildFlags, word)
		}
	}
	if len(read.packages) == 0 {
		read.packages = []string{"."}
	}
	if read.isTest && (len(read.packages) > 1 || strings.Contains(read.packages[0], "...")) {
		return read, fmt.Errorf("one package at a time: name it instead of %s", strings.Join(read.packages, " "))
	}
	return read, nil
}

// folder is where the package lies: tests run there.
func (read target) describe() (folder, name string, files []string, err error) {
	if strings.HasSuffix(read.packages[0], ".go") {
		folder, err = filepath.Abs(filepath.Dir(read.packages[0]))
		return folder, "main", read.packages, err
	}
	said, err := exec.Command("go", append(append([]string{"list", "-json=Dir,Name,GoFiles"}, read.buildFlags...), read.packages...)...).Output()
	if err != nil {
		return "", "", nil, buildError(err, nil)
	}
	var listed struct {
		Dir, Name string
		GoFiles   []string
	}
	if err := json.NewDecoder(bytes.NewReader(said)).Decode(&listed); err != nil {
		return "", "", nil, err
	}
	for _, file := range listed.GoFiles {
		files = append(files, filepath.Join(listed.Dir, file))
	}
	return listed.Dir, listed.Name, files, nil
}

// build makes the program in `scratch`. With a probe, that is in it: its package's name is put for PACKAGE, and a main
// function of the program becomes warroomMain, that the probe's own calls.
func (read target) build(scratch, probe string, flags ...string) (binary, workFolder string, err error) {
	if read.binary != "" {
		return read.binary, "", nil
	}
	folder, name, files, err := read.describe()
	if err != nil {
		return "", "", err
	}
	packages := read.packages
	if probe != "" {
		ours := filepath.Join(folder, "zz_warroom_probe.go")
		if read.isTest {
			ours = filepath.Join(folder, "zz_warroom_probe_test.go")
		} else {
			probe += probeMain
		}
		replaced := map[string]string{ours: filepath.Join(scratch, "probe.go")}
		if err := os.WriteFile(replaced[ours], []byte(strings.Replace(probe, "PACKAGE", name, 1)), 0o600); err != nil {
			return "", "", err
		}
		if !read.isTest {
			path, text, err := renameMain(files)
			if err != nil {
				return "", "", err
			}
			replaced[path] = filepath.Join(scratch, "main.go")
			if err := os.WriteFile(replaced[path], text, 0o600); err != nil {
				return "", "", err
			}
			if strings.HasSuffix(packages[0], ".go") {
				// All of them are named in the same way.
				packages = append(append([]string{}, packages...), filepath.Join(filepath.Dir(packages[0]), filepath.Base(ours)))
			}
		}
		overlay, _ := json.Marshal(map[string]any{"Replace": replaced})
		path := filepath.Join(scratch, "overlay.json")
		if err := os.WriteFile(path, overlay, 0o600); err != nil {
			return "", "", err
		}
		flags = append(flags, "-overlay="+path)
	}
	binary = filepath.Join(scratch, "program")
	command := []string{"build"}
	if read.isTest {
		// Vet does not know overlays.
		command = []string{"test", "-c", "-vet=off"}
		workFolder = folder
	}
	command = append(append(append(append(command, "-o", binary), read.buildFlags...), flags...), packages...)
	said, err := exec.Command("go", command...).CombinedOutput()
	if err != nil {
		return "", "", buildError(err, said)
	}
	if !exists(binary) {
		return "", "", fmt.Errorf("the package has no tests")
	}
	return binary, workFolder, nil
}

func buildError(err error, said []byte) error {
	if failed, ok := err.(*exec.ExitError); ok && len(said) == 0 {
		said = failed.Stderr
	}
	return fmt.Errorf("it cannot be built: %v\n%s", err, cut(string(said), 3_000))
}

// renameMain finds the file with the main function; no line moves.
func renameMain(files []string) (string, []byte, error) {
	for _, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			return "", nil, err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return "", nil, err
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, path, text, 0)
		if err != nil {
			return "", nil, err
		}
		for _, declared := range parsed.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if ok && function.Recv == nil && function.Name.Name == "main" {
				at := set.Position(function.Name.Pos()).Offset
				return path, append(append(append([]byte{}, text[:at]...), "warroomMain"...), text[at+len("main"):]...), nil
			}
		}
	}
	return "", nil, fmt.Errorf("there is no main function")
}
