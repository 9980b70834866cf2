package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const keptOutput = 7_500

var signalNames = map[syscall.Signal]string{
	syscall.SIGABRT: "SIGABRT", syscall.SIGBUS: "SIGBUS", syscall.SIGINT: "SIGINT", syscall.SIGKILL: "SIGKILL",
	syscall.SIGPIPE: "SIGPIPE", syscall.SIGQUIT: "SIGQUIT", syscall.SIGSEGV: "SIGSEGV", syscall.SIGTERM: "SIGTERM",
	syscall.SIGXFSZ: "SIGXFSZ",
}

type exit struct {
	Code   *int    `json:"code"`
	Signal *string `json:"signal"`
}

// common is what every verb's answer has. Both fields of Exit nil: the program still ran, and was ended by the tool.
type common struct {
	Exit   exit     `json:"exit"`
	Output string   `json:"output"`
	Notes  []string `json:"notes"`
}

type program struct {
	command *exec.Cmd
	over    chan error
	folder  string
}

// start runs argv as a process group of its own; what it prints goes to a file.
func start(argv []string, folder, workFolder string, environment ...string) (*program, error) {
	log, err := os.Create(filepath.Join(folder, "output"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(argv[0], argv[1:]...)
	command.Dir = workFolder
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, err
	}
	started := &program{command: command, over: make(chan error, 1), folder: folder}
	go func() { started.over <- command.Wait() }()
	return started, nil
}

// wait returns when the program has ended, `done` says so, or time is over; nothing of the program is left then.
func (started *program) wait(limit time.Duration, done func() bool) exit {
	deadline := time.After(limit)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-started.over:
			started.kill()
			return exitOf(err)
		case <-deadline:
			started.kill()
			<-started.over
			return exit{}
		case <-look.C:
			if done() {
				started.kill()
				<-started.over
				return exit{}
			}
		}
	}
}

func (started *program) kill() { _ = syscall.Kill(-started.command.Process.Pid, syscall.SIGKILL) }

func exitOf(err error) exit {
	code := 0
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			name, known := signalNames[status.Signal()]
			if !known {
				name = status.Signal().String()
			}
			return exit{Signal: &name}
		}
		code = failed.ExitCode()
	} else if err != nil {
		code = 127
	}
	return exit{Code: &code}
}

func tail(path string) string {
	text, _ := os.ReadFile(path)
	return tailOf(text)
}

func tailOf(text []byte) string {
	if len(text) > keptOutput {
		text = text[len(text)-keptOutput:]
	}
	return string(bytes.ToValidUTF8(text, []byte("?")))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// place is relative to where the tool was started when the file is in there.
func place(path string) string {
	root, err := os.Getwd()
	if err == nil && strings.HasPrefix(path, root+"/") {
		path = path[len(root)+1:]
	}
	return cut(path, 500)
}

func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-3], "") + "..."
}
