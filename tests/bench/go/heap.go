package main

import (
	"runtime"
	"time"
)

type tree struct{ left, right *tree }

var (
	sink   *tree
	noscan []byte
)

func build(depth int) *tree {
	t := new(tree)
	if depth > 0 {
		t.left = build(depth - 1)
		t.right = build(depth - 1)
	}
	return t
}

func (t *tree) count() int {
	if t == nil {
		return 0
	}
	return 1 + t.left.count() + t.right.count()
}

func heaps(n int) {
	const depth, nodes = 14, 2<<14 - 1
	say("small_ns", measure(func(n int) {
		for range n {
			sink = new(tree)
		}
	}, n))
	say("noscan_ns", measure(func(n int) {
		for range n {
			noscan = make([]byte, 64)
		}
	}, n))
	say("trees_ns", measure(func(n int) {
		kept := build(depth)
		for done := 0; done < n; done += nodes {
			check(build(depth).count() == nodes, "a tree has lost nodes")
		}
		check(kept.count() == nodes, "the tree that was kept has lost nodes")
	}, n))
	t := build(20)
	best := 0.0
	for i := range 5 {
		began := time.Now()
		runtime.GC()
		ns := float64(time.Since(began).Nanoseconds()) / (2 << 20)
		if i == 0 || ns < best {
			best = ns
		}
	}
	check(t.count() == 2<<20-1, "the tree has lost nodes")
	say("mark_ns", best)
}
