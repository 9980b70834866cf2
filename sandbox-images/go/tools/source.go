package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"runtime"
	"strings"
)

type lockTaken struct {
	name string
	line int
	// Of a lock that readers share.
	reads bool
}

func isOwnCode(file string) bool {
	return strings.HasPrefix(file, "/") && !strings.HasPrefix(file, filepath.Join(runtime.GOROOT(), "src")+"/") &&
		!strings.HasPrefix(file, "/usr/lib/go") && !strings.HasPrefix(file, "/usr/local/go")
}

type source struct {
	set  *token.FileSet
	file *ast.File
}

var sources = map[string]*source{}

func readSource(path string) *source {
	if known, ok := sources[path]; ok {
		return known
	}
	read := &source{set: token.NewFileSet()}
	parsed, err := parser.ParseFile(read.set, path, nil, 0)
	if err != nil {
		read = nil
	} else {
		read.file = parsed
	}
	sources[path] = read
	return read
}

func (read *source) line(node ast.Node) int { return read.set.Position(node.Pos()).Line }

// subjectAt is what the code at a line locks, waits for, sends to or receives from.
func subjectAt(path string, line int, function string) string {
	read := readSource(path)
	if read == nil {
		return ""
	}
	method := function[strings.LastIndex(function, ".")+1:]
	found := ""
	ast.Inspect(read.file, func(node ast.Node) bool {
		if node == nil || found != "" {
			return false
		}
		switch one := node.(type) {
		case *ast.CallExpr:
			if selector, ok := one.Fun.(*ast.SelectorExpr); ok && selector.Sel.Name == method && read.line(selector.Sel) == line {
				found = types.ExprString(selector.X)
			}
		case *ast.SendStmt:
			if strings.Contains(function, "chansend") && read.line(one) == line {
				found = types.ExprString(one.Chan)
			}
		case *ast.UnaryExpr:
			if one.Op == token.ARROW && strings.Contains(function, "chanrecv") && read.line(one) == line {
				found = types.ExprString(one.X)
			}
		case *ast.RangeStmt:
			if strings.Contains(function, "chanrecv") && read.line(one) == line {
				found = types.ExprString(one.X)
			}
		}
		return true
	})
	return found
}

// locksTaken are those that the innermost function around a line locks above it, and does not unlock above it. A deferred
// unlock comes later.
func locksTaken(path string, line int) []lockTaken {
	read := readSource(path)
	if read == nil {
		return nil
	}
	var body *ast.BlockStmt
	ast.Inspect(read.file, func(node ast.Node) bool {
		if node == nil || read.line(node) > line || read.set.Position(node.End()).Line < line {
			return node == nil || node == read.file
		}
		switch one := node.(type) {
		case *ast.FuncDecl:
			body = one.Body
		case *ast.FuncLit:
			body = one.Body
		}
		return true
	})
	if body == nil {
		return nil
	}
	var taken []lockTaken
	ast.Inspect(body, func(node ast.Node) bool {
		if node == nil || read.line(node) >= line && node != body {
			return false
		}
		switch one := node.(type) {
		case *ast.FuncLit, *ast.DeferStmt, *ast.GoStmt:
			return false
		case *ast.CallExpr:
			selector, ok := one.Fun.(*ast.SelectorExpr)
			if !ok {
				break
			}
			name := types.ExprString(selector.X)
			switch selector.Sel.Name {
			case "Lock", "RLock":
				taken = append(taken, lockTaken{name, read.line(one), selector.Sel.Name == "RLock"})
			case "Unlock", "RUnlock":
				for at := len(taken) - 1; at >= 0; at-- {
					if taken[at].name == name && taken[at].reads == (selector.Sel.Name == "RUnlock") {
						taken = append(taken[:at], taken[at+1:]...)
						break
					}
				}
			}
		}
		return true
	})
	return taken
}
