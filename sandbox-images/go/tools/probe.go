package main

// Parts of the programs under test: names begin with warroom, so that none of theirs is met.

const probeStart = `package PACKAGE

import (
	warroomOS "os"
	warroomRuntime "runtime"
	warroomPprof "runtime/pprof"
	warroomTime "time"
)

var _ = warroomRuntime.GC
var warroomFolder = warroomOS.Getenv("WARROOM_FOLDER")

func warroomWait(name string) {
	seconds, _ := warroomTime.ParseDuration(warroomOS.Getenv(name))
	warroomTime.Sleep(seconds)
}

func warroomSay(name string) { _ = warroomOS.WriteFile(warroomFolder+"/"+name, nil, 0o600) }
`

// The testing package starts a profile of its own when asked; outside of tests the probe does.
const probeCPU = probeStart + `
func init() {
	if warroomOS.Getenv("WARROOM_PROFILE") == "ours" {
		file, err := warroomOS.Create(warroomFolder + "/cpu")
		if err == nil {
			_ = warroomPprof.StartCPUProfile(file)
		}
	}
	go func() {
		warroomWait("WARROOM_SECONDS")
		warroomPprof.StopCPUProfile()
		warroomSay("done")
	}()
}

func warroomEnd() { warroomPprof.StopCPUProfile() }
`

const probeHeap = probeStart + `
func init() {
	warroomRuntime.MemProfileRate = 512
	go func() {
		warroomWait("WARROOM_FIRST")
		warroomLook("heap-first")
		warroomWait("WARROOM_SECONDS")
		warroomLook("heap-last")
		warroomSay("done")
	}()
}

func warroomLook(name string) {
	// Twice: a profile is of the collection before the last one.
	warroomRuntime.GC()
	warroomRuntime.GC()
	file, err := warroomOS.Create(warroomFolder + "/" + name + ".draft")
	if err != nil {
		return
	}
	_ = warroomPprof.Lookup("heap").WriteTo(file, 0)
	_ = file.Close()
	_ = warroomOS.Rename(file.Name(), warroomFolder+"/"+name)
}

func warroomEnd() { warroomLook("heap-last") }
`

const probeMain = `
func main() {
	defer warroomEnd()
	warroomMain()
}
`
