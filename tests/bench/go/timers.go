package main

import (
	"math/rand"
	"sync/atomic"
	"time"
)

const (
	within = 10 * time.Millisecond
	naps   = 100
	ticks  = 5
)

var random = rand.New(rand.NewSource(1))

func randomTime(below time.Duration) time.Duration { return time.Duration(random.Int63n(int64(below))) }

func anHourOrTwo() time.Duration { return time.Hour + randomTime(time.Hour) }

func never() { panic("a timer fired before its time") }

// countdown is done when oneLess has been called n times.
type countdown struct {
	left atomic.Int64
	done chan struct{}
}

func newCountdown(n int) *countdown {
	c := &countdown{done: make(chan struct{})}
	c.left.Store(int64(n))
	return c
}

func (c *countdown) oneLess() {
	if c.left.Add(-1) == 0 {
		close(c.done)
	}
}

func addStop(n int) {
	for range n {
		check(time.AfterFunc(anHourOrTwo(), never).Stop(), "a timer could not be stopped")
	}
}

func addStopAmong(n int) float64 {
	pending := make([]*time.Timer, n)
	for i := range pending {
		pending[i] = time.AfterFunc(anHourOrTwo(), never)
	}
	ns := measure(addStop, 10*n)
	for _, t := range pending {
		t.Stop()
	}
	return ns
}

var adding time.Duration // of the last call of due

func due(n int) {
	c := newCountdown(n)
	start := time.Now()
	for range n {
		time.AfterFunc(randomTime(within), c.oneLess)
	}
	adding = time.Since(start)
	<-c.done
}

func sleepers(n int) {
	c := newCountdown(n)
	for range n {
		d := randomTime(within)
		go func() {
			time.Sleep(d)
			c.oneLess()
		}()
	}
	<-c.done
}

// ticking lets n timers fire in all, each `ticks` times.
func ticking(n int) {
	count := (n + ticks - 1) / ticks
	c := newCountdown(count)
	all := make([]*time.Timer, count)
	for i := range all {
		var left atomic.Int32
		left.Store(ticks)
		all[i] = time.AfterFunc(time.Hour, func() {
			if left.Add(-1) > 0 {
				all[i].Reset(within/2 + time.Duration(rand.Int63n(int64(within/2))))
			} else {
				c.oneLess()
			}
		})
	}
	for _, t := range all {
		t.Reset(within/2 + randomTime(within/2))
	}
	<-c.done
}

func late() float64 {
	var sum time.Duration
	for range naps {
		start := time.Now()
		time.Sleep(time.Millisecond)
		sum += time.Since(start) - time.Millisecond
	}
	return float64(sum.Nanoseconds()) / naps
}

func timers(n int) {
	say("addstop_ns", addStopAmong(n))
	say("due_ns", measure(due, n))
	say("adding_ns", float64(adding.Nanoseconds())/float64(n))
	say("sleepers_ns", measure(sleepers, n))
	say("tick_ns", measure(ticking, ticks*n))
	say("late_ns", late())
}
