package main

import (
	"iter"
	"runtime"
	"sync"
)

func switches(n int) {
	say("yield_ns", measure(func(n int) {
		var wg sync.WaitGroup
		for range 2 {
			wg.Add(1)
			go func() {
				for range n / 2 {
					runtime.Gosched()
				}
				wg.Done()
			}()
		}
		wg.Wait()
	}, n))
}

func spawn(n, atOnce int) {
	var wg sync.WaitGroup
	for i := 0; i < n; i += atOnce {
		now := min(n-i, atOnce)
		wg.Add(now)
		for range now {
			go wg.Done()
		}
		wg.Wait()
	}
}

func spawns(n int) {
	say("one_ns", measure(func(n int) { spawn(n, 1) }, n))
	say("batch_ns", measure(func(n int) { spawn(n, 128) }, n))
}

func pulls(n int) {
	say("next_ns", measure(func(n int) {
		next, stop := iter.Pull(func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
			}
		})
		for i := range n {
			v, ok := next()
			check(ok && v == i, "not the next element")
		}
		stop()
	}, n))
}

func pingpongs(n int) {
	say("trip_ns", measure(func(n int) {
		ping, pong := make(chan int), make(chan int)
		go func() {
			for v := range ping {
				pong <- v
			}
			close(pong)
		}()
		for i := range n {
			ping <- i
			check(<-pong == i, "something else came back")
		}
		close(ping)
		<-pong
	}, n))
}

func stream(n, capacity int) {
	c := make(chan int, capacity)
	go func() {
		for i := range n {
			c <- i
		}
		close(c)
	}()
	sum := 0
	for v := range c {
		sum += v
	}
	check(sum == n*(n-1)/2, "elements are missing")
}

func chans(n int) {
	say("one_ns", measure(func(n int) {
		c := make(chan int, 128)
		for i := range n {
			c <- i
			check(<-c == i, "not the element that was sent")
		}
	}, n))
	say("buffered_ns", measure(func(n int) { stream(n, 128) }, n))
	say("unbuffered_ns", measure(func(n int) { stream(n, 0) }, n))
	say("closed_ns", measure(func(n int) {
		c := make(chan int)
		close(c)
		for range n {
			v, ok := <-c
			check(!ok && v == 0, "a closed channel gave an element")
		}
	}, n))
}

func four(capacity int) (c [4]chan int) {
	for i := range c {
		c[i] = make(chan int, capacity)
	}
	return c
}

func selects(n int) {
	say("ready_ns", measure(func(n int) {
		c := four(1)
		for i := range n {
			c[i%4] <- i
			var v int
			select {
			case v = <-c[0]:
			case v = <-c[1]:
			case v = <-c[2]:
			case v = <-c[3]:
			}
			check(v == i, "not the ready case")
		}
	}, n))
	say("default_ns", measure(func(n int) {
		c := four(0)
		for range n {
			select {
			case <-c[0]:
			case <-c[1]:
			case <-c[2]:
			case <-c[3]:
			default:
				continue
			}
			panic("nothing was ready")
		}
	}, n))
	say("blocking_ns", measure(func(n int) {
		c := four(0)
		ask := make(chan int)
		go func() {
			for i := range ask {
				c[i%4] <- i
			}
		}()
		for i := range n {
			ask <- i
			var v int
			select {
			case v = <-c[0]:
			case v = <-c[1]:
			case v = <-c[2]:
			case v = <-c[3]:
			}
			check(v == i, "not what the partner sent")
		}
		close(ask)
	}, n))
}
