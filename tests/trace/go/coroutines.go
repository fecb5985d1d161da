// coroutines: iter.Pull to its end, stopped early, nested, and never asked.
package main

import (
	"iter"
	"runtime"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
			if i%7 == 0 {
				runtime.Gosched()
			}
		}
	}
}

func pairs(n int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		next, stop := iter.Pull(count(n))
		defer stop()
		for {
			v, ok := next()
			if !ok || !yield(v, v*v) {
				return
			}
		}
	}
}

func main() {
	record(func(scale int) {
		for i := 0; i < scale; i++ {
			next, stop := iter.Pull(count(60))
			for {
				if _, ok := next(); !ok {
					break
				}
			}
			stop()
			next2, stop2 := iter.Pull2(pairs(50))
			for k := 0; k < 30; k++ {
				next2()
			}
			done := make(chan bool)
			go func() { // asked for on another goroutine than the one it was made on
				next2()
				close(done)
			}()
			<-done
			stop2()
			_, stop3 := iter.Pull(count(3))
			stop3()
		}
	})
}
