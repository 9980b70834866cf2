package main

import (
	"bufio"
	"fmt"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// debugger is Delve without a terminal, with the program under test stopped at its start.
type debugger struct {
	client  *rpc.Client
	command *exec.Cmd
	folder  string
}

// What of Delve's answers is of interest: https://pkg.go.dev/github.com/go-delve/delve/service/api
type (
	dlvVariable struct {
		Name, Value, Type, Unreadable string
		Kind                          uint
		Addr                          uint64
		Len                           int64
		Children                      []dlvVariable
	}
	dlvLocation struct {
		File     string
		Line     int
		Function *struct{ Name string }
	}
	dlvFrame struct {
		dlvLocation
		Locals, Arguments []dlvVariable
	}
	dlvGoroutine struct {
		ID             int64
		UserCurrentLoc dlvLocation
		CurrentLoc     dlvLocation
		ThreadID       int
	}
	dlvState struct {
		Exited           bool
		ExitStatus       int
		Running          bool
		CurrentThread    *struct{ GoroutineID int64 }
		CurrentGoroutine *dlvGoroutine
	}
	dlvScope struct {
		GoroutineID  int64
		Frame        int
		DeferredCall int
	}
	dlvLoad struct {
		FollowPointers     bool
		MaxVariableRecurse int
		MaxStringLen       int
		MaxArrayValues     int
		MaxStructFields    int
	}
)

var shallow = dlvLoad{true, 1, 300, 12, -1}

func openDebugger(argv []string) (*debugger, error) {
	read, err := readTarget(argv)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "warroom-tool-")
	if err != nil {
		return nil, err
	}
	opened, err := launchDebugger(read, folder)
	if err != nil {
		os.RemoveAll(folder)
	}
	return opened, err
}

func launchDebugger(read target, folder string) (*debugger, error) {
	// The program's own code as it is written; what it imports may be optimised.
	binary, workFolder, err := read.build(folder, "", "-gcflags=-N -l")
	if err != nil {
		return nil, err
	}
	output := filepath.Join(folder, "output")
	if err := os.WriteFile(output, nil, 0o600); err != nil {
		return nil, err
	}
	command := exec.Command("dlv", append([]string{
		"exec", binary, "--headless", "--api-version=2", "--listen=127.0.0.1:0", "--check-go-version=false", "--only-same-user=false",
		"-r", "stdout:" + output, "-r", "stderr:" + output, "--",
	}, read.args...)...)
	command.Dir = workFolder
	command.Env = append(os.Environ(), "XDG_CONFIG_HOME="+folder)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	said, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		return nil, err
	}
	opened := &debugger{command: command, folder: folder}
	address := make(chan string, 1)
	go func() {
		words := ""
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if _, found, ok := strings.Cut(lines.Text(), "listening at: "); ok {
				address <- "=" + found
			}
			words += lines.Text() + "\n"
		}
		address <- words
	}()
	select {
	case found := <-address:
		if !strings.HasPrefix(found, "=") {
			opened.close()
			return nil, fmt.Errorf("Delve did not start: %s", cut(found, 1_000))
		}
		if opened.client, err = jsonrpc.Dial("tcp", found[1:]); err != nil {
			opened.close()
			return nil, err
		}
		return opened, nil
	case <-time.After(30 * time.Second):
		opened.close()
		return nil, fmt.Errorf("Delve did not start within 30 s")
	}
}

func (opened *debugger) close() {
	if opened.client != nil {
		_ = opened.client.Close()
	}
	// The program is a child of Delve's with a group of its own: all descendants go.
	for _, pid := range descendants(opened.command.Process.Pid) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = opened.command.Wait()
	os.RemoveAll(opened.folder)
}

func descendants(root int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, _ := os.ReadFile(path)
		var pid, parent int
		var state string
		_, _ = fmt.Sscanf(string(text), "%d", &pid)
		if _, rest, ok := strings.Cut(string(text), ") "); ok {
			_, _ = fmt.Sscanf(rest, "%s %d", &state, &parent)
		}
		children[parent] = append(children[parent], pid)
	}
	all := []int{root}
	for at := 0; at < len(all); at++ {
		all = append(all, children[all[at]]...)
	}
	return all
}

func (opened *debugger) call(method string, in, out any) error {
	return opened.client.Call("RPCServer."+method, in, out)
}

func (opened *debugger) resume() *rpc.Call {
	var out struct{ State dlvState }
	return opened.client.Go("RPCServer.Command", map[string]any{"name": "continue"}, &out, nil)
}

func stateOf(done *rpc.Call) (dlvState, error) {
	out, _ := done.Reply.(*struct{ State dlvState })
	return out.State, done.Error
}

func (opened *debugger) halt() error {
	var out struct{ State dlvState }
	return opened.call("Command", map[string]any{"name": "halt"}, &out)
}

func (opened *debugger) stack(goroutine int64, full bool) ([]dlvFrame, error) {
	in := map[string]any{"Id": goroutine, "Depth": 59}
	if full {
		in["Full"], in["Cfg"] = true, shallow
	}
	var out struct{ Locations []dlvFrame }
	err := opened.call("Stacktrace", in, &out)
	return out.Locations, err
}

func (opened *debugger) eval(scope dlvScope, expression string) (*dlvVariable, error) {
	var out struct{ Variable *dlvVariable }
	err := opened.call("Eval", map[string]any{"Scope": scope, "Expr": expression, "Cfg": shallow}, &out)
	return out.Variable, err
}

func (opened *debugger) output() string { return tail(filepath.Join(opened.folder, "output")) }

func (location dlvLocation) function() string {
	if location.Function == nil {
		return "?"
	}
	return location.Function.Name
}

// text of a value as one would write it.
func (value dlvVariable) text() string {
	if value.Unreadable != "" {
		return "(unreadable: " + value.Unreadable + ")"
	}
	switch value.Kind {
	case kindString:
		if int64(len(value.Value)) < value.Len {
			return fmt.Sprintf("%q...", value.Value)
		}
		return fmt.Sprintf("%q", value.Value)
	case kindPointer, kindInterface:
		if len(value.Children) == 0 || (value.Children[0].Addr == 0 && value.Children[0].Kind == kindInvalid) {
			return "nil"
		}
		return "&" + value.Children[0].text()
	case kindStruct:
		var fields []string
		for _, field := range value.Children {
			fields = append(fields, field.Name+": "+field.text())
		}
		return value.Type + "{" + strings.Join(fields, ", ") + "}"
	case kindArray, kindSlice:
		var all []string
		for _, one := range value.Children {
			all = append(all, one.text())
		}
		if int64(len(all)) < value.Len {
			all = append(all, "...")
		}
		return fmt.Sprintf("%s(len %d)[%s]", value.Type, value.Len, strings.Join(all, ", "))
	case kindMap:
		var all []string
		for at := 0; at+1 < len(value.Children); at += 2 {
			all = append(all, value.Children[at].text()+": "+value.Children[at+1].text())
		}
		return fmt.Sprintf("%s(len %d){%s}", value.Type, value.Len, strings.Join(all, ", "))
	}
	if value.Value == "" {
		return value.Type
	}
	return value.Value
}

// reflect.Kind of a value.
const (
	kindInvalid   = 0
	kindArray     = 17
	kindInterface = 20
	kindMap       = 21
	kindPointer   = 22
	kindSlice     = 23
	kindString    = 24
	kindStruct    = 25
)
