package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// arguments are `[--name value]... -- argv...`: any option may come more than once.
type arguments struct {
	options map[string][]string
	argv    []string
}

func readArguments(words []string, names ...string) (arguments, error) {
	read := arguments{options: map[string][]string{}}
	for at := 0; at < len(words); at += 2 {
		if words[at] == "--" && at+1 < len(words) {
			read.argv = words[at+1:]
			return read, nil
		}
		name := strings.TrimPrefix(words[at], "--")
		if name == words[at] || !contains(names, name) || at+1 >= len(words) {
			return read, fmt.Errorf("%s is not an option with a value; there are --%s", words[at], strings.Join(names, ", --"))
		}
		read.options[name] = append(read.options[name], words[at+1])
	}
	return read, fmt.Errorf("the command comes after --")
}

func (read arguments) last(name string) string {
	said := read.options[name]
	if len(said) == 0 {
		return ""
	}
	return said[len(said)-1]
}

func (read arguments) number(name string, fallback, most float64) (float64, error) {
	said := read.last(name)
	if said == "" {
		return fallback, nil
	}
	value, err := strconv.ParseFloat(said, 64)
	if err != nil || !(value > 0) {
		return 0, fmt.Errorf("--%s wants a number above 0", name)
	}
	if value > most {
		value = most
	}
	return value, nil
}

func (read arguments) duration(name string, fallback float64) (time.Duration, error) {
	seconds, err := read.number(name, fallback, 600)
	return time.Duration(seconds * float64(time.Second)), err
}

func contains(all []string, one string) bool {
	for _, other := range all {
		if other == one {
			return true
		}
	}
	return false
}
