// drops is tests/heap/drops/drops.c in Go.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
)

const (
	slotCount = 48
	steps     = 400
)

var state uint64 = 88172645463325252

func below(n uint32) uint32 {
	state ^= state << 13
	state ^= state >> 7
	state ^= state << 17
	return uint32(state>>33) % n
}

type node struct {
	next  *node
	value int
}

func list(n uint32) (first *node) {
	for i := range n {
		first = &node{first, int(i)}
	}
	return first
}

type entry struct {
	next  *entry
	key   uint32
	value *node
}

type table struct {
	buckets []*entry
}

func makeMap(n uint32) *table {
	m := &table{make([]*entry, n/2+1)}
	size := uint32(len(m.buckets))
	for i := range n {
		key := below(1 << 31)
		at := &m.buckets[key%size]
		*at = &entry{*at, key, list(2)}
		if i%3 == 2 {
			at = &m.buckets[below(size)]
			if *at != nil {
				*at = (*at).next
			}
		}
	}
	return m
}

type vertex struct {
	edges []*vertex
	marks int
}

func graph(n uint32) []*vertex {
	all := make([]*vertex, n)
	for i := range all {
		all[i] = new(vertex)
	}
	for i := range all {
		all[i].edges = make([]*vertex, 1+below(4))
		for k := range all[i].edges {
			all[i].edges[k] = all[below(n)]
		}
	}
	return all
}

type tree struct {
	left, right *tree
	weight      float64
}

func makeTree(depth int) *tree {
	t := &tree{weight: 1 / float64(1+depth)}
	if depth > 0 {
		t.left, t.right = makeTree(depth-1), makeTree(depth-1)
	}
	return t
}

func text(n uint32) [][]byte {
	lines := make([][]byte, n)
	for i := range lines {
		lines[i] = make([]byte, 10+below(200))
	}
	return lines
}

type held struct {
	let  chan struct{}
	gone chan int
	list *node
}

func hold(h *held) {
	mine, n := h.list, 0
	<-h.let
	for ; mine != nil; mine = mine.next {
		n++
	}
	h.gone <- n
}

func holder(n uint32) *held {
	h := &held{make(chan struct{}), make(chan int, 1), list(n)}
	go hold(h)
	return h
}

type slot struct {
	what any
	held *held
}

var slots [slotCount]slot

func step() {
	s := &slots[below(slotCount)]
	if s.held != nil {
		close(s.held.let)
		<-s.held.gone
	}
	*s = slot{}
	kind, n := below(6), 50+below(4000)
	switch kind {
	case 0:
		s.what = list(n)
	case 1:
		s.what = makeMap(n)
	case 2:
		s.what = graph(n)
	case 3:
		s.what = makeTree(int(4 + n%9))
	case 4:
		s.what = text(n)
	default:
		s.held = holder(n)
	}
}

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for range rounds {
		for range steps {
			step()
		}
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		fmt.Fprintf(out, "%d\n", stats.HeapAlloc)
	}
}
