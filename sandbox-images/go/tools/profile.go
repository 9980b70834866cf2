package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
)

// profile is what of a pprof file is of interest: https://github.com/google/pprof/blob/main/proto/profile.proto
type profile struct {
	samples  []sample
	duration int64
	// By id: innermost (inlined) first.
	locations map[uint64][]codeLine
}

type sample struct {
	locations []uint64
	values    []int64
}

type codeLine struct {
	function, file  string
	line, startLine int
}

func readProfile(path string) (*profile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	unzip, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if text, err = io.ReadAll(unzip); err != nil {
		return nil, err
	}
	read := &profile{locations: map[uint64][]codeLine{}}
	var names []string
	type function struct{ name, file, start uint64 }
	functions := map[uint64]function{}
	type line struct{ function, line uint64 }
	lines := map[uint64][]line{}
	eachField(text, func(field int, number uint64, inner []byte) {
		switch field {
		case 2:
			var one sample
			eachField(inner, func(field int, number uint64, packed []byte) {
				for _, value := range unpack(number, packed) {
					if field == 1 {
						one.locations = append(one.locations, value)
					} else if field == 2 {
						one.values = append(one.values, int64(value))
					}
				}
			})
			read.samples = append(read.samples, one)
		case 4:
			var id uint64
			var all []line
			eachField(inner, func(field int, number uint64, inner []byte) {
				if field == 1 {
					id = number
				} else if field == 4 {
					var one line
					eachField(inner, func(field int, number uint64, _ []byte) {
						if field == 1 {
							one.function = number
						} else if field == 2 {
							one.line = number
						}
					})
					all = append(all, one)
				}
			})
			lines[id] = all
		case 5:
			var id uint64
			var one function
			eachField(inner, func(field int, number uint64, _ []byte) {
				switch field {
				case 1:
					id = number
				case 2:
					one.name = number
				case 4:
					one.file = number
				case 5:
					one.start = number
				}
			})
			functions[id] = one
		case 6:
			names = append(names, string(inner))
		case 10:
			read.duration = int64(number)
		}
	})
	name := func(at uint64) string {
		if at < uint64(len(names)) {
			return names[at]
		}
		return ""
	}
	for id, all := range lines {
		for _, one := range all {
			of := functions[one.function]
			read.locations[id] = append(read.locations[id], codeLine{name(of.name), name(of.file), int(one.line), int(of.start)})
		}
	}
	return read, nil
}

// stack is innermost first.
func (read *profile) stack(one sample) []codeLine {
	var stack []codeLine
	for _, id := range one.locations {
		stack = append(stack, read.locations[id]...)
	}
	return stack
}

// eachField walks a protobuf message; numbers come as number, all else as bytes.
func eachField(message []byte, visit func(field int, number uint64, inner []byte)) {
	for len(message) > 0 {
		key, size := binary.Uvarint(message)
		if size <= 0 {
			return
		}
		message = message[size:]
		switch key & 7 {
		case 0:
			number, size := binary.Uvarint(message)
			if size <= 0 {
				return
			}
			message = message[size:]
			visit(int(key>>3), number, nil)
		case 2:
			length, size := binary.Uvarint(message)
			if size <= 0 || uint64(len(message)-size) < length {
				return
			}
			visit(int(key>>3), 0, message[size:size+int(length)])
			message = message[size+int(length):]
		case 1, 5:
			width := map[uint64]int{1: 8, 5: 4}[key&7]
			if len(message) < width {
				return
			}
			message = message[width:]
		default:
			return
		}
	}
}

func unpack(number uint64, packed []byte) []uint64 {
	if packed == nil {
		return []uint64{number}
	}
	var all []uint64
	for len(packed) > 0 {
		value, size := binary.Uvarint(packed)
		if size <= 0 {
			break
		}
		all = append(all, value)
		packed = packed[size:]
	}
	return all
}
